"""Servers: requests per second under wrk over loopback, one process for each application. Knows no session library.

All servers run during the whole measurement. wrk loads them in turn, so that noise of the machine affects all alike.
wrk and the server share the machine, so compare the figures with each other only.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException

from cookiejar_session import Key

from .contents import TYPICAL
from .estimates import estimate_median, estimate_ratio
from .tables import Cell, Table
from .timing import QUICK, Effort

HOST = "127.0.0.1"
# An interval needs at least six rounds.
ROUNDS, SECONDS, QUICK_SECONDS = 7, 2, 1
CONNECTIONS = 16
START_SECONDS = 30
_find_rate = re.compile(r"Requests/sec:\s*([0-9.]+)").search
_find_error = re.compile(r"(Non-2xx.*|Socket errors.*)").search

Server = tuple[str, ...]
UVICORN: Server = ("uvicorn", "--host", HOST, "--port", "{port}", "--log-level", "error", "--lifespan", "off")
GRANIAN: Server = ("granian", "--interface", "asginl", "--host", HOST, "--port", "{port}", "--log-level", "error")
GUNICORN: Server = ("gunicorn", "--bind", f"{HOST}:{{port}}", "--log-level", "error")
# By name: the server, the application in server_apps.py, and the name of the run that it is compared with.
RUNS: dict[str, tuple[Server, str, str]] = {
    f"{server[0]}, {name}": (server, app, f"{server[0]}, bare")
    for server in (UVICORN, GRANIAN)
    for name, app in (("bare", "asgi_bare"), ("Starlette", "asgi_starlette"), ("ours", "asgi_ours"))
} | {
    f"gunicorn, {name}": (GUNICORN, app, "gunicorn, Flask without sessions")
    for name, app in (
        ("Flask without sessions", "flask_bare"),
        ("Flask's", "flask_own"),
        ("ours under Flask", "flask_ours"),
    )
}
PATHS = {"read": "/read", "changed": "/change"}


def make_table(effort: Effort) -> Table:
    """Return the table: requests per second that read and that change a session, and their ratio to no session."""
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed; install it, or leave out the part servers")
    seconds = QUICK_SECONDS if effort == QUICK else SECONDS
    rates: dict[str, dict[str, list[float]]] = {case: {name: [] for name in RUNS} for case in PATHS}
    with ExitStack() as stack:
        ports = {name: stack.enter_context(_serve(server, app)) for name, (server, app, _) in RUNS.items()}
        cookies = {name: _take_cookie(port) for name, port in ports.items()}
        for name, port in ports.items():
            check_work(port, cookies[name])
        for number in range(ROUNDS):
            for case, path in PATHS.items():
                for name in _rotate(tuple(RUNS), number):
                    rates[case][name].append(_load(ports[name], path, cookies[name], seconds=seconds))
    rows: dict[str, tuple[Cell, ...]] = {}
    for name, (_, _, bare) in RUNS.items():
        cells: list[Cell] = []
        for case in PATHS:
            cells += estimate_median(rates[case][name]), estimate_ratio(rates[case][name], rates[case][bare])
        rows[name] = tuple(cells)
    columns = tuple(column for case in PATHS for column in (case, f"{case}, over bare"))
    note = f"{ROUNDS} rounds of {seconds} s each, {CONNECTIONS} connections, one worker process."
    return Table("servers", "Requests per second", "1/s", columns, rows, (note,))


def check_work(port: int, cookie: str) -> None:
    """Raise AssertionError unless the application at ``port`` reads the session in ``cookie`` and stores a change."""
    body, _ = _get(port, "/read", cookie)
    if body != str(TYPICAL["user_id"]):
        raise AssertionError(f"the application answers {body!r}")
    if not cookie:
        return
    _, changed = _get(port, "/change", cookie)
    if _get(port, "/theme", changed)[0] != "light":
        raise AssertionError("the change was not stored")


@contextmanager
def _serve(server: Server, app: str) -> Iterator[int]:
    port = _find_port()
    words = [sys.executable, "-m", *(word.format(port=port) for word in server), f"{__package__}.server_apps:{app}"]
    environment = {**os.environ, **_SECRETS}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# All servers of this run get the same secrets. server_apps.py reads them.
_SECRETS = {"BENCHMARK_SECRET": secrets.token_hex(32), "COOKIEJAR_SESSION_KEYS": Key.generate().to_text()}


def _find_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _get(port, "/store", "")
        except (OSError, HTTPException):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer; run it in a shell to see why")


def _take_cookie(port: int) -> str:
    # The bare application sets no cookie, and the result is "".
    return _get(port, "/store", "")[1]


def _get(port: int, path: str, cookie: str) -> tuple[str, str]:
    """Return the body, and the cookie that the response set as a Cookie field value."""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        response = connection.getresponse()
        return response.read().decode(), (response.getheader("Set-Cookie") or "").partition(";")[0]
    finally:
        connection.close()


def _load(port: int, path: str, cookie: str, *, seconds: int) -> float:
    wrk = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s"]
    # The bare application gets a Cookie field of the same length, since the server has to parse it.
    words = [*wrk, "--header", f"Cookie: {cookie or 'session=' + 'x' * 292}", f"http://{HOST}:{port}{path}"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 30, check=True)  # noqa: S603
    found, error = _find_rate(ended.stdout), _find_error(ended.stdout)
    if found is None or error:
        raise RuntimeError(f"wrk on {path}: {error[0] if error else ended.stdout}")
    return float(found[1])


def _rotate(names: Sequence[str], number: int) -> Sequence[str]:
    shift = number % len(names)
    return (*names[shift:], *names[:shift])
