"""cookiejar_session.testing: minted cookies of any age, and sign_in over the test clients of each framework."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest
from django.http import HttpResponse
from django.test import Client as DjangoClient
from django.test import override_settings
from django.urls import path as django_path
from flask import Flask, request
from litestar.testing import TestClient as LitestarClient
from quart import Quart
from quart import request as quart_request
from shared_django import configure_django
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from webtest import TestApp
from werkzeug.test import Client as WerkzeugClient

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Keyring, Policy, Reason, Session
from cookiejar_session.testing import minted_cookie, sign_in

KEYRING = Keyring.generate()
DAY = timedelta(days=1)
Sessions = CookieSessions[Any]


def visit(session: Session[Any], path: str) -> str:
    """Answer a request in each of the applications."""
    if path == "/rename":
        session["user"] = "bob"
    if path == "/out":
        session.discard()
    return str(session.get("user"))


def make_flask(sessions: Sessions) -> Flask:
    app = Flask("shop")
    app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]
    app.add_url_rule("/", view_func=lambda: visit(sessions.get(request), "/"))
    app.add_url_rule("/<path>", "page", view_func=lambda path: visit(sessions.get(request), f"/{path}"))
    return app


def make_starlette(sessions: Sessions) -> Any:
    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse(visit(sessions.get(request), request.url.path))

    return sessions.asgi(Starlette(routes=[Route("/{path:path}", answer)]))


def open_starlette(sessions: Sessions, url: str) -> tuple[Any, Callable[[str], str]]:
    client = TestClient(make_starlette(sessions), base_url=url)
    return client, lambda path: client.get(path).text


def open_httpx(sessions: Sessions, url: str) -> tuple[Any, Callable[[str], str]]:
    client = httpx.Client(transport=httpx.WSGITransport(make_flask(sessions)), base_url=url)
    return client, lambda path: client.get(path).text


def open_flask(sessions: Sessions, url: str) -> tuple[Any, Callable[[str], str]]:
    app = make_flask(sessions)
    scheme, _, host = url.partition("://")
    app.config.update(PREFERRED_URL_SCHEME=scheme, SERVER_NAME=host)
    client = app.test_client()
    return client, lambda path: client.get(path).text


def open_werkzeug(sessions: Sessions, url: str) -> tuple[Any, Callable[[str], str]]:
    client = WerkzeugClient(make_flask(sessions).wsgi_app)
    return client, lambda path: client.get(path, base_url=url).text


def open_webtest(sessions: Sessions, url: str) -> tuple[Any, Callable[[str], str]]:
    scheme, _, host = url.partition("://")
    client = TestApp(make_flask(sessions), extra_environ={"wsgi.url_scheme": scheme, "HTTP_HOST": host})
    return client, lambda path: str(client.get(path).text)


def open_django(sessions: Sessions, url: str) -> tuple[Any, Callable[[str], str]]:
    def answer(request: Any) -> HttpResponse:
        exchange = sessions.begin(request.headers.get("Cookie", ""))
        response = HttpResponse(visit(exchange.session, request.path))
        for name, value in exchange.finish([]):
            if name == "set-cookie":
                response.cookies.load(value)
        return response

    configure_django()
    urls = sys.modules["cookiejar_testing_urls"] = ModuleType("cookiejar_testing_urls")
    urls.urlpatterns = [django_path("", answer), django_path("<path>", lambda request, path: answer(request))]  # type: ignore[attr-defined]
    client, host = DjangoClient(), url.partition("://")[2]

    def get(path: str) -> str:
        with override_settings(ROOT_URLCONF="cookiejar_testing_urls", ALLOWED_HOSTS=["*"]):
            return client.get(path, secure=url.startswith("https"), headers={"host": host}).text

    return client, get


def open_quart(sessions: Sessions, url: str) -> tuple[Any, Callable[[str], str]]:
    app = Quart("shop")
    app.asgi_app = sessions.asgi(app.asgi_app)  # type: ignore[method-assign]

    async def answer(path: str = "") -> str:
        return visit(sessions.get(quart_request), f"/{path}")

    app.add_url_rule("/", view_func=answer)
    app.add_url_rule("/<path>", "page", view_func=answer)
    scheme, _, host = url.partition("://")
    app.config.update(SERVER_NAME=host)
    client = app.test_client()

    async def get(path: str) -> str:
        return str(await (await client.get(path, scheme=scheme)).get_data(as_text=True))

    return client, lambda path: asyncio.run(get(path))


Open = Callable[[Sessions, str], tuple[Any, Callable[[str], str]]]
OPENERS: dict[str, Open] = {
    "starlette": open_starlette,
    "httpx": open_httpx,
    "flask": open_flask,
    "werkzeug": open_werkzeug,
    "django": open_django,
    "webtest": open_webtest,
    "quart": open_quart,
}
# These clients send a Secure cookie over https only. The others always send it.
STRICT = ["starlette", "httpx", "webtest"]
each_client = pytest.mark.parametrize("name", OPENERS)
each_strict_client = pytest.mark.parametrize("name", STRICT)


@dataclass
class Visitor:
    user_id: int


@each_client
def test_visitor_is_signed_in_until_the_application_signs_out(name: str) -> None:
    sessions = CookieSessions(KEYRING)
    client, get = OPENERS[name](sessions, "https://localhost")
    assert get("/") == "None"
    sign_in(client, {"user": "ada"}, sessions=sessions)
    # The response's cookie replaces the minted one: with two, the visitor would be ada again, or still be signed in.
    assert [get(path) for path in ("/", "/rename", "/", "/out", "/")] == ["ada", "bob", "bob", "None", "None"]


@each_client
def test_second_sign_in_replaces_the_first(name: str) -> None:
    sessions = CookieSessions(KEYRING)
    client, get = OPENERS[name](sessions, "https://localhost")
    for user in ("ada", "bob"):
        sign_in(client, {"user": user}, sessions=sessions)
        assert get("/") == user


@each_client
def test_cookie_of_a_domain_is_sent_to_its_subdomain(name: str) -> None:
    sessions = CookieSessions(KEYRING, cookie=CookieAttributes.for_subdomains("example.com"))
    client, get = OPENERS[name](sessions, "https://app.example.com")
    options = {"base_url": "https://app.example.com"} if name == "werkzeug" else {}
    sign_in(client, {"user": "ada"}, sessions=sessions, **options)
    assert [get(path) for path in ("/", "/out", "/")] == ["ada", "None", "None"]


# Django's client sends each cookie to each host.
@pytest.mark.parametrize("name", [name for name in OPENERS if name != "django"])
def test_cookie_of_another_domain_is_refused(name: str) -> None:
    sessions = CookieSessions(KEYRING, cookie=CookieAttributes.for_subdomains("example.com"))
    client, _ = OPENERS[name](sessions, "https://notexample.com")
    with pytest.raises(ConfigError, match=r"does not send cookie __Secure-session with Domain example\.com"):
        sign_in(client, sessions=sessions)


@each_client
def test_cookie_of_a_path_is_sent_to_it(name: str) -> None:
    sessions = CookieSessions(KEYRING, cookie=CookieAttributes(name="id", path="/rename"))
    client, get = OPENERS[name](sessions, "https://localhost")
    sign_in(client, {"user": "ada"}, sessions=sessions)
    assert get("/rename") == "bob"
    # The clients of Django and Quart ignore the path.
    assert get("/") == ("bob" if name in ("django", "quart") else "None")


@each_strict_client
def test_secure_cookie_over_http_is_refused_with_the_line_to_write(name: str) -> None:
    sessions = CookieSessions(KEYRING)
    client, _ = OPENERS[name](sessions, "http://localhost")
    with pytest.raises(ConfigError, match=r"__Host-session is Secure.* 'http://localhost.*base_url=\"https://testserv"):
        sign_in(client, sessions=sessions)


@pytest.mark.parametrize("name", [name for name in OPENERS if name not in STRICT])
def test_other_clients_send_a_secure_cookie_over_http(name: str) -> None:
    sessions = CookieSessions(KEYRING)
    client, get = OPENERS[name](sessions, "http://localhost")
    sign_in(client, {"user": "ada"}, sessions=sessions)
    assert get("/") == "ada"


@each_client
def test_cookie_for_development_is_sent_over_http(name: str) -> None:
    sessions = CookieSessions(KEYRING, cookie=CookieAttributes.for_development())
    client, get = OPENERS[name](sessions, "http://localhost")
    sign_in(client, {"user": "ada"}, sessions=sessions)
    assert get("/") == "ada"


def test_lines_of_the_refusal_help() -> None:
    sessions = CookieSessions(KEYRING)
    app = make_flask(sessions)
    client = TestApp(app, extra_environ={"wsgi.url_scheme": "https"})
    sign_in(client, {"user": "ada"}, sessions=sessions)
    assert client.get("/").text == "ada"


def test_client_without_base_url_needs_one() -> None:
    sessions = CookieSessions(KEYRING)
    client = httpx.Client(transport=httpx.WSGITransport(make_flask(sessions)))
    with pytest.raises(ConfigError, match="the client has no base URL"):
        sign_in(client, sessions=sessions)
    sign_in(client, {"user": "ada"}, sessions=sessions, base_url="https://shop.example")
    assert client.get("https://shop.example/").text == "ada"
    assert client.get("https://other.example/").text == "None"


def test_client_of_litestar_is_one_of_httpx() -> None:
    sessions = CookieSessions(KEYRING)
    with LitestarClient(make_starlette(sessions), base_url="https://testserver.local") as client:
        sign_in(client, {"user": "ada"}, sessions=sessions)
        assert client.get("/").text == "ada"


def test_cookie_without_samesite_is_set() -> None:
    sessions = CookieSessions(KEYRING, cookie=CookieAttributes(samesite=None))
    client, get = open_django(sessions, "https://localhost")
    sign_in(client, {"user": "ada"}, sessions=sessions)
    assert get("/") == "ada"


def test_attributes_of_the_cookie_are_in_the_client_of_django() -> None:
    sessions = CookieSessions(KEYRING, cookie=CookieAttributes.for_subdomains("example.com"))
    client, _ = open_django(sessions, "https://localhost")
    minted = sign_in(client, sessions=sessions)
    morsel = client.cookies[minted.name]
    found = {name: morsel[name] for name in ("path", "domain", "secure", "httponly", "samesite")}
    assert found == {"path": "/", "domain": "example.com", "secure": True, "httponly": True, "samesite": "Lax"}


def test_flash_and_persistence_are_in_the_session() -> None:
    sessions = CookieSessions(KEYRING)
    client, _ = open_starlette(sessions, "https://localhost")
    minted = sign_in(client, {"user": "ada"}, sessions=sessions, flash=[("info", "hello")], persistent=False)
    session = sessions.read(minted.token).session
    assert (session.flash.peek("info"), session.is_persistent) == (["hello"], False)


def test_value_of_the_data_type_is_minted() -> None:
    sessions = CookieSessions(KEYRING, data_type=Visitor)
    assert sessions.read(minted_cookie(sessions, Visitor(7)).header).session.data == Visitor(7)


def test_session_older_than_its_idle_timeout_is_expired() -> None:
    sessions = CookieSessions(KEYRING, policy=Policy(idle_timeout=DAY))
    assert sessions.read(minted_cookie(sessions, age=DAY / 2).token).reason is None
    assert sessions.read(minted_cookie(sessions, age=2 * DAY).token).reason is Reason.EXPIRED


def test_age_of_a_client_shows_the_renewal() -> None:
    sessions = CookieSessions(KEYRING, policy=Policy(idle_timeout=DAY))
    client, _ = open_starlette(sessions, "https://localhost")
    for age, is_renewed in ((timedelta(0), False), (DAY / 2, True)):
        sign_in(client, {"user": "ada"}, sessions=sessions, age=age)
        assert ("set-cookie" in client.get("/").headers) is is_renewed


def test_other_object_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"got dict; send the header field \"Cookie: \" \+ minted_cookie"):
        sign_in({}, sessions=CookieSessions(KEYRING))
