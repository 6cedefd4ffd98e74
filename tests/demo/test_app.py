"""Each form of the demonstration on both apps, in this process and over a real socket."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextvars import Context, copy_context
from threading import Thread
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from cookiejar_session.demo.app import make_app
from cookiejar_session.demo.rotating_keyring import RotatingKeyring
from cookiejar_session.demo.stage import Stage

ASGI, WSGI = "/", "/wsgi/"
BOTH_WAYS = pytest.mark.parametrize(("here", "there"), [(ASGI, WSGI), (WSGI, ASGI)], ids=["asgi", "wsgi"])


@pytest.fixture(scope="module")
def served_url() -> Iterator[str]:
    """The URL of a demonstration that runs in its own process."""
    command = [sys.executable, "-m", "cookiejar_session", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            # The server opens its sockets before it prints this line, so the test need not wait for them.
            first_line = process.stdout.readline()
            found = re.search(r"http://localhost:\d+", first_line)
            assert found is not None, first_line
            # The event log. If nobody read the pipe, it would fill up and block the server.
            Thread(target=process.stdout.read, daemon=True).start()
            yield found.group()
        finally:
            process.terminate()


def open_socket_client(url: str) -> httpx.Client:
    """A client over real sockets that, like Chromium and Firefox, sends Secure cookies to http://localhost.

    Python's cookie jar stores Secure cookies from http but does not send them back, so this client removes Secure.
    """
    client = httpx.Client(base_url=url, follow_redirects=True)

    def make_plain(response: httpx.Response) -> None:
        for cookie in client.cookies.jar:
            cookie.secure = False

    client.event_hooks["response"].append(make_plain)
    return client


@pytest.fixture(params=["in process", "over a socket"])
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """An HTTP client with an empty cookie jar; both kinds have the methods of httpx."""
    if request.param == "in process":
        app: Any = make_app(Stage(RotatingKeyring()))
        yield TestClient(app, base_url="https://localhost")
    else:
        with open_socket_client(request.getfixturevalue("served_url")) as client:
            yield client


def send_form(browser: Any, app: str, form: str, **fields: str) -> Any:
    """Open the page of the app, send ``form`` and follow the redirect, as a browser does."""
    page = browser.get(app).text
    found = re.search(rf'action="{app}{form}">\s*<input type="hidden" name="csrf_token" value="([^"]+)"', page)
    assert found is not None, f"no form {form} on {app}"
    return browser.post(f"{app}{form}", data={**fields, "csrf_token": found.group(1)})


def read_user(browser: Any, app: str) -> str | None:
    found = re.search(r"You are <strong>(.*?)</strong>", browser.get(app).text)
    return None if found is None else found.group(1)


def read_count(browser: Any, app: str) -> int:
    found = re.search(r'<strong class="count">(\d+)<', browser.get(app).text)
    assert found is not None
    return int(found.group(1))


def read_log_id(browser: Any, app: str) -> str:
    found = re.search(r"logs show its log id <code>([0-9a-f]{16})</code>", browser.get(app).text)
    assert found is not None
    return found.group(1)


@BOTH_WAYS
def test_sign_in_through_one_app_shows_in_the_other(browser: Any, here: str, there: str) -> None:
    send_form(browser, here, "sign-in", name="Ada")
    assert read_user(browser, there) == "Ada"


@BOTH_WAYS
def test_sign_out_through_one_app_shows_in_the_other(browser: Any, here: str, there: str) -> None:
    send_form(browser, here, "sign-in", name="Ada")
    send_form(browser, there, "sign-out")
    assert read_user(browser, here) is None


@BOTH_WAYS
def test_both_apps_count_one_counter(browser: Any, here: str, there: str) -> None:
    for app in (here, there, here):
        send_form(browser, app, "count")
    assert read_count(browser, there) == 3


@BOTH_WAYS
def test_counter_is_kept_over_sign_in(browser: Any, here: str, there: str) -> None:
    send_form(browser, here, "count")
    send_form(browser, there, "sign-in", name="Ada")
    assert read_count(browser, here) == 1


@BOTH_WAYS
def test_counter_is_gone_after_sign_out(browser: Any, here: str, there: str) -> None:
    send_form(browser, here, "sign-in", name="Ada")
    send_form(browser, here, "count")
    send_form(browser, there, "sign-out")
    assert read_count(browser, here) == 0


@BOTH_WAYS
def test_each_form_redirects_to_the_page_of_its_own_app(browser: Any, here: str, there: str) -> None:
    answers = [
        send_form(browser, here, "sign-in", name="Ada"),
        send_form(browser, here, "count"),
        send_form(browser, here, "sign-out"),
    ]
    assert [[first.status_code for first in answer.history] for answer in answers] == [[303]] * 3
    assert [answer.url.path for answer in answers] == [here] * 3


@BOTH_WAYS
def test_flash_message_shows_behind_the_redirect_and_once(browser: Any, here: str, there: str) -> None:
    page = send_form(browser, here, "sign-in", name="Ada").text
    assert "Signed in as Ada through the" in page
    assert "Signed in as Ada through the" not in browser.get(there).text


@BOTH_WAYS
def test_flash_message_of_one_app_shows_in_the_other(browser: Any, here: str, there: str) -> None:
    browser.follow_redirects = False
    send_form(browser, here, "sign-in", name="Ada")
    assert "Signed in as Ada through the" in browser.get(there).text


@BOTH_WAYS
def test_sign_out_has_its_flash_message_too(browser: Any, here: str, there: str) -> None:
    send_form(browser, there, "sign-in", name="Ada")
    assert "Signed out through the" in send_form(browser, here, "sign-out").text


@BOTH_WAYS
def test_both_apps_see_one_session_with_a_new_id_after_sign_in(browser: Any, here: str, there: str) -> None:
    first = read_log_id(browser, here)
    assert read_log_id(browser, there) == first
    send_form(browser, here, "sign-in", name="Ada")
    assert read_log_id(browser, there) == read_log_id(browser, here) != first


@BOTH_WAYS
def test_form_without_a_csrf_token_is_refused(browser: Any, here: str, there: str) -> None:
    send_form(browser, here, "count")
    assert browser.post(f"{here}count").status_code == 403
    assert read_count(browser, there) == 1


@BOTH_WAYS
def test_response_to_a_form_sets_one_cookie(browser: Any, here: str, there: str) -> None:
    browser.get(there)
    answer = send_form(browser, here, "sign-in", name="Ada").history[0]
    cookies = [value for name, value in answer.headers.multi_items() if name == "set-cookie"]
    assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-session"]


@BOTH_WAYS
def test_page_that_changes_nothing_sets_no_cookie(browser: Any, here: str, there: str) -> None:
    browser.get(here)
    assert "set-cookie" not in browser.get(there).headers


@BOTH_WAYS
def test_cart_filled_through_both_apps_is_one_cart(browser: Any, here: str, there: str) -> None:
    for app in (here, there, here):
        send_form(browser, app, "add-to-cart", item="Macaron")
    assert "3 &times; Macaron" in browser.get(there).text


@BOTH_WAYS
def test_rotation_signs_nobody_out(browser: Any, here: str, there: str) -> None:
    send_form(browser, here, "sign-in", name="Ada")
    page = send_form(browser, there, "rotate").text
    assert "opened your cookie, and you are still signed in" in page
    assert read_user(browser, here) == "Ada"


@BOTH_WAYS
def test_change_after_a_rotation_is_sealed_by_the_new_key(browser: Any, here: str, there: str) -> None:
    send_form(browser, here, "rotate")
    assert "The key was rotated." in browser.get(there).text
    assert "The key was rotated." not in send_form(browser, there, "count").text


@BOTH_WAYS
def test_overfilled_session_keeps_its_cookie(browser: Any, here: str, there: str) -> None:
    send_form(browser, here, "sign-in", name="Ada")
    browser.get(here)
    answer = send_form(browser, there, "overfill")
    assert (answer.status_code, "set-cookie" in answer.headers) == (413, False)
    assert read_user(browser, here) == "Ada"


@BOTH_WAYS
def test_page_lists_what_the_responses_of_both_apps_did(browser: Any, here: str, there: str) -> None:
    browser.get(there)
    send_form(browser, here, "count")
    page = browser.get(there).text
    outcomes = re.findall(r'<code>(\w+ [/a-z]+)</code></span> <b class="outcome">([\w ]+)</b>', page)
    assert outcomes[:2] == [(f"GET {here}", "no cookie"), (f"POST {here}count", "new cookie")]


@pytest.mark.parametrize("path", ["/wsgi", "/wsgi/none", "/none", "/wsgi//"])
def test_other_paths_are_not_found(browser: Any, path: str) -> None:
    assert browser.get(path).status_code == 404


@BOTH_WAYS
def test_any_cookie_header_gets_the_page(browser: Any, here: str, there: str) -> None:
    answer = browser.get(here, headers={"Cookie": b'j={"a":1}; __Host-session=cj1.\xff\x00; ,='.replace(b"\x00", b"")})
    assert answer.status_code == 200


def test_request_in_the_context_of_an_earlier_one_is_answered() -> None:
    # Some servers start a request in the context of the previous one. asgiref would then use a thread that has ended.
    app = make_app(Stage(RotatingKeyring()))
    contexts: list[Context] = []
    statuses: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        contexts.append(copy_context())
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def drive() -> None:
        scope: Any = {"type": "http", "method": "GET", "path": WSGI, "query_string": b"", "http_version": "1.1"}
        await asyncio.ensure_future(app(scope, receive, send))
        await contexts[0].run(asyncio.ensure_future, app(scope, receive, send))

    asyncio.run(drive())
    assert statuses == [200, 200]
