"""The source of a keyring that follows changes: the ring in use, and what is logged about a new one."""

from __future__ import annotations

import logging
from typing import NamedTuple

from .rotation import Ring

# This is earlier than every time, so that the next use of the keyring checks its source.
NEVER_CHECKED = -(1 << 62)

_log = logging.getLogger("cookiejar_session")


class SourceState(NamedTuple):
    """The ring in use, and the result of the last read of its source. One object: threads never see a mismatched pair.

    ``file_state`` is the state of the key file. ``problem`` says why the ring of this file state is not in use.
    """

    ring: Ring
    file_state: object = None
    problem: str | None = None


def keep_equal(before: Ring, after: Ring) -> Ring:
    """Return ``after``, or the object ``before`` if both have the same entries.

    So callers can find out with ``is`` whether the ring changed.
    """
    return before if after.entries == before.entries else after


class KeySource:
    """Where a keyring reads its ring again. ``name`` is its name in log lines.

    ``checked`` is the time of the last check, in Unix seconds. ``state.ring`` is the ring in use: reading it takes no
    lock. A ring that is not valid never replaces the ring in use. ``complaint`` says why the source is ignored. None if
    the ring in use is the one of the source, as far as the last check knows.
    """

    __slots__ = ("__weakref__", "_name", "checked", "complaint", "state")

    def __init__(self, name: str, state: SourceState, *, checked: int) -> None:
        self._name = name
        self.complaint: str | None = None
        self.state: SourceState = state
        self.checked: int = checked

    def check(self, now: int) -> None:
        """Look for a new ring, if there may be one. Returns without waiting for a network, and never raises."""
        raise NotImplementedError

    def check_for_unknown_key(self, now: int) -> None:
        """Like :meth:`check`, after a token had a key id that the ring lacks."""
        self.check(now)

    def reload(self, now: int) -> bool:
        """Read the ring now. Returns whether it changed. Raises ConfigError for a ring that is not valid."""
        raise NotImplementedError

    def replace(self, before: SourceState, after: SourceState, now: int) -> bool:
        """Replace ``before`` by ``after`` and log the change. Returns False if another thread was faster."""
        if self.state is not before:
            return False
        self.state = after
        if after.problem is not None:
            self.complain(after.problem)
        elif self.complaint is not None:
            self.complaint = None
            # This is logged as a warning, so that it is printed wherever the earlier error was printed. Without a
            # logging configuration, Python prints only warnings and errors.
            _log.warning("%s is valid again: <Keyring %s>", self._name, after.ring.describe(now))
        elif after.ring is not before.ring:
            _log.info("%s read again: <Keyring %s>", self._name, after.ring.describe(now))
        return True

    def complain(self, problem: str, *, is_asked: bool = False) -> None:
        """Log why the source is ignored.

        The same problem is logged only once, until it changes or ends. With ``is_asked``, it is logged every time.
        """
        if is_asked or problem != self.complaint:
            self.complaint = problem
            _log.error("%s ignored, the previous keys stay in use: %s", self._name, problem)
