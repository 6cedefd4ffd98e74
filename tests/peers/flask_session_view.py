"""``flask.session`` over our session, for libraries that know no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from cookiejar_session import CookieSessions, Session


class SessionView(SessionMixin):
    """Our session, with the attributes that Flask sets on its own."""

    accessed = modified = False

    def __init__(self, session: Session[None]) -> None:
        self._session = session

    def __getitem__(self, key: str) -> Any:
        return self._session[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._session[key] = value

    def __delitem__(self, key: str) -> None:
        del self._session[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._session)

    def __len__(self) -> int:
        return len(self._session)


class ViewInterface(SessionInterface):
    def __init__(self, sessions: CookieSessions[None]) -> None:
        self._sessions = sessions

    def open_session(self, app: Flask, request: Request) -> SessionView:
        return SessionView(self._sessions.get(request))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """The wrapper around the application saves the session."""


def install(app: Flask, sessions: CookieSessions[None]) -> None:
    app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]
    app.session_interface = ViewInterface(sessions)
