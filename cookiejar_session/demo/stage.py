"""The state that both applications share: the sessions, the keyring and the journal. Knows nothing of HTTP and HTML."""

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
from .rotating_keyring import RotatingKeyring


class View(NamedTuple):
    """What a page shows about the visitor's cookie.

    ``records`` are the latest requests of the session, the newest first. ``can_rotate`` is False if the keys come from
    the environment.
    """

    anatomy: Anatomy
    records: list[Record]
    can_rotate: bool


class Stage:
    """The shared state of one running demonstration.

    ``listener`` is called for each event, with the request (such as ``POST /count``) and the event.
    """

    def __init__(
        self,
        keyring: Keyring,
        *,
        listener: Callable[[str, Event], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.keyring = keyring
        self.journal: Journal = Journal(listener)
        self.sessions: CookieSessions[Any] = CookieSessions(keyring, on_event=self.journal.record_event)
        self._clock = clock

    def make_view(self, cookies: str, session: Session[Any]) -> View:
        """Make the view of ``session``. ``cookies`` is the value of the Cookie header that the session came from."""
        anatomy = examine_cookie(cookies, sessions=self.sessions, now=int(self._clock()))
        records = self.journal.list_records(session.log_id)
        return View(anatomy, records, isinstance(self.keyring, RotatingKeyring))
