"""The integrations beside the sessions that each framework has itself. Knows nothing of timing.

The stacks of Flask are in wsgi_stacks.py, those of Django in django_stacks.py.
"""

# No "from __future__ import annotations": FastAPI must find the local classes in the annotations.

from collections.abc import Callable
from typing import Any

import cookiejar_session

from .asgi_stacks import make_scope, prepare_app
from .contents import MAX_AGE, SECRET, TYPICAL
from .django_stacks import DJANGO_STACKS
from .stacks import Request, Stack, Touch
from .wsgi_stacks import make_flask, make_flask_integration


def make_quart() -> Stack:
    """Quart's SecureCookieSessionInterface."""
    from quart import Quart

    app = Quart("benchmark")
    app.secret_key = SECRET.hex()
    app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")
    return make_quart_stack(app)


def make_quart_integration() -> Stack:
    """Our integration for Quart."""
    from quart import Quart

    from cookiejar_session.integrations.quart import QuartSessions

    app = Quart("benchmark")
    QuartSessions(make_sessions()).init_app(app)
    return make_quart_stack(app)


def make_quart_stack(app: Any) -> Stack:
    """The session interface of a Quart application, called as Quart's request context calls it."""
    from quart import Request as QuartRequest
    from quart import Response
    from werkzeug.datastructures import Headers

    interface = app.session_interface

    def make_app(touch: Touch | None, *, has_session: bool) -> Any:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]])
            request = QuartRequest(
                "GET", "https", "/", b"", headers, "", "1.1", scope, send_push_promise=refuse_push_promise
            )
            session = await interface.open_session(app, request) if has_session else dict(TYPICAL)
            if touch is not None:
                touch.act(session)
            response = Response("ok", mimetype="text/plain")
            if has_session:
                await interface.save_session(app, session, response)
            fields = [(name.lower().encode(), value.encode()) for name, value in response.headers]
            await send({"type": "http.response.start", "status": 200, "headers": fields})
            await send({"type": "http.response.body", "body": b"ok"})

        return answer

    return make_stack(make_app)


async def refuse_push_promise(path: str, headers: Any) -> None:
    raise AssertionError("an application pushed a path; none of these does")


def make_fastapi() -> Stack:
    """FastAPI with Starlette's SessionMiddleware; the dependency returns ``request.session``."""
    from starlette.middleware.sessions import SessionMiddleware
    from starlette.requests import HTTPConnection

    async def get_session(connection: HTTPConnection) -> Any:
        return connection.session

    def add(app: Any) -> None:
        app.add_middleware(SessionMiddleware, secret_key=SECRET.hex(), max_age=MAX_AGE, https_only=True)

    return make_fastapi_stack(add, get_session)


def make_fastapi_integration() -> Stack:
    """FastAPI with our middleware and our dependency."""
    from cookiejar_session.integrations.fastapi import session_dependency

    sessions = make_sessions()
    return make_fastapi_stack(lambda app: app.add_middleware(sessions.asgi), session_dependency(sessions))


def make_fastapi_stack(add: Callable[[Any], None], get_session: Any) -> Stack:
    """An application with the middleware that ``add`` adds, and the dependency ``get_session``."""
    from fastapi import Depends, FastAPI
    from fastapi.responses import PlainTextResponse
    from starlette.requests import HTTPConnection

    async def get_dict(connection: HTTPConnection) -> Any:
        return dict(TYPICAL)

    def make_app(touch: Touch | None, *, has_session: bool) -> Any:
        app = FastAPI(openapi_url=None)
        if has_session:
            add(app)
        if touch is None:

            async def answer() -> PlainTextResponse:
                return PlainTextResponse("ok")

            app.add_api_route("/", answer)
        else:

            async def answer_touching(session: Any = Depends(get_session if has_session else get_dict)) -> Any:  # noqa: B008
                touch.act(session)
                return PlainTextResponse("ok")

            app.add_api_route("/", answer_touching)
        return app

    return make_stack(make_app)


def make_sessions() -> cookiejar_session.CookieSessions[None]:
    return cookiejar_session.CookieSessions(cookiejar_session.Keyring.generate())


def make_stack(make_app: Callable[..., Any]) -> Stack:
    """Return the stack of the ASGI application that ``make_app(touch, has_session=...)`` makes."""

    def prepare(touch: Touch | None, cookie: str | None) -> Request:
        return prepare_app(make_app(touch, has_session=True), make_scope(cookie))

    def prepare_bare(touch: Touch | None, cookie: str | None) -> Request:
        return prepare_app(make_app(touch, has_session=False), make_scope(cookie))

    return Stack(prepare, prepare_bare)


# By framework: our integration first, then the framework's own sessions.
FRAMEWORKS: dict[str, dict[str, Callable[[], Stack]]] = {
    "Flask": {"cookiejar-session in Flask": make_flask_integration, "Flask": make_flask},
    "Quart": {"cookiejar-session in Quart": make_quart_integration, "Quart": make_quart},
    "Django": DJANGO_STACKS,
    "FastAPI": {"cookiejar-session in FastAPI": make_fastapi_integration, "Starlette in FastAPI": make_fastapi},
}
