"""The metadata of each port is what the tools of its language accept without a warning."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from live import PORTS, find_program
from node_program import NODE_PORT, find_installed_node


def run(*command: str, folder: Path, **environment: str) -> str:
    """Run a command, and return what it printed. Fail with that if its status is not 0."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        timeout=300,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_publint_accepts_the_package_for_node() -> None:
    node = find_installed_node()
    find_program("npm")
    publint = NODE_PORT / "node_modules" / "publint" / "src" / "cli.js"
    if not publint.is_file():
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("needs npm ci in conformance/ports/node")
    assert "All good!" in run(node, str(publint), "--strict", folder=NODE_PORT, NO_COLOR="1")


def test_package_for_node_has_its_modules_and_types_and_no_tests() -> None:
    find_program("npm")
    (packed,) = json.loads(run("npm", "pack", "--dry-run", "--json", "--silent", folder=NODE_PORT))
    names = {file["path"] for file in packed["files"]}
    assert {"index.js", "index.d.ts", "node.js", "node.d.ts", "LICENSE", "README.md", "package.json"} <= names
    assert {name for name in names if name.startswith(("test/", "adapter"))} == set()


def test_composer_validates_the_package_for_php_strictly() -> None:
    composer = find_program("composer")
    shown = run(
        composer, "validate", "--strict", "--no-interaction", folder=PORTS / "php", COMPOSER_ALLOW_SUPERUSER="1"
    )
    assert "./composer.json is valid\n" in shown


def test_gem_is_built_without_a_warning_and_has_its_library_alone(tmp_path: Path) -> None:
    gem = find_program("gem")
    file = tmp_path / "port.gem"
    shown = run(gem, "build", "--strict", "cookiejar_session.gemspec", "--output", str(file), folder=PORTS / "ruby")
    assert "WARNING" not in shown
    with tarfile.open(file) as outer:
        content = outer.extractfile("data.tar.gz")
        assert content is not None
        with tarfile.open(fileobj=content, mode="r:gz") as inner:
            names = inner.getnames()
    assert {"LICENSE", "README.md", "lib/cookiejar_session.rb"} <= set(names)
    assert [name for name in names if not name.startswith("lib/") and name not in ("LICENSE", "README.md")] == []


def test_go_vet_finds_nothing_and_gofmt_changes_nothing(tmp_path: Path) -> None:
    go, gofmt = find_program("go"), find_program("gofmt")
    homeless = {} if "HOME" in os.environ else {"GOCACHE": str(tmp_path / "cache"), "GOPATH": str(tmp_path / "go")}
    run(go, "vet", "-modfile=debian.mod", "./...", folder=PORTS / "go", GOPROXY="off", **homeless)
    assert run(gofmt, "-l", ".", folder=PORTS / "go") == ""
