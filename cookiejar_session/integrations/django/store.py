"""The two sessions of Django: ``request.session``, and the SessionStore of SESSION_ENGINE."""

from __future__ import annotations

from typing import Any

from ...exchange import Exchange
from .client_sessions import remember_saved, replace_saved
from .configuration import get_sessions
from .exchange_session import ExchangeSession


class RequestSession(ExchangeSession):
    """``request.session``. The middleware saves it. ``cookies`` is the Cookie field value of the request."""

    def __init__(self, exchange: Exchange[Any], cookies: str) -> None:
        super().__init__()
        self.exchange = exchange
        self._cookies = cookies

    @property
    def has_cookie(self) -> bool:
        """Whether the request brought a session cookie, valid or not."""
        return self.exchange.settings.finds_cookie_in(self._cookies)

    @property
    def session_key(self) -> str | None:
        """The log id, which is not secret. It changes only with the sid, as in :meth:`cycle_key`.

        As in Django, it is None for a new session until ``save()``, ``create()`` or ``cycle_key()`` is called.
        """
        session = self.exchange.session
        return session.log_id if self._is_created or not session.is_new else None


class SessionStore(ExchangeSession):
    """A session outside of a request, as Django's test client makes it. ``session_key`` is the token of the cookie."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__()
        self._begin(None if session_key is None else replace_saved(session_key))

    def _begin(self, token: str | None) -> None:
        sessions = get_sessions()
        self._session_key = token
        self.exchange: Exchange[Any] = sessions.begin(f"{sessions.settings.cookie.name}={token or ''}")

    @property
    def has_cookie(self) -> bool:
        """Whether the session came from a cookie, or has been saved as a token."""
        return self.session_key is not None

    def flush(self) -> None:
        """End the session. ``session_key`` is then None."""
        super().flush()
        self._set_key(None)

    def cycle_key(self) -> None:
        """Seal the session with a new sid and the same content."""
        super().cycle_key()
        self.save()

    def save(self, must_create: bool = False) -> None:
        """Seal the session. ``session_key`` is then the new token, or None if the session has ended.

        Raises UnsupportedValueError and SessionTooLargeError.
        """
        if self.session_key is None and not self.was_flushed:
            self._is_created = True
        self.ask_for_token()
        session, fields = self.exchange.session, self.exchange.finish(())
        self.exchange.end()
        tokens = [value.partition(";")[0].partition("=")[2] for name, value in fields if name == "set-cookie"]
        self._set_key(tokens[0] if tokens else self.session_key)
        self._begin(self.session_key)
        self._is_created = self._is_over = False
        # Keep the same objects, since the application may still hold lists and dicts of this session and change them.
        self.exchange.session.update(session)

    def _set_key(self, token: str | None) -> None:
        if self.session_key is not None:
            remember_saved(self.session_key, token or "")
        self._session_key = token
