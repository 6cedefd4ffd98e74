"""The six nodes: server processes under uvicorn and gunicorn, with their keys from a file or from the environment."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path
from urllib.parse import urlsplit

from .messages import read_message

ROOT = Path(__file__).resolve().parent
# With PYTHONSAFEPATH Python leaves this folder out.
sys.path.append(str(ROOT.parent / "servers"))

from server_process import find_free_port  # noqa: E402

# Between two questions whether a node answers, or has a ring, in seconds.
PAUSE = 0.05
_COMMANDS = {
    "uvicorn": ("uvicorn", "--port={port}", "--log-level=warning", "--ws=none", "--lifespan=off", "drill_asgi:app"),
    "gunicorn": (
        "gunicorn",
        "--no-control-socket",
        "--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--threads=2",
        "--log-level=warning",
        "drill_wsgi:app",
    ),
}


class Node:
    """One server process. ``has_file``: its keys are in a file, else in its environment. ``seconds_ahead``: its clock.

    ``ring_text`` is the ring that it was given last.
    """

    def __init__(
        self, name: str, *, folder: Path, clock: Path, ring_text: str, has_file: bool, seconds_ahead: int = 0
    ) -> None:
        self.name = name
        self.has_file = has_file
        self.ring_text = ring_text
        self.log = folder / f"{name}.log"
        port = str(find_free_port())
        self.url = f"http://127.0.0.1:{port}"
        self.seconds_ahead = seconds_ahead
        self._file = folder / f"{name}.keys"
        program, *arguments = _COMMANDS[name.partition("-")[0]]
        self._command = [sys.executable, "-m", program, *(each.replace("{port}", port) for each in arguments)]
        self._environment = make_environment(clock, seconds_ahead=seconds_ahead)
        self._process: Process | None = None

    async def start(self) -> None:
        """Start the process, and wait until it answers."""
        if self.has_file:
            self.write_file(self.ring_text)
            keys = {"COOKIEJAR_SESSION_KEYS_FILE": str(self._file)}
        else:
            keys = {"COOKIEJAR_SESSION_KEYS": self.ring_text}
        with self.log.open("ab") as output:
            # A session of its own: its workers can be ended with it.
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environment | keys,
                cwd=self.log.parent,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        while not await self.list_entries():
            if self._process.returncode is not None:
                raise AssertionError(f"{self.name} ended with status {self._process.returncode}\n{self.read_log()}")
            await asyncio.sleep(PAUSE)

    async def stop(self) -> None:
        """Ask the process to end, and wait for it. It answers the requests that it has."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    def kill(self) -> None:
        """End the process and its workers at once, if they still run."""
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def write_file(self, text: str) -> None:
        """Replace the key file in one step, as a deployment does."""
        written = self._file.with_suffix(".new")
        written.write_text(text)
        written.replace(self._file)

    async def list_entries(self) -> list[str]:
        """Return the entries of the ring in use, without their keys. Empty if the node does not answer."""
        address = urlsplit(self.url)
        try:
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            try:
                writer.write(b"GET /ring HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n")
                entries: list[str] = json.loads((await read_message(reader)).body)
            finally:
                writer.close()
        except (OSError, asyncio.IncompleteReadError):
            return []
        return entries

    def count_ignored_files(self) -> int:
        """Return how many log lines say that the key file is broken, and that the previous keys stay in use."""
        return self.read_log().count("keyring file ignored, the previous keys stay in use")

    def read_log(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def make_environment(clock: Path, *, seconds_ahead: int = 0) -> dict[str, str]:
    """Return the environment of a process with the drill's clock and without keys."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COOKIEJAR_SESSION_")}
    paths = [str(ROOT / "node"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return inherited | {
        "PYTHONPATH": os.pathsep.join(paths),
        "DRILL_CLOCK": str(clock),
        "DRILL_SECONDS_AHEAD": str(seconds_ahead),
    }
