"""What happened to a session, told to whoever listens. Knows nothing of why, and holds no key, sid or data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

from .errors import Reason

# Without a handler: where nobody configured logging, warnings and errors go to standard error, as most servers need.
log: logging.Logger = logging.getLogger("cookiejar_session")

OPENED = "opened"
REFUSED = "refused"
RESEALED = "resealed"
RENEWED = "renewed"
COMMITTED = "committed"
DISCARDED = "discarded"
TOO_LARGE = "too-large"
LATE_WRITE = "late-write"

_LEVELS = {
    **dict.fromkeys((OPENED, RESEALED, RENEWED, COMMITTED, DISCARDED), logging.DEBUG),
    REFUSED: logging.INFO,
    **dict.fromkeys((TOO_LARGE, LATE_WRITE), logging.ERROR),
}


class Event(NamedTuple):
    """One thing that happened to one session; immutable.

    ``kind`` is one of opened, refused, resealed, renewed, committed, discarded, too-large and late-write today; more
    may come. ``cookie`` is the cookie's name, ``reason`` why a token was refused, ``key_id`` (hex) the key of the token
    that came in or went out, ``log_id`` (hex) stands for the session, ``characters`` is the length of a token that was
    sealed.
    """

    kind: str
    cookie: str
    reason: Reason | None = None
    key_id: str | None = None
    log_id: str | None = None
    characters: int | None = None

    def __str__(self) -> str:
        told = (f"{name}={value}" for name, value in zip(self._fields[1:], self[1:], strict=True) if value is not None)
        return " ".join([self.kind, *told])


Listener = Callable[[Event], object]


class EventSink:
    """Hands events to one listener, if there is one, and to the log."""

    __slots__ = ("_listener",)

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener

    def wants(self, kind: str) -> bool:
        """Whether anybody would see an event of this kind: one that nobody sees need not be made."""
        return self._listener is not None or log.isEnabledFor(_LEVELS[kind])

    def emit(self, event: Event) -> None:
        """Hands ``event`` on. A listener that raises is logged and never felt by the request."""
        log.log(_LEVELS.get(event.kind, logging.DEBUG), "%s", event)
        if self._listener is None:
            return
        try:
            self._listener(event)
        except Exception as exc:
            log.error("on_event raised %s for %s", type(exc).__qualname__, event.kind, exc_info=exc)
