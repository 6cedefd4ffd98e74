"""The session around a WSGI application (PEP 3333). Moves bytes through an exchange; knows no rules of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from .events import log
from .exchange import Exchange, explain_failure
from .headers.request import EnvironRequest
from .headers.response_headers import ResponseFacts
from .published import PLACE, Published, current, drop_finished, find_exchange

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .cookie_sessions import CookieSessions

ERROR_STATUS, ERROR_BODY = "500 Internal Server Error", b"Internal Server Error"
_NO_BODY: Iterator[bytes] = iter(())
ERROR_HEADERS = ("Content-Type", "text/plain"), ("Content-Length", str(len(ERROR_BODY)))


class SessionMiddleware:
    """Wraps a WSGI application so that each request has a session: ``sessions.get(environ)``.

    Unless publishing is off it is ``environ["cookiejar_session.session"]``, and ``request.session`` in Bottle, WebOb.
    """

    def __init__(self, app: WSGIApplication, *, sessions: CookieSessions[Any]) -> None:
        self.app = app
        self._settings, self._identity = sessions.settings, sessions.settings.identity
        self._publishes = sessions.publishes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        before = None
        if PLACE in environ or "asgi.scope" in environ or current.get() is not None:
            before, exchange = drop_finished(environ), find_exchange(environ, self._identity)
            if exchange is not None and not exchange.is_finished:
                # Another wrapper around this one serves the request already, and commits.
                self._publish(environ, exchange, before)
                return self.app(environ, start_response)
        exchange = Exchange(self._settings, EnvironRequest(environ), time.time())
        self._publish(environ, exchange, before)
        response = _Response(exchange, start_response, environ.get("REQUEST_METHOD") == "HEAD")
        try:
            return response.take(self.app(environ, response.start), environ.get("wsgi.file_wrapper"))
        except BaseException:
            response.close()
            raise

    def _publish(self, environ: WSGIEnvironment, exchange: Exchange, before: Published | None) -> None:
        environ[PLACE] = exchange, before
        if self._publishes:
            session = exchange.session
            environ["cookiejar_session.session"] = environ["bottle.request.ext.session"] = session
            environ["webob.adhoc_attrs"] = {**environ.get("webob.adhoc_attrs", {}), "session": session}


class _Response:
    """One response: holds status and headers back until the session is committed, then gets out of the way."""

    _pending: tuple[str, list[tuple[str, str]], Any] | None = None
    _server_write: Any = None
    _has_failed: bool = False
    _iterator: Iterator[bytes] = _NO_BODY
    _iterable: object = None

    def __init__(self, exchange: Exchange, start_response: StartResponse, is_head: bool) -> None:
        self._exchange, self._start_response, self._is_head = exchange, start_response, is_head
        self._is_started = False

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
        """The application's start_response; again, with exc_info, it replaces the headers, or raises if too late."""
        if self._is_started:
            return self._start_response(status, headers, exc_info)
        if self._pending is not None and exc_info is None:
            raise AssertionError("start_response was called twice without exc_info (PEP 3333)")
        self._pending = status, headers, exc_info
        return self._write

    def take(self, iterable: Iterable[bytes], file_wrapper: Any) -> Iterable[bytes]:
        """What the server gets for the application's ``iterable``: the iterable itself where it need not be watched."""
        self._iterable = iterable
        is_wrapped = isinstance(file_wrapper, type) and isinstance(iterable, file_wrapper)
        if self._pending is not None and (isinstance(iterable, (list, tuple)) or is_wrapped):
            if self._commit():
                self._exchange.end()
                return iterable
        elif not self._has_failed:
            self._iterator = iter(iterable)
            # Granian reads status and headers as soon as this call returns: if they are there, so is the first chunk.
            self._iterator = chain([*islice(self, self._pending is not None)], self._iterator)
        return self

    def __iter__(self) -> _Response:
        return self

    def __next__(self) -> bytes:
        iterator = self._iterator
        try:
            chunk = next(iterator)
            if not self._is_started:
                self._commit()
            # A commit that failed, also one in a write() during next(), has put the plain 500 in the iterator's place.
            if self._iterator is iterator:
                return chunk
        except BaseException as exc:
            # The body broke off, or is over; an empty one is committed here.
            if not isinstance(exc, StopIteration) or self._pending is None or self._commit():
                self._exchange.end()
                raise
        return next(self._iterator)

    def close(self) -> None:
        """Reaches the application's iterable, whether or not it was iterated."""
        close: Callable[[], object] = getattr(self._iterable, "close", self._exchange.end)
        # An inner response refers to this one: a request leaves nothing for the cyclic collector.
        self._iterable, self._iterator = None, _NO_BODY
        try:
            close()
        finally:
            self._exchange.end()

    def _write(self, chunk: bytes) -> None:
        if not self._is_started:
            self._commit()
        for part in self._iterator if self._has_failed else (chunk,):
            self._server_write(part)

    def _commit(self) -> bool:
        """Settles the headers and sends them; False if a plain 500 goes out instead of the response."""
        if self._pending is None:
            raise AssertionError("the body began before start_response was called (PEP 3333)")
        status, headers, exc_info = self._pending
        self._is_started, self._pending = True, None
        self._exchange.is_finished = True
        if self._exchange.state is not None:
            try:
                facts = ResponseFacts.of(headers)
                headers = self._exchange.finish(facts, time.time()).apply(headers, facts)
            except Exception as exc:
                log.error("session not committed, the answer is a plain 500: %s", explain_failure(exc))
                self._has_failed, self._iterator = True, iter(() if self._is_head else (ERROR_BODY,))
                status, headers = ERROR_STATUS, list(ERROR_HEADERS)
        start = self._start_response
        self._server_write = start(status, headers, exc_info) if exc_info else start(status, headers)
        return not self._has_failed
