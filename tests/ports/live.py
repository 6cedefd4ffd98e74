"""Live tests of a port: a Python application and a server of the port, on loopback, share one visitor and one key file.

A test file of a port starts both with `start_pair` and runs the functions of CHECKS, each with a fresh visitor. The
port's server listens on 127.0.0.1 at the port in the variable PORT. It takes its keys from
COOKIEJAR_SESSION_KEYS_FILE and its configuration from the JSON text in LIVE_CONFIGURATION. It answers the requests that
live_app.py describes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from live_sessions import make_sessions
from server_process import find_free_port

from cookiejar_session import CookieSessions, Key, Keyring

HERE = Path(__file__).resolve().parent
PORTS = HERE.parent.parent / "conformance" / "ports"
COOKIE, PREVIOUS = "__Host-live", "__Host-before"
# In seconds: what a server may take to start, what an answer may take, and the time between two looks.
DEADLINE, PATIENCE, PAUSE = 180, 120, 0.05


class Answer(NamedTuple):
    status: int
    set_cookies: list[str]
    headers: dict[str, str]
    body: Any


class Visitor:
    """A browser: it keeps the cookies that servers set and sends them all."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def ask(self, address: str, method: str, path: str, **query: Any) -> Answer:
        """Send a request to the server at ``address`` (127.0.0.1:port) and keep the cookies of the answer."""
        answer = send_request(address, method, f"{path}?{urlencode(query)}", self.cookies)
        for field in answer.set_cookies:
            name, _, rest = field.partition("=")
            value, _, attributes = rest.partition("; ")
            if "Max-Age=0" in attributes.split("; "):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def read(self, address: str) -> Any:
        return self.ask(address, "GET", "/read").body

    def post(self, address: str, path: str, **query: Any) -> Answer:
        answer = self.ask(address, "POST", path, **query)
        assert answer.status == 200, answer
        return answer


class Pair(NamedTuple):
    """The addresses of both servers, and the file from which both take their keys."""

    python: str
    port: str
    key_file: Path

    @property
    def directions(self) -> list[tuple[str, str]]:
        return [(self.python, self.port), (self.port, self.python)]

    def sessions(self) -> CookieSessions[Any]:
        """Return sessions of the test itself, with the keys that the file has now."""
        return make_sessions(Keyring.from_file(self.key_file))

    def rotate(self) -> None:
        """Put a new key before the others, as an operator does: a new file replaces the old one."""
        written = self.key_file.with_suffix(".new")
        written.write_text(f"{Key.generate().to_text()}\n{self.key_file.read_text()}")
        written.replace(self.key_file)


def find_program(name: str) -> str:
    """Return the path of a program. If it is missing, skip the test, or fail it in continuous integration."""
    found = shutil.which(name)
    if found is None:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell(f"needs {name}")
    return found


@contextmanager
def start_pair(command: Sequence[str], *, folder: Path, key_file: Path) -> Iterator[Pair]:
    """Start the Python application, and the server of a port by ``command``; end both in the end."""
    key_file.write_text(f"{Key.generate().to_text()}\n")
    configuration = make_sessions(Keyring.from_file(key_file)).configuration_json()
    environment = {"COOKIEJAR_SESSION_KEYS_FILE": str(key_file), "LIVE_CONFIGURATION": configuration}
    uvicorn = [sys.executable, "-m", "uvicorn", "live_app:app", "--app-dir", str(HERE), "--log-level", "warning"]
    with (
        start_server(uvicorn, folder=HERE, environment=environment, log=key_file.with_name("python.log")) as python,
        start_server(command, folder=folder, environment=environment, log=key_file.with_name("port.log")) as port,
    ):
        yield Pair(python, port, key_file)


@contextmanager
def start_server(command: Sequence[str], *, folder: Path, environment: dict[str, str], log: Path) -> Iterator[str]:
    """Start a server on a free port and wait until it answers. Gives its address, such as 127.0.0.1:20000."""
    port = str(find_free_port())
    if "uvicorn" in command:
        command = [*command, "--port", port]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COOKIEJAR_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**inherited, **environment, "PORT": port},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"127.0.0.1:{port}", process, log)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.wait(PATIENCE)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        with suppress(OSError):
            if send_request(address, "GET", "/read", {}).status == 200:
                return
        with suppress(subprocess.TimeoutExpired):
            status = process.wait(PAUSE)
            raise AssertionError(f"server ended with status {status}\n{log.read_text()}")
    raise AssertionError(f"server did not answer in {DEADLINE} seconds\n{log.read_text()}")


def send_request(address: str, method: str, path: str, cookies: dict[str, str]) -> Answer:
    connection = HTTPConnection(address, timeout=PATIENCE)
    headers = {"Connection": "close", "Content-Length": "0"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        fields = [(name.lower(), value) for name, value in response.getheaders()]
        set_cookies = [value for name, value in fields if name == "set-cookie"]
        is_json = response.status in (200, 507)
        return Answer(response.status, set_cookies, dict(fields), json.loads(body) if is_json else body)
    finally:
        connection.close()


# The checks. Each takes a pair, and begins with visitors of its own.


def check_a_visitor_who_signs_in_at_one_is_signed_in_at_the_other(pair: Pair) -> None:
    for one, other in pair.directions:
        visitor = Visitor()
        visitor.post(one, "/count")
        before = visitor.read(other)["log_id"]
        visitor.post(one, "/sign-in", name="ada")
        found = visitor.read(other)
        assert (found["user"], found["count"]) == ("ada", 1)
        assert found["log_id"] == visitor.read(one)["log_id"] != before


def check_both_count_on(pair: Pair) -> None:
    visitor = Visitor()
    for address in (pair.python, pair.port, pair.port, pair.python):
        visitor.post(address, "/count")
    assert [visitor.read(address)["count"] for address in pair[:2]] == [4, 4]


def check_a_flash_message_is_read_once_at_the_other(pair: Pair) -> None:
    for one, other in pair.directions:
        visitor = Visitor()
        visitor.post(one, "/flash", text="saved é")
        assert [visitor.read(other)["flash"] for _ in range(2)] == [["saved é"], []]


def check_the_33rd_flash_message_drops_the_oldest(pair: Pair) -> None:
    for one, other in pair.directions:
        visitor = Visitor()
        for number in range(33):
            visitor.post(one, "/flash", text=str(number))
        assert visitor.read(other)["flash"] == [str(number) for number in range(1, 33)]


def check_a_new_visitor_gets_the_same_lifetimes_and_attributes_from_both(pair: Pair) -> None:
    for address in pair[:2]:
        visitor = Visitor()
        (field,) = visitor.post(address, "/count").set_cookies
        attributes = "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=3600"
        assert field == f"{COOKIE}={visitor.cookies[COOKIE]}{attributes}"
        session = pair.sessions().read(visitor.cookies[COOKIE]).session
        assert session.absolute_lifetime.total_seconds() == 5 * 3600


def check_a_response_with_the_cookie_is_private_and_one_that_read_varies(pair: Pair) -> None:
    for address in pair[:2]:
        visitor = Visitor()
        answer = visitor.post(address, "/count")
        assert (answer.headers["cache-control"], answer.headers["vary"]) == ("private", "Cookie")
        assert visitor.ask(address, "GET", "/read").headers["vary"] == "Cookie"


def check_a_session_that_is_too_large_leaves_the_cookie_as_it_was(pair: Pair) -> None:
    for one, other in pair.directions:
        visitor = Visitor()
        visitor.post(one, "/sign-in", name="ada")
        answer = visitor.ask(one, "POST", "/fill", characters=2600)
        assert (answer.status, answer.set_cookies) == (507, [])
        assert visitor.read(other)["user"] == "ada"
        visitor.post(one, "/fill", characters=1700)
        visitor.post(other, "/count")
        assert len(visitor.cookies[COOKIE]) <= 2660


def check_a_visitor_who_signs_out_at_one_is_signed_out_at_the_other(pair: Pair) -> None:
    for one, other in pair.directions:
        visitor = Visitor()
        visitor.post(other, "/sign-in", name="ada")
        # Another server has left the cookie of the previous name too.
        before = pair.sessions().mint({"user": "ada"}, now=int(time.time()) - 60).token
        visitor.cookies[PREVIOUS] = reseal_as_previous(pair, before)
        visitor.post(one, "/sign-out")
        assert visitor.cookies == {}
        assert visitor.read(other)["user"] is None


def check_a_session_moves_from_the_previous_cookie(pair: Pair) -> None:
    for one, other in pair.directions:
        visitor = Visitor()
        visitor.cookies[PREVIOUS] = reseal_as_previous(pair, pair.sessions().mint({"user": "ada"}).token)
        assert visitor.read(one)["user"] == "ada"
        assert list(visitor.cookies) == [COOKIE]
        assert visitor.read(other)["user"] == "ada"


def check_a_key_file_that_is_rotated_keeps_everybody_signed_in(pair: Pair) -> None:
    old = Visitor()
    old.post(pair.python, "/sign-in", name="old")
    pair.rotate()
    new = Visitor()
    new.cookies[COOKIE] = pair.sessions().mint({"user": "new"}).token
    token = new.cookies[COOKIE]
    for one, other in pair.directions:
        wait_for_user(new, one, "new")
        assert new.cookies[COOKIE] == token, "a server has overwritten a cookie whose key it did not know"
        assert old.read(one)["user"] == "old"
        new.post(one, "/count")
        token = new.cookies[COOKIE]
        wait_for_user(new, other, "new")


def check_a_key_file_without_a_key_keeps_the_keys_in_use(pair: Pair) -> None:
    visitor = Visitor()
    visitor.post(pair.python, "/sign-in", name="ada")
    content = pair.key_file.read_text()
    pair.key_file.write_text("nothing\n")
    stranger = Visitor()
    stranger.cookies[COOKIE] = make_sessions(Keyring.generate()).mint({"user": "stranger"}).token
    try:
        # An unknown key makes both look at the file, at most once a second.
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            for address in pair[:2]:
                assert stranger.read(address)["user"] is None
                assert visitor.read(address)["user"] == "ada"
                time.sleep(PAUSE)
    finally:
        pair.key_file.write_text(content)


def reseal_as_previous(pair: Pair, token: str) -> str:
    """Return the data of a token as a token of the previous cookie."""
    sessions = make_sessions(Keyring.from_file(pair.key_file))
    data = dict(sessions.read(token).session)
    attributes = sessions.settings.previous[0].attributes
    return CookieSessions(Keyring.from_file(pair.key_file), cookie=attributes).mint(data).token


def wait_for_user(visitor: Visitor, address: str, user: str) -> None:
    """Ask until the server knows the user: it looks at its key file at most once a second."""
    until = time.monotonic() + PATIENCE
    while visitor.read(address)["user"] != user:
        assert time.monotonic() < until, f"{address} does not know the user after {PATIENCE} seconds"
        time.sleep(PAUSE)


CHECKS = [value for name, value in list(globals().items()) if name.startswith("check_")]
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
