"""The applications for the servers, each with one session library or none. Knows nothing of wrk.

``/store`` stores a typical session, ``/read`` reads one value, ``/change`` changes one value, and ``/theme`` returns
the value that ``/change`` changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask import session as flask_session
from starlette.middleware.sessions import SessionMiddleware

from cookiejar_session import CookieAttributes, CookieSessions

from .contents import MAX_AGE, TYPICAL

# servers.py makes the secrets, so that all processes of a server have the same.
SECRET_VARIABLE = "BENCHMARK_SECRET"  # noqa: S105 (a name, not a secret)

_secret = os.environ[SECRET_VARIABLE]
_sessions = CookieSessions(cookie=CookieAttributes(name="session", secure=False))


def visit(session: Any, path: str) -> str:
    """Do what ``path`` asks for, and return the body of the response."""
    if path == "/store":
        session.update(TYPICAL)
    elif path == "/change":
        session["theme"] = "light"
    elif path == "/theme":
        return str(session["theme"])
    return str(session["user_id"])


def _make_asgi(get_session: Callable[[Any], Any]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":  # both servers work without an answer in the lifespan protocol
            return
        body = visit(get_session(scope), scope["path"]).encode()
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def _make_flask(get_session: Callable[[], Any], *, secret: str | None = None) -> Flask:
    app = Flask("benchmark")
    # Without a secret, Flask's own sessions are off.
    app.secret_key = secret

    @app.get("/<path>")
    def answer(path: str) -> str:
        return visit(get_session(), f"/{path}")

    return app


def _get_marked_session(scope: Any) -> Any:
    # Starlette's request.session does the same.
    scope["session"].mark_accessed()
    return scope["session"]


asgi_bare = _make_asgi(lambda scope: dict(TYPICAL))
asgi_starlette = SessionMiddleware(_make_asgi(_get_marked_session), secret_key=_secret, max_age=MAX_AGE)
asgi_ours = _sessions.asgi(_make_asgi(lambda scope: scope["session"]))
flask_bare = _make_flask(lambda: dict(TYPICAL))
flask_own = _make_flask(lambda: flask_session, secret=_secret)
flask_ours = _make_flask(lambda: _sessions.get(request))
flask_ours.wsgi_app = _sessions.wsgi(flask_ours.wsgi_app)  # type: ignore[method-assign]
