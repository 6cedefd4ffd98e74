"""One request and its response as the session sees them, without I/O (SPEC 13). Knows nothing of WSGI or ASGI.

A wrapper begins an exchange with a request, publishes its session, finishes it with the facts of the response when the
headers are about to go out, and ends it when the response is over.
"""

from __future__ import annotations

from enum import Enum
from threading import Lock
from typing import Any
from weakref import ReferenceType, ref

from .acceptance import Accepted, Reading, read_cookies, render_log_id
from .data_type import to_map
from .envelope import Envelope, encode_head
from .errors import CookiejarError, SessionTooLargeError, UnsupportedValueError
from .events import COMMITTED, DISCARDED, LATE_WRITE, OPENED, REFUSED, RENEWED, RESEALED, TOO_LARGE, Event, log
from .policy import RESEAL_PAUSE, expires_at, is_reseal_due, stamp_issued
from .request import Request
from .response_headers import HeaderEdits, ResponseFacts, edit_headers
from .session import Session
from .session_state import WRITTEN_LATE, SessionState
from .settings import Settings
from .wire import count_token_characters, seal_octets

# Who sends more cookies of one name than this is no browser in use, and is not to fill logs.
MAX_TOLD = 8

_NOTHING = HeaderEdits()
_NO_READING = Reading()
_opening = Lock()


def explain_failure(exc: Exception) -> str:
    """What a log may say of a failed commit: of an error that is not ours only the type, since it may show data."""
    return f"{type(exc).__qualname__}: {exc}" if isinstance(exc, CookiejarError) else type(exc).__qualname__


class Exchange:
    """One request and its response under one configuration. Times are in seconds.

    ``is_finished`` once the response's headers are settled, or the response is over.
    """

    # Most requests never touch these.
    is_finished: bool = False
    _is_over = False
    _state: SessionState | None = None
    _session: ReferenceType[Session[Any]] | None = None
    _reading = _NO_READING
    _committed: bytes | None = None

    def __init__(self, settings: Settings, request: Request, *, now: int) -> None:
        self._settings = settings
        self._now = now
        self.request: Request = request

    def begin_session(self) -> Session[Any]:
        """The session, before anybody else can ask for it."""
        session: Session[Any] = Session(self.open, self._settings.random_octets)
        self._session = ref(session)
        return session

    @property
    def session(self) -> Session[Any]:
        """What the application gets, the same object as long as anybody has it.

        It refers to this exchange, and this only weakly to it: a request leaves nothing for the cyclic collector.
        """
        session = None if self._session is None else self._session()
        if session is not None:
            return session
        with _opening:
            session = None if self._session is None else self._session()
            return self.begin_session() if session is None else session

    def open(self) -> SessionState:
        """The session's state; on the first call the cookies are read. Never raises for anything a client sent."""
        known = self._state
        if known is not None:
            return known
        # Not under the lock: an application's migrate runs here, and log filters, either of which may come back.
        reading = read_cookies(self.request.read_cookies(), settings=self._settings, now=self._now)
        state = SessionState(self._settings, reading.accepted, now=self._now)
        with _opening:
            if self._state is not None:
                return self._state
            self._reading, self._state = reading, state
            if self.is_finished:
                state.close(WRITTEN_LATE)
        if self.is_finished:
            log.warning("session first read after the response headers were sent: they lack Vary: Cookie")
        self._tell_reading()
        return state

    def adopt(self, content: object) -> None:
        """Takes a mapping, a model, or None or an enum's "empty" for all data, as frameworks put it where ours was."""
        if content is None or isinstance(content, Enum):
            self.open().clear()
        else:
            self.open().replace_data(to_map(content))

    def finish_untouched(self) -> bool:
        """Finishes if the session was not touched: the response is none of ours then. If False, call finish()."""
        self.is_finished = True
        return self._state is None

    def finish(self, facts: ResponseFacts, *, now: int) -> HeaderEdits:
        """Commits: what is to become of the response's header fields (SPEC 13.5). The session is closed from here on.

        Raises UnsupportedValueError or SessionTooLargeError if what the application wrote cannot be sealed; then
        nothing of the application's response may go out.
        """
        self.is_finished = True
        state = self._state
        if state is None:
            return _NOTHING
        state.close(WRITTEN_LATE)
        try:
            cookies = self._commit(state, facts, max(now, self._now))
        except SessionTooLargeError as exc:
            self._tell(TOO_LARGE, state.envelope, characters=exc.characters)
            raise
        if cookies:
            self._warn(facts)
        return edit_headers(facts, set_cookies=cookies)

    def end(self) -> None:
        """The response is over: tells of what was changed too late to be saved, or when there was no response."""
        if self._is_over:
            return
        self.is_finished = self._is_over = True
        state = self._state
        if state is None:
            return
        state.close(WRITTEN_LATE)
        if self._settings.data_type is not None:
            for key in state.shown.list_changed():
                log.error("session key %r belongs to the data type: its change through the mapping is lost", key)
        try:
            content = state.encode()
            is_written = state.was_discarded or state.is_written(content)
            is_lost = is_written if self._committed is None else content != self._committed
        except UnsupportedValueError:
            is_lost = True
        if is_lost:
            log.error("session changed after its response headers were sent, or without any; the change is lost")
            self._tell(LATE_WRITE, state.envelope)

    def _commit(self, state: SessionState, facts: ResponseFacts, now: int) -> tuple[str, ...]:
        # SPEC 13.5, steps 2 to 8.
        content = self._committed = state.encode()
        is_written = state.is_written(content)
        if state.was_discarded and not is_written:
            return self._delete()
        if is_written:
            if not state.may_be_dropped(content):
                return self._write(state, content, now)
            if state.accepted is not None or state.was_discarded:
                return self._delete()
        accepted = state.accepted
        if accepted is not None and not self._may_be_sealed_again(accepted):
            return ()
        if facts.is_shared_cacheable or facts.sets_cookie(self._settings.cookie.name):
            return ()
        if accepted is not None:
            return self._reseal(accepted, content, now)
        return self._delete() if self._reading.must_discard else ()

    def _write(self, state: SessionState, content: bytes, now: int) -> tuple[str, ...]:
        return self._seal(COMMITTED, state.check(content, now), content, now)

    def _may_be_sealed_again(self, accepted: Accepted) -> bool:
        """False where the age of the token alone shows that nothing is due; most are read soon after."""
        age = self._now - accepted.envelope.issued
        return (
            age >= RESEAL_PAUSE
            or self._reading.may_move
            or self._settings.rules.is_renewal_due(accepted.envelope, self._now)
        )

    def _reseal(self, accepted: Accepted, content: bytes, now: int) -> tuple[str, ...]:
        settings, envelope = self._settings, accepted.envelope
        try:
            # SPEC 9.7: what is due is judged by the time of opening, in the ring as it is now.
            ring = settings.keyring.ring(now)
            entry = ring.find(accepted.entry.key.key_id, self._now)
            behind = entry is None or entry.position > ring.primary(self._now).position
            came_elsewhere = accepted.cookie.name != settings.cookie.name
            # SPEC 13.6: what is to be preserved under the current name is not replaced by an older session.
            if came_elsewhere and not self._reading.may_move:
                return ()
            if came_elsewhere or is_reseal_due(envelope, self._now, behind_primary=behind):
                kind = RESEALED
            elif settings.rules.is_renewal_due(envelope, self._now):
                kind = RENEWED
            else:
                return ()
            envelope = stamp_issued(envelope, now)
            characters = count_token_characters(len(encode_head(envelope)) + len(content))
            if envelope.issued >= envelope.until or characters > max(
                settings.max_token_characters, accepted.characters
            ):
                return ()
            return self._seal(kind, envelope, content, now)
        except CookiejarError as exc:
            log.error("session not sealed again, the token stays as it is: %s", exc)
            return ()

    def _seal(self, kind: str, envelope: Envelope, content: bytes, now: int) -> tuple[str, ...]:
        settings = self._settings
        key = settings.keyring.ring(now).primary(now).key
        token = seal_octets(encode_head(envelope) + content, key=key, purpose=settings.purpose)
        self._warn_of_size(len(token), envelope)
        self._tell(kind, envelope, key_id=key.key_id, characters=len(token))
        # SPEC 12.7
        read_under = None if self._reading.accepted is None else self._reading.accepted.cookie.name
        dropped = {settings.cookie.name, read_under}
        if self._state is not None and self._state.was_discarded:
            dropped |= self._reading.previous_names
        max_age = expires_at(envelope) - now if envelope.persistent else None
        return settings.cookie.render(token, max_age=max_age), *self._render_deletions(dropped)

    def _delete(self) -> tuple[str, ...]:
        # SPEC 12.8
        accepted = self._reading.accepted
        self._tell(DISCARDED, None if accepted is None else accepted.envelope)
        dropped = {self._settings.cookie.name, *self._reading.previous_names}
        return self._settings.cookie.render_deletion(), *self._render_deletions(dropped)

    def _render_deletions(self, names: set[str | None] | set[str]) -> list[str]:
        previous = (each.attributes for each in self._settings.previous)
        return [attributes.render_deletion() for attributes in previous if attributes.name in names]

    def _warn(self, facts: ResponseFacts) -> None:
        settings = self._settings
        if facts.sets_cookie(settings.cookie.name):
            log.error(
                "cookie %s is set twice in one response and the browser keeps the last: something between two "
                "wrappers of one session hid the outer request from the inner; wrap once",
                settings.cookie.name,
            )
        if facts.is_shared_cacheable:
            log.warning("response was Cache-Control public or s-maxage but carries a session: made private")
        if not settings.cookie.secure or settings.has_warned("plain http") or not self.request.is_insecure():
            return
        if settings.warns_first("plain http"):
            log.warning(
                "cookie %s is Secure but goes out over plain http, where browsers and test clients drop it: "
                "serve https, use an https base URL in tests, or CookieAttributes.for_development()",
                settings.cookie.name,
            )

    def _warn_of_size(self, characters: int, envelope: Envelope) -> None:
        settings = self._settings
        if characters * 2 > settings.max_token_characters and settings.warns_first(frozenset(envelope.data)):
            log.warning("session token has %d of %d characters", characters, settings.max_token_characters)

    def _tell_reading(self) -> None:
        accepted, refusals, _, _ = self._reading
        for refusal in refusals[:MAX_TOLD]:
            self._tell(REFUSED, None, reason=refusal.reason, key_id=refusal.key_id, sid=refusal.sid)
        if accepted is not None and self._settings.events.wants(OPENED):
            self._tell(OPENED, accepted.envelope, key_id=accepted.entry.key.key_id)

    def _tell(
        self,
        kind: str,
        envelope: Envelope | None,
        *,
        key_id: bytes | None = None,
        sid: bytes | None = None,
        **more: Any,
    ) -> None:
        settings = self._settings
        if not settings.events.wants(kind):
            return
        sid = envelope.sid if envelope is not None else sid
        settings.events.emit(
            Event(
                kind,
                settings.cookie.name,
                key_id=None if key_id is None else key_id.hex(),
                log_id=None if sid is None else render_log_id(sid),
                **more,
            )
        )
