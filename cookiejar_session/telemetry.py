"""Telemetry: which events, warnings and errors a session's requests produce, and how often."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from .counters import Counters
from .errors import CookiejarError, Reason
from .events import DISCARDED, LATE_WRITE, LEVELS, OPENED, REFUSED, TOO_LARGE, Event, Listener, log
from .headers.request import name_request
from .keys.rotation import RingEntry
from .wire.envelope import Envelope
from .wire.layout import WIRE_VERSION
from .wire.opening import Refusal, render_log_id

# So many refused cookies of one request are reported, so that no client fills the logs.
MAX_REFUSALS = 8
MAX_WARNINGS = 256

# The key ids that this process has warned about. A visitor can choose them, so their number is limited.
_unknown_keys = set[bytes]()

# The WSGI environ or ASGI scope of a request, or None if there is no request. Log lines show its method and path.
Carrier: TypeAlias = Mapping[str, Any] | None


class Opened(Protocol):
    """The parts of an accepted token that are reported."""

    @property
    def envelope(self) -> Envelope: ...
    @property
    def entry(self) -> RingEntry: ...


class Telemetry:
    """Sends the events and log lines of one CookieSessions object. ``cookie`` is the cookie's name.

    ``has_generated_key`` says that this process made its key itself. ``carrier`` is the environ or scope of the request
    that a report is about. Log lines show its method and path. ``clock`` gives ``counters`` the time in Unix seconds.
    """

    def __init__(
        self,
        listener: Listener | None,
        *,
        cookie: str,
        max_token_characters: int,
        has_generated_key: bool = False,
        clock: Callable[[], float] = lambda: 0,
    ) -> None:
        self._listener = listener
        self._cookie = cookie
        self._max_token_characters = max_token_characters
        self._has_generated_key = has_generated_key
        self._warned = set[object]()
        self.counters: Counters = Counters(clock)

    def report_reading(
        self, accepted: Opened | None, refusals: Sequence[Refusal], *, is_late: bool, now: int, carrier: Carrier = None
    ) -> None:
        """Report a session that was opened at ``now``: the accepted cookie, if any, and at most 8 refused cookies.

        ``is_late`` says that the response headers were sent already.
        """
        opened_by = None if accepted is None else accepted.entry.key.key_id
        self.counters.count_reading(opened_by, refusals, now=now)
        # No cache stores what a websocket sends, so it needs no Vary.
        if is_late and (carrier is None or carrier.get("type") != "websocket"):
            log_request(
                carrier,
                logging.WARNING,
                "session first read after the response headers were sent: they lack Vary: Cookie",
            )
        for refusal in refusals[:MAX_REFUSALS]:
            self._report_refusal(refusal, now, carrier)
        if accepted is not None and (self._listener is not None or log.isEnabledFor(logging.DEBUG)):
            self.report(OPENED, accepted.envelope, key_id=opened_by, happened_at=now, carrier=carrier)

    def _report_refusal(self, refusal: Refusal, now: int, carrier: Carrier) -> None:
        key_id = None if refusal.key_id is None else refusal.key_id.hex()
        event = Event(REFUSED, self._cookie, refusal.reason, key_id=key_id, log_id=refusal.log_id, happened_at=now)
        if refusal.reason is Reason.UNKNOWN_KEY and _is_first(refusal.key_id, _unknown_keys):
            hint = (
                "this process made its own key, with Keyring.generate(), so no other process can read its cookies"
                if self._has_generated_key
                else "if a process of yours sealed it, the processes have different keys: give all of them the same"
            )
            self._emit(event, carrier, level=logging.WARNING, hint=f"; {hint}")
        else:
            self._emit(event, carrier, level=LEVELS[REFUSED])

    def report_sealed(
        self, kind: str, envelope: Envelope, *, key_id: bytes, characters: int, carrier: Carrier = None
    ) -> None:
        """Report that a token was sealed. ``kind`` says why: committed, renewed, resealed or moved.

        A warning about a large token is logged once for each set of top-level keys.
        """
        self.counters.count_sealed(kind, key_id, characters=characters, now=envelope.issued)
        if characters * 2 > self._max_token_characters and self._is_first(frozenset(envelope.data)):
            log_request(
                carrier,
                logging.WARNING,
                "session token has %d of %d characters",
                characters,
                self._max_token_characters,
            )
        self.report(kind, envelope, key_id=key_id, characters=characters, happened_at=envelope.issued, carrier=carrier)

    def report_too_large(self, envelope: Envelope, characters: int, *, carrier: Carrier = None) -> None:
        """Report that the session was not saved, since its token would be too long, and that the response fails."""
        self.counters.count_other(TOO_LARGE)
        self.report(TOO_LARGE, envelope, characters=characters, carrier=carrier)

    def report_late_write(self, envelope: Envelope, *, carrier: Carrier = None) -> None:
        """Report a change of the session after the response headers were sent, or in a request without a response."""
        log_request(
            carrier,
            logging.ERROR,
            "session changed after its response headers were sent, or without any; the change is lost",
        )
        self.counters.count_other(LATE_WRITE)
        self.report(LATE_WRITE, envelope, carrier=carrier)

    def report_discarded(self, envelope: Envelope | None, *, carrier: Carrier = None) -> None:
        """Report that the response deletes the cookie. ``envelope`` is that of the session, if there was one."""
        self.counters.count_other(DISCARDED)
        self.report(DISCARDED, envelope, carrier=carrier)

    def report(
        self,
        kind: str,
        envelope: Envelope | None,
        *,
        key_id: bytes | None = None,
        characters: int | None = None,
        happened_at: int | None = None,
        carrier: Carrier = None,
    ) -> None:
        """Send an event about the session of ``envelope``, if anybody receives events of this kind."""
        if self._listener is None and not log.isEnabledFor(LEVELS[kind]):
            return
        event = Event(
            kind,
            self._cookie,
            key_id=None if key_id is None else key_id.hex(),
            log_id=None if envelope is None else render_log_id(envelope.sid),
            characters=characters,
            version=None if key_id is None else WIRE_VERSION,
            happened_at=happened_at,
        )
        self._emit(event, carrier, level=LEVELS[kind])

    def _emit(self, event: Event, carrier: Carrier, *, level: int, hint: str = "") -> None:
        """Send an event to the log and the listener. An error of the listener is only logged."""
        log_request(carrier, level, "%s%s", event, hint)
        if self._listener is None:
            return
        try:
            result = self._listener(event)
        except Exception as exc:
            name = type(exc).__qualname__
            # The traceback leaves out the frame of this method, since it holds the carrier.
            exc.__traceback__ = exc.__traceback__ and exc.__traceback__.tb_next
            log.error("on_event raised %s for %s%s", name, event.kind, name_request(carrier), exc_info=exc)
            return
        if isinstance(result, Coroutine):
            # An ordinary function may return the coroutine of an async one, which the check at construction cannot see.
            result.close()
            if self._is_first("coroutine"):
                log.error("on_event returned a coroutine, which nobody awaits; pass a function that is not async")

    def warn_replaced(self, carrier: Carrier = None) -> None:
        """Warn that a mapping of other software has replaced the session in the scope. Logged once."""
        if self._is_first("replaced"):
            log_request(
                carrier,
                logging.WARNING,
                'scope["session"] was replaced by a mapping that these sessions do not save: remove the other session '
                "middleware, or change the session in place with update() and clear()",
            )

    def warn_outer(self, carrier: Carrier = None) -> None:
        """Warn that the scope holds the session of another session middleware, which is around the wrapper."""
        if self._is_first("outer"):
            log_request(
                carrier,
                logging.WARNING,
                "another session middleware is around this one, so request.session is not the session of cookie %s: "
                "remove the other, such as app.add_middleware(SessionMiddleware, secret_key=...)",
                self._cookie,
            )

    def warn_same_name(self, carrier: Carrier = None) -> None:
        """Warn that an outer wrapper uses the same cookie name for a different session. Logged once."""
        if self._is_first("same name"):
            log_request(
                carrier,
                logging.WARNING,
                "two different sessions use the cookie name %s in one request, and each overwrites the other's cookie: "
                "give one of them another name, or give both the same purpose and keys",
                self._cookie,
            )

    def warn_still_signed_in(self, count: int, *, carrier: Carrier = None) -> None:
        """Warn that a session was discarded, but the browser still has a valid cookie of the same name."""
        log_request(
            carrier,
            logging.WARNING,
            "session was discarded, but the browser sent %d valid cookies with the name %s and keeps one that has "
            "another Path or Domain: the visitor may still be signed in; list its attributes, "
            "previous=[CookieAttributes(...)], so that it is deleted too",
            count,
            self._cookie,
        )

    def warn_set_twice(self, carrier: Carrier = None) -> None:
        """Warn that the response already had a Set-Cookie field of the same name."""
        log_request(
            carrier,
            logging.ERROR,
            "cookie %s is set twice in one response and the browser keeps the last: something between two "
            "wrappers of one session hid the outer request from the inner; wrap once, or give two different sessions "
            "two names",
            self._cookie,
        )

    def warn_deleted_by_application(self, carrier: Carrier = None) -> None:
        """Warn that the application's own Set-Cookie field deletes the session cookie. Logged once."""
        if self._is_first("deleted"):
            log_request(
                carrier,
                logging.WARNING,
                "the application deletes the cookie %s by its own Set-Cookie, which a change of the session overrides: "
                "call session.discard() instead",
                self._cookie,
            )

    def warn_signed_session(self, carrier: Carrier = None) -> None:
        """Warn that the response also sets a session cookie of the kind that Flask and Starlette sign. Logged once."""
        if self._is_first("signed session"):
            log_request(
                carrier,
                logging.WARNING,
                "response also sets a cookie of Flask's or Starlette's own session: what is written to flask.session, "
                "or through another session middleware, is not in the cookie %s",
                self._cookie,
            )

    def warn_made_private(self, removed: Sequence[str], carrier: Carrier = None) -> None:
        """Warn that the application allowed shared caches to keep a response that sets the session cookie.

        ``removed`` lists the fields and directives that allowed this and were removed.
        """
        log_request(
            carrier,
            logging.WARNING,
            "response sets cookie %s and was made private: removed %s",
            self._cookie,
            ", ".join(removed),
        )

    def warn_plain_http(self, carrier: Carrier = None) -> None:
        """Warn that a Secure cookie is sent over plain http. Logged once."""
        if self._is_first("plain http"):
            log_request(
                carrier,
                logging.WARNING,
                "cookie %s is Secure but is sent over plain http, where browsers and most test clients drop it: "
                "serve https, use an https base URL in tests, or CookieAttributes.for_development()",
                self._cookie,
            )

    def _is_first(self, subject: object) -> bool:
        return _is_first(subject, self._warned)


def _is_first(subject: object, warned: set[Any]) -> bool:
    """Whether there was no warning about ``subject`` yet. Always False after 256 warnings."""
    if subject in warned or len(warned) >= MAX_WARNINGS:
        return False
    warned.add(subject)
    return True


def log_request(carrier: Carrier, level: int, message: str, *arguments: object) -> None:
    """Log a line about the request of ``carrier``. Its method and path follow the message."""
    if log.isEnabledFor(level):
        log.log(level, f"{message}%s", *arguments, name_request(carrier))


def explain_failure(exc: Exception) -> str:
    """Return the text for a log line about an error: only the type if the error is not from this package.

    The message of any other error may show data.
    """
    return f"{type(exc).__qualname__}: {exc}" if isinstance(exc, CookiejarError) else type(exc).__qualname__
