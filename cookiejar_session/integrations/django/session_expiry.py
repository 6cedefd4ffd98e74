"""Django's methods about the expiry of a session, over the limits of the Session of an exchange."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from ...exchange import Exchange
from ...wire.envelope import MAX_IDLE
from .configuration import get_sessions

EXPIRY = "_session_expiry"
_SECOND = timedelta(seconds=1)
# In seconds. The limits are whole seconds and count from the start of the request, so they differ a little from the
# date or the number that set_expiry() was given.
_LEEWAY = 5


class SessionExpiry(SessionBase):
    """The methods with which Django sets and shows when a session expires.

    ``get_expiry_age()``, ``get_expiry_date()`` and ``get_expire_at_browser_close()`` show the session's own limits,
    which ``Session.set_lifetime()`` can change too. Django's arguments of the first two mean what Django documents.
    """

    exchange: Exchange[Any]
    _is_over: bool

    def get_session_cookie_age(self) -> int:
        """Return the idle timeout of new sessions in seconds, from SESSION_COOKIE_AGE or COOKIEJAR_SESSIONS."""
        return get_sessions().settings.rules.idle

    def get_expiry_age(self, **kwargs: Any) -> int:
        """Return in how many seconds the session expires if it is saved now."""
        age: int = super().get_expiry_age(**kwargs)
        if kwargs or self._is_over:
            return age
        session = self.exchange.session
        left = session.absolute_lifetime - (timezone.now().astimezone() - session.created_at)
        limit = min(session.idle_timeout, left) // _SECOND
        return age if abs(limit - age) <= _LEEWAY else limit

    async def aget_expiry_age(self, **kwargs: Any) -> int:
        """Do the same as :meth:`get_expiry_age`."""
        return self.get_expiry_age(**kwargs)

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """Return when the session expires if it is saved now."""
        date: datetime = super().get_expiry_date(**kwargs)
        if kwargs:
            return date
        age = self.get_expiry_age()
        return date if age == super().get_expiry_age() else timezone.now() + timedelta(seconds=age)

    async def aget_expiry_date(self, **kwargs: Any) -> datetime:
        """Do the same as :meth:`get_expiry_date`."""
        return self.get_expiry_date(**kwargs)

    def get_expire_at_browser_close(self) -> bool:
        """Whether the browser drops the cookie when it closes."""
        self.accessed = True
        return not self.exchange.session.is_persistent

    async def aget_expire_at_browser_close(self) -> bool:
        """Do the same as :meth:`get_expire_at_browser_close`."""
        return self.get_expire_at_browser_close()

    def set_expiry(self, value: datetime | timedelta | int | None) -> None:
        """Set when the session expires, as Django documents it.

        A number sets the idle timeout in seconds. 0 means until the browser closes. A datetime or timedelta sets the
        absolute end. None removes a value that was set before, and gives this session the limits of a new session. As
        in Django, the data holds every value but None, under the key ``_session_expiry``.
        """
        before = self.get(EXPIRY)
        super().set_expiry(value)
        if value is not None or before is not None:
            self._apply_expiry()

    async def aset_expiry(self, value: datetime | timedelta | int | None) -> None:
        """Do the same as :meth:`set_expiry`."""
        self.set_expiry(value)

    @property
    def _follows_expiry(self) -> bool:
        """Whether the session has the limits that ``set_expiry()`` gave it: no ``set_lifetime()`` came later."""
        return (
            self.get(EXPIRY) is not None
            and self.get_expiry_age() == super().get_expiry_age()
            and self.exchange.session.is_persistent is self._wants_persistent
        )

    @property
    def _wants_persistent(self) -> bool:
        expiry = self.get(EXPIRY)
        return get_sessions().settings.rules.persistent if expiry is None else bool(expiry != 0)

    def _apply_expiry(self) -> None:
        seconds = int(super().get_expiry_age())
        # If the expiry is now or in the past, Django lets this request use the session until the response starts. Then
        # the session ends.
        self._is_over = seconds <= 0
        if self._is_over:
            return
        is_date = isinstance(self.get(EXPIRY), str)
        self.exchange.session.set_lifetime(
            idle_timeout=timedelta(seconds=min(seconds, MAX_IDLE)),
            absolute_lifetime=timedelta(
                seconds=seconds if is_date else max(seconds, get_sessions().settings.rules.absolute)
            ),
            persistent=self._wants_persistent,
        )
