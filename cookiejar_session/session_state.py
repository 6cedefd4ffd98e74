"""One session in one request: its content, its times, and whether it may still change. Knows nothing of HTTP.

What the application holds is session.Session; this is what lies under it and what an exchange commits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from .acceptance import Accepted
from .data_type import DataType, UnfitDataError
from .envelope import (
    MAX_TIME,
    SID_OCTETS,
    Envelope,
    check_encoded,
    check_range,
    count_head_octets,
    encode_any,
    encode_content,
    encode_unchecked,
    stamp_encoded,
)
from .errors import SessionCommittedError, UnsupportedValueError
from .policy import stamp_issued
from .profile import Flashes, check_content, check_item
from .session_size import refuse_too_large
from .settings import Settings
from .shown_values import ShownValues

R = TypeVar("R")

WRITTEN_LATE = (
    "session written after its response headers were sent, so the change cannot be saved; "
    "write before the response starts"
)
READ_ONLY = "session is read-only: it was opened with read(); use mint() to make another token"


class SessionState:
    """The state of one session: opened from ``accepted``, or new where that is None.

    Once ``closed`` is set, every write raises SessionCommittedError with that message. ``must_seal`` is set by what
    needs a token although no content changed, ``wants_csrf`` by a CSRF token asked for in this exchange,
    ``was_discarded`` by :meth:`discard` and ``was_cleared`` by :meth:`clear`.
    """

    accepted: Accepted | None
    # Data and flash are changed where they stand, or in a new envelope.
    envelope: Envelope
    # Most sessions are only read, and never touch these.
    must_seal: bool = False
    wants_csrf: bool = False
    was_cleared: bool = False
    was_discarded: bool = False
    closed: str | None = None
    _lifetime: int | None = None
    _read_flashes: dict[str, list[Any]] | None = None
    shown: ShownValues = ShownValues()

    def __init__(self, settings: Settings, accepted: Accepted | None, now: int) -> None:
        self.settings: Settings = settings
        self.now: int = now
        self.accepted = accepted
        self._data_type = settings.data_type
        self._empty = settings.empty_content
        if accepted is None:
            self._begin()
            return
        self.envelope, self._value, self._baseline = accepted.envelope, accepted.value, accepted.encoded
        # The application changes this very dict: whether the session was opened without data is noted now.
        self._had_data = bool(self.envelope.data)
        if settings.data_type is not None:
            self.shown = ShownValues()

    def _begin(self) -> None:
        self.accepted = None
        rules, now, sid = self.settings.rules, self.now, self.settings.random_octets(SID_OCTETS)
        self.envelope = Envelope(sid, now, now, rules.idle, now + rules.absolute, rules.persistent, {}, [])
        self._value = self._read_empty()
        self._baseline = self.encode()
        self._had_data = False
        self.shown = ShownValues()

    def _read_empty(self) -> Any:
        # Defaults may differ from one moment to the next (an id, a time): an empty session is what they are now.
        data_type = self._data_type
        if data_type is None:
            return None
        value = data_type.read({})
        self._empty = encode_content(data_type.merge({}, value), [])
        return value

    # Writing. Every public method below raises SessionCommittedError once the session is closed.

    def ensure_open(self) -> None:
        if self.closed is not None:
            raise SessionCommittedError(self.closed)

    def put(self, key: str, value: object) -> None:
        """Sets one key. Raises UnsupportedValueError for what cannot be sealed and for a key of the data type."""
        if self.closed is not None:
            self.ensure_open()
        if self._data_type is not None:
            self._refuse_owned(key)
        check_item(key, value)
        self.envelope.data[key] = value

    def remove(self, key: str) -> None:
        """Deletes one key; raises KeyError where there is none and UnsupportedValueError for a key of the data type."""
        self.ensure_open()
        self._refuse_owned(key)
        del self.envelope.data[key]

    def set_value(self, value: Any) -> None:
        """Sets the typed view's value."""
        self.ensure_open()
        data_type = self.get_data_type()
        data_type.check(value)
        check_content(data_type.write(value), [])
        self._value = value
        self.shown = ShownValues()

    def replace_data(self, data: dict[str, Any]) -> None:
        """Sets all data at once, for frameworks that hand over a whole session."""
        self.ensure_open()
        check_content(data, [])
        data_type = self._data_type
        if data_type is not None:
            try:
                self._value = data_type.read(data)
            except UnfitDataError:
                raise UnsupportedValueError(
                    f"session: data that does not fit {data_type.name}; change what is there instead"
                ) from None
        self.envelope = replace(self.envelope, data=data)

    def clear(self) -> None:
        """Empties data and flash; sid and times stay."""
        self.ensure_open()
        self.envelope = replace(self.envelope, data={}, flash=[])
        self._read_flashes = None
        self.shown = ShownValues()
        self._value = self._read_empty()
        self.was_cleared = True

    def regenerate(self) -> None:
        """A new sid and a new beginning with the session's own lifetime; the content stays (SPEC 13.4)."""
        self.ensure_open()
        before, sid = self.envelope, self.settings.random_octets(SID_OCTETS)
        lifetime = before.until - before.created if self._lifetime is None else self._lifetime
        self.envelope = replace(before, sid=sid, created=self.now, until=min(self.now + lifetime, MAX_TIME))
        self.must_seal, self.wants_csrf = True, False

    def renew(self) -> None:
        """A later token, whether or not one is due (SPEC 13.4)."""
        self.ensure_open()
        self.must_seal = True

    def set_lifetime(self, *, idle: int | None, absolute: int | None, persistent: bool | None) -> None:
        """Other times for this session, in seconds, the absolute ones counted from now (SPEC 13.4)."""
        self.ensure_open()
        before = self.envelope
        self.envelope = replace(
            before,
            idle=before.idle if idle is None else idle,
            until=before.until if absolute is None else self.now + absolute,
            persistent=before.persistent if persistent is None else persistent,
        )
        self._lifetime = self._lifetime if absolute is None else absolute
        self.must_seal = True

    def discard(self) -> None:
        """Ends this session in the browser; what follows is a new, empty one (SPEC 13.4)."""
        self.ensure_open()
        self.must_seal = self.wants_csrf = self.was_cleared = False
        self._lifetime = self._read_flashes = None
        self._begin()
        self.was_discarded = True

    def want_csrf(self) -> None:
        """Notes that a CSRF token was asked for; where there is no session yet, one will be sealed (SPEC 13.3)."""
        if self.accepted is None and not self.wants_csrf:
            self.ensure_open()
        self.wants_csrf = True

    # Reading

    @property
    def flashes(self) -> Flashes:
        """The unread flash messages, oldest first."""
        return self.envelope.flash

    @property
    def read_flashes(self) -> dict[str, list[Any]]:
        """The values that were read in this exchange, by category."""
        if self._read_flashes is None:
            self._read_flashes = {}
        return self._read_flashes

    @property
    def data(self) -> dict[str, Any]:
        """All data with plain values, those of the typed view included."""
        data_type = self._data_type
        if data_type is None:
            return self.envelope.data
        data = self._merge(data_type)
        self.shown.show(data, data_type.keys & data.keys())
        return data

    @property
    def value(self) -> Any:
        """The typed view's value; None where the session holds none."""
        self.get_data_type()
        return self._value

    def get_data_type(self) -> DataType[Any]:
        """The configured data type; TypeError where there is none."""
        if self._data_type is None:
            raise TypeError(
                "session.data needs a data type, in the outermost wrapper too; write CookieSessions[T](data_type=T)"
            )
        return self._data_type

    def encode(self) -> bytes:
        """The octets of the envelope now, its times as at opening, to find changes.

        Raises UnsupportedValueError where there is no way to make them.
        """
        try:
            return encode_any(self.envelope if self._data_type is None else self._take_whole())
        except Exception:
            # What was raised for a reason is raised again, and names it.
            return _repeat(lambda: encode_unchecked(self._take_whole()))

    def check(self, encoded: bytes, now: int) -> tuple[Envelope, bytes]:
        """The envelope as issued at ``now``, and its octets, if they may be sealed (SPEC 7.2 and 13.8).

        ``encoded`` was just made by :meth:`encode`. Raises UnsupportedValueError or SessionTooLargeError if it may not.
        """
        try:
            return self._check(encoded, now)
        except RuntimeError:
            return _repeat(lambda: self._check(encoded, now))

    def _check(self, encoded: bytes, now: int) -> tuple[Envelope, bytes]:
        envelope = self.stamp(now)
        check_range(envelope)
        encoded = stamp_encoded(encoded, envelope.issued)
        check_encoded(encoded, envelope.data, envelope.flash)
        if self._value is not None:
            self.get_data_type().check(self._value)
        if len(encoded) > self.settings.max_encoded_octets:
            # SPEC 13.8: another service may allow more; what does not grow there may still be written here.
            came = 0 if self.accepted is None else self.accepted.characters
            refuse_too_large(envelope, len(encoded), limit=max(self.settings.max_token_characters, came))
        return envelope, encoded

    def stamp(self, now: int) -> Envelope:
        """The envelope as issued at ``now``, with all data as plain values."""
        return stamp_issued(self.envelope if self._data_type is None else self._take_whole(), now)

    def is_written(self, encoded: bytes) -> bool:
        """Whether the application wrote: ``encoded`` is other than at opening, or it asked for a token (SPEC 13.3)."""
        return encoded != self._baseline or self.must_seal or (self.wants_csrf and self.accepted is None)

    def may_be_dropped(self, encoded: bytes) -> bool:
        """Whether a written session, just encoded, has nothing left that is worth a token (SPEC 13.5 step 3)."""
        if self.wants_csrf or not encoded.endswith(self._empty):
            return False
        if len(encoded) != count_head_octets(self.envelope) + len(self._empty):
            return False
        # A session that was sealed without data stands for a form in some other tab, whose CSRF token it carries.
        return self.accepted is None or self.was_cleared or self._had_data

    def _take_whole(self) -> Envelope:
        data_type = self._data_type
        return self.envelope if data_type is None else replace(self.envelope, data=self._merge(data_type))

    def _merge(self, data_type: DataType[Any]) -> dict[str, Any]:
        return data_type.merge(self.envelope.data, self._value)

    def _refuse_owned(self, key: object) -> None:
        data_type = self._data_type
        if data_type is not None and key in data_type.keys:
            raise UnsupportedValueError(f"{key}: belongs to {data_type.name}; write session.data.{key} instead")


def _repeat(walk: Callable[[], R]) -> R:
    """What ``walk`` returns, once no other thread changes a dict under it; that thread is soon done."""
    for _ in range(100):
        try:
            return walk()
        except RuntimeError:
            continue
    return walk()
