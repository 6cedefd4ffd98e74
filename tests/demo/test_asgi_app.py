"""The ASGI app of the demonstration by itself, as an ASGI application."""

import asyncio
import re
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.testclient import TestClient

from cookiejar_session import Keyring
from cookiejar_session.demo.asgi_app import AsgiApp
from cookiejar_session.demo.forms import FORMS, MAX_FORM_OCTETS
from cookiejar_session.demo.pages import CONTENT_SECURITY_POLICY, ICON, NO_COOKIE_TEXT, STYLE_SHEET
from cookiejar_session.demo.stage import Stage

FORM = pytest.mark.parametrize("form", FORMS)


@pytest.fixture
def app(published_keyring: Keyring) -> Any:
    stage = Stage(published_keyring)
    return stage.sessions.asgi(AsgiApp(stage))


@pytest.fixture
def client(app: Any) -> TestClient:
    # https, since a client drops a Secure cookie over plain http.
    return TestClient(app, base_url="https://localhost", follow_redirects=False)


def find_token(page: str, form: str) -> str:
    found = re.search(rf'action="/{form}">\s*<input type="hidden" name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_page_is_html(client: TestClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "You are in the <b>ASGI app</b>" in answer.text


@pytest.mark.parametrize("path", ["/", "/style.css", "/none", "/count"])
def test_every_response_has_the_content_security_policy(client: TestClient, path: str) -> None:
    assert client.get(path).headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_page_is_not_kept_by_caches(client: TestClient) -> None:
    assert client.get("/").headers["cache-control"] == "no-store"


def test_head_has_the_fields_of_get(client: TestClient) -> None:
    client.get("/")
    assert set(client.head("/").headers) == set(client.get("/").headers)


@pytest.mark.parametrize(
    ("path", "kind", "content"),
    [("/style.css", "text/css; charset=utf-8", STYLE_SHEET), ("/icon.svg", "image/svg+xml", ICON)],
)
def test_file_comes_as_it_is(client: TestClient, path: str, kind: str, content: bytes) -> None:
    answer = client.get(path)
    assert (answer.headers["content-type"], answer.content) == (kind, content)


def test_file_touches_no_session(client: TestClient) -> None:
    answer = client.get("/style.css")
    assert not {"set-cookie", "vary"} & set(answer.headers)


def test_form_does_its_work_and_redirects_to_the_page(client: TestClient) -> None:
    token = find_token(client.get("/").text, "sign-in")
    answer = client.post("/sign-in", data={"name": "Ada", "csrf_token": token})
    assert (answer.status_code, answer.headers["location"], answer.content) == (303, "/", b"")
    assert "<strong>Ada</strong>" in client.get("/").text


def test_form_whose_result_shows_further_down_leads_there(client: TestClient) -> None:
    token = find_token(client.get("/").text, "count")
    assert client.post("/count", data={"csrf_token": token}).headers["location"] == "/#counter"


def test_session_too_large_gets_a_page_and_no_cookie(client: TestClient) -> None:
    token = find_token(client.get("/").text, "overfill")
    answer = client.post("/overfill", data={"csrf_token": token})
    assert (answer.status_code, "set-cookie" in answer.headers) == (413, False)
    assert "<h1>The session is too large for the cookie</h1>" in answer.text


def test_form_of_an_earlier_session_is_refused(client: TestClient) -> None:
    page = client.get("/").text
    client.post("/sign-in", data={"name": "Ada", "csrf_token": find_token(page, "sign-in")})
    answer = client.post("/count", data={"csrf_token": find_token(page, "count")})
    assert answer.status_code == 403
    assert NO_COOKIE_TEXT not in answer.text


@FORM
def test_form_without_a_cookie_is_refused_and_says_so(client: TestClient, form: str) -> None:
    answer = client.post(f"/{form}")
    assert answer.status_code == 403
    assert NO_COOKIE_TEXT in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [*(("GET", f"/{form}", "POST") for form in FORMS), ("POST", "/", "GET, HEAD"), ("PUT", "/icon.svg", "GET, HEAD")],
)
def test_other_methods_are_refused_and_the_right_ones_named(
    client: TestClient, method: str, path: str, allow: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


@pytest.mark.parametrize("path", ["/none", "/style.css/", "//", "/é"])
def test_other_paths_are_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"https://localhost{path}").status_code == 404


def test_form_as_large_as_allowed_is_read(client: TestClient) -> None:
    body = f"csrf_token={find_token(client.get('/').text, 'count')}&".encode().ljust(MAX_FORM_OCTETS, b"a")
    assert client.post("/count", content=body).status_code == 303


def test_larger_form_is_refused(client: TestClient) -> None:
    assert client.post("/count", content=b"a" * (MAX_FORM_OCTETS + 1)).status_code == 413


def submit_in_pieces(app: Any, messages: Iterable[dict[str, Any]]) -> tuple[int, int]:
    """POST ``messages`` as a body to /count. Return the status and the number of messages that the app received."""
    waiting, asked, sent = iter(messages), [0], []

    async def receive() -> dict[str, Any]:
        asked[0] += 1
        return next(waiting)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/count", "headers": []}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], asked[0]


def test_form_that_never_ends_is_read_no_further_than_it_must(app: Any) -> None:
    piece = {"type": "http.request", "body": b"a" * 4096, "more_body": True}
    assert submit_in_pieces(app, (piece for _ in range(100))) == (413, 3)


def test_visitor_who_goes_while_sending_a_form_changes_nothing(app: Any) -> None:
    pieces: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"csrf", "more_body": True},
        {"type": "http.disconnect"},
    ]
    assert submit_in_pieces(app, pieces) == (403, 2)
