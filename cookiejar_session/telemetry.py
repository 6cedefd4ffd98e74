"""Telemetry: which events, warnings and errors a session's requests produce, and how often."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from .errors import CookiejarError
from .events import LATE_WRITE, LEVELS, OPENED, REFUSED, TOO_LARGE, Event, Listener, log
from .keys.rotation import RingEntry
from .wire.envelope import Envelope
from .wire.opening import Refusal, render_log_id

# A browser never sends more cookies with one name than this. Other clients must not fill the logs.
MAX_REFUSALS = 8
MAX_WARNINGS = 256


class Opened(Protocol):
    """The parts of an accepted token that are reported."""

    @property
    def envelope(self) -> Envelope: ...
    @property
    def entry(self) -> RingEntry: ...


class Telemetry:
    """Sends the events and log lines of one CookieSessions object. ``cookie`` is the cookie's name."""

    def __init__(self, listener: Listener | None, *, cookie: str, max_token_characters: int) -> None:
        self._listener = listener
        self._cookie = cookie
        self._max_token_characters = max_token_characters
        self._warned = set[object]()

    def report_reading(self, accepted: Opened | None, refusals: Sequence[Refusal], *, is_late: bool) -> None:
        """Report an opened session: the accepted cookie, if any, and the refused ones, at most 8.

        ``is_late`` says that the response headers were sent already.
        """
        if is_late:
            log.warning("session first read after the response headers were sent: they lack Vary: Cookie")
        for refusal in refusals[:MAX_REFUSALS]:
            key_id = None if refusal.key_id is None else refusal.key_id.hex()
            self._emit(Event(REFUSED, self._cookie, refusal.reason, key_id=key_id, log_id=refusal.log_id))
        if accepted is not None and (self._listener is not None or log.isEnabledFor(logging.DEBUG)):
            self.report(OPENED, accepted.envelope, key_id=accepted.entry.key.key_id)

    def report_sealed(self, kind: str, envelope: Envelope, *, key_id: bytes, characters: int) -> None:
        """A token was sealed. ``kind`` says why: committed, renewed or resealed.

        A warning about a large token is logged once for each set of top-level keys.
        """
        if characters * 2 > self._max_token_characters and self._is_first(frozenset(envelope.data)):
            log.warning("session token has %d of %d characters", characters, self._max_token_characters)
        self.report(kind, envelope, key_id=key_id, characters=characters)

    def report_too_large(self, envelope: Envelope, characters: int) -> None:
        """The session's token would be too long, so the response fails."""
        self.report(TOO_LARGE, envelope, characters=characters)

    def report_late_write(self, envelope: Envelope) -> None:
        """The session was changed after the response headers were sent, or the request had no response."""
        log.error("session changed after its response headers were sent, or without any; the change is lost")
        self.report(LATE_WRITE, envelope)

    def report(
        self, kind: str, envelope: Envelope | None, *, key_id: bytes | None = None, characters: int | None = None
    ) -> None:
        """Send an event about the session of ``envelope``, if anybody receives events of this kind."""
        if self._listener is None and not log.isEnabledFor(LEVELS[kind]):
            return
        self._emit(
            Event(
                kind,
                self._cookie,
                key_id=None if key_id is None else key_id.hex(),
                log_id=None if envelope is None else render_log_id(envelope.sid),
                characters=characters,
            )
        )

    def _emit(self, event: Event) -> None:
        """Send an event to the log and the listener. An error of the listener is only logged."""
        log.log(LEVELS[event.kind], "%s", event)
        if self._listener is None:
            return
        try:
            self._listener(event)
        except Exception as exc:
            log.error("on_event raised %s for %s", type(exc).__qualname__, event.kind, exc_info=exc)

    def warn_replaced(self) -> None:
        """Another mapping has replaced the session in the scope. Logged once."""
        if self._is_first("replaced"):
            log.warning(
                'scope["session"] was replaced by a mapping that these sessions do not save: remove the other session '
                "middleware, or change the session in place with update() and clear()"
            )

    def warn_set_twice(self) -> None:
        """The response already had a Set-Cookie field of the same name."""
        log.error(
            "cookie %s is set twice in one response and the browser keeps the last: something between two "
            "wrappers of one session hid the outer request from the inner; wrap once",
            self._cookie,
        )

    def warn_made_private(self, removed: Sequence[str]) -> None:
        """The application let shared caches keep a response that sets the session cookie. ``removed`` says by what."""
        log.warning("response sets cookie %s and was made private: removed %s", self._cookie, ", ".join(removed))

    def warn_plain_http(self) -> None:
        """A Secure cookie is sent over plain http. Logged once."""
        if self._is_first("plain http"):
            log.warning(
                "cookie %s is Secure but is sent over plain http, where browsers and test clients drop it: "
                "serve https, use an https base URL in tests, or CookieAttributes.for_development()",
                self._cookie,
            )

    def _is_first(self, subject: object) -> bool:
        """Whether there was no warning about ``subject`` yet. Always False after 256 warnings."""
        if subject in self._warned or len(self._warned) >= MAX_WARNINGS:
            return False
        self._warned.add(subject)
        return True


def explain_failure(exc: Exception) -> str:
    """Return what a log may say of an error: only the type if it is not from this package.

    The message of another error may show data.
    """
    return f"{type(exc).__qualname__}: {exc}" if isinstance(exc, CookiejarError) else type(exc).__qualname__
