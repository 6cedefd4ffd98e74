"""Sessions for Quart: ``quart.session``, flash messages and Quart's test client, also in websockets.

QuartSessions(sessions).init_app(app)
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast

try:
    from quart import Quart, Websocket, request_started
    from quart.sessions import NullSession, SecureCookieSessionInterface, SessionInterface, SessionMixin
    from quart.wrappers.base import BaseRequestWebsocket
except ModuleNotFoundError as _error:
    if _error.name != "quart":
        raise
    raise ModuleNotFoundError(
        'this integration needs Quart; install it with pip install "cookiejar-session[quart]"', name=_error.name
    ) from None

from werkzeug.datastructures import Headers

from ..cookie_sessions import CookieSessions
from ..errors import ConfigError
from .flask.config import agree_on_config
from .flask.interface import KeylessSession, find_sessions, replace_interface
from .flask.session import FlaskSession


class QuartSession(FlaskSession):
    """The session of one request or websocket."""

    @property
    def accessed(self) -> bool:
        """Whether the session was touched. Setting it does nothing, since Quart sets it for every response."""
        return self.exchange.session.is_accessed

    @accessed.setter
    def accessed(self, value: bool) -> None:
        pass


class QuartSessions(SessionInterface):
    """Quart's session interface over ``sessions``, a CookieSessions object.

    Without ``sessions``, one is made with the keys from the environment. If there are no keys, the application starts
    nevertheless, for commands that need no session. Its session is then empty, and writing to it raises RuntimeError.
    """

    def __init__(self, sessions: CookieSessions[Any] | None = None) -> None:
        self._sessions, self._missing = find_sessions(sessions)

    def init_app(self, app: Quart) -> None:
        """Use these sessions in ``app``. Call this when ``app.config`` is complete.

        Raises ConfigError for a setting of the application that contradicts the sessions.
        """
        if not isinstance(app, Quart):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError(f"init_app takes a Quart application, got {type(app).__name__}")
        if self._sessions is not None:
            agree_on_config(app.config, self._sessions.settings)
        replace_interface(app, self, SecureCookieSessionInterface, request_started)
        app.websocket_class = make_websocket_class(app.websocket_class)

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> QuartSession | None:
        """Return the session of a request or websocket, or None if there are no keys."""
        if self._sessions is None:
            return None
        session = QuartSession(partial(self._sessions.begin, carrier=cast("Any", request.scope)), app.config)
        if isinstance(request, Websocket):
            request.unsaved_session = session  # type: ignore[attr-defined]
        return session

    async def save_session(self, app: Quart, session: SessionMixin, response: Any) -> None:
        """Put the session's header fields into ``response``.

        ``response`` is None at the end of a websocket. The session was then saved when the websocket was accepted.

        Raises UnsupportedValueError or SessionTooLargeError, which the error handler for 500 can answer.
        """
        ours = cast("QuartSession", session)
        if response is not None:
            ours.save_into(response.headers, status=response.status_code)
        ours.exchange.end()

    async def make_null_session(self, app: Quart) -> NullSession:
        """Return the session of an application without keys. Writing to it raises RuntimeError."""
        return KeylessSession(self._missing)


def make_websocket_class(base: type[Websocket]) -> type[Websocket]:
    """Return a subclass of ``base`` that saves the session when it accepts the connection."""

    class SessionWebsocket(base):  # type: ignore[misc, valid-type]
        unsaved_session: QuartSession | None = None

        async def accept(self, headers: Any = None, subprotocol: str | None = None) -> None:
            """Accept the connection. Quart also calls this method for every message."""
            fields = Headers() if headers is None else Headers(headers)
            session, self.unsaved_session = self.unsaved_session, None
            if session is not None:
                session.save_into(fields)
            await super().accept(fields, subprotocol)  # pyright: ignore[reportUnknownMemberType]

    return SessionWebsocket
