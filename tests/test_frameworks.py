"""The session in minimal applications of the frameworks: sessions.get(request), request.session, test clients."""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar
from unittest.mock import MagicMock

import bottle
import falcon
import falcon.asgi
import pytest
import webob.dec
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path as django_path
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from flask import Flask
from flask import request as flask_request
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from litestar.middleware import DefineMiddleware
from pyramid.config import Configurator
from pyramid.response import Response as PyramidResponse
from shared_django import configure_django
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.sessions import SessionMiddleware as StarletteSessions
from starlette.routing import Route
from starlette.testclient import TestClient
from webtest import TestApp
from werkzeug import Request as WerkzeugRequest
from werkzeug import Response as WerkzeugResponse

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Keyring, Session, SessionTooLargeError
from cookiejar_session.asgi import SessionMiddleware as AsgiMiddleware
from cookiejar_session.frameworks import is_litestar
from cookiejar_session.wsgi import SessionMiddleware as WsgiMiddleware

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
    configure_django()
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
def test_error_for_a_request_that_passed_no_wrapper_names_the_line_to_add(site: Site, sessions: Sessions) -> None:
    messages: list[str] = []

    def handle(request: Any) -> str:
        with pytest.raises(ConfigError) as raised:
            sessions.get(request)
        messages.append(str(raised.value))
        return "ok"

    site.harness.serve(sessions, site.make(handle))
    line = LINES.get((site.make, site.harness.stack.name), f"app = sessions.{site.harness.stack.name}(app)")
    assert f"; add {line}" in messages[0]


ADD_MIDDLEWARE = "app.add_middleware(SessionMiddleware, sessions=sessions)"
DJANGO_MIDDLEWARE = '"cookiejar_session.integrations.django.SessionMiddleware" to MIDDLEWARE'
LINES: dict[tuple[Any, str], str] = {
    (make_flask, "wsgi"): "app.wsgi_app = sessions.wsgi(app.wsgi_app)",
    (make_django_wsgi, "wsgi"): DJANGO_MIDDLEWARE,
    (make_django_asgi, "asgi"): DJANGO_MIDDLEWARE,
    (make_pyramid, "wsgi"): "app = sessions.wsgi(config.make_wsgi_app())",
    (make_starlette, "asgi"): ADD_MIDDLEWARE,
    (make_fastapi, "asgi"): ADD_MIDDLEWARE,
    (make_litestar, "asgi"): "Litestar(..., middleware=[sessions.asgi])",
}


@pytest.mark.parametrize("site", FRAMEWORKS, indirect=True)
@pytest.mark.parametrize(
    ("other", "difference", "alternative"),
    [
        (
            {"cookie": CookieAttributes(name="__Host-shop")},
            "with the cookie __Host-shop",
            "or add {line}",
        ),
        (
            {"purpose": "shop"},
            "with the same cookie but the purpose 'shop' instead of '__Host-session'",
            "or give both the same purpose and keys",
        ),
        (
            {"keyring": Keyring.generate()},
            "with the same cookie but no key in common",
            "or give both the same purpose and keys",
        ),
    ],
    ids=["name", "purpose", "keys"],
)
def test_error_for_a_request_that_passed_a_wrapper_of_other_sessions_says_how_they_differ(
    site: Site, make_sessions: Callable[..., Sessions], other: dict[str, Any], difference: str, alternative: str
) -> None:
    sessions, messages = make_sessions(), list[str]()

    def handle(request: Any) -> str:
        with pytest.raises(ConfigError) as raised:
            sessions.get(request)
        messages.append(str(raised.value))
        return "ok"

    site.request(make_sessions(**other), handle)
    line = LINES.get((site.make, site.harness.stack.name), f"app = sessions.{site.harness.stack.name}(app)")
    if line == DJANGO_MIDDLEWARE:
        alternative = "and name it in COOKIEJAR_SESSIONS"
    assert messages[0].startswith(
        "no session for cookie __Host-session: the request passed a wrapper of other sessions, "
        f"{difference}; use one CookieSessions object for the wrapper and for get(), {alternative.format(line=line)}"
    )


def test_fastapi_refuses_depends_on_sessions_get_where_the_route_is_declared(sessions: Sessions) -> None:
    line = "Depends(session_dependency(sessions)), with from cookiejar_session.integrations.fastapi import"
    depends = Depends(sessions.get)
    with pytest.raises(TypeError, match=re.escape(line)):
        # A default, since FastAPI cannot see a local name in an annotation that is text.
        FastAPI().get("/")(lambda session=depends: None)


@pytest.mark.parametrize(
    ("make", "line"),
    [(make_starlette, ADD_MIDDLEWARE), (make_litestar, "middleware=[sessions.asgi]")],
    ids=["starlette", "litestar"],
)
def test_error_for_a_bare_scope_names_the_line_of_its_framework(
    asgi_harness: Any, sessions: Sessions, make: Any, line: str
) -> None:
    def handle(request: Any) -> str:
        with pytest.raises(ConfigError, match=re.escape(line)):
            sessions.get(request.scope)
        return "ok"

    assert asgi_harness.serve(sessions, make(handle)).body == b"ok"


def test_error_for_a_bare_environ_of_flask_names_its_line(wsgi_harness: Any, sessions: Sessions) -> None:
    def handle(request: Any) -> str:
        with pytest.raises(ConfigError, match=r"add app\.wsgi_app = sessions"):
            sessions.get(request.environ)
        return "ok"

    assert wsgi_harness.serve(sessions, make_flask(handle)).body == b"ok"


class QuartRequest:
    """A request as Quart has it. Quart is not installed."""

    scope: ClassVar = {"type": "http", "method": "GET", "path": "/", "headers": []}


QuartRequest.__module__ = "quart.wrappers.request"


def test_error_for_a_request_of_quart_names_its_line(sessions: Sessions) -> None:
    with pytest.raises(ConfigError, match=r"add app\.asgi_app = sessions\.asgi\(app\.asgi_app\)"):
        sessions.get(QuartRequest())


# Which application a wrapper takes


def handle_nothing(request: Any) -> str:
    return "ok"


async def call_asgi(scope: Any, receive: Any, send: Any) -> None: ...


def return_awaitable(scope: Any, receive: Any, send: Any) -> Any:
    return call_asgi(scope, receive, send)


def call_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    return []


def generate_wsgi(environ: Any, start_response: Any) -> Any:
    yield b""


async def call_async(environ: Any, start_response: Any) -> list[bytes]:
    return []


class GeneratingApp:
    def __call__(self, environ: Any, start_response: Any) -> Any:
        yield b""


class AsgiApp:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class WsgiPerRequest:
    def __init__(self, environ: Any, start_response: Any) -> None: ...

    def __iter__(self) -> Any: ...


class AsgiPerRequest:
    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...

    def __await__(self) -> Any: ...


class TwoCalls:
    """An application of ASGI 2."""

    def __init__(self, scope: Any) -> None: ...

    async def __call__(self, receive: Any, send: Any) -> None: ...


class AsyncWithAnyArguments:
    async def __call__(self, *args: Any) -> None: ...


@functools.wraps(call_asgi)
def pass_on(*args: Any) -> Any:
    return call_asgi(*args)


def make_middleware(sessions: Sessions, interface: str) -> Any:
    return getattr(sessions, interface)(call_wsgi if interface == "wsgi" else call_asgi)


WSGI_APPS: list[Any] = [
    *(make(handle_nothing) for make in WSGI.values() if make is not make_werkzeug),
    make_flask(handle_nothing).wsgi_app,
    call_wsgi,
    generate_wsgi,
    GeneratingApp(),
    GeneratingApp().__call__,
    functools.partial(call_wsgi),
    WsgiPerRequest,
]
ASGI_APPS: list[Any] = [
    *(make(handle_nothing) for make in ASGI.values()),
    call_asgi,
    return_awaitable,
    AsgiApp(),
    AsgiApp().__call__,
    functools.partial(call_asgi),
    functools.partial(AsgiApp()),
    AsgiPerRequest,
]
# Their arguments do not show what they are.
UNKNOWN_APPS: list[Any] = [
    make_werkzeug(handle_nothing),
    pass_on,
    print,
    MagicMock(),
    webob.dec.wsgify(lambda request: "ok"),
]


@pytest.mark.parametrize("app", [*WSGI_APPS, *UNKNOWN_APPS], ids=range(len(WSGI_APPS) + len(UNKNOWN_APPS)))
def test_wsgi_applications_of_every_kind_are_accepted(sessions: Sessions, app: Any) -> None:
    assert sessions.wsgi(app).app is app


@pytest.mark.parametrize("app", [*ASGI_APPS, *UNKNOWN_APPS], ids=range(len(ASGI_APPS) + len(UNKNOWN_APPS)))
def test_asgi_applications_of_every_kind_are_accepted(sessions: Sessions, app: Any) -> None:
    assert sessions.asgi(app).app is app


@pytest.mark.parametrize("app", WSGI_APPS, ids=range(len(WSGI_APPS)))
@pytest.mark.parametrize("is_class", [False, True], ids=["method", "class"])
def test_wsgi_application_in_an_asgi_wrapper_is_refused(sessions: Sessions, app: Any, is_class: bool) -> None:
    with pytest.raises(
        TypeError, match=r"sessions\.asgi takes an ASGI application, but .* is a WSGI application; write "
    ):
        AsgiMiddleware(app, sessions=sessions) if is_class else sessions.asgi(app)


@pytest.mark.parametrize("app", ASGI_APPS, ids=range(len(ASGI_APPS)))
@pytest.mark.parametrize("is_class", [False, True], ids=["method", "class"])
def test_asgi_application_in_a_wsgi_wrapper_is_refused(sessions: Sessions, app: Any, is_class: bool) -> None:
    with pytest.raises(
        TypeError, match=r"sessions\.wsgi takes a WSGI application, but .* is an ASGI application; write "
    ):
        WsgiMiddleware(app, sessions=sessions) if is_class else sessions.wsgi(app)


@pytest.mark.parametrize(
    ("make", "wrong", "line"),
    [
        (
            lambda: make_flask(handle_nothing),
            "asgi",
            "Flask is a WSGI application; write app.wsgi_app = sessions.wsgi(",
        ),
        (lambda: make_flask(handle_nothing).wsgi_app, "asgi", "write app.wsgi_app = sessions.wsgi(app.wsgi_app)"),
        (lambda: make_fastapi(handle_nothing), "wsgi", f"FastAPI is an ASGI application; write {ADD_MIDDLEWARE}"),
        (lambda: make_starlette(handle_nothing), "wsgi", f"Starlette is an ASGI application; write {ADD_MIDDLEWARE}"),
        (lambda: make_litestar(handle_nothing), "wsgi", "write Litestar(..., middleware=[sessions.asgi])"),
        (lambda: make_django_wsgi(handle_nothing), "asgi", "write application = sessions.wsgi(get_wsgi_application())"),
        (lambda: make_django_asgi(handle_nothing), "wsgi", "write application = sessions.asgi(get_asgi_application())"),
        (lambda: make_pyramid(handle_nothing), "asgi", "write app = sessions.wsgi(config.make_wsgi_app())"),
        (lambda: AsgiApp(), "wsgi", "AsgiApp is an ASGI application; write app = sessions.asgi(app)"),
        (lambda: call_wsgi, "asgi", "call_wsgi is a WSGI application; write app = sessions.wsgi(app)"),
        (lambda: AsyncWithAnyArguments(), "wsgi", "write app = sessions.asgi(app)"),
        (lambda: call_async, "wsgi", "called with (environ, start_response), but call_async is async"),
        (lambda: TwoCalls, "asgi", "called with (scope, receive, send), but TwoCalls has other parameters"),
        (lambda: FastAPI, "asgi", "called with (scope, receive, send), but FastAPI has other parameters"),
    ],
)
def test_wrong_wrapper_is_refused_with_the_right_line(sessions: Sessions, make: Any, wrong: str, line: str) -> None:
    with pytest.raises(TypeError, match=re.escape(line)):
        getattr(sessions, wrong)(make())


@pytest.mark.parametrize("wrapper", [AsgiMiddleware, WsgiMiddleware])
def test_what_cannot_be_called_is_refused(sessions: Sessions, wrapper: Any) -> None:
    with pytest.raises(TypeError, match=r"takes an? .* application, which is callable, got str$"):
        wrapper("app:app", sessions=sessions)


@pytest.mark.parametrize(("inner", "outer"), [("wsgi", "asgi"), ("asgi", "wsgi")])
def test_wrapped_application_in_the_other_wrapper_is_refused(sessions: Sessions, inner: str, outer: str) -> None:
    with pytest.raises(
        TypeError, match=rf"SessionMiddleware is an? .* application; write app = sessions\.{inner}\(app\)"
    ):
        getattr(sessions, outer)(make_middleware(sessions, inner))


def test_arguments_of_starlettes_middleware_are_refused_with_those_of_ours() -> None:
    app = FastAPI()
    app.add_middleware(AsgiMiddleware, secret_key="hidden")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match=r"has no argument secret_key; write .*sessions=sessions") as caught:
        TestClient(app).get("/")
    assert "hidden" not in str(caught.value)


def test_litestar_takes_the_method_as_a_middleware(asgi_harness: Any, sessions: Sessions) -> None:
    async def page(request: Any) -> Any:
        return request.session

    page.__annotations__.update({"request": LitestarRequest, "return": dict[str, Any]})
    app = Litestar([get("/")(page)], middleware=[sessions.asgi])
    outcome = asgi_harness.serve(sessions, app, cookie=sessions.mint({"user": "ada"}).header)
    assert json.loads(outcome.body) == {"user": "ada"}


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


# What stands outside of the wrapper sees the session and the route


async def read_user(request: Any) -> PlainTextResponse:
    return PlainTextResponse(request.session["user"])


async def break_down(request: Any) -> PlainTextResponse:
    request.session["user"] = "bob"
    raise LookupError("no such page")


async def break_down_early(request: Any) -> PlainTextResponse:
    raise LookupError("no such page")


def make_starlette_around(sessions: Sessions, *outer: Any, **options: Any) -> Any:
    """A Starlette application with our wrapper among its middleware, and ``outer`` around it."""
    routes = [
        Route("/users/{name}", read_user),
        Route("/broken", break_down),
        Route("/broken-early", break_down_early),
    ]
    middleware = [*(Middleware(each) for each in outer), Middleware(AsgiMiddleware, sessions=sessions)]
    return Starlette(routes=routes, middleware=middleware, **options)


def call_starlette(sessions: Sessions, app: Any, path: str, **data: Any) -> Any:
    cookie = sessions.mint(data)
    with TestClient(app, base_url="https://testserver", raise_server_exceptions=False) as client:
        client.cookies.set(cookie.name, cookie.token)
        return client.get(path)


@pytest.mark.parametrize(("path", "user"), [("/broken", "bob"), ("/broken-early", "alice")])
def test_starlettes_own_500_page_sees_the_session(sessions: Sessions, path: str, user: str) -> None:
    async def handle(request: Any, exc: Exception) -> PlainTextResponse:
        assert request.session is sessions.get(request)
        return PlainTextResponse(f"sorry, {request.session['user']}", status_code=500)

    app = make_starlette_around(sessions, exception_handlers={Exception: handle})
    response = call_starlette(sessions, app, path, user="alice")
    assert (response.status_code, response.text) == (500, f"sorry, {user}")


async def say_sorry(request: Any, exc: Exception) -> PlainTextResponse:
    return PlainTextResponse("sorry", status_code=500)


async def revert_and_say_sorry(request: Any, exc: Exception) -> PlainTextResponse:
    request.session.revert()
    return PlainTextResponse("sorry", status_code=500)


@pytest.mark.parametrize(
    ("is_inside", "handler", "is_saved"),
    [
        (True, None, False),
        (True, say_sorry, False),
        (False, None, True),
        (False, say_sorry, True),
        (False, revert_and_say_sorry, False),
    ],
    ids=["inside", "inside, handled", "around", "around, handled", "around, reverted"],
)
def test_starlette_write_before_an_unhandled_error_is_saved_only_around_the_whole_application(
    sessions: Sessions, is_inside: bool, handler: Any, is_saved: bool
) -> None:
    # Starlette's 500 page is inside of sessions.asgi(app), and outside of a middleware.
    handlers = {} if handler is None else {Exception: handler}
    middleware = [Middleware(AsgiMiddleware, sessions=sessions)] if is_inside else []
    app = Starlette(routes=[Route("/broken", break_down)], middleware=middleware, exception_handlers=handlers)
    response = call_starlette(sessions, app if is_inside else sessions.asgi(app), "/broken", user="alice")
    assert response.text == ("Internal Server Error" if handler is None else "sorry")
    assert ("set-cookie" in response.headers) is is_saved


def test_flask_write_before_an_unhandled_error_is_saved(wsgi_harness: Any, sessions: Sessions) -> None:
    app = Flask("shop")

    def break_view() -> str:
        sessions.get(flask_request)["user"] = "bob"
        raise LookupError

    app.add_url_rule("/", view_func=break_view)
    app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]
    outcome = wsgi_harness.serve(sessions, app, cause="written")
    assert outcome.status == 500


def test_starlettes_debug_page_shows_the_error_and_no_session(sessions: Sessions) -> None:
    app = make_starlette_around(sessions, debug=True)
    cookie = sessions.mint({"user": "alice", "secret": "hunter2"})
    with TestClient(app, base_url="https://testserver", raise_server_exceptions=False) as client:
        client.cookies.set(cookie.name, cookie.token)
        response = client.get("/broken", headers={"accept": "text/html"})
    assert response.status_code == 500
    assert "LookupError: no such page" in response.text
    assert "hunter2" not in response.text


def test_base_http_middleware_outside_sees_the_session_after_call_next(sessions: Sessions) -> None:
    seen: list[Any] = []

    class Outside(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            assert "session" not in request.scope
            response = await call_next(request)
            seen.extend([request.session["user"], request.session is sessions.get(request)])
            return response

    response = call_starlette(sessions, make_starlette_around(sessions, Outside), "/users/alice", user="alice")
    assert response.text == "alice"
    assert seen == ["alice", True]


class NameRoutes:
    """What metrics middleware does, such as starlette_exporter and OpenTelemetry's: names the route after the call."""

    seen: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            self.seen.append(scope)


@pytest.fixture
def scopes(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(NameRoutes, "seen", seen)
    return seen


def test_route_names_of_starlette_reach_a_middleware_outside(sessions: Sessions, scopes: list[dict[str, Any]]) -> None:
    call_starlette(sessions, make_starlette_around(sessions, NameRoutes), "/users/alice", user="alice")
    (scope,) = scopes
    assert (scope["endpoint"], scope["path_params"]) == (read_user, {"name": "alice"})


@pytest.mark.parametrize("is_inside", [True, False], ids=["add_middleware", "around the application"])
def test_route_names_of_fastapi_reach_a_middleware_outside(
    sessions: Sessions, scopes: list[dict[str, Any]], is_inside: bool
) -> None:
    app = FastAPI()

    @app.get("/users/{name}")
    def page(name: str) -> str:
        return name

    if is_inside:
        app.add_middleware(AsgiMiddleware, sessions=sessions)
        app.add_middleware(NameRoutes)
        call_starlette(sessions, app, "/users/alice")
    else:
        call_starlette(sessions, NameRoutes(sessions.asgi(app)), "/users/alice")
    (scope,) = scopes
    assert (scope["route"].path, scope["endpoint"], scope["path_params"]) == ("/users/{name}", page, {"name": "alice"})


# The session in a response


CONTENTS: dict[str, dict[str, Any]] = {"empty": {}, "data": {"n": 1, "cart": [{"item": "tea"}], "user": "alice"}}


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("is_ours", [True, False], ids=["our session", "Starlette's session"])
def test_json_response_holds_the_session_as_with_starlettes_own(
    sessions: Sessions, is_ours: bool, content: str
) -> None:
    async def put(request: Any) -> PlainTextResponse:
        request.session.update(CONTENTS[content])
        return PlainTextResponse("ok")

    async def page(request: Any) -> JSONResponse:
        return JSONResponse({"session": request.session})

    ours = Middleware(AsgiMiddleware, sessions=sessions)
    theirs = Middleware(StarletteSessions, secret_key="secret", https_only=True)
    app = Starlette(routes=[Route("/put", put), Route("/", page)], middleware=[ours if is_ours else theirs])
    with TestClient(app, base_url="https://testserver") as client:
        client.get("/put")
        response = client.get("/")
    assert response.json() == {"session": CONTENTS[content]}
    assert response.headers["vary"] == "Cookie"


@pytest.mark.parametrize("content", CONTENTS)
def test_json_response_holds_a_session_that_nothing_else_touched(sessions: Sessions, content: str) -> None:
    async def page(request: Any) -> JSONResponse:
        # Not request.session, which would open it.
        return JSONResponse({"session": sessions.get(request)})

    app = Starlette(routes=[Route("/", page)], middleware=[Middleware(AsgiMiddleware, sessions=sessions)])
    response = call_starlette(sessions, app, "/", **CONTENTS[content])
    assert response.json() == {"session": CONTENTS[content]}
    assert response.headers["vary"] == "Cookie"


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("is_nested", [True, False], ids=["in a dict", "alone"])
def test_fastapi_answers_with_the_session(sessions: Sessions, content: str, is_nested: bool) -> None:
    app = FastAPI()

    def page(request: Any) -> Any:
        return {"session": request.session} if is_nested else request.session

    page.__annotations__["request"] = Request
    app.get("/")(page)
    response = call_starlette(sessions, sessions.asgi(app), "/", **CONTENTS[content])
    assert response.json() == ({"session": CONTENTS[content]} if is_nested else CONTENTS[content])


def make_litestar_page(sessions: Sessions, page: Any, *, is_inside: bool) -> Any:
    page.__annotations__.update({"request": LitestarRequest, "return": dict[str, Any]})
    handler = get("/")(page)
    if is_inside:
        return Litestar([handler], middleware=[DefineMiddleware(AsgiMiddleware, sessions=sessions)])
    return sessions.asgi(Litestar([handler]))


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("is_nested", [True, False], ids=["in a dict", "alone"])
@pytest.mark.parametrize("is_inside", [True, False], ids=["middleware=", "around the application"])
def test_litestar_answers_with_the_session(
    asgi_harness: Any, sessions: Sessions, content: str, is_nested: bool, is_inside: bool
) -> None:
    async def page(request: Any) -> Any:
        return {"session": request.session} if is_nested else request.session

    app = make_litestar_page(sessions, page, is_inside=is_inside)
    outcome = asgi_harness.serve(sessions, app, cookie=sessions.mint(CONTENTS[content]).header)
    assert json.loads(outcome.body) == ({"session": CONTENTS[content]} if is_nested else CONTENTS[content])
    assert outcome.values("vary") == ["Cookie"]


@pytest.mark.parametrize(
    ("app", "expected"),
    [(Litestar([]), True), (type("Shop", (Litestar,), {})([]), True), (Starlette(), False), (make_starlette, False)],
    ids=["litestar", "subclass", "starlette", "function"],
)
def test_litestar_is_known_by_its_class(app: Any, expected: bool) -> None:
    assert is_litestar(app) is expected


# What the application puts in the place of the session


def test_starlette_session_middleware_inside_does_not_end_the_session(asgi_harness: Any, sessions: Sessions) -> None:
    """People who move over may leave it in place: it puts an empty session of its own where ours was."""

    def make(handle: Any) -> Any:
        return StarletteSessions(make_starlette(handle), secret_key="other")

    def handle(request: Any) -> str:
        request.session["theirs"] = 1
        return str(sessions.get(request)["user"])

    outcome = Site(asgi_harness, make).request(sessions, handle, cookie=sessions.mint({"user": "ada"}).header)
    assert outcome.body == b"ada"
    assert [value for value in outcome.set_cookies if value.startswith("__Host-session=")] == []


def test_starlette_session_middleware_outside_writes_nothing_of_the_session_into_its_cookie(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_starlette(count_up(sessions))
    app.add_middleware(AsgiMiddleware, sessions=sessions)
    app.add_middleware(StarletteSessions, secret_key="left in place")
    with TestClient(app, base_url="https://testserver") as client:
        responses = [client.get("/") for _ in range(3)]
    assert [response.text for response in responses] == ["1", "2", "3"]
    names = [each.partition("=")[0] for each in responses[0].headers.get_list("set-cookie")]
    assert names == ["__Host-session"]
    assert "remove the other, such as app.add_middleware(SessionMiddleware, secret_key=...)" in caplog.text


@pytest.mark.parametrize("content", [None, 5, ["new"]], ids=["none", "int", "list"])
def test_starlette_other_things_in_the_place_of_the_session_are_left_alone(
    asgi_harness: Any, sessions: Sessions, content: object
) -> None:
    def handle(request: Any) -> str:
        sessions.get(request)["n"] = 2
        request.scope["session"] = content
        return "ok"

    outcome = Site(asgi_harness, make_starlette).request(sessions, handle, cause="written")
    assert dict(sessions.read(outcome.cookie).session) == {"n": 2}


def test_starlette_session_of_another_configuration_is_not_taken_over(
    asgi_harness: Any, make_sessions: Callable[..., Sessions], clock: Any
) -> None:
    outer, inner = make_sessions(), make_sessions(cookie=CookieAttributes(name="__Host-prefs"))
    app = outer.asgi(inner.asgi(make_starlette(lambda request: str(request.session.get("old")))))
    outcome = asgi_harness.serve(outer, app, cookie=outer.mint({"old": 1}).header)
    assert outcome.body == b"None"


# Litestar's own way to replace a session


@dataclass
class Model:
    user: str


@pytest.mark.parametrize(
    ("replace", "cause", "expected"),
    [
        (lambda request: request.set_session({"new": 2}), "written", {"new": 2}),
        (lambda request: request.clear_session(), "emptied", None),
        (lambda request: request.set_session(Model("alice")), "written", {"user": "alice"}),
        (lambda request: request.set_session(request.session), None, None),
        (lambda request: request.session.update(old=2), "written", {"old": 2}),
    ],
    ids=["set_session", "clear_session", "a model", "the session itself", "a change"],
)
@pytest.mark.parametrize("is_inside", [True, False], ids=["middleware=", "around the application"])
def test_litestar_replacements_are_honoured(
    asgi_harness: Any,
    sessions: Sessions,
    replace: Any,
    cause: str | None,
    expected: dict[str, Any] | None,
    is_inside: bool,
) -> None:
    async def page(request: Any) -> Any:
        replace(request)
        return {}

    app = make_litestar_page(sessions, page, is_inside=is_inside)
    outcome = asgi_harness.serve(sessions, app, cookie=sessions.mint({"old": 1}).header, cause=cause)
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


def test_test_client_over_plain_http_loses_the_session_and_is_warned_of(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    with TestClient(sessions.asgi(make_starlette(count_up(sessions))), base_url="http://testserver") as client:
        assert [client.get("/").text for _ in range(2)] == ["1", "1"]
    assert "use an https base URL in tests" in caplog.text
