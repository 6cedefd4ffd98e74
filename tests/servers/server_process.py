"""Starts servers on free ports of loopback, waits until they answer, ends them. Knows no tests."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
from server_list import SERVERS, Server

APPS = Path(__file__).resolve().parent
# What a server may take to start, or to end, in seconds. All of them start at once on two cores.
DEADLINE = 180
# Between two looks whether a server answers.
PAUSE = 0.05
# Below the ports that the kernel gives to clients, so that no client takes a port before its server does. Random, so
# that two runs seldom try the same.
PORTS = iter(random.sample(range(20000, 32000, 2), 6000))
# What the servers said that have ended. tests/secret_search.py searches it for keys.
ENDED_LOGS: list[Path] = []
# The sockets that reserve the ports of this process until it ends.
RESERVATIONS: list[socket.socket] = []


def find_free_port() -> int:
    """Return a port that nothing listens on, and that no other worker of pytest-xdist, nor another run, gets.

    The port itself must be free for the server, so the reservation is a socket that is bound to the port above it.
    """
    for port in PORTS:
        reservation = socket.socket()
        try:
            reservation.bind(("127.0.0.1", port + 1))
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            reservation.close()
            continue
        RESERVATIONS.append(reservation)
        return port
    raise AssertionError("no free port")


def build_command(server: Server, *, places: dict[str, str], with_line: bool) -> tuple[str, ...]:
    def fill_in(text: str) -> str:
        for name, value in places.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    line = (server.line or "") if with_line else ""
    if server.config is not None:
        Path(places["folder"], "config").write_text(fill_in(server.config.replace("{more}", line)))
    program, *arguments = (fill_in(argument) for argument in server.command)
    if server.config is None and line:
        arguments.append(fill_in(line))
    if program == "pyuwsgi":  # an extension module: -m cannot run it
        return sys.executable, "-c", "import pyuwsgi; pyuwsgi.run()", *arguments, "--die-on-term", "--need-app"
    if "/" in program:
        return program, *arguments
    return sys.executable, "-m", program, *arguments


@contextmanager
def start_server(
    server: Server, *, folder: Path, environment: dict[str, str], upstream: str, with_line: bool
) -> Iterator[tuple[str, Path, subprocess.Popen[bytes]]]:
    """Its URL, the file with what it says, and its process; it may not answer yet."""
    port = str(find_free_port())
    folder.mkdir(exist_ok=True)
    places = {"port": port, "folder": str(folder), "upstream": upstream}
    log = folder / "log"
    paths = [str(APPS), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = build_command(server, places=places, with_line=with_line)
    more = {"PYTHONPATH": os.pathsep.join(paths)}
    with log.open("wb") as output:
        # A session of its own: its workers can be ended with it.
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | more | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield f"http://127.0.0.1:{port}", log, process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(DEADLINE)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE)
        ENDED_LOGS.append(log)


def wait_for(url: str, log: Path, process: subprocess.Popen[bytes], *, until: float, path: str = "/ready") -> None:
    """Return when the server answers ``path`` with 200. Raise with its log if it ends, or takes too long."""
    while time.monotonic() < until:
        # wsgiref reads one connection at a time: none may stay open.
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}{path}", timeout=5, headers={"Connection": "close"}).status_code == 200:
                return
        with suppress(subprocess.TimeoutExpired):
            status = process.wait(PAUSE)
            raise AssertionError(f"server ended with status {status}\n{log.read_text()}")
    raise AssertionError(f"server did not answer in {DEADLINE} seconds\n{log.read_text()}")


def wait_for_port(port: int, log: Path, process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Return when ``port`` accepts connections. Raise with the server's log if it ends, or takes too long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(PAUSE)
        else:
            return
    raise AssertionError(f"the server did not start\n{log.read_text()}")


@contextmanager
def start_servers(
    names: Iterable[str], *, keys: str, folder: Path, limit: int | None = None, with_line: bool = False
) -> Iterator[dict[str, str]]:
    """The servers of these names, all at once, with this ring in their environment; gives the URL of each.

    ``limit`` sets the longest token where it is not the default, ``with_line`` adds each server's line for such ones.
    """
    environment = {"COOKIEJAR_SESSION_KEYS": keys}
    if limit is not None:
        environment["MAX_TOKEN_CHARACTERS"] = str(limit)
    wanted = [SERVERS[name] for name in names]
    # An upstream comes before what is in front of it.
    upstreams = [SERVERS[server.upstream] for server in wanted if server.upstream is not None]
    urls: dict[str, str] = {}
    with ExitStack() as stack:
        started = []
        for server in dict.fromkeys(upstreams + wanted):
            upstream = urls[server.upstream].rpartition(":")[2] if server.upstream is not None else ""
            running = start_server(
                server,
                folder=folder / server.name,
                environment=environment,
                upstream=upstream,
                with_line=with_line,
            )
            started.append(stack.enter_context(running))
            urls[server.name] = started[-1][0]
        # All are told to end before the first is waited for.
        stack.callback(end_servers, [process for _, _, process in started])
        until = time.monotonic() + DEADLINE
        for url, log, process in started:
            wait_for(url, log, process, until=until)
        yield urls


def end_servers(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            process.terminate()
