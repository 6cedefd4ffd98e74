"""The folder of a reader who follows a page: runs its commands, and starts its servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from server_process import find_free_port

ACTIVATE = ". .venv/bin/activate\n"
# In seconds, for a server to start and to stop.
PATIENCE = 180


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
