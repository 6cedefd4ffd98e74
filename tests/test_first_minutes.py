"""README's first ten minutes, run word by word: its files, its shell commands and its curl lines, with real servers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from documents import Page
from server_process import find_free_port

PAGE = Page("README.md")
SECTION = PAGE.text.partition("## The first ten minutes")[2].partition("\n## ")[0]
INSTALL, FLASK, FASTAPI, CURL = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
KEYGEN = next(line for line in INSTALL.splitlines() if "keygen" in line)
ACTIVATE = ". .venv/bin/activate\n"
# In seconds, for a server to start and to stop.
PATIENCE = 180

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true" and shutil.which("curl") is None,
    reason="curl is not installed: apt-get install curl",
)


class Folder:
    """The reader's folder. Commands run there as they are on the page, but with ports that are free."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ports = {port: str(find_free_port()) for port in ("5001", "8001")}
        environ = {name: value for name, value in os.environ.items() if not name.startswith("COOKIEJAR_SESSION")}
        # The environment of the tests has what the first block installs.
        self._environ = {**environ, "PATH": f"{Path(sys.executable).parent}:{environ['PATH']}"}

    def run(self, commands: str) -> str:
        """Run commands to their end, and return what they print on standard output."""
        run = subprocess.run(
            ["sh", "-c", self._prepare(commands)],
            cwd=self.path,
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
        return run.stdout

    @contextmanager
    def start(self, commands: str, *, port: str) -> Iterator[Path]:
        """Start a server and wait until it answers. Returns the file that has what it prints."""
        log = self.path / f"{port}.log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                ["sh", "-c", self._prepare(commands)],
                cwd=self.path,
                env=self._environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for_answer(server, f"http://localhost:{self._ports[port]}/", log)
            yield log
        finally:
            # The shell and the server are a process group of their own. It is gone if the server did not start.
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(PATIENCE)

    def _prepare(self, commands: str) -> str:
        commands = commands.replace(ACTIVATE, "")
        for port, free in self._ports.items():
            commands = commands.replace(port, free)
        return commands


def wait_for_answer(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urlopen(url, timeout=PATIENCE).close()  # noqa: S310
        except HTTPError:
            # An answer without a page for this path.
            return
        except URLError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The reader's folder after the first steps: the two files, and the key."""
    for name, example in re.findall(r"`(\w+\.py)`:\n\n```python\n(.+?)```", SECTION, re.DOTALL):
        tmp_path.joinpath(name).write_text(example)
    folder = Folder(tmp_path)
    folder.run(KEYGEN)
    return folder


def test_visitor_of_the_flask_app_is_signed_in_to_the_fastapi_app(folder: Folder) -> None:
    with ExitStack() as stack:
        logs = [stack.enter_context(folder.start(FLASK, port="5001"))]
        logs.append(stack.enter_context(folder.start(FASTAPI, port="8001")))
        assert folder.run(CURL) == 'welcome{"user":"ada"}'
    assert not any("WARNING: cookie" in log.read_text() for log in logs)
    assert 'The answers are `welcome` and `{"user":"ada"}`' in PAGE.prose


def test_second_app_with_another_key_says_so_in_its_log(folder: Folder) -> None:
    assert "`refused … reason=unknown-key` means that the two processes have different keys" in PAGE.prose
    with ExitStack() as stack:
        stack.enter_context(folder.start(FLASK, port="5001"))
        folder.run(KEYGEN)
        log = stack.enter_context(folder.start(FASTAPI, port="8001"))
        assert folder.run(CURL) == 'welcome{"user":null}'
        found = log.read_text()
    assert re.search(r"refused .*reason=unknown-key", found), found


def test_app_without_a_key_says_at_its_start_how_to_get_one(folder: Folder) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        folder.run(FLASK.replace("export COOKIEJAR_SESSION_KEYS_FILE=session.key\n", ""))
    assert 'make one with "cookiejar-session keygen"' in caught.value.stderr
