"""One session in one request: its content, its times, and whether it may still change. Knows nothing of HTTP.

What the application holds is session.Session; this is what lies under it and what an exchange commits.
"""

from __future__ import annotations

from collections.abc import KeysView
from typing import Any

from msgspec.structs import replace

from ..errors import SessionCommittedError
from ..settings import Settings
from ..typed.view import TypedView
from ..walk import repeat_walk
from ..wire.envelope import (
    MAX_TIME,
    SID_OCTETS,
    Envelope,
    check_encoded,
    check_range,
    count_head_octets,
    encode_any,
    encode_unchecked,
    stamp_encoded,
)
from ..wire.profile import Flashes, check_content, check_item, is_container
from ..wire.time_rules import stamp_issued
from .choosing import Accepted
from .size import refuse_too_large


class SessionState:
    """The state of one session: opened from ``accepted``, or new where that is None.

    Once ``closed`` is set, every write raises SessionCommittedError with that message. ``must_seal`` is set by what
    needs a token although no content changed, ``wants_csrf`` by a CSRF token asked for in this exchange,
    ``was_discarded`` by :meth:`discard` and ``was_cleared`` by :meth:`clear`. ``is_exposed`` says that the application
    holds a list or dict of the content, or its typed value: it can change them unseen. What is not exposed was checked
    when it was put in, and is encoded once for each change. Unless ``may_differ``, all is as at opening, but for a CSRF
    token asked for.
    """

    accepted: Accepted | None
    # Data and flash are changed where they stand, or in a new envelope.
    envelope: Envelope
    # Most sessions are only read, and never touch these.
    must_seal: bool = False
    wants_csrf: bool = False
    was_cleared: bool = False
    was_discarded: bool = False
    # What was encoded last, and the change it was encoded after: in one, so that no thread sees one of the two. Each
    # change is another object.
    _made: tuple[object, bytes] = None, b""
    _lifetime: int | None = None
    _read_flashes: dict[str, list[Any]] | None = None

    def __init__(self, settings: Settings, accepted: Accepted | None, now: int) -> None:
        self.settings: Settings = settings
        self.now: int = now
        self.accepted = accepted
        # What every request asks for is an attribute of its own, which is found sooner than one of the class.
        self.closed: str | None = None
        self.is_exposed: bool = False
        self.may_differ: bool = False
        self.view: TypedView | None = None
        self._change: object = None
        self._empty = settings.empty_content
        if settings.data_type is not None:
            self.view = TypedView(settings.data_type, None if accepted is None else accepted.value)
            self.expose()
        if accepted is None:
            self._begin()
            return
        self.envelope, self._baseline = accepted.envelope, accepted.encoded
        self._made = None, self._baseline
        # The application changes this very dict: whether the session was opened without data is noted now.
        self._had_data = bool(self.envelope.data)

    def _begin(self) -> None:
        self.accepted = None
        rules, now, sid = self.settings.rules, self.now, self.settings.random_octets(SID_OCTETS)
        self.envelope = Envelope(sid, now, now, rules.idle, now + rules.absolute, rules.persistent, {}, [])
        if self.view is not None:
            self._empty = self.view.empty()
        self._change = object()
        self._baseline = self.encode()
        self._had_data = False

    def expose(self) -> None:
        """To be called before the application gets hold of anything that it can change unseen."""
        self.is_exposed = self.may_differ = True

    # Writing. Every public method below raises SessionCommittedError once the session is closed. What another thread
    # encodes meanwhile may lack the change, so ``_change`` is set behind it.

    def begin_change(self) -> None:
        """Before any change: raises SessionCommittedError if it comes too late."""
        if self.closed is not None:
            raise SessionCommittedError(self.closed)
        self.may_differ = True

    def put(self, key: str, value: object) -> None:
        """Sets one key. Raises UnsupportedValueError for what cannot be sealed and for a key of the data type."""
        self.begin_change()
        if self.view is not None:
            self.view.refuse_owned(key)
        check_item(key, value)
        if is_container(value):
            self.expose()
        self.envelope.data[key] = value
        self._change = object()

    def remove(self, key: str) -> None:
        """Deletes one key; raises KeyError where there is none and UnsupportedValueError for a key of the data type."""
        self.begin_change()
        if self.view is not None:
            self.view.refuse_owned(key)
        del self.envelope.data[key]
        self._change = object()

    def set_value(self, value: Any) -> None:
        """Sets the typed view's value."""
        self.begin_change()
        self._get_view().assign(value)

    def replace_data(self, data: dict[str, Any]) -> None:
        """Sets all data at once, for frameworks that hand over a whole session."""
        self.begin_change()
        check_content(data, [])
        if self.view is not None:
            self.view.read(data)
        self.expose()
        self.envelope = replace(self.envelope, data=data)

    def clear(self) -> None:
        """Empties data and flash; sid and times stay."""
        self.begin_change()
        self.envelope = replace(self.envelope, data={}, flash=[])
        self._read_flashes = None
        if self.view is not None:
            self._empty = self.view.empty()
        self.was_cleared, self._change = True, object()

    def regenerate(self) -> None:
        """A new sid and a new beginning with the session's own lifetime; the content stays (SPEC 13.4)."""
        self.begin_change()
        before, sid = self.envelope, self.settings.random_octets(SID_OCTETS)
        lifetime = before.until - before.created if self._lifetime is None else self._lifetime
        self.envelope = replace(before, sid=sid, created=self.now, until=min(self.now + lifetime, MAX_TIME))
        self.must_seal, self.wants_csrf, self._change = True, False, object()

    def renew(self) -> None:
        """A later token, whether or not one is due (SPEC 13.4)."""
        self.begin_change()
        self.must_seal = True

    def set_lifetime(self, *, idle: int | None, absolute: int | None, persistent: bool | None) -> None:
        """Other times for this session, in seconds, the absolute ones counted from now (SPEC 13.4)."""
        self.begin_change()
        before = self.envelope
        self.envelope = replace(
            before,
            idle=before.idle if idle is None else idle,
            until=before.until if absolute is None else self.now + absolute,
            persistent=before.persistent if persistent is None else persistent,
        )
        self._lifetime = self._lifetime if absolute is None else absolute
        self.must_seal, self._change = True, object()

    def discard(self) -> None:
        """Ends this session in the browser; what follows is a new, empty one (SPEC 13.4)."""
        self.begin_change()
        self.must_seal = self.wants_csrf = self.was_cleared = False
        self._lifetime = self._read_flashes = None
        self._begin()
        self.was_discarded = True

    def want_csrf(self) -> None:
        """Notes that a CSRF token was asked for; where there is no session yet, one will be sealed (SPEC 13.3)."""
        if self.accepted is None and not self.wants_csrf:
            self.begin_change()
        self.wants_csrf = True

    # Reading

    def get_item(self, key: str) -> Any:
        """The value of one key, a plain value also where the typed view holds it; KeyError where there is none."""
        value = self.envelope.data[key] if self.view is None else self._show()[key]
        if is_container(value):
            self.expose()
        return value

    @property
    def keys(self) -> KeysView[str]:
        """All keys, those of the typed view included."""
        return self._show().keys()

    @property
    def data(self) -> dict[str, Any]:
        """All data with plain values, those of the typed view included."""
        self.expose()
        return self._show()

    def _show(self) -> dict[str, Any]:
        return self.envelope.data if self.view is None else self.view.show(self.envelope.data)

    @property
    def flashes(self) -> Flashes:
        """The unread flash messages, oldest first."""
        self.expose()
        return self.envelope.flash

    @property
    def read_flashes(self) -> dict[str, list[Any]]:
        """The values that were read in this exchange, by category."""
        if self._read_flashes is None:
            self._read_flashes = {}
        return self._read_flashes

    @property
    def value(self) -> Any:
        """The typed view's value; None where the session holds none. TypeError where there is no data type."""
        return self._get_view().value

    def _get_view(self) -> TypedView:
        if self.view is None:
            raise TypeError(
                "session.data needs a data type, in the outermost wrapper too; write CookieSessions[T](data_type=T)"
            )
        return self.view

    def encode(self) -> bytes:
        """The octets of the envelope now, its times as at opening, to find changes.

        Raises UnsupportedValueError where there is no way to make them.
        """
        change = self._change
        after, encoded = self._made
        if after is change and not self.is_exposed:
            return encoded
        try:
            encoded = encode_any(self.envelope if self.view is None else self._take_whole())
        except Exception:
            # What was raised for a reason is raised again, and names it.
            encoded = repeat_walk(lambda: encode_unchecked(self._take_whole()))
        self._made = change, encoded
        return encoded

    def check(self, encoded: bytes, now: int) -> tuple[Envelope, bytes]:
        """The envelope as issued at ``now``, and its octets, if they may be sealed (SPEC 7.2 and 13.8).

        ``encoded`` was just made by :meth:`encode`. Raises UnsupportedValueError or SessionTooLargeError if it may not.
        """
        try:
            return self._check(encoded, now)
        except RuntimeError:
            return repeat_walk(lambda: self._check(encoded, now))

    def _check(self, encoded: bytes, now: int) -> tuple[Envelope, bytes]:
        envelope = self.stamp(now)
        check_range(envelope)
        encoded = stamp_encoded(encoded, envelope.issued)
        # Asked now, after the encoding: what is exposed since is not in these octets.
        if self.is_exposed:
            check_encoded(encoded, envelope.data, envelope.flash)
            if self.view is not None:
                self.view.check()
        if len(encoded) > self.settings.max_encoded_octets:
            # SPEC 13.8: another service may allow more; what does not grow there may still be written here.
            came = 0 if self.accepted is None else self.accepted.characters
            refuse_too_large(envelope, len(encoded), limit=max(self.settings.max_token_characters, came))
        return envelope, encoded

    def stamp(self, now: int) -> Envelope:
        """The envelope as issued at ``now``, with all data as plain values."""
        return stamp_issued(self.envelope if self.view is None else self._take_whole(), now)

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
        envelope, view = self.envelope, self.view
        return envelope if view is None else replace(envelope, data=view.merge(envelope.data))
