"""sessions.get(request) with the real request objects of the frameworks, in minimal applications of theirs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import bottle
import django
import falcon
import falcon.asgi
import pytest
import webob
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path as django_path
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from flask import Flask
from flask import request as flask_request
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from pyramid.config import Configurator
from pyramid.response import Response as PyramidResponse
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from webtest import TestApp
from werkzeug import Request as WerkzeugRequest
from werkzeug import Response as WerkzeugResponse

from cookiejar_session import ConfigError, CookieSessions, Session, SessionTooLargeError
from cookiejar_session.asgi import SessionMiddleware as AsgiMiddleware

Sessions = CookieSessions[Any]
# What an application does with a request of its framework, and then says.
Handle = Callable[[Any], str]


def make_starlette(handle: Handle) -> Any:
    async def page(request: Any) -> PlainTextResponse:
        return PlainTextResponse(handle(request))

    return Starlette(routes=[Route("/", page)])


def make_fastapi(handle: Handle) -> Any:
    app = FastAPI()

    # A plain function: FastAPI runs it in a thread.
    def page(request: Any) -> PlainTextResponse:
        return PlainTextResponse(handle(request))

    page.__annotations__["request"] = Request
    app.get("/")(page)
    return app


def make_litestar(handle: Handle) -> Any:
    async def page(request: Any) -> str:
        return handle(request)

    page.__annotations__.update({"request": LitestarRequest, "return": str})
    return Litestar([get("/", media_type="text/plain")(page)])


def make_falcon(handle: Handle) -> Any:
    class Page:
        def on_get(self, request: Any, response: Any) -> None:
            response.text = handle(request)

    made = falcon.App()
    made.add_route("/", Page())
    return made


def make_falcon_asgi(handle: Handle) -> Any:
    class Page:
        async def on_get(self, request: Any, response: Any) -> None:
            response.text = handle(request)

    made = falcon.asgi.App()
    made.add_route("/", Page())
    return made


def set_up_django(handle: Handle) -> None:
    if not django_settings.configured:
        django_settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF="cookiejar_django_urls", MIDDLEWARE=[])
        django.setup()
    urls = sys.modules.setdefault("cookiejar_django_urls", ModuleType("cookiejar_django_urls"))
    holder["handle"] = handle
    urls.urlpatterns = [django_path("", lambda request: HttpResponse(holder["handle"](request)))]  # type: ignore[attr-defined]


holder: dict[str, Handle] = {}


def make_django_wsgi(handle: Handle) -> Any:
    set_up_django(handle)
    return get_wsgi_application()


def make_django_asgi(handle: Handle) -> Any:
    set_up_django(handle)
    return get_asgi_application()


def make_flask(handle: Handle) -> Any:
    app = Flask("shop")
    app.add_url_rule("/", view_func=lambda: handle(flask_request))
    return app


def make_werkzeug(handle: Handle) -> Any:
    return WerkzeugRequest.application(lambda request: WerkzeugResponse(handle(request)))


def make_webob(handle: Handle) -> Any:
    def app(environ: Any, start_response: Any) -> Any:
        return webob.Response(text=handle(webob.Request(environ)), content_type="text/plain")(environ, start_response)

    return app


def make_bottle(handle: Handle) -> Any:
    app = bottle.Bottle()
    app.route("/", callback=lambda: handle(bottle.request))
    return app


def make_pyramid(handle: Handle) -> Any:
    with Configurator() as config:
        config.add_route("page", "/")
        config.add_view(lambda request: PyramidResponse(handle(request)), route_name="page")
        return config.make_wsgi_app()


ASGI = {
    "starlette": make_starlette,
    "fastapi": make_fastapi,
    "litestar": make_litestar,
    "falcon-asgi": make_falcon_asgi,
    "django-asgi": make_django_asgi,
}
WSGI = {
    "flask": make_flask,
    "werkzeug": make_werkzeug,
    "webob": make_webob,
    "falcon": make_falcon,
    "django-wsgi": make_django_wsgi,
    "bottle": make_bottle,
    "pyramid": make_pyramid,
}
FRAMEWORKS = [*ASGI, *WSGI]
# request.session is the session in these, with nothing but the wrapper.
NATIVE = ["starlette", "fastapi", "litestar", "webob", "bottle"]


@dataclass
class Site:
    """A minimal application of one framework, which runs ``handle`` for each request."""

    harness: Any
    make: Callable[[Handle], Any]

    def wrap(self, sessions: Sessions, handle: Handle) -> Any:
        return self.harness.stack.wrap(sessions, self.make(handle))

    def request(self, sessions: Sessions, handle: Handle, **options: Any) -> Any:
        return self.harness.serve(sessions, self.wrap(sessions, handle), **options)


@pytest.fixture
def sessions(make_sessions: Callable[..., Sessions], clock: Any) -> Sessions:
    return make_sessions()


@pytest.fixture
def site(request: pytest.FixtureRequest, wsgi_harness: Any, asgi_harness: Any) -> Site:
    name: str = request.param
    return Site(asgi_harness, ASGI[name]) if name in ASGI else Site(wsgi_harness, WSGI[name])


def count_up(sessions: Sessions) -> Handle:
    def handle(request: Any) -> str:
        session = sessions.get(request)
        session["n"] = session.get("n", 0) + 1
        return f"{session['n']}"

    return handle


@pytest.mark.parametrize("site", FRAMEWORKS, indirect=True)
def test_session_is_read_and_written_through_the_request(site: Site, sessions: Sessions) -> None:
    first = site.request(sessions, count_up(sessions), cause="written")
    second = site.request(sessions, count_up(sessions), cookie=first.cookie, cause="written")
    assert (first.body, second.body) == (b"1", b"2")


@pytest.mark.parametrize("site", FRAMEWORKS, indirect=True)
def test_session_is_the_same_each_time(site: Site, sessions: Sessions) -> None:
    seen: list[Session[Any]] = []

    def handle(request: Any) -> str:
        seen.extend([sessions.get(request), sessions.get(request)])
        return "ok"

    site.request(sessions, handle)
    assert seen[0] is seen[1]


@pytest.mark.parametrize("site", NATIVE, indirect=True)
def test_request_session_is_the_session(site: Site, sessions: Sessions) -> None:
    seen: list[bool] = []

    def handle(request: Any) -> str:
        seen.append(request.session is sessions.get(request))
        return "ok"

    site.request(sessions, handle)
    assert seen == [True]


@pytest.mark.parametrize("site", FRAMEWORKS, indirect=True)
def test_request_that_nothing_wrapped_is_told_the_line_to_add(site: Site, sessions: Sessions) -> None:
    told: list[str] = []

    def handle(request: Any) -> str:
        with pytest.raises(ConfigError) as raised:
            sessions.get(request)
        told.append(str(raised.value))
        return "ok"

    site.harness.serve(sessions, site.make(handle))
    line = f"add app = sessions.{site.harness.stack.name}(app)"
    assert line in told[0]


# An error of the application is the application's to handle


def put_too_much(session: Session[Any]) -> None:
    session["blob"] = "x" * 4000
    session.check()


def test_fastapi_handler_catches_too_large_from_check(asgi_harness: Any, sessions: Sessions) -> None:
    app = FastAPI()

    @app.exception_handler(SessionTooLargeError)
    async def handle_too_large(request: Any, exc: Exception) -> JSONResponse:
        assert isinstance(exc, SessionTooLargeError)
        sessions.get(request).pop("blob")
        return JSONResponse({"limit": exc.limit}, status_code=413)

    def page(request: Any) -> None:
        put_too_much(sessions.get(request))

    page.__annotations__["request"] = Request
    app.get("/")(page)
    outcome = asgi_harness.serve(sessions, sessions.asgi(app))
    assert (outcome.status, outcome.body) == (413, b'{"limit":2660}')


def test_flask_handler_catches_too_large_from_check(wsgi_harness: Any, sessions: Sessions) -> None:
    app = Flask("shop")

    @app.errorhandler(SessionTooLargeError)
    def handle_too_large(exc: SessionTooLargeError) -> tuple[str, int]:
        sessions.get(flask_request).pop("blob")
        return f"{exc.limit}", 413

    app.add_url_rule("/", view_func=lambda: put_too_much(sessions.get(flask_request)))
    outcome = wsgi_harness.serve(sessions, sessions.wsgi(app))
    assert (outcome.status, outcome.body) == (413, b"2660")


# Litestar's own way to replace a session


@pytest.mark.parametrize(
    ("replace", "cause", "expected"),
    [
        (lambda request: request.set_session({"new": 2}), "written", {"new": 2}),
        (lambda request: request.clear_session(), "emptied", None),
        (lambda request: request.set_session(request.session), None, None),
    ],
    ids=["set_session", "clear_session", "the session itself"],
)
def test_litestar_replacements_are_honoured(
    asgi_harness: Any, sessions: Sessions, replace: Any, cause: str | None, expected: dict[str, Any] | None
) -> None:
    site = Site(asgi_harness, make_litestar)

    def handle(request: Any) -> str:
        replace(request)
        return "ok"

    outcome = site.request(sessions, handle, cookie=sessions.mint({"old": 1}).header, cause=cause)
    assert (dict(sessions.read(outcome.cookie).session) or None) == expected


def test_litestar_keeps_the_session_that_is_not_published(
    asgi_harness: Any, make_sessions: Callable[..., Sessions], clock: Any
) -> None:
    sessions = make_sessions(publish=False)
    site = Site(asgi_harness, make_litestar)
    cookie = sessions.mint({"n": 1}).header
    outcome = site.request(sessions, count_up(sessions), cookie=cookie, cause="written")
    assert (outcome.body, dict(sessions.read(outcome.cookie).session)) == (b"2", {"n": 2})


# The test clients that users of the frameworks have


def test_starlette_test_client_keeps_the_session_over_https(sessions: Sessions) -> None:
    app = make_starlette(count_up(sessions))
    app.add_middleware(AsgiMiddleware, sessions=sessions)
    with TestClient(app, base_url="https://testserver") as client:
        assert [client.get("/").text for _ in range(3)] == ["1", "2", "3"]


def test_starlette_test_client_takes_a_minted_cookie(sessions: Sessions) -> None:
    cookie = sessions.mint({"n": 41})
    with TestClient(sessions.asgi(make_starlette(count_up(sessions))), base_url="https://testserver") as client:
        client.cookies.set(cookie.name, cookie.token)
        assert client.get("/").text == "42"


def test_flask_test_client_keeps_the_session_over_https(sessions: Sessions) -> None:
    app = make_flask(count_up(sessions))
    app.wsgi_app = sessions.wsgi(app.wsgi_app)
    client = app.test_client()
    assert [client.get("/", base_url="https://localhost").text for _ in range(3)] == ["1", "2", "3"]


def test_webtest_client_keeps_the_session_over_https(sessions: Sessions) -> None:
    client = TestApp(sessions.wsgi(make_webob(count_up(sessions))), extra_environ={"wsgi.url_scheme": "https"})
    assert [client.get("/").text for _ in range(3)] == ["1", "2", "3"]


def test_test_client_over_plain_http_loses_the_session_and_is_told(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(sessions.asgi(make_starlette(count_up(sessions))), base_url="http://testserver") as client:
        assert [client.get("/").text for _ in range(2)] == ["1", "1"]
    assert "use an https base URL in tests" in caplog.text
