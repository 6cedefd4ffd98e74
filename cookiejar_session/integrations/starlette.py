"""Error handlers for Starlette and FastAPI applications: answers to a session that cannot be saved."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

try:
    from starlette.applications import Starlette
    from starlette.requests import HTTPConnection
    from starlette.responses import PlainTextResponse, Response
    from starlette.websockets import WebSocket
except ModuleNotFoundError as _exc:
    if _exc.name != "starlette":
        raise
    raise ModuleNotFoundError(
        'this integration needs Starlette; install it with pip install "cookiejar-session[starlette]"', name=_exc.name
    ) from None

from ..argument_checks import check_types
from ..cookie_sessions import CookieSessions
from ..errors import REVERT_ADVICE, SessionCommittedError, SessionTooLargeError, UnsupportedValueError
from ..telemetry import explain_failure, log_request

# Close code 1011 (RFC 6455 7.4.1): the server met a condition that keeps it from fulfilling the request.
INTERNAL_ERROR = 1011

Respond = Callable[[str, int], Response]


def add_error_handlers(app: Starlette, sessions: CookieSessions[Any], *, respond: Respond = PlainTextResponse) -> None:
    """Make ``app`` answer SessionTooLargeError with 413 and UnsupportedValueError with 500, and log both.

    All changes of the request are undone, so the visitor keeps the session as it was before the request. A websocket is
    closed with the code 1011. ``respond(text, status)`` makes the response. A value is checked at once when a handler
    assigns it to a key of the session. Call ``session.check()`` in the handler to check the total size, and changes
    inside a list or dict.
    """
    check_types(app=(app, Starlette), sessions=(sessions, CookieSessions))

    def make_handler(text: str, status: int) -> Callable[[Any, Exception], Any]:
        # This function is async because Starlette calls a handler that is not async in a thread.
        async def answer(connection: HTTPConnection, error: Exception) -> Response | None:
            # This handler calls revert() itself, so its log line does not advise it.
            log_request(connection.scope, logging.ERROR, "%s", explain_failure(error).removesuffix(REVERT_ADVICE))
            # After accept(), a websocket has saved its session.
            with suppress(SessionCommittedError):
                sessions.get(connection).revert()
            if not isinstance(connection, WebSocket):
                return respond(text, status)
            await connection.close(INTERNAL_ERROR)
            return None

        return answer

    app.add_exception_handler(SessionTooLargeError, make_handler("session too large", 413))
    app.add_exception_handler(UnsupportedValueError, make_handler("session cannot be saved", 500))
