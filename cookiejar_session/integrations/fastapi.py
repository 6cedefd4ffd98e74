"""Sessions for FastAPI: the session as a dependency of HTTP routes and websockets, and error handlers.

CurrentSession = Annotated[Session[None], Depends(session_dependency(sessions))]
"""
# This module must not use "from __future__ import annotations". FastAPI cannot resolve the annotations of a method
# __call__ if they are text.

import inspect
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeAlias, TypeVar

try:
    from fastapi import FastAPI, HTTPException, WebSocketException
    from fastapi.openapi.models import APIKey, APIKeyIn
    from fastapi.openapi.models import SecurityBase as SecurityScheme
    from fastapi.responses import JSONResponse
    from fastapi.security.base import SecurityBase
except ModuleNotFoundError as _exc:
    if _exc.name != "fastapi":
        raise
    raise ModuleNotFoundError(
        'this integration needs FastAPI; install it with pip install "cookiejar-session[fastapi]"', name=_exc.name
    ) from None

from starlette.requests import HTTPConnection

from ..argument_checks import check_types
from ..cookie_sessions import CookieSessions
from ..deferred_calls import is_deferred
from ..errors import ConfigError
from ..session.session import Session
from . import starlette

T = TypeVar("T")

# How to decide whether a session is signed in: by a key, whose value must be true, or by a function that takes the
# session and returns a true value.
Required: TypeAlias = str | Callable[[Session[T]], object]

# Close code 1008 (RFC 6455 7.4.1): a message violates the server's policy. If the websocket is closed before accept(),
# the server answers with the HTTP status 403 instead.
POLICY_VIOLATION = 1008


class SessionDependency(SecurityBase, Generic[T]):
    """The result of :func:`session_dependency`. OpenAPI shows the cookie as a security scheme of type apiKey."""

    def __init__(self, sessions: CookieSessions[T], required: Required[T] | None) -> None:
        name = sessions.settings.cookie.name
        self.model: SecurityScheme = APIKey.model_validate({"in": APIKeyIn.cookie, "name": name})
        # OpenAPI allows fewer characters in the name of a component than RFC 6265 in the name of a cookie.
        self.scheme_name: str = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        self._sessions: CookieSessions[T] = sessions
        self._required: Required[T] | None = required

    # This method is async because FastAPI calls a dependency that is not async in a thread.
    async def __call__(self, connection: HTTPConnection) -> Session[T]:
        """Return the session of a request or websocket. Raises HTTPException or WebSocketException."""
        session = self._sessions.get(connection)
        if self._required is not None and not _is_signed_in(session, self._required):
            if connection.scope["type"] == "websocket":
                raise WebSocketException(POLICY_VIOLATION, "Not authenticated")
            # FastAPI's own APIKeyCookie gives this answer too. RFC 9110 15.5.2: a 401 has a WWW-Authenticate field.
            raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "APIKey"})
        return session


def session_dependency(sessions: CookieSessions[T], *, required: Required[T] | None = None) -> SessionDependency[T]:
    """Return a dependency whose value is the session of the request or websocket.

    ``required`` decides whether a session is signed in. It is the key under which the application keeps the user, or a
    function that takes the session. If the value of the key, or the result of the function, is false, a request gets
    the status 401, and a websocket is refused.

    Raises ConfigError for an async function, for a key that belongs to the data type, and for a function whose result
    is true for a new, empty session. To find out, session_dependency() calls ``required`` once with such a session, and
    ignores an error that it raises.
    """
    check_types(sessions=(sessions, CookieSessions))
    if required is not None:
        _check_required(required, sessions)
    return SessionDependency(sessions, required)


def add_error_handlers(app: FastAPI, sessions: CookieSessions[Any]) -> None:
    """Make ``app`` answer SessionTooLargeError with 413 and UnsupportedValueError with 500, as JSON.

    All changes of the request are undone. See :func:`cookiejar_session.integrations.starlette.add_error_handlers` for
    details.
    """
    starlette.add_error_handlers(app, sessions, respond=lambda text, status: JSONResponse({"detail": text}, status))


def _check_required(required: Any, sessions: CookieSessions[Any]) -> None:
    if isinstance(required, str):
        data_type = sessions.settings.data_type
        if data_type is not None and required in data_type.keys:
            # The function that the message suggests refuses a session whose field has a false value, as ``required``
            # does with a key. So it refuses a new session whether the field's default is None, "" or False.
            raise ConfigError(
                f"required={required!r} is a key of {data_type.name}; write a function, such as "
                f"required=lambda session: session.data is not None and session.data.{required}"
            )
        return
    if not callable(required) or is_deferred(required):
        raise ConfigError("required must be a key of the session or a function that takes a session and is not async")
    is_open = False
    # The function may need what exists only later, such as a database. If it raises in a request too, nobody is let in.
    with suppress(Exception):
        is_open = _is_signed_in(sessions.begin("").session, required)
    if is_open:
        raise ConfigError(
            "required is true for a new, empty session, so every visitor counts as signed in; test a value that only a "
            'login sets, such as required="user", or with a data type '
            "required=lambda session: session.data is not None and session.data.user"
        )


def _is_signed_in(session: Session[T], required: Required[T]) -> bool:
    if isinstance(required, str):
        return bool(session.get(required))
    result = required(session)
    if inspect.isawaitable(result):
        # An awaitable, such as the result of an async function, is always true. So every visitor would count as signed
        # in.
        raise TypeError("required returned an awaitable, which nobody awaits; use a function that is not async")
    return bool(result)
