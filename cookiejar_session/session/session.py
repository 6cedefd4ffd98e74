"""The session as the application holds it. Knows nothing of tokens, cookies or HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NoReturn, Protocol, Self, TypeVar

from ..errors import ConfigError
from ..record import Record
from ..wire.envelope import MAX_IDLE, MAX_TIME
from ..wire.time_rules import count_seconds, expires_at, stamp_issued
from .choosing import render_log_id
from .csrf import MASK_OCTETS, is_csrf_token, make_csrf_token
from .flash import Flash
from .size import SessionSize, measure
from .state import SessionState

T = TypeVar("T")


class StateSource(Protocol):
    """What a session stands for: its state, made when it is first asked for."""

    @property
    def state(self) -> SessionState | None: ...
    def open(self) -> SessionState: ...


class Opened(Record, frozen=True):
    """A state that is there from the beginning."""

    state: SessionState

    def open(self) -> SessionState:
        """The state."""
        return self.state


class Session(MutableMapping[str, Any], Generic[T]):
    """One visitor's session: a mapping of str keys to None, bool, int, float, str, bytes, list and dict.

    Opened when first touched. Changes, nested ones too, are found when the response starts; a write after that raises
    SessionCommittedError. Assigning what cannot be sealed raises UnsupportedValueError. The order of keys is not kept.
    """

    # What a session refers to refers back to it until the response is over, and no longer (exchange.Exchange.end).
    __slots__ = ("__weakref__", "_source")

    _source: StateSource

    # The mapping

    def __getitem__(self, key: str) -> Any:
        return (self._source.state or self._source.open()).get_item(key)

    def __setitem__(self, key: str, value: Any) -> None:
        (self._source.state or self._source.open()).put(key, value)

    def __delitem__(self, key: str) -> None:
        self._source.open().remove(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._source.open().keys)

    def __len__(self) -> int:
        return len(self._source.open().keys)

    def __contains__(self, key: object) -> bool:
        return key in (self._source.state or self._source.open()).keys

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**self, **other}

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**other, **self}

    def __ior__(self, other: Mapping[str, Any]) -> Self:
        self.update(other)
        return self

    def copy(self) -> dict[str, Any]:
        """The data as a plain dict, what is nested in it shared, as with ``dict.copy``."""
        return dict(self._source.open().data)

    def clear(self) -> None:
        """Empties data and flash. If nothing is written after it, the browser is told to drop the cookie."""
        self._source.open().clear()

    @property
    def data(self) -> T | None:
        """The typed view over the keys that the data type names; None while there are none and the type needs some."""
        value: T | None = self._source.open().value
        return value

    @data.setter
    def data(self, value: T) -> None:
        self._source.open().set_value(value)

    @property
    def flash(self) -> Flash:
        """Messages for the next request."""
        return Flash(self._source.open)

    # Life

    def regenerate(self) -> None:
        """A new sid and a new absolute lifetime, the content kept. Call it after every login (SPEC 13.4)."""
        self._source.open().regenerate()

    def renew(self) -> None:
        """Seals a later token with this response: the idle timeout starts again."""
        self._source.open().renew()

    def discard(self) -> None:
        """Logs out: the browser is told to drop the cookie, and the session is new and empty from here on.

        A copy of the old cookie stays valid until it expires (SPEC 17).
        """
        self._source.open().discard()

    def set_lifetime(
        self,
        *,
        idle_timeout: timedelta | None = None,
        absolute_lifetime: timedelta | None = None,
        persistent: bool | None = None,
    ) -> None:
        """Other limits for this session only, such as "remember me"; they survive renewal.

        ``absolute_lifetime`` counts from now. ConfigError for durations that are not whole seconds of at least one, and
        for a ``persistent`` that is not a bool.
        """
        if persistent is not None and type(persistent) is not bool:
            raise ConfigError(f"persistent must be True or False, got {type(persistent).__qualname__}; write bool(...)")
        self._source.open().set_lifetime(
            idle=None if idle_timeout is None else count_seconds(idle_timeout, "idle_timeout", longest=MAX_IDLE),
            absolute=None
            if absolute_lifetime is None
            else count_seconds(absolute_lifetime, "absolute_lifetime", longest=MAX_TIME),
            persistent=persistent,
        )

    def check(self) -> None:
        """Encodes and measures now: UnsupportedValueError or SessionTooLargeError here, not at the response's start."""
        state = self._source.open()
        state.check(state.encode(), state.now)

    # CSRF

    def csrf_token(self, form: str = "") -> str:
        """A token for a form of this name, another text each time (SPEC 14). A new session is sealed for its sake."""
        state = self._source.open()
        state.want_csrf()
        return make_csrf_token(state.envelope.sid, form=form, mask=state.settings.random_octets(MASK_OCTETS))

    def check_csrf_token(self, token: object, form: str = "") -> bool:
        """Whether ``token``, whatever the request held, is one of this session and form, compared in constant time."""
        return is_csrf_token(token, sid=self._source.open().envelope.sid, form=form)

    # What it is

    @property
    def is_new(self) -> bool:
        """Whether no token was accepted, or the session was discarded."""
        return self._source.open().accepted is None

    @property
    def is_modified(self) -> bool:
        """Whether the application wrote: the content differs, or a later token was asked for."""
        state = self._source.open()
        return state.was_discarded or state.is_written(state.encode())

    @property
    def sid(self) -> bytes:
        """16 random octets that name the session. A secret: CSRF tokens derive from it. For logs there is log_id."""
        return self._source.open().envelope.sid

    @property
    def log_id(self) -> str:
        """16 hex digits that stand for the sid in logs (SPEC 14.5)."""
        return render_log_id(self.sid)

    @property
    def created_at(self) -> datetime:
        """When the session began, in UTC."""
        return _to_datetime(self._source.open().envelope.created)

    @property
    def issued_at(self) -> datetime | None:
        """When the token that came in was issued, in UTC; None for a new session."""
        state = self._source.open()
        return None if state.accepted is None else _to_datetime(state.envelope.issued)

    @property
    def expires_at(self) -> datetime:
        """When the session expires unless it is renewed, in UTC, changes so far included."""
        state = self._source.open()
        is_sealed_again = state.is_written(state.encode())
        return _to_datetime(expires_at(stamp_issued(state.envelope, state.now) if is_sealed_again else state.envelope))

    @property
    def size(self) -> SessionSize:
        """Octets used and left, and used by each top-level key."""
        state = self._source.open()
        return measure(state.stamp(state.now), limit=state.settings.max_token_characters)

    def __repr__(self) -> str:
        state = self._source.state
        if state is None:
            return "<Session not opened>"
        return "<Session new>" if state.accepted is None else "<Session opened>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Session belongs to one request; copy its content with dict(session)")


def make_session(source: StateSource) -> Session[Any]:
    """The session over ``source``. No constructor: to call one costs as much again as to make the object."""
    session: Session[Any] = Session()
    session._source = source  # pyright: ignore[reportPrivateUsage] - in place of a constructor
    return session


def _to_datetime(time: int) -> datetime:
    return datetime.fromtimestamp(time, UTC)
