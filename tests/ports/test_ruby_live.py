"""The Ruby port beside a started FastAPI application, and the commands of its README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import PORTS, Pair, each_check, find_program, start_pair

PORT = PORTS / "ruby"


@pytest.fixture(scope="module")
def ruby() -> str:
    found = find_program("ruby")
    if subprocess.run([found, "-e", 'require "rbnacl"'], capture_output=True, timeout=60, check=False).returncode:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("needs the gem rbnacl")
    return found


@pytest.fixture(scope="module")
def pair(ruby: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("ruby")
    command = [ruby, str(PORT / "test" / "live_server.rb")]
    with start_pair(command, folder=folder, key_file=folder / "keys") as started:
        yield started


@each_check
def test_live(pair: Pair, check: Callable[[Pair], None]) -> None:
    check(pair)


def test_the_install_commands_install_a_gem_that_loads(ruby: str, tmp_path: Path) -> None:
    readme = (PORT / "README.md").read_text()
    (commands,) = re.findall(r"## Install\n\n.*\n\n((?:    .*\n)+)", readme)
    # The first line installs packages of the system, which the test has.
    lines = [line for line in commands.splitlines() if "apt-get" not in line]
    folder = tmp_path / "port"
    shutil.copytree(PORT, folder)
    gems = tmp_path / "gems"
    environment = {**os.environ, "GEM_HOME": str(gems), "GEM_PATH": f"{gems}:{find_gem_path(ruby)}"}
    subprocess.run(
        [shutil.which("sh") or "sh", "-ec", "\n".join(lines)], cwd=folder, env=environment, check=True, timeout=120
    )
    script = (
        'require "cookiejar_session"; puts CookiejarSession::VERSION, $LOADED_FEATURES.grep(/cookiejar_session.rb/)'
    )
    loaded = subprocess.run(
        [ruby, "-e", script], cwd=tmp_path, env=environment, check=True, timeout=60, capture_output=True, text=True
    )
    assert loaded.stdout.splitlines()[0] == "0.1.0"
    assert str(gems) in loaded.stdout


def find_gem_path(ruby: str) -> str:
    command = [ruby, "-e", "puts Gem.path.join(':')"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
