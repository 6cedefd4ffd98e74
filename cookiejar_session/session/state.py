# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# In type annotations, the values of a session are Any.
"""The state of an opened session: its times, flash messages and typed value, and what the application asked for.

The data itself is in the :class:`~.session.Session`, which is a dict. Methods take it as ``data``.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ..argument_checks import hide_arguments
from ..errors import SessionCommittedError, UnsupportedValueError
from ..settings import Settings
from ..typed.view import TypedView
from ..wire import messagepack
from ..wire.envelope import MAX_TIME, SID_OCTETS, Envelope, Flashes, check_flash, decode_envelope
from ..wire.layout import count_token_characters
from ..wire.size import check_size
from ..wire.time_rules import stamp_issued
from .cookie_choice import Accepted, Reading

# The messages of the errors that changes raise after a session is closed.
WRITTEN_LATE = (
    "session changed after its response headers were sent, so the change cannot be saved; "
    "change it before the response starts"
)
READ_ONLY = "session is read-only: it was opened with read(); use mint() to make another token"

# Values of all other types can change in place, without a call of the session's methods.
_IMMUTABLE = frozenset({type(None), bool, int, float, str, bytes})


class SessionState:
    """The state of one session: opened from ``reading.accepted``, or new if that is None. ``now`` is Unix seconds.

    ``accepted`` is None for a new session, also after discard. ``closed`` is the message of the error that further
    changes raise. ``must_seal`` says that the application asked for a token. ``wants_csrf`` says that the application
    asked for a CSRF token; a new session must be sealed for this. ``keeps_expiry`` says that the response must
    not renew, reseal or move an unchanged session.
    """

    envelope: Envelope
    accepted: Accepted | None
    closed: str | None = None
    must_seal: bool = False
    wants_csrf: bool = False
    keeps_expiry: bool = False
    was_cleared: bool = False
    was_discarded: bool = False
    # The absolute lifetime that the application set, in seconds.
    lifetime: int | None = None
    view: TypedView | None = None
    # The envelope at commit. None if the session was neither changed nor sealed.
    _committed: Envelope | None = None
    # Whether the session could not be saved, and the log says so. Then no change is reported as a late one too.
    is_lost: bool = False
    # The encoding of that envelope. None if no token was sealed.
    _sealed: bytes | None = None

    def __init__(self, settings: Settings, reading: Reading, now: int) -> None:
        self.settings: Settings = settings
        self.reading: Reading = reading
        self.now: int = now
        self._begin(reading.accepted)

    def _begin(self, accepted: Accepted | None) -> None:
        """Set the content of a session: one that is opened, or a new one if ``accepted`` is None (SPEC 13.1)."""
        data_type = self.settings.data_type
        self.accepted = accepted
        self.read_flashes: dict[str, list[Any]] = {}
        self.envelope = self._make_new() if accepted is None else accepted.envelope
        self.flashes: Flashes = self.envelope.flash
        if data_type is not None:
            self.view = TypedView(data_type, None if accepted is None else accepted.value)
            if accepted is None:
                self.view.reset()
        # The encoded envelope at opening.
        self._opened: bytes
        if accepted is None or data_type is not None:
            # A data type may write equal values differently, such as two equal sets. So a difference from the encoding
            # in the token does not mean that the value has changed.
            self._opened = self._encode(self.list_own_data(), self.envelope)
        else:
            self._opened = accepted.encoded

    def _make_new(self) -> Envelope:
        settings, now = self.settings, self.now
        rules, sid = settings.rules, settings.random_octets(SID_OCTETS)
        return Envelope(sid, now, now, rules.idle, now + rules.absolute, rules.persistent, {}, [])

    def _forget_requests(self) -> None:
        """Forget what the application asked for in this request."""
        self.must_seal = self.wants_csrf = self.was_cleared = False
        self.lifetime = None

    def begin_again(self) -> None:
        """Undo all changes of this request."""
        self._forget_requests()
        self.was_discarded = False
        accepted = self.reading.accepted
        if accepted is not None:
            # The application may have changed values in place, so they are decoded again.
            envelope, data_type = decode_envelope(accepted.encoded), self.settings.data_type
            value = None if data_type is None else data_type.read(envelope.data)
            accepted = replace(accepted, envelope=envelope, value=value)
        self._begin(accepted)

    def list_own_data(self) -> dict[str, Any]:
        """Return the mapping's own data as it was at opening: all keys but those of the data type."""
        data = self.envelope.data
        if self.view is None:
            return data
        return {key: value for key, value in data.items() if key not in self.view.data_type.keys}

    def refuse_late_change(self) -> None:
        """Raise SessionCommittedError if the session accepts no more changes."""
        if self.closed is not None:
            raise SessionCommittedError(self.closed)

    def clear(self) -> None:
        """Remove the flash messages and reset the typed value (SPEC 13.4).

        The sid and the times stay. The caller removes the data.
        """
        self.flashes = []
        self.read_flashes = {}
        self.was_cleared = True
        if self.view is not None:
            self.view.reset()

    def regenerate(self) -> None:
        """Set a new sid, and start the absolute lifetime again with the same length. The content stays (SPEC 13.4).

        The length is the one that was set in this request, or else the time from ``created`` to ``until``.
        """
        before = self.envelope
        lifetime = before.until - before.created if self.lifetime is None else self.lifetime
        self.envelope = replace(
            before,
            sid=self.settings.random_octets(SID_OCTETS),
            created=self.now,
            until=min(self.now + lifetime, MAX_TIME),
        )
        # A CSRF token of the old sid is invalid.
        self.must_seal, self.wants_csrf = True, False

    def set_lifetime(self, *, idle: int | None, absolute: int | None, persistent: bool | None) -> None:
        """Set the limits of this session, in seconds. The absolute lifetime counts from now (SPEC 13.4)."""
        before = self.envelope
        self.envelope = replace(
            before,
            idle=before.idle if idle is None else idle,
            until=before.until if absolute is None else self.now + absolute,
            persistent=before.persistent if persistent is None else persistent,
        )
        self.lifetime = self.lifetime if absolute is None else absolute
        self.must_seal = True

    def discard(self) -> None:
        """Replace the session with a new, empty one; the browser is told to drop the cookie (SPEC 13.4)."""
        self._forget_requests()
        self._begin(None)
        self.was_discarded = True

    def want_csrf(self) -> None:
        """Note that a CSRF token was asked for. A new session is then sealed (SPEC 13.3)."""
        if self.accepted is None and not self.wants_csrf:
            self.refuse_late_change()
            self.must_seal = True
        self.wants_csrf = True

    def is_written(self, data: dict[str, Any]) -> bool:
        """Whether the application wrote: it changed the encoding of the content, or asked for a token (SPEC 13.3)."""
        return self.must_seal or self._encode(data, self.envelope) != self._opened

    def commit(self, data: dict[str, Any]) -> bool:
        """Close the session. Returns whether the application wrote (SPEC 13.3).

        Raises UnsupportedValueError if the content was changed to one that cannot be sealed.
        """
        self.closed = WRITTEN_LATE
        # The content is compared by its encoding, since no method sees a change inside a list or dict.
        if self._encode(data, self.envelope) == self._opened:
            return self.must_seal
        self._committed = self.copy_content(data)
        return True

    @hide_arguments
    def was_changed_late(self, data: dict[str, Any], is_committed: bool = True) -> bool:
        """Close the session at the end of its request. Returns whether a change after :meth:`commit` is lost.

        If the session was never committed, since the request had no response, every change of it is lost.
        """
        self.closed = WRITTEN_LATE
        if self.is_lost:
            return False
        if not is_committed:
            return self.was_discarded or self.is_written(data)
        committed = self._committed
        if committed is None:
            return self._encode(data, self.envelope) != self._opened
        sealed = messagepack.encode(committed) if self._sealed is None else self._sealed
        return self._encode(data, committed) != sealed

    def _encode(self, data: dict[str, Any], envelope: Envelope) -> bytes:
        """Return the encoding of ``envelope`` with data and flash as they are; b"" if they cannot be encoded."""
        try:
            whole = data if self.view is None else self.view.merge(data)
            return messagepack.encode(replace(envelope, data=whole, flash=self.flashes))
        except (UnsupportedValueError, *messagepack.UNENCODABLE):
            pass
        try:
            # Instances of subclasses such as Markup are encoded as their base values.
            content = self.copy_content(data)
            return messagepack.encode(replace(envelope, data=content.data, flash=content.flash))
        except UnsupportedValueError:
            return b""

    def is_worth_keeping(self, data: dict[str, Any]) -> bool:
        """Whether a session that was written still has something to store in a token (SPEC 13.5 step 3)."""
        if self.wants_csrf or self.flashes or dict.__len__(data) > 0:
            return True
        if self.view is not None and not self.view.is_default():
            return True
        # A session that was sealed without data is kept, since a CSRF token in an open page may depend on it.
        return self.accepted is not None and not self.was_cleared and not self._had_data()

    def _had_data(self) -> bool:
        accepted = self.reading.accepted
        return accepted is not None and bool(accepted.envelope.data)

    def copy_content(self, data: dict[str, Any]) -> Envelope:
        """Return the envelope with a copy of the content, as it comes back from a cookie.

        Raises UnsupportedValueError for content that cannot be sealed.
        """
        whole = data
        if self.view is not None:
            self.view.check()
            whole = self.view.merge(data)
        # Immutable values of the mapping were checked when they were assigned. Others may have changed since.
        checked = _IMMUTABLE if self.view is None else frozenset[type]()
        copied = {
            key: value if type(value) in checked else messagepack.check_item(key, value)
            # Copy the items into a list, since another thread may still add a key.
            for key, value in list(dict.items(whole))
        }
        return replace(self.envelope, data=copied, flash=check_flash(self.flashes) if self.flashes else [])

    def seal_committed(self, *, now: int) -> tuple[Envelope, bytes]:
        """Do what :meth:`prepare` does, with the content at the time of :meth:`commit`, without later changes."""
        content = self._committed
        if content is None:
            *_, data, flash = messagepack.decode(self._opened)
            content = replace(self.envelope, data=data, flash=flash)
        self._committed, self._sealed = self.prepare(content, now=now)
        return self._committed, self._sealed

    def prepare(self, content: Envelope, *, now: int) -> tuple[Envelope, bytes]:
        """Return ``content`` with its issue time set to ``now``, and its encoding (SPEC 7.2 and 13.8).

        Raises UnsupportedValueError if the absolute lifetime is over or ends after MAX_TIME, since every reader would
        refuse the envelope. Raises SessionTooLargeError if the token would be too long.
        """
        envelope = stamp_issued(content, now=now)
        if not envelope.issued < envelope.until <= MAX_TIME:
            raise UnsupportedValueError(
                "session is at its absolute end and cannot be sealed; discard() begins a new one"
            )
        encoded = messagepack.encode(envelope)
        characters, limit = count_token_characters(len(encoded)), self.settings.max_token_characters
        if characters > limit:
            # SPEC 13.8: a service with a higher limit may have sealed this session. The new token may be as long as the
            # one that was read.
            limit = limit if self.accepted is None else max(limit, self.accepted.characters)
            check_size(characters, envelope.data, envelope.flash, limit=limit)
        return envelope, encoded
