"""The session around an ASGI application. Moves bytes through an exchange; knows no rules of its own."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from asgiref.sync import markcoroutinefunction

from .events import log
from .exchange import Exchange, explain_failure
from .headers.request import ScopeRequest
from .headers.response_headers import CACHE_CONTROL, NO_FACTS, SET_COOKIE, VARY, ResponseFacts
from .published import PLACE, current, drop_finished, find_exchange, find_published
from .record import MutableRecord

if TYPE_CHECKING:
    from asgiref.typing import ASGI3Application

    from .cookie_sessions import CookieSessions

ERROR_BODY = b"Internal Server Error"
# RFC 6455 7.4.1: the server met a condition that keeps it from fulfilling the request.
INTERNAL_ERROR = 1011
_SERVED = frozenset(("http", "websocket"))
_NOTHING = ""
_STARTS = frozenset(("http.response.start", "websocket.accept", "websocket.http.response.start"))
_CONCERNED = {name.encode(): name for name in (VARY, CACHE_CONTROL, SET_COOKIE)}
_ENCODED = {name: octets for octets, name in _CONCERNED.items()}


class SessionMiddleware:
    """Wraps an ASGI application so that each HTTP request and websocket has a session: ``sessions.get(scope)``.

    Unless publishing is off it is also at ``scope["session"]``: ``request.session`` of Starlette, FastAPI, Litestar.
    """

    def __init__(self, app: ASGI3Application | Any, *, sessions: CookieSessions[Any]) -> None:
        self.app: Any = app
        self._settings, self._identity = sessions.settings, sessions.settings.identity
        self._publishes = sessions.publishes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in _SERVED:
            await self.app(scope, receive, send)
            return
        inner = {**scope}
        exchange = before = None
        if PLACE in scope or "wsgi_environ" in scope:
            before, exchange = drop_finished(inner), self._find_shared(inner)
        commits = exchange is None
        if exchange is None:
            exchange = Exchange(self._settings, ScopeRequest(scope), time.time())
        inner[PLACE] = exchange, before
        if self._publishes:
            inner["session"] = exchange.session
        response = _Response(exchange, inner if self._publishes else {}, send, commits)
        # A method of this scope alone, by which `current` is believed. All strings of one character are one object.
        method, mark = inner.get("method", _NOTHING), None
        if len(method) > 1:
            mark = inner["method"] = f"{method}{_NOTHING}"  # joining two makes a new object, one would not
        token = current.set((None if mark is method else mark, inner))
        try:
            await self.app(inner, receive, response.send)
        finally:
            if commits:
                exchange.end()
            try:  # noqa: SIM105 - costs nothing where a context manager costs as much as the reset
                current.reset(token)
            except ValueError:
                # What was not run to its end is closed elsewhere, where nothing of this request is current.
                pass

    def _find_shared(self, scope: dict[str, Any]) -> Exchange | None:
        """The exchange of another wrapper around this one, which serves the request already, and commits."""
        exchange = find_published(scope, self._identity)
        if exchange is None and "wsgi_environ" in scope:
            exchange = find_exchange(scope["wsgi_environ"], self._identity)
        return None if exchange is None or exchange.is_finished else exchange


class _Response(MutableRecord):
    """One response: commits the session when the headers pass, if it is to, then gets out of the way.

    ``scope`` is empty where nothing of the session was published.
    """

    _exchange: Exchange
    _scope: dict[str, Any]
    _send: Any
    _commits: bool
    _started: bool = False
    _failed: bool = False

    # Marked, not defined, as a coroutine function: a message that need not be looked at costs no frame of its own.
    @markcoroutinefunction
    def send(self, message: Any) -> Awaitable[None]:
        """The application's send."""
        if self._started:
            return _swallow() if self._failed else self._send(message)
        if message["type"] not in _STARTS:
            return self._send(message)  # type: ignore[no-any-return]
        self._started = True
        exchange, scope = self._exchange, self._scope
        try:
            # Litestar's set_session and clear_session put something else where the session was.
            if "litestar_app" in scope and scope.get("session") is not exchange.session:
                exchange.adopt(scope.get("session"))
            if self._commits:
                exchange.is_finished = True
                if exchange.state is not None:
                    message = self._commit(message)
        except Exception as exc:
            log.error("session not committed, the answer is a plain 500: %s", explain_failure(exc))
            self._failed = True
            return self._send_error(message["type"])
        return self._send(message)  # type: ignore[no-any-return]

    def _commit(self, message: Any) -> Any:
        headers: list[tuple[bytes, bytes]] = [*(message.get("headers") or ())]
        concerned = [(_CONCERNED[field], value) for name, value in headers if (field := name.lower()) in _CONCERNED]
        facts = NO_FACTS
        if concerned:
            facts = ResponseFacts.of([(name, value.decode("latin-1")) for name, value in concerned])
        edits = self._exchange.finish(facts, time.time())
        if concerned:
            replaced = {_ENCODED[name] for name in edits.replaced}
            headers = [(name, value) for name, value in headers if name.lower() not in replaced]
        for name, text in edits.added:
            headers.append((_ENCODED[name], text.encode("latin-1")))
        return {**message, "headers": headers}

    async def _send_error(self, kind: str) -> None:
        if kind == "websocket.accept":
            await self._send({"type": "websocket.close", "code": INTERNAL_ERROR})
            return
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(ERROR_BODY))]
        await self._send({"type": kind, "status": 500, "headers": headers})
        await self._send({"type": kind.replace(".start", ".body"), "body": ERROR_BODY})


async def _swallow() -> None:
    """Nothing of a response whose session could not be committed goes out."""
