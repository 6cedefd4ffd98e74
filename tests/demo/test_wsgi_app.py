"""The WSGI app of the demonstration by itself, as a WSGI application mounted at /wsgi."""

import re
from wsgiref.validate import validator

import httpx
import pytest

from cookiejar_session import Keyring
from cookiejar_session.demo.forms import FORMS, MAX_FORM_OCTETS
from cookiejar_session.demo.pages import CONTENT_SECURITY_POLICY, NO_COOKIE_TEXT
from cookiejar_session.demo.stage import Stage
from cookiejar_session.demo.wsgi_app import WsgiApp

FORM = pytest.mark.parametrize("form", FORMS)


@pytest.fixture
def client(published_keyring: Keyring) -> httpx.Client:
    stage = Stage(published_keyring)
    app = validator(stage.sessions.wsgi(WsgiApp(stage)))
    # https, since a client drops a Secure cookie over plain http.
    return httpx.Client(transport=httpx.WSGITransport(app), base_url="https://localhost")


def find_token(page: str, form: str) -> str:
    found = re.search(rf'action="/wsgi/{form}">\s*<input type="hidden" name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_page_is_html(client: httpx.Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "You are in the <b>WSGI app</b>" in answer.text


@pytest.mark.parametrize("path", ["/", "/none", "/count"])
def test_every_response_has_the_content_security_policy(client: httpx.Client, path: str) -> None:
    assert client.get(path).headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_page_is_not_kept_by_caches(client: httpx.Client) -> None:
    assert client.get("/").headers["cache-control"] == "no-store"


def test_head_has_the_fields_of_get_and_no_body(client: httpx.Client) -> None:
    client.get("/")
    answer = client.head("/")
    assert set(answer.headers) == set(client.get("/").headers)
    assert answer.content == b""


def test_form_does_its_work_and_redirects_to_the_page(client: httpx.Client) -> None:
    token = find_token(client.get("/").text, "sign-in")
    answer = client.post("/sign-in", data={"name": "Ada", "csrf_token": token})
    assert (answer.status_code, answer.headers["location"], answer.content) == (303, "https://localhost/wsgi/", b"")
    assert "<strong>Ada</strong>" in client.get("/").text


def test_form_whose_result_shows_further_down_leads_there(client: httpx.Client) -> None:
    token = find_token(client.get("/").text, "count")
    assert client.post("/count", data={"csrf_token": token}).headers["location"] == "https://localhost/wsgi/#counter"


def test_session_too_large_gets_a_page_and_no_cookie(client: httpx.Client) -> None:
    token = find_token(client.get("/").text, "overfill")
    answer = client.post("/overfill", data={"csrf_token": token})
    assert (answer.status_code, "set-cookie" in answer.headers) == (413, False)
    assert "<h1>The session is too large for the cookie</h1>" in answer.text


def test_form_of_an_earlier_session_is_refused(client: httpx.Client) -> None:
    page = client.get("/").text
    client.post("/sign-in", data={"name": "Ada", "csrf_token": find_token(page, "sign-in")})
    answer = client.post("/count", data={"csrf_token": find_token(page, "count")})
    assert answer.status_code == 403
    assert NO_COOKIE_TEXT not in answer.text


@FORM
def test_form_without_a_cookie_is_refused_and_says_so(client: httpx.Client, form: str) -> None:
    answer = client.post(f"/{form}")
    assert answer.status_code == 403
    assert NO_COOKIE_TEXT in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allow"), [*(("GET", f"/{form}", "POST") for form in FORMS), ("POST", "/", "GET, HEAD")]
)
def test_other_methods_are_refused_and_the_right_ones_named(
    client: httpx.Client, method: str, path: str, allow: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


@pytest.mark.parametrize("path", ["/none", "/style.css", "//", "/%FF", "/é"])
def test_other_paths_are_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(f"https://localhost{path}").status_code == 404


def test_form_as_large_as_allowed_is_read(client: httpx.Client) -> None:
    body = f"csrf_token={find_token(client.get('/').text, 'count')}&".encode().ljust(MAX_FORM_OCTETS, b"a")
    assert client.post("/count", content=body).status_code == 303


def test_larger_form_is_refused(client: httpx.Client) -> None:
    assert client.post("/count", content=b"a" * (MAX_FORM_OCTETS + 1)).status_code == 413
