"""The session around an ASGI application. An Exchange (exchange.py) decides what is read, saved and sent."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from asgiref.sync import markcoroutinefunction

from .argument_checks import refuse_other_arguments
from .exchange import Exchange, PlainResponse
from .frameworks import check_application, is_litestar, is_place_free, prepare_litestar, take_replacement
from .nested_wrappers import PLACE, current, join_exchange, mark_scope
from .settings import HasSettings

if TYPE_CHECKING:
    from asgiref.typing import ASGI3Application

# RFC 6455 7.4.1: an unexpected condition prevents the server from fulfilling the request.
INTERNAL_ERROR = 1011
_SERVED = frozenset(("http", "websocket"))
_STARTS = frozenset(("http.response.start", "websocket.accept", "websocket.http.response.start"))


class SessionMiddleware:
    """Wraps an ASGI application so that each HTTP request and websocket has a session: ``sessions.get(scope)``.

    Unless ``publish`` is off, or other software has put its own session there, the session is also
    ``scope["session"]``, which is ``request.session`` in Starlette, FastAPI and Litestar.
    """

    @refuse_other_arguments
    def __init__(self, app: ASGI3Application | Any, *, sessions: HasSettings) -> None:
        check_application(app, "asgi")
        self.app: Any = app
        self._settings = sessions.settings
        self._is_litestar = is_litestar(app)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in _SERVED:
            await self.app(scope, receive, send)
            return
        settings = self._settings
        headers = scope.get("headers", ())
        if type(headers) not in (list, tuple):
            # ASGI allows an iterable of header fields that can be read only once. The exchange and the application both
            # read the fields.
            headers = scope["headers"] = list(headers)
        # An outer wrapper may already be serving the request. Then that wrapper saves the session.
        outer = join_exchange(scope, settings)
        exchange = outer or Exchange(settings, headers, time.time(), scope)
        session = exchange.session
        scope[PLACE] = exchange, scope.get(PLACE)
        publishes = settings.publishes and ("session" not in scope or is_place_free(scope, settings))
        if publishes:
            scope["session"] = session
            # If this wrapper is around the whole Litestar application, Litestar has not set its key in the scope yet.
            if self._is_litestar or "litestar_app" in scope:
                prepare_litestar(session)
        response = _Response(exchange, scope, send, outer is None, publishes)
        around, request = current.get(), [mark_scope(scope), scope]
        current.set(request)
        try:
            await self.app(scope, receive, response.send)
        finally:
            try:
                if outer is None:
                    exchange.end()
            finally:
                # A task that outlives the request has a copy of the context. It must not keep the session alive.
                request.clear()
                if around:
                    current.set(around)


class _Response:
    """One response: saves the session when the response starts, then passes everything on.

    ``saves`` says that this wrapper saves the session, and ``publishes`` that it put the session into the scope.
    """

    __slots__ = ("_exchange", "_has_failed", "_is_started", "_publishes", "_saves", "_scope", "_send")

    def __init__(self, exchange: Exchange[Any], scope: Any, send: Any, saves: bool, publishes: bool) -> None:
        self._exchange = exchange
        self._scope = scope
        self._send = send
        self._saves = saves
        self._publishes = publishes
        self._is_started = self._has_failed = False

    # This is a plain function that returns the server's awaitable. If it were a coroutine function, each message would
    # make one more coroutine, and a request that does not touch its session would take 3 % more instructions. It is
    # marked as a coroutine function, since async_to_sync of asgiref warns about any other function.
    @markcoroutinefunction
    def send(self, message: Any) -> Awaitable[None]:
        """The ``send`` that the application calls."""
        if self._is_started or message["type"] not in _STARTS:
            # After a failure, nothing of the application's response is sent.
            return _send_nothing() if self._has_failed else self._send(message)
        self._is_started = True
        exchange, scope = self._exchange, self._scope
        try:
            if self._publishes and scope.get("session") is not exchange.session:
                take_replacement(scope, exchange)
            if self._saves:
                headers = message.get("headers") or ()
                status = message.get("status", 200)
                headers = exchange.finish_encoded(headers, status=status, now=time.time())
                # The application's message is copied, not modified: the application may use it again.
                message = {**message, "headers": headers}
        except Exception as exc:
            self._has_failed = True
            return _send_failure(exchange.fail(exc), message["type"], self._send)
        return self._send(message)  # type: ignore[no-any-return]


async def _send_nothing() -> None:
    pass


async def _send_failure(failure: PlainResponse, kind: str, send: Any) -> None:
    if kind == "websocket.accept":
        await send({"type": "websocket.close", "code": INTERNAL_ERROR})
        return
    headers = [(name.encode(), value.encode()) for name, value in failure.headers]
    await send({"type": kind, "status": failure.status, "headers": headers})
    await send({"type": kind.replace(".start", ".body"), "body": failure.body})
