"""The session around a WSGI application (PEP 3333). An Exchange (exchange.py) decides what is read, saved and sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from .argument_checks import refuse_other_arguments
from .exchange import Exchange
from .frameworks import check_application, place_in_environ
from .headers.cookie_header import read_cookie_field
from .nested_wrappers import PLACE, join_exchange
from .settings import HasSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NO_BODY: Iterator[bytes] = iter(())


class SessionMiddleware:
    """Wraps a WSGI application so that each request has a session: ``sessions.get(environ)``.

    Unless ``publish`` is off, the session is also ``environ["cookiejar_session.session"]``, and ``request.session`` in
    Bottle and WebOb.
    """

    @refuse_other_arguments
    def __init__(self, app: WSGIApplication, *, sessions: HasSettings) -> None:
        check_application(app, "wsgi")
        self.app = app
        self._settings = sessions.settings

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        settings = self._settings
        # An outer wrapper may already be serving the request. Then that wrapper saves the session.
        outer = join_exchange(environ, settings)
        exchange = outer or Exchange(settings, read_cookie_field(environ), time.time(), environ)
        environ[PLACE] = exchange, environ.get(PLACE)
        if settings.publishes:
            place_in_environ(environ, exchange.session)
        if outer is not None:
            return self.app(environ, start_response)
        response = _Response(exchange, start_response, is_head=environ.get("REQUEST_METHOD") == "HEAD")
        try:
            return response.take(self.app(environ, response.start), environ.get("wsgi.file_wrapper"))
        except BaseException:
            response.close()
            raise


class _Response:
    """One response: keeps status and headers until the session is saved, then passes everything on."""

    def __init__(self, exchange: Exchange[Any], start_response: StartResponse, *, is_head: bool) -> None:
        self._exchange = exchange
        self._start_response = start_response
        self._is_head = is_head
        self._pending: tuple[str, list[tuple[str, str]], Any] | None = None
        self._is_started = self._has_failed = False
        self._server_write: Any = None
        self._iterable: object = None
        self._iterator = _NO_BODY

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
        """The application's start_response (PEP 3333).

        A second call needs exc_info. It replaces the headers, or raises if they were sent already.
        """
        if self._is_started:
            return self._start_response(status, headers, exc_info)
        if self._pending is not None and exc_info is None:
            raise AssertionError("start_response was called twice without exc_info (PEP 3333)")
        self._pending = status, headers, exc_info
        return self._write

    def take(self, iterable: Iterable[bytes], file_wrapper: Any) -> Iterable[bytes]:
        """Return the body for the server: the application's own iterable if nothing is left to do during iteration."""
        self._iterable = iterable
        is_file = isinstance(file_wrapper, type) and isinstance(iterable, file_wrapper)
        if self._pending is not None and (isinstance(iterable, (list, tuple)) or is_file):
            if self._finish():
                self._exchange.end()
                return iterable
        elif not self._has_failed:
            self._iterator = iter(iterable)
            # Granian reads status and headers when this call returns. If the application has set them, fetch the first
            # chunk here: that saves the session and sends the headers.
            self._iterator = chain([*islice(self, self._pending is not None)], self._iterator)
        return self

    def __iter__(self) -> _Response:
        return self

    def __next__(self) -> bytes:
        iterator = self._iterator
        try:
            chunk = next(iterator)
            # PEP 3333: the headers are final at the first chunk that is not empty.
            while not chunk and not self._is_started:
                chunk = next(iterator)
            if not self._is_started:
                self._finish()
            # If saving failed here, or in a write() that next() called, self._iterator is the body of the 500 response.
            if self._iterator is iterator:
                return chunk
        except BaseException as exc:
            # The body failed or ended. If it was empty, the session is saved and the headers are sent here.
            if not isinstance(exc, StopIteration) or self._pending is None or self._finish():
                self._exchange.end()
                raise
        return next(self._iterator)

    def close(self) -> None:
        """Close the application's iterable, whether or not it was iterated."""
        close: Callable[[], object] = getattr(self._iterable, "close", self._exchange.end)
        # This object refers to the application's iterable, and that may refer to this object through start_response.
        # Break this cycle, so that nothing is left for the garbage collector.
        self._iterable, self._iterator = None, _NO_BODY
        try:
            close()
        finally:
            self._exchange.end()

    def _write(self, chunk: bytes) -> None:
        if not self._is_started:
            if not chunk:
                return
            self._finish()
        for part in self._iterator if self._has_failed else (chunk,):
            self._server_write(part)

    def _finish(self) -> bool:
        """Save the session and send the headers. Returns False if a plain 500 is sent instead of the response."""
        if self._pending is None:
            raise AssertionError("the body began before start_response was called (PEP 3333)")
        status, headers, exc_info = self._pending
        self._is_started, self._pending = True, None
        try:
            headers = self._exchange.finish(headers, status=status, now=time.time())
        except Exception as exc:
            failure = self._exchange.fail(exc)
            status, headers = f"{failure.status} {failure.reason_phrase}", failure.headers
            self._has_failed, self._iterator = True, iter(() if self._is_head else (failure.body,))
        start = self._start_response
        self._server_write = start(status, headers, exc_info) if exc_info else start(status, headers)
        return not self._has_failed
