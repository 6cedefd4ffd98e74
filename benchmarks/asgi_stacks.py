"""The ASGI stacks that are compared: one small application under each session middleware. Knows nothing of timing."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from cookiejar_session import CookieSessions, Keyring

from .contents import Content

Scope = dict[str, Any]
GetSession = Callable[[Scope], Any]
ChangeSession = Callable[[Any], None]
Send = Callable[[Any], Awaitable[None]]

SECRET = os.urandom(32)
MAX_AGE = 14 * 24 * 60 * 60
# What a browser sends, but for the cookie.
HEADERS: list[tuple[bytes, bytes]] = [
    (b"host", b"example.com"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.7,de;q=0.3"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
]


class AsgiStack(NamedTuple):
    """A middleware as a function of the application, and how an application under it finds its session.

    ``wrap_touching``: the same for an application that will touch the session, where the library wants that told.
    ``scope``: what the framework around the middleware has put there.
    """

    wrap: Callable[[Any], Any]
    wrap_touching: Callable[[Any], Any]
    get_session: GetSession
    scope: Scope


def make_scope(stack: AsgiStack, *, cookie: str | None = None) -> Scope:
    """The scope of a request, with ``cookie`` as its Cookie field."""
    headers = HEADERS if cookie is None else [*HEADERS, (b"cookie", cookie.encode("latin-1"))]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("203.0.113.9", 51234),
        "server": ("example.com", 443),
        **stack.scope,
    }


def run_request(app: Any, scope: Scope, send: Send) -> None:
    """One request from beginning to end, without an event loop: nothing here waits for anything."""
    # A server makes a new scope, with a new state, for each request, and wrappers write into it.
    try:
        app({**scope, "state": {}}, _receive, send).send(None)
    except StopIteration:
        return
    raise RuntimeError("the application waits for something; it cannot be measured without an event loop")


async def ignore(message: Any) -> None:
    """A send that keeps nothing."""


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def answer_untouched(scope: Scope, receive: Any, send: Send) -> None:
    """The bare application: answers without a look at any session."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok"})


def make_storer(stack: AsgiStack, content: Content) -> Any:
    """The application that stores ``content`` in a new session."""
    get_session = stack.get_session

    async def answer_storing(scope: Scope, receive: Any, send: Send) -> None:
        get_session(scope).update(content)
        await answer_untouched(scope, receive, send)

    return answer_storing


def make_reader(stack: AsgiStack, seen: Content) -> Any:
    """The application that reads one value and puts it into ``seen``."""
    get_session = stack.get_session

    async def answer_reading(scope: Scope, receive: Any, send: Send) -> None:
        seen["user_id"] = get_session(scope)["user_id"]
        await answer_untouched(scope, receive, send)

    return answer_reading


def make_changer(stack: AsgiStack) -> Any:
    """The application that gives one value of the session another content than the cookie has."""
    get_session = stack.get_session

    async def answer_changing(scope: Scope, receive: Any, send: Send) -> None:
        get_session(scope)["theme"] = "light"
        await answer_untouched(scope, receive, send)

    return answer_changing


def make_lister(stack: AsgiStack, seen: Content) -> Any:
    """The application that puts the whole session into ``seen``."""
    get_session = stack.get_session

    async def answer_listing(scope: Scope, receive: Any, send: Send) -> None:
        session = get_session(scope)
        seen.update({key: session[key] for key in session})
        await answer_untouched(scope, receive, send)

    return answer_listing


def make_ours() -> AsgiStack:
    """CookieSessions.asgi; the session as request.session of Starlette finds it."""
    sessions = CookieSessions(Keyring.generate())
    return AsgiStack(sessions.asgi, sessions.asgi, _get_session, {})


def make_starlette() -> AsgiStack:
    """Starlette's SessionMiddleware with the attributes that ours has by default."""
    from starlette.middleware.sessions import SessionMiddleware

    def wrap(app: Any) -> Any:
        return SessionMiddleware(app, secret_key=SECRET.hex(), max_age=MAX_AGE, https_only=True)

    return AsgiStack(wrap, wrap, _get_marked_session, {})


def make_litestar() -> AsgiStack:
    """Litestar's SessionMiddleware over its client-side backend."""
    from litestar import Litestar, asgi
    from litestar.middleware.session import SessionMiddleware
    from litestar.middleware.session.client_side import ClientSideSessionBackend, CookieBackendConfig

    backend = ClientSideSessionBackend(CookieBackendConfig(secret=SECRET, max_age=MAX_AGE, secure=True))

    def wrap(app: Any) -> Any:
        return SessionMiddleware(app, backend)

    litestar = Litestar([asgi("/")(answer_untouched)], openapi_config=None)
    # Litestar's router leaves these in the scope, and the session's serializer is looked up through them.
    (handler,) = (route.route_handler for route in litestar.routes)
    return AsgiStack(wrap, wrap, _get_session, {"litestar_app": litestar, "app": litestar, "route_handler": handler})


def make_starsessions() -> AsgiStack:
    """starsessions over its cookie store; what touches the session has it loaded by SessionAutoloadMiddleware."""
    from starsessions import CookieStore, SessionAutoloadMiddleware, SessionMiddleware

    def wrap(app: Any) -> Any:
        return SessionMiddleware(app, store=CookieStore(SECRET.hex()), lifetime=MAX_AGE)

    return AsgiStack(wrap, lambda app: wrap(SessionAutoloadMiddleware(app)), _get_session, {})


def _get_session(scope: Scope) -> Any:
    return scope["session"]


def _get_marked_session(scope: Scope) -> Any:
    # As Starlette's request.session does.
    session = scope["session"]
    session.mark_accessed()
    return session


OURS, STARLETTE, LITESTAR = "cookiejar-session", "Starlette", "Litestar"
STACKS: dict[str, Callable[[], AsgiStack]] = {
    OURS: make_ours,
    STARLETTE: make_starlette,
    LITESTAR: make_litestar,
    "starsessions": make_starsessions,
}
