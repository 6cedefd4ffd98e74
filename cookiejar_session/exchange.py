# pyright: reportPrivateUsage=false
# An exchange opens, closes and saves its session through private methods, which the application does not use.
"""What the session does in one request and its response (SPEC 13). This module does no input or output.

A wrapper, or the code of any other server, begins an exchange for each request, finishes it when the response headers
are about to be sent, and ends it when the response is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from .argument_checks import hide_arguments
from .errors import ConfigError, CookiejarError, SessionTooLargeError
from .events import COMMITTED, MOVED, RENEWED, RESEALED
from .headers.response import (
    CONCERNED,
    ENCODED_CONCERNED,
    ENCODED_TARGETED_ENDS,
    NO_FIELDS,
    Headers,
    ResponseFields,
    TargetedField,
    find_targeted,
)
from .response_warnings import warn_about_logout, warn_about_other_cookies, warn_about_response
from .session.cookie_choice import Accepted, Reading
from .session.mapping import Cookies
from .session.session import Session
from .session.state import WRITTEN_LATE, SessionState
from .settings import Settings
from .telemetry import explain_failure, log_request
from .typed.data_type import to_map
from .wire.sealing import seal_encoded
from .wire.time_rules import expires_at, may_reseal

T = TypeVar("T")

FindTargeted: TypeAlias = Callable[[], list[TargetedField]]

_NOT_SEALED_AGAIN = "session not sealed again, the token stays as it is: %s"


class PlainResponse(NamedTuple):
    """The response that replaces the application's response when the session cannot be saved."""

    status: int
    reason_phrase: str
    headers: Headers
    body: bytes


class Exchange(Generic[T]):
    """One request and its response under one configuration.

    The wrappers make one for each request, and ``CookieSessions.begin`` makes one for other code. ``session`` is the
    Session of the request. ``cookies`` is the Cookie field value or the headers of an ASGI scope, ``now`` is Unix time,
    and ``carrier`` is the WSGI environ or ASGI scope, if any.
    """

    __slots__ = ("_is_ended", "is_finished", "session", "settings")

    def __init__(
        self, settings: Settings, cookies: Cookies, now: float, carrier: Mapping[str, Any] | None = None
    ) -> None:
        self.settings: Settings = settings
        self.session: Session[T] = Session(settings, cookies, now, carrier)
        self.is_finished: bool = False
        self._is_ended = False

    def serves(self, settings: Settings) -> bool:
        """Whether wrappers and CookieSessions objects with ``settings`` use the session of this exchange."""
        return self.settings is settings or settings.shares_sessions_with(self.settings, now=int(self.session._now))

    def finish(
        self, headers: Iterable[tuple[str, str]], *, status: int | str = 200, now: float | None = None
    ) -> Headers:
        """Save the session and return the response's header fields with those of the session (SPEC 13.5).

        ``headers`` are pairs of name and value; the argument is not modified. ``status`` is the status code of the
        response, or WSGI's status line such as ``304 Not Modified``. A cache adds the fields of a 304 to a stored
        response, so a 304 gets a cookie only if the application changed the session. ``now`` is the Unix time of the
        response. If left out, it is the time of the request. After this call, the session cannot be changed.

        Raises UnsupportedValueError or SessionTooLargeError if the session cannot be saved, and ConfigError if no key
        may seal at ``now``. Then nothing of the application's response may be sent; :meth:`fail` has the response to
        send instead.
        """
        headers = list(headers)
        state = self._close()
        if state is None:
            return headers
        concerned = [(field, value) for name, value in headers if (field := name.lower()) in CONCERNED]
        added, replaced = self._save(state, concerned, lambda: find_targeted(headers), status, now)
        if replaced:
            headers = [field for field in headers if field[0].lower() not in replaced]
        return headers + added

    def finish_encoded(
        self, headers: Iterable[tuple[bytes, bytes]], *, status: int | str = 200, now: float | None = None
    ) -> list[tuple[bytes, bytes]]:
        """Do the same as :meth:`finish` for header fields in bytes, as ASGI has them."""
        headers = list(headers)
        state = self._close()
        if state is None:
            return headers
        # Only the fields that are examined are decoded. To decode all would add 3 % to a request that reads.
        concerned = [
            (field.decode(), value.decode("latin-1"))
            for name, value in headers
            if (field := name.lower()) in ENCODED_CONCERNED
        ]
        added, replaced = self._save(state, concerned, lambda: find_targeted(_decode_targeted(headers)), status, now)
        if replaced:
            encoded = {name.encode("latin-1") for name in replaced}
            headers = [field for field in headers if field[0].lower() not in encoded]
        return headers + [(name.encode(), value.encode("latin-1")) for name, value in added]

    def fail(self, exc: Exception) -> PlainResponse:
        """Log why the session could not be saved, and return the response to send instead of the application's.

        The response sets no cookie, so the browser keeps the session as it was.
        """
        if self.session._state is not None:
            self.session._state.is_lost = True
        message = "session not saved, the response is a plain 500: %s"
        log_request(self.session._carrier, logging.ERROR, message, explain_failure(exc))
        body = b"Internal Server Error"
        headers = [("content-type", "text/plain"), ("content-length", str(len(body)))]
        return PlainResponse(500, body.decode(), headers, body)

    def end(self) -> None:
        """End the exchange when the response is over. Changes that came too late to be saved are logged."""
        if self._is_ended:
            return
        self._is_ended = True
        session = self.session
        session._closed = WRITTEN_LATE
        state = session._state
        try:
            if state is not None and state.was_changed_late(session, self.is_finished):
                self._report_late_write(state)
        finally:
            self.is_finished = True
            # The carrier refers to the session, and the session refers to the carrier. Break this cycle, so that
            # nothing is left for the garbage collector.
            session._carrier = None

    @hide_arguments
    def _report_late_write(self, state: SessionState) -> None:
        # A log filter or a log handler may raise an error, and its traceback must not hold the carrier.
        self.settings.telemetry.report_late_write(state.envelope, carrier=self.session._carrier)

    @hide_arguments
    def adopt(self, content: object) -> None:
        """Replace the session's data with a mapping or model that a framework put in the place of the session.

        None, or an enum member such as Litestar's Empty, empties the session.
        """
        if content is None or isinstance(content, Enum):
            self.session.clear()
        else:
            self.session._adopt(to_map(content))

    def _close(self) -> SessionState | None:
        """Close the session to changes. Returns None if it was not touched, since then there is nothing to save."""
        self.is_finished = True
        self.session._closed = WRITTEN_LATE
        return self.session._state

    @hide_arguments
    def _save(
        self, state: SessionState, concerned: Headers, find: FindTargeted, status: int | str, now: float | None
    ) -> tuple[Headers, Collection[str]]:
        """Save the session. Returns the header fields to add, and the names of the fields to remove first.

        ``find`` finds the fields of the response that some shared caches obey in place of Cache-Control.
        """
        fields = ResponseFields(concerned) if concerned else NO_FIELDS
        sealed_at = max(state.now, int(self.session._now if now is None else now))
        set_cookies = self._decide(state, fields, find, status, sealed_at)
        removed: list[str] = []
        if set_cookies:
            removed = [field.name for field in find() if field.allows_storing]  # SPEC 13.10 item 4
            warn_about_response(self.settings, fields, removed, self.session._carrier)
        if fields.set_cookies:
            warn_about_other_cookies(self.settings, fields, self.session._carrier, is_set=bool(set_cookies))
        added = fields.edit(set_cookies)
        if concerned or removed:
            return added, {name for name, _ in added if name != "set-cookie"}.union(removed)
        return added, ()

    def _decide(
        self, state: SessionState, fields: ResponseFields, find: FindTargeted, status: int | str, now: int
    ) -> Sequence[str]:
        """Decide what the response does with the cookie, and return the Set-Cookie field values (SPEC 13.5)."""
        session, reading, accepted = self.session, state.reading, state.accepted
        is_written = state.commit(session)
        if is_written and state.is_worth_keeping(session):  # step 3
            try:
                return self._set_token(COMMITTED, state, now)
            except SessionTooLargeError as exc:
                self.settings.telemetry.report_too_large(state.envelope, exc.characters, carrier=session._carrier)
                raise
        if state.was_discarded or (is_written and accepted is not None):  # steps 2 and 4
            return self._delete(reading)
        # First check whether a renewal or a reseal is due. Usually none is due, and then step 5 is not needed.
        due = None if accepted is None or state.keeps_expiry else self._find_due(state, accepted, now)
        if due is None and (accepted is not None or not reading.must_delete):  # step 8
            return ()
        is_shared = fields.is_shared_cacheable or any(each.is_shared_cacheable for each in find())
        is_not_modified = str(status).startswith("304")
        if is_shared or is_not_modified or fields.sets_cookie(self.settings.cookie.name):  # step 5
            return ()
        return self._delete(reading) if due is None else self._seal_again(due, state, now)  # steps 7 and 6

    def _find_due(self, state: SessionState, accepted: Accepted, now: int) -> str | None:
        """Return which event is due for an unchanged session, or None (SPEC 9.5, 9.6 and 13.7)."""
        settings, envelope, opened_at = self.settings, accepted.envelope, state.now
        if accepted.cookie.name != settings.cookie.name:
            return MOVED if state.reading.may_move else None
        if may_reseal(envelope, now=opened_at):
            # SPEC 9.7: use the time at which the session was opened, but the current ring.
            ring = settings.keyring.ring(now)
            entry = ring.find(accepted.entry.key.key_id, opened_at)
            try:
                is_behind = entry is None or entry.position > ring.primary(opened_at).position
            except ConfigError as exc:
                # The keyring was reloaded, and none of the new keys could seal when the session was opened. So nothing
                # is sealed.
                log_request(self.session._carrier, logging.ERROR, _NOT_SEALED_AGAIN, exc)
                return None
            if is_behind:
                return RESEALED
        return RENEWED if settings.rules.is_renewal_due(envelope, now=opened_at) else None

    def _seal_again(self, kind: str, state: SessionState, now: int) -> Sequence[str]:
        """Renew, reseal or move an unchanged session, if its times and its size allow a new token."""
        if state.envelope.until <= now:
            return ()
        try:
            return self._set_token(kind, state, now)
        except SessionTooLargeError:
            # SPEC 13.8
            return ()
        except CookiejarError as exc:
            log_request(self.session._carrier, logging.ERROR, _NOT_SEALED_AGAIN, exc)
            return ()

    def _set_token(self, kind: str, state: SessionState, now: int) -> Sequence[str]:
        """Seal a token and return the Set-Cookie field values of SPEC 12.7."""
        settings = self.settings
        envelope, encoded = state.seal_committed(now=now)
        if state.was_discarded:
            warn_about_logout(settings, state.reading, self.session._carrier)
        key = settings.keyring.ring(now).primary(now).key
        token = seal_encoded(encoded, key=key, purpose=settings.purpose)
        settings.telemetry.report_sealed(
            kind, envelope, key_id=key.key_id, characters=len(token), carrier=self.session._carrier
        )
        max_age = expires_at(envelope) - now if envelope.persistent else None
        cookie = settings.cookie.render(token, max_age=max_age)
        if not settings.previous:
            return (cookie,)
        reading = state.reading
        names = {settings.cookie.name}
        if reading.accepted is not None:
            names.add(reading.accepted.cookie.name)
        if state.was_discarded:
            names |= reading.previous_names
        return cookie, *self._render_deletions(names)

    def _delete(self, reading: Reading) -> Sequence[str]:
        """Return the Set-Cookie field values of SPEC 12.8, which delete the cookie."""
        settings = self.settings
        envelope = None if reading.accepted is None else reading.accepted.envelope
        settings.telemetry.report_discarded(envelope, carrier=self.session._carrier)
        names = {settings.cookie.name, *reading.previous_names}
        deletions = [settings.cookie.render_deletion(), *self._render_deletions(names)]
        warn_about_logout(settings, reading, self.session._carrier)
        return deletions

    def _render_deletions(self, names: set[str]) -> list[str]:
        previous = (each.attributes for each in self.settings.previous)
        return [attributes.render_deletion() for attributes in previous if attributes.name in names]


def _decode_targeted(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    ends = ENCODED_TARGETED_ENDS
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers if name.lower().endswith(ends)]
