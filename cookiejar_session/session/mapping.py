"""The mapping part of a session: a dict that is opened when it is first touched, and that checks new values."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from threading import Lock, get_ident
from typing import Any, Self

from ..argument_checks import hide_arguments
from ..headers.cookie_header import join_cookie_fields
from ..settings import Settings
from ..wire import messagepack
from ..wire.envelope import check_data
from .cookie_choice import Reading, read_cookies
from .state import SessionState


class _Unopened:
    """The only key in the dict of an unopened session. Code that bypasses the methods finds it, not an empty dict."""

    def __repr__(self) -> str:
        return "<session not opened>"


_UNOPENED: Any = _Unopened()
_MISSING = object()

Cookies = str | Iterable[tuple[bytes, bytes]]
# This lock is held while a session takes the data that was read for it. No application code runs at that time.
_opening = Lock()
# The sessions whose cookies are being read, each with the thread that reads.
_being_read = set[tuple[int, int]]()


class SessionMapping(dict[str, Any]):
    """A dict of session data.

    ``cookies`` is a Cookie field value or the headers of an ASGI scope. ``now`` is Unix time. ``carrier`` is the WSGI
    environ or ASGI scope, if any.

    Until the session is first touched, the dict holds one private entry. Opening replaces that entry with the data.
    """

    __slots__ = ("_carrier", "_closed", "_cookies", "_now", "_settings", "_state")

    def __init__(
        self, settings: Settings, cookies: Cookies, now: float, carrier: Mapping[str, Any] | None = None
    ) -> None:
        super().setdefault(_UNOPENED)
        self._settings = settings
        self._cookies = cookies
        # Log lines show the method and path of the carrier. The exchange removes the carrier when the response is over.
        self._carrier = carrier
        self._now = now
        self._closed: str | None = None
        self._state: SessionState | None = None

    @hide_arguments
    def _open(self) -> SessionState:
        """Read the cookies and take the data of the accepted one. No cookie from a client makes it raise."""
        if self._state is not None:
            return self._state
        settings, now = self._settings, int(self._now)
        cookies = self._cookies if isinstance(self._cookies, str) else join_cookie_fields(self._cookies)
        if settings.data_type is None:
            reading = read_cookies(cookies, settings=settings, now=now)
        else:
            reading = self._read_typed(cookies, now)
        state = SessionState(settings, reading, now)
        with _opening:
            opened_meanwhile: SessionState | None = self._state
            if opened_meanwhile is not None:
                # Another thread has opened the session at the same time.
                return opened_meanwhile
            super().clear()
            super().update(state.envelope.data if state.view is None else state.list_own_data())
            self._state = state
        # Read ``_closed`` only after ``_state`` is set. A thread that closes the session sets ``_closed`` first and
        # then reads ``_state``. If that thread finds the state, it closes the state. If not, these lines do. They write
        # no None, since the other thread may have closed the state after ``_closed`` was read.
        if (closed := self._closed) is not None:
            state.closed = closed
        # Log only after the session is open, since a log filter may access the session.
        if reading.failures:
            reading.report_failures(self._carrier)
        is_late = state.closed is not None
        settings.telemetry.report_reading(
            reading.accepted, reading.refusals, is_late=is_late, now=now, carrier=self._carrier
        )
        return state

    def _read_typed(self, cookies: str, now: int) -> Reading:
        """Read the cookies. The application's data type and migrate run here, so no lock is held."""
        thread_and_session = get_ident(), id(self)
        if thread_and_session in _being_read:
            raise RuntimeError("migrate, or a data type, touched the session that it reads; use the data it is given")
        _being_read.add(thread_and_session)
        try:
            return read_cookies(cookies, settings=self._settings, now=now)
        finally:
            _being_read.discard(thread_and_session)

    def _change(self) -> SessionState:
        """Open the session for a change. Raises SessionCommittedError if it is closed."""
        state = self._state or self._open()
        if state.closed is not None:
            state.refuse_late_change()
        return state

    @hide_arguments
    def _adopt(self, data: dict[str, Any]) -> None:
        """Set all data at once, including that of the data type."""
        state = self._change()
        data = _check_values(data)
        if state.view is not None:
            state.view.assign_data(data)
            data = {key: value for key, value in data.items() if key not in state.view.data_type.keys}
        self._replace_data(data)

    def _replace_data(self, data: Mapping[str, Any]) -> None:
        super().clear()
        super().update(data)

    # Reading. After the session is opened, session[key] is a plain dict lookup.

    def __missing__(self, key: str) -> Any:
        view = (self._state or self._open()).view
        # The session was opened just now, or by another thread after the lookup failed.
        if super().__contains__(key):
            return super().__getitem__(key)
        if view is not None and key in view.data_type.keys:
            raise KeyError(f"{key}: belongs to the data type {view.data_type.name}; use session.data.{key} instead")
        raise KeyError(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        if self._state is None:
            self._open()
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        if self._state is None:
            self._open()
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._open()
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self._open()
        return super().__reversed__()

    def __len__(self) -> int:
        self._open()
        return super().__len__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """Return the keys, without those of the data type."""
        self._open()
        return super().keys()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        """Return the values."""
        self._open()
        return super().values()

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        """Return the pairs of key and value."""
        self._open()
        return super().items()

    def copy(self) -> dict[str, Any]:
        """Return the data as a plain dict. Nested values are shared, as with ``dict.copy``."""
        self._open()
        return super().copy()

    def __eq__(self, other: object) -> bool:
        self._open()
        if isinstance(other, SessionMapping):
            other._open()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __or__(self, other: dict[str, Any]) -> dict[str, Any]:  # type: ignore[override]
        return self.copy() | other

    def __ror__(self, other: dict[str, Any]) -> dict[str, Any]:  # type: ignore[override]
        return other | self.copy()

    # Writing

    @hide_arguments
    def __setitem__(self, key: str, value: Any) -> None:
        state = self._change()
        if state.view is not None:
            state.view.refuse_key(key)
        key = messagepack.check_key(key)
        messagepack.check_item(key, value)
        # Store the value itself, not the copy that check_item() returns: the application may still change the value.
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        state = self._change()
        if state.view is not None:
            state.view.refuse_key(key)
        super().__delitem__(key)

    @hide_arguments
    def pop(self, key: str, default: Any = _MISSING) -> Any:
        """Remove ``key`` and return its value; ``default`` if there is none. Raises KeyError without a default."""
        self._change()
        if key not in self:
            if default is _MISSING:
                return self[key]
            return default
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove the last pair of key and value and return it. Raises KeyError if there is none."""
        self._change()
        return super().popitem()

    @hide_arguments
    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``. If there is none, set it to ``default`` first."""
        if key not in self:
            self[key] = default
        return self[key]

    @hide_arguments
    def update(self, other: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /, **values: Any) -> None:  # type: ignore[override]
        """Set several keys. All values are checked before the first is set."""
        state = self._change()
        changes = dict(other, **values)
        for key in changes:
            if state.view is not None:
                state.view.refuse_key(key)
        super().update(_check_values(changes))

    @hide_arguments
    def __ior__(self, other: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Self:  # type: ignore[override]
        self.update(other)
        return self

    def clear(self) -> None:
        """Remove data, typed value and flash messages.

        If nothing is written afterwards, the browser is told to drop the cookie.
        """
        state = self._change()
        super().clear()
        state.clear()


def _check_values(data: dict[str, Any]) -> dict[str, Any]:
    """Return ``data`` with plain str keys and the same values. Raises UnsupportedValueError."""
    return dict(zip(check_data(data), data.values(), strict=True))
