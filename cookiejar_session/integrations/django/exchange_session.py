"""Django's session interface over the Session of an exchange."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from ...session.session import Session
from .session_expiry import EXPIRY, SessionExpiry


class ExchangeSession(SessionExpiry):
    """A Django session whose data is the Session of an exchange.

    ``was_flushed`` says that ``flush()`` or ``delete()`` ended the session.
    """

    def __init__(self) -> None:
        # The constructor of SessionBase is not called, since it would import the serializer for each request.
        self.accessed: bool = False
        self.modified: bool = False
        self.was_flushed: bool = False
        self._is_created = False
        self._is_over = False

    @property
    @abstractmethod
    def has_cookie(self) -> bool:
        """Whether there is a cookie that must be deleted when the session ends."""

    @property
    def serializer(self) -> Any:
        """The class that Django's ``encode()`` and ``decode()`` use. The cookie does not depend on it."""
        return import_string(settings.SESSION_SERIALIZER)

    @property
    def _session(self) -> Session[Any]:
        self.accessed = True
        return self.exchange.session

    async def _aget_session(self) -> Session[Any]:
        return self._session

    def is_empty(self) -> bool:
        """Whether the session has no session key and no data."""
        session = self.exchange.session
        # session_key is not used here, since it computes an HMAC.
        return session.is_new and not self._is_created and not session

    def clear(self) -> None:
        """Remove all data. Limits that ``set_expiry()`` has set are those of new sessions again, as in Django."""
        had_expiry = self.get(EXPIRY) is not None
        self._session.clear()
        self.modified = True
        if had_expiry:
            self._apply_expiry()

    def flush(self) -> None:
        """End the session. The browser is told to drop its cookie, if it has one."""
        if self.has_cookie or self.was_flushed:
            self._session.discard()
        else:
            self._session.revert()
        self.modified = self.was_flushed = True
        self._is_created = self._is_over = False

    async def aflush(self) -> None:
        """Do the same as :meth:`flush`."""
        self.flush()

    def delete(self, session_key: str | None = None) -> None:
        """End this session. Does nothing if ``session_key`` is the key of a different session."""
        if session_key is None or session_key == self.session_key:
            self.flush()

    async def adelete(self, session_key: str | None = None) -> None:
        """Do the same as :meth:`delete`."""
        self.delete(session_key)

    def cycle_key(self) -> None:
        """Give the session a new key and keep the content. Django's ``login()`` calls this method."""
        follows_expiry = self._follows_expiry
        self._session.regenerate()
        self.modified = self._is_created = True
        if follows_expiry:
            # regenerate() starts the lifetime again. If the session ends at a fixed date, set that date again.
            self._apply_expiry()

    async def acycle_key(self) -> None:
        """Do the same as :meth:`cycle_key`."""
        self.cycle_key()

    def create(self) -> None:
        """Give the session a new key, and save the session even if it stays empty."""
        self.cycle_key()

    async def acreate(self) -> None:
        """Do the same as :meth:`create`."""
        self.create()

    def save(self, must_create: bool = False) -> None:
        """Make this response save the session, even if the session is empty."""
        self.modified = self._is_created = True

    async def asave(self, must_create: bool = False) -> None:
        """Do the same as :meth:`save`."""
        self.save(must_create)

    def load(self) -> dict[str, Any]:
        """Return a copy of the data."""
        return self._session.copy()

    async def aload(self) -> dict[str, Any]:
        """Do the same as :meth:`load`."""
        return self.load()

    def exists(self, session_key: str | None = None) -> bool:
        """Return False, since there is no store in which to find a key. Django's signed-cookie sessions do the same."""
        return False

    async def aexists(self, session_key: str | None = None) -> bool:
        """Do the same as :meth:`exists`."""
        return False

    @classmethod
    def clear_expired(cls) -> None:
        """Do nothing: browsers drop expired cookies, and the server refuses them."""

    @classmethod
    async def aclear_expired(cls) -> None:
        """Do the same as :meth:`clear_expired`."""

    def ask_for_token(self) -> None:
        """Ask the Session for a token if Django would save the session: it was modified, or was given a key."""
        session = self.exchange.session
        if self._is_over:
            session.discard()
        elif self._is_created and session.is_new and not session:
            # An empty session is sealed only if a CSRF token may depend on it. So ask for a CSRF token here, to get the
            # session sealed.
            session.csrf_token()
        elif self.modified and not self.is_empty():
            session.renew()
