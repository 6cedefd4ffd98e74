"""A FastAPI application under uvicorn and a Flask application under gunicorn, with one ring in the environment.

Two processes on loopback, real sockets, a real HTTP client with one cookie jar for both: cookies ignore ports.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

import httpx
import pytest

from cookiejar_session import CookieSessions, Key, Keyring

APPS = str(Path(__file__).resolve().parent / "servers")
COMMANDS = {
    "fastapi": ["uvicorn", "--app-dir", APPS, "--port", "0", "--no-access-log", "fastapi_app:app"],
    # --preload: an application that does not load ends the server before it listens.
    "flask": ["gunicorn", "--pythonpath", APPS, "--bind", "127.0.0.1:0", "--preload", "flask_app:app"],
}
BOTH_WAYS = pytest.mark.parametrize(
    ("here", "there"), [("fastapi", "flask"), ("flask", "fastapi")], ids=["fastapi-flask", "flask-fastapi"]
)
# What a server may take to start, or to end, in seconds.
DEADLINE = 30

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn does not run on Windows")


@contextmanager
def start_server(name: str, *, keys: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    environment = os.environ | {
        "COOKIEJAR_SESSION_KEYS": keys,
        # Where gunicorn puts its control socket.
        "XDG_RUNTIME_DIR": str(folder),
    }
    command = [sys.executable, "-m", *COMMANDS[name]]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                _, remarks = process.communicate(timeout=DEADLINE)
            finally:
                process.kill()
            # Shown by pytest where a test fails.
            sys.stderr.write(remarks)


def read_url(process: "subprocess.Popen[str]") -> str:
    """The URL that a server logs once its socket is open; what it logged instead if it ends or takes too long."""
    assert process.stderr is not None
    timer = Timer(DEADLINE, process.kill)
    timer.start()
    try:
        lines = ""
        for line in process.stderr:
            lines += line
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found is not None:
                return found.group()
    finally:
        timer.cancel()
    raise AssertionError(f"server ended with status {process.wait()}\n{lines}")


@contextmanager
def start_servers(keys: str, folder: Path) -> Iterator[dict[str, str]]:
    """Both servers with this ring in their environment; gives the URL of each."""
    with ExitStack() as started:
        processes = {name: started.enter_context(start_server(name, keys=keys, folder=folder)) for name in COMMANDS}
        yield {name: read_url(process) for name, process in processes.items()}


class Browser:
    """An HTTP client with a cookie jar that, like Chromium and Firefox, sends Secure cookies to loopback hosts.

    The servers keep the default __Host- cookie, which is Secure, and speak plain http. The cookie jar of Python's
    library takes such cookies there but does not send them, so they are made plain as they come in.
    """

    def __init__(self) -> None:
        self.client = httpx.Client(timeout=DEADLINE, event_hooks={"response": [self._make_plain]})
        self.urls: dict[str, str] = {}

    def _make_plain(self, response: httpx.Response) -> None:
        for cookie in self.client.cookies.jar:
            cookie.secure = False

    def get(self, server: str, path: str = "/me", **options: Any) -> httpx.Response:
        return self.client.get(self.urls[server] + path, **options).raise_for_status()

    def post(self, server: str, path: str, **query: str) -> httpx.Response:
        return self.client.post(self.urls[server] + path, params=query)

    def read(self, server: str, what: str = "user") -> Any:
        return self.get(server).json()[what]

    @property
    def cookies(self) -> list[str]:
        return [cookie.name for cookie in self.client.cookies.jar]


@pytest.fixture
def browser() -> Iterator[Browser]:
    visitor = Browser()
    with visitor.client:
        yield visitor


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Both servers under one key, for all tests that do not restart them."""
    with start_servers(Key.generate().to_text(), tmp_path_factory.mktemp("servers")) as found:
        yield found


@pytest.fixture
def visitor(browser: Browser, urls: dict[str, str]) -> Browser:
    """A browser that has not been here before."""
    browser.urls = urls
    return browser


@BOTH_WAYS
def test_sign_in_on_one_server_is_read_on_the_other(visitor: Browser, here: str, there: str) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    assert visitor.read(there) == "Ada"


@BOTH_WAYS
def test_session_of_one_browser_is_not_seen_by_another(visitor: Browser, here: str, there: str) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    assert httpx.get(visitor.urls[there] + "/me").json()["user"] is None


@BOTH_WAYS
def test_nested_change_on_one_server_is_read_on_the_other(visitor: Browser, here: str, there: str) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    visitor.post(there, "/cart", item="tea")
    visitor.post(here, "/cart", item="milk")
    assert visitor.read(there, "cart") == ["tea", "milk"]


@BOTH_WAYS
def test_flash_message_is_read_behind_the_redirect_and_once(visitor: Browser, here: str, there: str) -> None:
    visitor.client.follow_redirects = True
    assert visitor.post(here, "/order").json()["flash"] == ["ordered"]
    assert visitor.read(there, "flash") == []


@BOTH_WAYS
def test_flash_message_of_one_server_is_read_on_the_other(visitor: Browser, here: str, there: str) -> None:
    assert visitor.post(here, "/order").status_code == 303
    assert visitor.read(there, "flash") == ["ordered"]


@BOTH_WAYS
def test_sign_out_on_one_server_signs_out_on_the_other(visitor: Browser, here: str, there: str) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    visitor.post(there, "/sign-out")
    assert visitor.read(here) is None


@BOTH_WAYS
def test_sign_out_leaves_no_cookie_in_the_browser(visitor: Browser, here: str, there: str) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    visitor.post(there, "/sign-out")
    assert visitor.cookies == []


@BOTH_WAYS
def test_reading_on_either_server_sets_no_cookie(visitor: Browser, here: str, there: str) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    assert [name for name in (here, there) if "set-cookie" in visitor.get(name).headers] == []


@BOTH_WAYS
def test_remembered_visitor_keeps_the_cookie_when_the_browser_ends(visitor: Browser, here: str, there: str) -> None:
    signed_in = visitor.post(here, "/sign-in", name="Ada", remember="true")
    changed = visitor.post(there, "/cart", item="tea")
    # Thirty days; the other server keeps what this one set.
    assert ["; Max-Age=2592000" in answer.headers["set-cookie"] for answer in (signed_in, changed)] == [True, True]
    assert [cookie.discard for cookie in visitor.client.cookies.jar] == [False]


@BOTH_WAYS
def test_visitor_who_is_not_remembered_has_a_cookie_until_the_browser_ends(
    visitor: Browser, here: str, there: str
) -> None:
    signed_in = visitor.post(here, "/sign-in", name="Ada")
    changed = visitor.post(there, "/cart", item="tea")
    assert ["Max-Age" in answer.headers["set-cookie"] for answer in (signed_in, changed)] == [False, False]
    assert [cookie.discard for cookie in visitor.client.cookies.jar] == [True]


@pytest.mark.parametrize("server", COMMANDS)
def test_cookie_has_the_default_attributes(visitor: Browser, server: str) -> None:
    cookie = visitor.post(server, "/sign-in", name="Ada").headers["set-cookie"]
    assert re.fullmatch(r"__Host-session=cj1\.[\w-]+; Path=/; Secure; HttpOnly; SameSite=Lax", cookie)


@pytest.mark.parametrize("server", COMMANDS)
@pytest.mark.parametrize("cookie", ["", "cj1.", "cj2.AAAA", "cj1." + "A" * 128, 'j={"a":1}', '"\\"', "\xff\xa0"])
def test_any_cookie_gets_an_answer(visitor: Browser, server: str, cookie: str) -> None:
    headers = {"Cookie": b"__Host-session=" + cookie.encode("latin-1")}
    assert visitor.get(server, headers=headers).json()["user"] is None


class Rotation(NamedTuple):
    """What each visitor saw on both servers under the rings A, A B, B A and B."""

    writer: list[list[str | None]]
    reader: list[list[str | None]]
    absentee: list[str | None]
    absentee_kept_cookie: bool


@pytest.fixture(scope="module")
def rotation(tmp_path_factory: pytest.TempPathFactory) -> Rotation:
    """The servers restarted with four rings in turn. One visitor writes under each, one only reads, one stays away."""
    first, second = Key.generate().to_text(), Key.generate().to_text()
    folder = tmp_path_factory.mktemp("rotation")
    writer, reader, absentee = visitors = Browser(), Browser(), Browser()
    seen = Rotation([], [], [], False)
    with ExitStack() as opened:
        for browser in visitors:
            opened.enter_context(browser.client)
        for number, ring in enumerate([first, f"{first} {second}", f"{second} {first}", second]):
            with start_servers(ring, folder) as urls:
                for browser in visitors:
                    browser.urls = urls
                if number == 0:
                    writer.post("fastapi", "/sign-in", name="Wilma")
                    absentee.post("flask", "/sign-in", name="Abe")
                    # A token of ten minutes ago: one of the last five is not sealed again under another key.
                    cookie = CookieSessions(Keyring.parse(first)).mint({"user": "Rita"}, now=int(time.time()) - 600)
                    reader.client.cookies.set(cookie.name, cookie.token, domain="127.0.0.1")
                for visitor, names in ((writer, seen.writer), (reader, seen.reader)):
                    names.append([visitor.read(server) for server in COMMANDS])
                writer.post(list(COMMANDS)[number % 2], "/cart", item=str(number))
                if number == 3:
                    seen.absentee.extend(absentee.read(server) for server in COMMANDS)
    return seen._replace(absentee_kept_cookie=absentee.cookies == ["__Host-session"])


def test_visitor_who_writes_stays_signed_in_while_keys_rotate(rotation: Rotation) -> None:
    assert rotation.writer == [["Wilma", "Wilma"]] * 4


def test_visitor_who_only_reads_stays_signed_in_while_keys_rotate(rotation: Rotation) -> None:
    assert rotation.reader == [["Rita", "Rita"]] * 4


def test_visitor_who_stayed_away_is_signed_out_by_the_end_of_the_old_key(rotation: Rotation) -> None:
    assert rotation.absentee == [None, None]


def test_cookie_under_a_key_that_is_gone_is_left_in_the_browser(rotation: Rotation) -> None:
    assert rotation.absentee_kept_cookie
