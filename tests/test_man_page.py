"""docs/reference/cookiejar-session.1, the man page, is in step with the command line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cookiejar_session.cli.main import COMMANDS

DOCS = Path(__file__).parent.parent / "docs" / "reference"
PAGE = DOCS / "cookiejar-session.1"


def test_man_page_is_what_the_parser_says() -> None:
    command = [sys.executable, str(DOCS / "man_page.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_man_page_has_each_command(command: str) -> None:
    assert f".SS {command} [OPTIONS]" in PAGE.read_text()


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_man_page_has_no_faults() -> None:
    done = subprocess.run(["groff", "-man", "-ww", "-z", str(PAGE)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
