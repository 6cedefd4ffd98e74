"""Events: what happened to a session, for a listener and for the log. They hold no key, sid or data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

from .errors import Reason

# There is no NullHandler here. If logging is not configured, Python prints warnings and errors to standard error. With
# a NullHandler, operators of uvicorn and gunicorn, which configure only their own loggers, would never see them.
log: logging.Logger = logging.getLogger("cookiejar_session")

OPENED = "opened"
REFUSED = "refused"
RESEALED = "resealed"
RENEWED = "renewed"
MOVED = "moved"
COMMITTED = "committed"
DISCARDED = "discarded"
TOO_LARGE = "too-large"
LATE_WRITE = "late-write"
# The kinds for which a token was sealed.
SEALING_KINDS = (COMMITTED, RENEWED, RESEALED, MOVED)

LEVELS = {
    **dict.fromkeys((OPENED, RESEALED, RENEWED, MOVED, COMMITTED, DISCARDED), logging.DEBUG),
    REFUSED: logging.INFO,
    **dict.fromkeys((TOO_LARGE, LATE_WRITE), logging.ERROR),
}


# ``str`` shows only this many fields of an Event. It leaves out ``version`` and ``happened_at``: so far there is only
# one version of tokens, and a log line already has a time.
_SHOWN_FIELDS = 6


class Event(NamedTuple):
    """One thing that happened to one session.

    ``kind`` is one of opened, refused, resealed, renewed, moved, committed, discarded, too-large and late-write; later
    versions may add kinds. ``cookie`` is the cookie's name. ``reason`` says why a token was refused. ``key_id`` (hex)
    is the key of the token that was read or sealed. ``log_id`` (hex) identifies the session in logs. ``characters`` is
    the length of a token that was sealed, or that would have been too long. ``version`` is the wire version of a token
    that was opened or sealed, and ``happened_at`` the Unix time at which it was opened, refused or sealed. ``str``
    leaves these two out.
    """

    kind: str
    cookie: str
    reason: Reason | None = None
    key_id: str | None = None
    log_id: str | None = None
    characters: int | None = None
    version: int | None = None
    happened_at: int | None = None

    def __str__(self) -> str:
        named = zip(self._fields[1:_SHOWN_FIELDS], self[1:_SHOWN_FIELDS], strict=True)
        shown = (f"{name}={value}" for name, value in named if value is not None)
        return " ".join([self.kind, *shown])


Listener = Callable[[Event], object]
