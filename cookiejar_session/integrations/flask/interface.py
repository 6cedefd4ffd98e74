"""Flask's session interface, which opens and saves the session of each request."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from flask import Flask, Request, Response, request_started
from flask.sessions import NullSession, SecureCookieSessionInterface, SessionInterface, SessionMixin

from ...argument_checks import check_types
from ...cookie_sessions import CookieSessions
from ...errors import ConfigError, MissingKeysError
from ...events import log
from .config import agree_on_config
from .session import FlaskSession


class FlaskSessions(SessionInterface):
    """Flask's session interface over ``sessions``, a CookieSessions object.

    Without ``sessions``, one is made with the keys from the environment. If there are no keys, the application starts
    nevertheless, for commands that need no session. Its session is then empty, and writing to it raises RuntimeError.
    """

    def __init__(self, sessions: CookieSessions[Any] | None = None) -> None:
        self._sessions, self._missing = find_sessions(sessions)

    def init_app(self, app: Flask) -> None:
        """Use these sessions in ``app``. Call this when ``app.config`` is complete.

        Raises ConfigError for a setting of the application that contradicts the sessions.
        """
        if not isinstance(app, Flask):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError(f"init_app takes a Flask application, got {type(app).__name__}")
        if self._sessions is not None:
            agree_on_config(app.config, self._sessions.settings)
        replace_interface(app, self, SecureCookieSessionInterface, request_started)

    def open_session(self, app: Flask, request: Request) -> FlaskSession | None:
        """Return the session of ``request``, or None if there are no keys."""
        if self._sessions is None:
            return None
        return FlaskSession(partial(self._sessions.begin, carrier=request.environ), app.config)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Put the session's header fields into ``response``.

        Raises UnsupportedValueError or SessionTooLargeError, which the error handler for 500 can answer.
        """
        ours = cast("FlaskSession", session)
        ours.save_into(response.headers, status=response.status_code)
        ours.exchange.end()

    def make_null_session(self, app: Flask) -> NullSession:
        """Return the session of an application without keys. Writing to it raises RuntimeError."""
        return KeylessSession(self._missing)


class KeylessSession(NullSession):
    """An empty session. Writing to it raises RuntimeError with ``missing``, which says how to provide the keys."""

    def __init__(self, missing: str) -> None:
        super().__init__()
        self._missing = missing

    def _fail(self, *args: object, **kwargs: object) -> Any:
        raise RuntimeError(f"the session is unavailable: {self._missing}")

    __setitem__: Any = _fail
    __delitem__: Any = _fail
    __ior__: Any = _fail
    clear: Any = _fail
    pop: Any = _fail
    popitem: Any = _fail
    setdefault: Any = _fail
    update: Any = _fail


def find_sessions(sessions: CookieSessions[Any] | None) -> tuple[CookieSessions[Any] | None, str]:
    """Return a pair: the sessions, and a message that is empty if there are sessions.

    If ``sessions`` is None, make sessions with the keys from the environment. If there are no keys, return None and a
    message that says how to provide them.
    """
    check_types(sessions=(sessions, CookieSessions | None))
    if sessions is not None:
        return sessions, ""
    try:
        return CookieSessions(), ""
    except MissingKeysError as exc:
        return None, str(exc)


def replace_interface(app: Any, ours: object, default: type, request_started: Any) -> None:
    """Make ``ours`` the session interface of ``app``. Log if an extension has set another, or sets it later."""
    if type(app.session_interface) is not default:
        name = type(app.session_interface).__name__
        log.warning("%s was replaced; remove the extension that sets app.session_interface", name)
    app.session_interface = ours

    def check_interface(app: Any, **_: object) -> None:
        request_started.disconnect(check_interface, app)
        if app.session_interface is not ours:
            log.error(
                "%s replaced the sessions of cookiejar-session, under the same cookie name; remove the line or the "
                "extension that sets app.session_interface",
                type(app.session_interface).__name__,
            )

    # The signal has only a weak reference to the function, so store the function in the application.
    app.extensions["cookiejar_session"] = check_interface
    request_started.connect(check_interface, app)
