"""docs/how-to/command-line.md: each block of shell commands runs, and each output shown is what the program prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import Page

from cookiejar_session import CookieSessions, Key, Keyring, Reason
from cookiejar_session.cli.main import COMMANDS

PAGE = Page("docs/how-to/command-line.md")
BLOCKS = Page("docs/how-to/command-line.md").take_blocks("sh", 8)
SHOWN = Page("docs/how-to/command-line.md").take_blocks("text", 4)
APP = "from cookiejar_session import CookieSessions\napp = CookieSessions().wsgi(lambda environ, start: [])\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with keys, an application and a bug report."""
    key = Key.generate()
    keys = tmp_path / "session.keys"
    keys.write_text(f"{key.to_text()}\n")
    keys.chmod(0o600)
    tmp_path.joinpath("app.py").write_text(APP)
    minted = CookieSessions(Keyring.parse(key.to_text())).mint({"user": "ada"})
    tmp_path.joinpath("report.txt").write_text(f"it fails!\nCookie: {minted.header}\n")
    return tmp_path


def run_block(block: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block as a shell does. Nothing leaves this machine."""
    tools = folder / "tools"
    tools.mkdir()
    for name, line in {
        "curl": "exit 0",
        "cookiejar-session": 'exec "$PYTHON" -m cookiejar_session "$@"',
    }.items():
        tools.joinpath(name).write_text(f"#!/bin/sh\n{line}\n")
        tools.joinpath(name).chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "COOKIEJAR_SESSION_KEYS_FILE": str(folder / "session.keys"),
    }
    environment.pop("COOKIEJAR_SESSION_KEYS", None)
    return subprocess.run(
        ["/bin/sh", "-e", "-c", block], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are for a POSIX shell")
@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_block_runs(block: str, folder: Path) -> None:
    if "--stage create" in block:
        folder.joinpath("session.keys").unlink()
    done = run_block(block, folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are for a POSIX shell")
def test_ring_after_a_theft_opens_nothing_of_the_old_one(folder: Path) -> None:
    file = folder / "session.keys"
    stolen = CookieSessions(Keyring.from_file(file)).mint({"user": "ada"}).token
    (block,) = (block for block in BLOCKS if "new.keys" in block)
    assert run_block(block, folder).returncode == 0
    sessions = CookieSessions(Keyring.from_file(file))
    assert sessions.read(stolen).reason is Reason.UNKNOWN_KEY
    assert sessions.read(sessions.mint({"user": "ada"}).token).session == {"user": "ada"}


def hide_values(text: str) -> list[str]:
    """The words at the beginning of each line, and its shape without ids, times and counts."""
    return [
        re.sub(r"[0-9a-f]{16}|[0-9-]{10}T[0-9:]{8}Z|[0-9]+ \w+ ago|in [0-9]+ \w+", "*", line)
        for line in text.splitlines()
    ]


def test_output_of_a_rotation_is_as_shown(folder: Path) -> None:
    done = run_block("cookiejar-session keyring rotate --in-place session.keys", folder)
    assert hide_values(done.stdout) == hide_values(SHOWN[0])


def test_output_of_show_is_as_shown(folder: Path) -> None:
    rotate = "cookiejar-session keyring rotate --in-place session.keys > done.txt"
    done = run_block(f"{rotate}\ncookiejar-session keyring show --keys-file session.keys", folder)
    assert hide_values(done.stdout) == hide_values(SHOWN[1])


def test_output_of_inspect_has_the_lines_shown(folder: Path) -> None:
    done = run_block("cookiejar-session inspect --keys-file session.keys < report.txt", folder)
    labels = [[line[:11] for line in text.splitlines() if line] for text in (done.stdout, SHOWN[3])]
    assert labels[0] == labels[1]


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"demo", "keygen", "conformance"}))
def test_page_names_each_command(command: str) -> None:
    assert command in PAGE.text


def test_readme_links_to_the_page() -> None:
    assert "(docs/how-to/command-line.md)" in Page("README.md").text
