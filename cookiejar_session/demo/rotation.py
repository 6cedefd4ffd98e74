"""A keyring whose primary key can be replaced between two requests. Knows nothing of who may ask for it."""

from __future__ import annotations

from threading import Lock

from ..keys.key import Key
from ..keys.keyring import Keyring
from ..keys.ring import MAX_ENTRIES, Ring, RingEntry


class RotatingKeyring(Keyring):
    """A keyring of random keys that begins with one and grows by one with each :meth:`rotate`.

    What is served for years takes its keys from the environment or a file, so that they outlive the process and other
    processes have them too; this one is for a demonstration, which has neither need.
    """

    __slots__ = ("_current", "_rotating")

    def __init__(self) -> None:
        self._current = Ring([RingEntry(Key.generate(), 0)], now=0)
        self._rotating = Lock()
        super().__init__(self._current)

    def ring(self, now: int) -> Ring:
        return self._current

    def ring_for_unknown_key(self, now: int) -> Ring:
        return self._current

    def rotate(self) -> bool:
        """Puts a new key before all others, which from now on only open. False, with nothing done, in a full ring.

        A request sees the ring as it was or as it is, never something between. No key is ever dropped: that would sign
        out whoever still holds a token under it.
        """
        with self._rotating:
            keys = [entry.key for entry in self._current.entries]
            if len(keys) == MAX_ENTRIES:
                return False
            keys.insert(0, Key.generate())
            self._current = Ring((RingEntry(key, position) for position, key in enumerate(keys)), now=0)
            return True

    def __repr__(self) -> str:
        return f"<RotatingKeyring {' '.join(entry.key.key_id.hex() for entry in self._current.entries)}>"
