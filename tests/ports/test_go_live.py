"""The Go port beside a started FastAPI application, and the commands of its README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import PORTS, Pair, each_check, find_program, start_pair

PORT = PORTS / "go"
# What golang.org/x/crypto itself requires, in part for its tests: go mod tidy reads these too.
INDIRECT = ("net", "term", "text")


@pytest.fixture(scope="module")
def go() -> str:
    return find_program("go")


def make_environment(folder: Path) -> dict[str, str]:
    """Return an environment in which Go finds its caches, also where HOME is not set."""
    homeless = {"GOCACHE": str(folder / "cache"), "GOPATH": str(folder / "go")}
    return {**({} if "HOME" in os.environ else homeless), **os.environ, "GOPROXY": "off"}


@pytest.fixture(scope="module")
def pair(go: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("go")
    server = folder / "server"
    build = [go, "build", "-buildvcs=false", "-modfile=debian.mod", "-o", str(server), "./live"]
    subprocess.run(build, cwd=PORT, env=make_environment(folder), check=True, timeout=300)
    with start_pair([str(server)], folder=folder, key_file=folder / "keys") as started:
        yield started


@each_check
def test_live(pair: Pair, check: Callable[[Pair], None]) -> None:
    check(pair)


def test_the_example_builds_after_the_install_commands(go: str, tmp_path: Path) -> None:
    readme = (PORT / "README.md").read_text()
    (commands,) = re.findall(r"## Install\n\n.*\n\n((?:    .*\n)+)", readme)
    # example/main_test.go compiles the second one.
    example, _ = re.findall(r"^```go\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    (tmp_path / "main.go").write_text(example)
    environment = {**make_environment(tmp_path), "PORT": str(PORT), "GOFLAGS": "-mod=mod"}
    subprocess.run([go, "mod", "init", "example.com/shop"], cwd=tmp_path, env=environment, check=True, timeout=60)
    # The libraries come from Debian's packages, since tests use no network.
    replacements = re.findall(r"(golang\.org/x/\w+) => (\S+)", (PORT / "debian.mod").read_text())
    replacements += [(f"golang.org/x/{name}", f"/usr/share/gocode/src/golang.org/x/{name}") for name in INDIRECT]
    for module, path in replacements:
        subprocess.run(
            [go, "mod", "edit", f"-replace={module}={path}"], cwd=tmp_path, env=environment, check=True, timeout=60
        )

    shell = shutil.which("sh") or "/bin/sh"
    subprocess.run([shell, "-ec", commands], cwd=tmp_path, env=environment, check=True, timeout=300)
    subprocess.run([go, "build", "-o", "shop", "."], cwd=tmp_path, env=environment, check=True, timeout=300)
