"""What both parts share: the sessions, their ring, and the journal. Knows nothing of HTTP and HTML."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ..cookie_sessions import CookieSessions
from ..events import Event
from ..keys.keyring import Keyring
from ..session.session import Session
from .anatomy import Anatomy, examine_cookie
from .journal import Journal, Record
from .rotation import RotatingKeyring


class View(NamedTuple):
    """What a page shows of the visitor's cookie, beside the session: ``records`` has the latest response first."""

    anatomy: Anatomy
    records: list[Record]
    can_rotate: bool


class Stage:
    """One demonstration. ``listener`` is called with each request and event, as Journal does."""

    def __init__(
        self,
        keyring: Keyring,
        *,
        listener: Callable[[str, Event], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.keyring = keyring
        self.journal: Journal = Journal(listener)
        self.sessions: CookieSessions[Any] = CookieSessions(keyring, on_event=self.journal.hear)
        self._clock = clock

    def look(self, cookies: str, session: Session[Any]) -> View:
        """The view of the cookie in a Cookie field value from which ``session`` was opened."""
        anatomy = examine_cookie(cookies, sessions=self.sessions, now=int(self._clock()))
        records = self.journal.list(session.log_id)
        return View(anatomy, records, isinstance(self.keyring, RotatingKeyring))
