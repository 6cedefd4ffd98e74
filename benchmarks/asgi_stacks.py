"""The ASGI stacks: one small application under each session middleware. Knows nothing of timing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cookiejar_session

from .contents import MAX_AGE, SECRET, TYPICAL
from .stacks import Headers, Request, Stack, Touch

Scope = dict[str, Any]
Wrap = Callable[[Any], Any]
GetSession = Callable[[Scope], Any]

# What Firefox sends, without the Cookie field.
HEADERS: list[tuple[bytes, bytes]] = [
    (b"host", b"example.com"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"accept-language", b"en-GB,en;q=0.7,de;q=0.3"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
]


def make_ours(package: Any = cookiejar_session) -> Stack:
    """CookieSessions.asgi of ``package``; the application takes the session from ``scope["session"]``."""
    sessions = package.CookieSessions(package.Keyring.generate())
    return make_stack(sessions.asgi)


def make_starlette() -> Stack:
    """Starlette's SessionMiddleware with our default cookie attributes."""
    from starlette.middleware.sessions import SessionMiddleware

    def wrap(app: Any) -> Any:
        return SessionMiddleware(app, secret_key=SECRET.hex(), max_age=MAX_AGE, https_only=True)

    return make_stack(wrap, get_session=_get_marked_session)


def make_litestar() -> Stack:
    """Litestar's SessionMiddleware with its client-side backend."""
    from litestar import Litestar, asgi
    from litestar.middleware.session import SessionMiddleware
    from litestar.middleware.session.client_side import ClientSideSessionBackend, CookieBackendConfig

    backend = ClientSideSessionBackend(CookieBackendConfig(secret=SECRET, max_age=MAX_AGE, secure=True))

    async def handle(scope: Any, receive: Any, send: Any) -> None:
        """Never called. The scope names a handler, as it does behind Litestar's router."""

    litestar = Litestar([asgi("/", copy_scope=False)(handle)], openapi_config=None)
    # Litestar finds the serializer of the session through these three.
    (handler,) = (route.route_handler for route in litestar.routes)  # type: ignore[union-attr]
    around = {"litestar_app": litestar, "app": litestar, "route_handler": handler}
    return make_stack(lambda app: SessionMiddleware(app, backend), around=around)


def make_starsessions() -> Stack:
    """starsessions with its cookie store. SessionAutoloadMiddleware loads the session where a request touches it."""
    from starsessions import CookieStore, SessionAutoloadMiddleware, SessionMiddleware

    def wrap(app: Any) -> Any:
        return SessionMiddleware(app, store=CookieStore(SECRET.hex()), lifetime=MAX_AGE)

    return make_stack(wrap, wrap_touching=lambda app: wrap(SessionAutoloadMiddleware(app)))


OURS = "cookiejar-session"
ASGI_STACKS: dict[str, Callable[[], Stack]] = {
    OURS: make_ours,
    "Starlette": make_starlette,
    "Litestar": make_litestar,
    "starsessions": make_starsessions,
}


def make_scope(cookie: str | None) -> Scope:
    """Return the scope of a request with ``cookie`` as the value of its Cookie field."""
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
        "headers": HEADERS if cookie is None else [*HEADERS, (b"cookie", cookie.encode("latin-1"))],
        "client": ("203.0.113.9", 51234),
        "server": ("example.com", 443),
    }


def _get_session(scope: Scope) -> Any:
    return scope["session"]


def _get_marked_session(scope: Scope) -> Any:
    # Starlette's request.session does the same.
    session = scope["session"]
    session.mark_accessed()
    return session


def make_stack(
    wrap: Wrap,
    *,
    wrap_touching: Wrap | None = None,
    get_session: GetSession = _get_session,
    around: Scope | None = None,
) -> Stack:
    """Return the stack of the middleware that ``wrap`` puts around an application.

    ``wrap_touching`` replaces ``wrap`` for applications that touch the session. ``around`` is what the framework adds
    to the scope.
    """

    def prepare(touch: Touch | None, cookie: str | None) -> Request:
        scope = {**make_scope(cookie), **(around or {})}
        if touch is None:
            return prepare_app(wrap(_answer), scope)
        return prepare_app((wrap_touching or wrap)(_make_app(touch, get_session)), scope)

    def prepare_bare(touch: Touch | None, cookie: str | None) -> Request:
        scope = {**make_scope(cookie), **(around or {})}
        return prepare_app(_answer if touch is None else _make_app(touch, lambda _scope: dict(TYPICAL)), scope)

    return Stack(prepare, prepare_bare)


def prepare_app(app: Any, scope: Scope) -> Request:
    """Return the request with ``scope`` to an ASGI application."""
    headers: Headers = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers[:] = message["headers"]

    def run() -> None:
        # A server makes a new scope with a new state for each request. Middleware writes into both.
        try:
            app({**scope, "state": {}}, _receive, send).send(None)
        except StopIteration:
            return
        raise RuntimeError("the application waits for something; it cannot be measured without an event loop")

    return Request(run, headers)


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _answer(scope: Scope, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok"})


def _make_app(touch: Touch, get_session: GetSession) -> Any:
    act = touch.act

    async def answer_touching(scope: Scope, receive: Any, send: Any) -> None:
        act(get_session(scope))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"ok"})

    return answer_touching
