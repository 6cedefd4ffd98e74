"""One request and its response as the session sees them, without I/O (SPEC 13). Knows nothing of WSGI or ASGI.

A wrapper begins an exchange with a request, publishes its session, finishes it with the facts of the response when the
headers are about to go out, and ends it when the response is over.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from .errors import WRITTEN_LATE, CookiejarError, Reason, SessionTooLargeError, UnsupportedValueError
from .events import COMMITTED, DISCARDED, LATE_WRITE, OPENED, REFUSED, RENEWED, RESEALED, TOO_LARGE, Event, log
from .headers.request import Request
from .headers.response_headers import NO_FACTS, HeaderEdits, ResponseFacts, edit_headers
from .session.choosing import Accepted, Reading, read_cookies, render_log_id
from .session.session import Session, make_session
from .session.state import SessionState
from .settings import Settings
from .typed.data_type import to_map
from .wire.envelope import Envelope, stamp_encoded
from .wire.sealing import count_token_characters, seal_octets
from .wire.time_rules import expires_at, is_reseal_due, stamp_issued

# Who sends more cookies of one name than this is no browser in use, and is not to fill logs.
MAX_TOLD = 8

_NOTHING = HeaderEdits()


def explain_failure(exc: Exception) -> str:
    """What a log may say of a failed commit: of an error that is not ours only the type, since it may show data."""
    return f"{type(exc).__qualname__}: {exc}" if isinstance(exc, CookiejarError) else type(exc).__qualname__


class Exchange:
    """One request and its response under one configuration. ``now`` is Unix seconds, of which parts do not count.

    ``is_finished`` once the response's headers are settled, or the response is over; ``state`` once it was opened;
    ``session`` until the response is over. A response whose session was not touched is none of ours: a wrapper then
    sets ``is_finished``, looks that ``state`` is still None, and need not call :meth:`finish`.
    """

    # Most exchanges leave these as they are.
    _reading: Reading = Reading()
    _committed: bytes | None = None

    def __init__(self, settings: Settings, request: Request, now: float) -> None:
        self.settings: Settings = settings
        self.request: Request = request
        self.now: float = now
        self.is_finished: bool = False
        self.state: SessionState | None = None
        self._openings: list[tuple[Reading, SessionState]] = []
        # The two refer to each other, but not past the response: a request leaves nothing for the cyclic collector.
        self.session: Session[Any] | None = make_session(self)

    def get_session(self) -> Session[Any]:
        """The session: until the response is over, the same object each time."""
        session = self.session
        return make_session(self) if session is None else session

    def open(self) -> SessionState:
        """The session's state; on the first call the cookies are read. Never raises for anything a client sent."""
        known = self.state
        if known is not None:
            return known
        # Not under a lock: an application's migrate runs here, and log filters, either of which may come back.
        settings, now = self.settings, int(self.now)
        reading = read_cookies(self.request.read_cookies(), settings, now)
        accepted = reading.accepted
        state = SessionState(settings, accepted, now)
        if self.is_finished:
            state.closed = WRITTEN_LATE
        # Of threads that open at once the first to append, which is atomic, gives all of them its state.
        openings = self._openings
        openings.append((reading, state))
        first = openings[0]
        self._reading, self.state = first
        if first[1] is not state:
            return first[1]
        if self.is_finished:
            # Perhaps only since: another thread may have written before this, and the response may be over.
            state.closed = WRITTEN_LATE
            if self.session is None:
                self._tell_lost(state)
            log.warning("session first read after the response headers were sent: they lack Vary: Cookie")
        if reading.refusals:
            self._tell_refusals(reading)
        if accepted is not None and settings.events.wants(OPENED):
            self._tell(OPENED, accepted.envelope, accepted.entry.key.key_id)
        return state

    def adopt(self, content: object) -> None:
        """Takes a mapping, a model, or None or an enum's "empty" for all data, as frameworks put it where ours was."""
        if content is None or isinstance(content, Enum):
            self.open().clear()
        else:
            self.open().replace_data(to_map(content))

    def finish(self, facts: ResponseFacts, now: float) -> HeaderEdits:
        """Commits: what is to become of the response's header fields (SPEC 13.5). The session is closed from here on.

        Raises UnsupportedValueError or SessionTooLargeError if what the application wrote cannot be sealed; then
        nothing of the application's response may go out.
        """
        self.is_finished = True
        state = self.state
        if state is None:
            return _NOTHING
        state.closed = WRITTEN_LATE
        accepted = state.accepted
        # Asked after it was closed: what another thread writes meanwhile is told of when the response is over.
        if accepted is not None and not state.may_differ and not self._may_be_sealed_again(accepted, state.now):
            return edit_headers(facts, ())
        try:
            cookies = self._commit(state, facts, int(now) if now > state.now else state.now)
        except SessionTooLargeError as exc:
            self._tell(TOO_LARGE, state.envelope, None, exc.characters)
            raise
        if cookies:
            if facts is not NO_FACTS:
                self._warn_of_facts(facts)
            if self.settings.cookie.secure and self.request.is_insecure():
                self._warn_of_plain_http()
        return edit_headers(facts, cookies)

    def end(self) -> None:
        """The response is over: tells of what was changed too late to be saved, or when there was no response."""
        if self.session is None:
            return
        self.session = None
        self.is_finished = True
        state = self.state
        if state is not None:
            state.closed = WRITTEN_LATE
            if state.may_differ:
                self._tell_lost(state)

    def _tell_lost(self, state: SessionState) -> None:
        if state.view is not None:
            for key in state.view.list_changed():
                log.error("session key %r belongs to the data type: its change through the mapping is lost", key)
        committed = self._committed
        try:
            encoded = state.encode()
            if encoded == committed:
                return
            is_lost = committed is not None or state.was_discarded or state.is_written(encoded)
        except UnsupportedValueError:
            is_lost = True
        if is_lost:
            log.error("session changed after its response headers were sent, or without any; the change is lost")
            self._tell(LATE_WRITE, state.envelope)

    def _commit(self, state: SessionState, facts: ResponseFacts, now: int) -> tuple[str, ...]:
        # SPEC 13.5, steps 2 to 8.
        encoded = self._committed = state.encode()
        is_written = state.is_written(encoded)
        if state.was_discarded and not is_written:
            return self._delete()
        if is_written:
            if not state.may_be_dropped(encoded):
                envelope, encoded = state.check(encoded, now)
                return self._seal(COMMITTED, envelope, encoded, now)
            if state.accepted is not None or state.was_discarded:
                return self._delete()
        accepted, reading = state.accepted, self._reading
        if accepted is None:
            is_nothing = not reading.must_discard
        else:
            is_nothing = not self._may_be_sealed_again(accepted, state.now)
        if is_nothing or facts.is_shared_cacheable or facts.sets_cookie(self.settings.cookie.name):
            return ()
        return self._delete() if accepted is None else self._reseal(accepted, encoded, state.now, now)

    def _may_be_sealed_again(self, accepted: Accepted, opened_at: int) -> bool:
        return self.settings.rules.may_be_due(accepted.envelope, opened_at) or self._reading.may_move

    def _reseal(self, accepted: Accepted, encoded: bytes, opened_at: int, now: int) -> tuple[str, ...]:
        settings, envelope = self.settings, accepted.envelope
        try:
            # SPEC 9.7: what is due is judged by the time of opening, in the ring as it is now.
            ring = settings.keyring.ring(now)
            entry = ring.find(accepted.entry.key.key_id, opened_at)
            behind = entry is None or entry.position > ring.primary(opened_at).position
            came_elsewhere = accepted.cookie.name != settings.cookie.name
            # SPEC 13.6: what is to be preserved under the current name is not replaced by an older session.
            if came_elsewhere and not self._reading.may_move:
                return ()
            if came_elsewhere or is_reseal_due(envelope, opened_at, behind_primary=behind):
                kind = RESEALED
            elif settings.rules.is_renewal_due(envelope, opened_at):
                kind = RENEWED
            else:
                return ()
            envelope = stamp_issued(envelope, now)
            encoded = stamp_encoded(encoded, envelope.issued)
            limit = max(settings.max_token_characters, accepted.characters)
            if envelope.issued >= envelope.until or count_token_characters(len(encoded)) > limit:
                return ()
            return self._seal(kind, envelope, encoded, now)
        except CookiejarError as exc:
            log.error("session not sealed again, the token stays as it is: %s", exc)
            return ()

    def _seal(self, kind: str, envelope: Envelope, encoded: bytes, now: int) -> tuple[str, ...]:
        settings = self.settings
        key = settings.keyring.ring(now).primary(now).key
        token = seal_octets(encoded, key, settings.purpose)
        if len(token) * 2 > settings.max_token_characters:
            self._warn_of_size(len(token), envelope)
        if settings.events.wants(kind):
            self._tell(kind, envelope, key.key_id, len(token))
        max_age = expires_at(envelope) - now if envelope.persistent else None
        cookie = settings.set_cookie.render(token, max_age)
        if not settings.previous:
            return (cookie,)
        # SPEC 12.7
        reading = self._reading
        read_under = None if reading.accepted is None else reading.accepted.cookie.name
        dropped = {settings.cookie.name, read_under}
        if self.state is not None and self.state.was_discarded:
            dropped |= reading.previous_names
        return cookie, *self._render_deletions(dropped)

    def _delete(self) -> tuple[str, ...]:
        # SPEC 12.8
        reading, cookie = self._reading, self.settings.cookie
        self._tell(DISCARDED, None if reading.accepted is None else reading.accepted.envelope)
        return cookie.render_deletion(), *self._render_deletions({cookie.name, *reading.previous_names})

    def _render_deletions(self, names: set[str | None] | set[str]) -> list[str]:
        previous = (each.attributes for each in self.settings.previous)
        return [attributes.render_deletion() for attributes in previous if attributes.name in names]

    def _warn_of_facts(self, facts: ResponseFacts) -> None:
        settings = self.settings
        if facts.sets_cookie(settings.cookie.name):
            log.error(
                "cookie %s is set twice in one response and the browser keeps the last: something between two "
                "wrappers of one session hid the outer request from the inner; wrap once",
                settings.cookie.name,
            )
        if facts.is_shared_cacheable:
            log.warning("response was Cache-Control public or s-maxage but carries a session: made private")

    def _warn_of_plain_http(self) -> None:
        settings = self.settings
        if settings.warns_first("plain http"):
            log.warning(
                "cookie %s is Secure but goes out over plain http, where browsers and test clients drop it: "
                "serve https, use an https base URL in tests, or CookieAttributes.for_development()",
                settings.cookie.name,
            )

    def _warn_of_size(self, characters: int, envelope: Envelope) -> None:
        settings = self.settings
        if settings.warns_first(frozenset(envelope.data)):
            log.warning("session token has %d of %d characters", characters, settings.max_token_characters)

    def _tell_refusals(self, reading: Reading) -> None:
        for refusal in reading.refusals[:MAX_TOLD]:
            self._tell(REFUSED, None, refusal.key_id, sid=refusal.sid, reason=refusal.reason)

    def _tell(
        self,
        kind: str,
        envelope: Envelope | None,
        key_id: bytes | None = None,
        characters: int | None = None,
        *,
        sid: bytes | None = None,
        reason: Reason | None = None,
    ) -> None:
        settings = self.settings
        if not settings.events.wants(kind):
            return
        sid = envelope.sid if envelope is not None else sid
        settings.events.emit(
            Event(
                kind,
                settings.cookie.name,
                reason,
                key_id=None if key_id is None else key_id.hex(),
                log_id=None if sid is None else render_log_id(sid),
                characters=characters,
            )
        )
