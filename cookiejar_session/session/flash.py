"""Flash messages: values for the next request, read once. Knows nothing of how they travel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import SessionCommittedError
from ..events import log
from ..wire.envelope import MAX_FLASHES
from ..wire.profile import check_content
from .state import SessionState


class Flash:
    """The flash messages of one session: pairs of a category and a value, in order, at most 32 (SPEC 5).

    What :meth:`get` reads is gone from the cookie, and stays readable until the request ends. A read that finds nothing
    changes nothing. Writing, and reading what is unread, raises SessionCommittedError after the headers are sent.
    """

    __slots__ = ("_get_state",)

    def __init__(self, get_state: Callable[[], SessionState]) -> None:
        self._get_state = get_state

    def add(self, category: str, value: Any) -> None:
        """Appends a message. Raises UnsupportedValueError for a value that cannot be sealed."""
        state = self._get_state()
        state.begin_change()
        check_content({}, [(category, value)])
        _append(state, category, value)

    def set(self, category: str, value: Any) -> None:
        """Makes ``value`` the only message of its category."""
        state = self._get_state()
        state.begin_change()
        check_content({}, [(category, value)])
        self.delete(category)
        _append(state, category, value)

    def get(self, category: str) -> list[Any]:
        """All values of ``category``, oldest first; reads them for good, and again in the same request."""
        state = self._get_state()
        unread = _list_unread(state, category)
        if unread:
            _ensure_readable(state)
            state.flashes[:] = [pair for pair in state.flashes if pair[0] != category]
            state.read_flashes.setdefault(category, []).extend(unread)
        return list(state.read_flashes.get(category, ()))

    def peek(self, category: str) -> list[Any]:
        """What :meth:`get` would return, without reading it."""
        state = self._get_state()
        unread = _list_unread(state, category)
        return [*state.read_flashes.get(category, ()), *unread]

    def has(self, category: str) -> bool:
        """Whether :meth:`get` would return anything."""
        return bool(self.peek(category))

    def delete(self, category: str) -> None:
        """Drops all values of ``category``, read or not."""
        state = self._get_state()
        state.begin_change()
        state.flashes[:] = [pair for pair in state.flashes if pair[0] != category]
        state.read_flashes.pop(category, None)

    def pop_all(self) -> list[tuple[str, Any]]:
        """All unread messages as (category, value), oldest first; nothing of them stays readable."""
        state = self._get_state()
        unread = list(state.envelope.flash)
        if unread:
            _ensure_readable(state)
            state.flashes.clear()
        return unread

    def __repr__(self) -> str:
        return "<Flash>"


def _list_unread(state: SessionState, category: str) -> list[Any]:
    unread = [value for name, value in state.envelope.flash if name == category]
    if unread:
        state.expose()
    return unread


def _append(state: SessionState, category: str, value: Any) -> None:
    if len(state.flashes) >= MAX_FLASHES:
        log.warning("session has %d flash messages, the oldest is dropped", MAX_FLASHES)
        del state.flashes[0]
    state.flashes.append((category, value))


def _ensure_readable(state: SessionState) -> None:
    try:
        state.begin_change()
    except SessionCommittedError as exc:
        raise SessionCommittedError(f"{exc}; flash.peek(category) reads without taking") from None
