"""Flash messages: values for the next request, which reads them once."""

from __future__ import annotations

from typing import Any

from ..argument_checks import hide_arguments
from ..errors import SessionCommittedError
from ..events import log
from ..wire.envelope import MAX_FLASHES, check_flash
from .state import SessionState


class Flash:
    """The flash messages of a session: pairs of a category and a value, in order, at most 32 (SPEC 5.1).

    A message that :meth:`get` reads is removed from the cookie, and stays readable until the request ends. If there is
    nothing to read, :meth:`get` does not change the session. After the response headers are sent, writing raises
    SessionCommittedError, and so does :meth:`get` for a message that was not read before.
    """

    __slots__ = ("_state",)

    def __init__(self, state: SessionState) -> None:
        self._state = state

    @hide_arguments
    def add(self, category: str, value: Any) -> None:
        """Append a message. Raises UnsupportedValueError for a value that cannot be sealed.

        The oldest message is dropped when there are 32 already.
        """
        state = self._state
        state.refuse_late_change()
        check_flash([(category, value)])
        if len(state.flashes) >= MAX_FLASHES:
            log.warning("session has %d flash messages, the oldest is dropped", MAX_FLASHES)
            del state.flashes[0]
        state.flashes.append((category, value))

    @hide_arguments
    def set(self, category: str, value: Any) -> None:
        """Make ``value`` the only message of its category. Raises the same errors as :meth:`add`."""
        self._state.refuse_late_change()
        check_flash([(category, value)])
        self.delete(category)
        self.add(category, value)

    @hide_arguments
    def get(self, category: str) -> list[Any]:
        """Return all values of ``category``, oldest first, and remove them from the cookie."""
        state = self._state
        unread = [value for name, value in state.flashes if name == category]
        if unread:
            self._begin_read()
            state.flashes[:] = [entry for entry in state.flashes if entry[0] != category]
            state.read_flashes.setdefault(category, []).extend(unread)
        return list(state.read_flashes.get(category, ()))

    def peek(self, category: str) -> list[Any]:
        """Return what :meth:`get` would return, without removing it."""
        unread = [value for name, value in self._state.flashes if name == category]
        return [*self._state.read_flashes.get(category, ()), *unread]

    def peek_all(self) -> list[tuple[str, Any]]:
        """Return all unread messages as (category, value), oldest first, without removing them."""
        return [(category, value) for category, value in self._state.flashes]

    def has(self, category: str) -> bool:
        """Whether :meth:`get` would return any value."""
        return bool(self.peek(category))

    def delete(self, category: str) -> None:
        """Remove all values of ``category``, whether or not they were read."""
        state = self._state
        state.refuse_late_change()
        state.flashes[:] = [entry for entry in state.flashes if entry[0] != category]
        state.read_flashes.pop(category, None)

    @hide_arguments
    def pop_all(self) -> list[tuple[str, Any]]:
        """Return all unread messages as (category, value), oldest first, and remove them.

        Unlike with :meth:`get`, these messages are not readable afterwards.
        """
        state = self._state
        unread = self.peek_all()
        if unread:
            self._begin_read()
            state.flashes.clear()
        return unread

    def _begin_read(self) -> None:
        try:
            self._state.refuse_late_change()
        except SessionCommittedError as exc:
            raise SessionCommittedError(f"{exc}; flash.peek(category) reads without removing") from None

    def __repr__(self) -> str:
        return "<Flash>"
