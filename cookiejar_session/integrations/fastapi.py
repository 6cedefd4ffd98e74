"""Sessions for FastAPI: the session as a dependency of HTTP routes and websockets, and error handlers.

CurrentSession = Annotated[Session[None], Depends(session_dependency(sessions))]
"""
# This module must not use "from __future__ import annotations". FastAPI cannot resolve the annotations of a method
# __call__ if they are text.

import inspect
import re
from collections.abc import Callable
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
from ..settings import Settings
from . import starlette

T = TypeVar("T")

# What a signed-in session is: the key under which the application keeps the user, or a function of the session.
Required: TypeAlias = str | Callable[[Session[T]], object]

# RFC 6455 7.4.1: the message violates the server's policy. Before accept(), servers answer 403.
POLICY_VIOLATION = 1008


class SessionDependency(SecurityBase, Generic[T]):
    """What :func:`session_dependency` returns. OpenAPI shows the cookie as a security scheme of type apiKey."""

    def __init__(self, sessions: CookieSessions[T], required: Required[T] | None) -> None:
        name = sessions.settings.cookie.name
        self.model: SecurityScheme = APIKey.model_validate({"in": APIKeyIn.cookie, "name": name})
        # OpenAPI allows fewer characters in the name of a component than RFC 6265 in the name of a cookie.
        self.scheme_name: str = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        self._sessions: CookieSessions[T] = sessions
        self._required: Required[T] | None = required

    # async: FastAPI calls other dependencies in a thread.
    async def __call__(self, connection: HTTPConnection) -> Session[T]:
        """Return the session of a request or websocket. Raises HTTPException or WebSocketException."""
        session = self._sessions.get(connection)
        if self._required is not None and not _is_signed_in(session, self._required):
            if connection.scope["type"] == "websocket":
                raise WebSocketException(POLICY_VIOLATION, "Not authenticated")
            # The answer of FastAPI's own APIKeyCookie. RFC 9110 15.5.2: a 401 has a WWW-Authenticate field.
            raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "APIKey"})
        return session


def session_dependency(sessions: CookieSessions[T], *, required: Required[T] | None = None) -> SessionDependency[T]:
    """Return a dependency whose value is the session of the request or websocket.

    ``required`` says what a signed-in session is: the key under which the application keeps the user, or a function of
    the session. If the value of the key, or the result of the function, is false, a request is answered by 401, and a
    websocket is refused.

    Raises ConfigError for an async function, and for a key that belongs to the data type.
    """
    check_types(sessions=(sessions, CookieSessions))
    if required is not None:
        _check_required(required, sessions.settings)
    return SessionDependency(sessions, required)


def add_error_handlers(app: FastAPI, sessions: CookieSessions[Any]) -> None:
    """Make ``app`` answer SessionTooLargeError with 413 and UnsupportedValueError with 500, as JSON.

    All changes of the request are undone. See :func:`cookiejar_session.integrations.starlette.add_error_handlers` for
    details.
    """
    starlette.add_error_handlers(app, sessions, respond=lambda text, status: JSONResponse({"detail": text}, status))


def _check_required(required: object, settings: Settings) -> None:
    if isinstance(required, str):
        data_type = settings.data_type
        if data_type is not None and required in data_type.keys:
            raise ConfigError(
                f"required={required!r} is a key of {data_type.name}; "
                "write a function, such as required=lambda session: session.data is not None"
            )
    elif not callable(required) or is_deferred(required):
        raise ConfigError("required must be a key of the session or a function that takes a session and is not async")


def _is_signed_in(session: Session[T], required: Required[T]) -> bool:
    if isinstance(required, str):
        return bool(session.get(required))
    result = required(session)
    if inspect.isawaitable(result):
        # It is always true: every visitor would be signed in.
        raise TypeError("required returned an awaitable, which nobody awaits; use a function that is not async")
    return bool(result)
