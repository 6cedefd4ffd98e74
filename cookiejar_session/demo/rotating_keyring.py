"""A keyring that can rotate its keys while the server runs."""

from __future__ import annotations

from threading import Lock

from ..keys.key import Key
from ..keys.keyring import Keyring
from ..keys.ring_text import MAX_ENTRIES
from ..keys.rotation import Ring, RingEntry


class RotatingKeyring(Keyring):
    """A keyring of random keys in memory. It starts with one key, and each :meth:`rotate` adds one.

    Use it for demonstrations only: the keys are lost when the process ends, and no other process has them. A real
    application reads its keys from the environment or from a file.
    """

    __slots__ = ("_current", "_rotating")

    def __init__(self) -> None:
        self._current = Ring([RingEntry(Key.generate(), 0)], now=0)
        self._rotating = Lock()
        super().__init__(self._current, is_generated=True)

    def ring(self, now: int) -> Ring:
        return self._current

    def rotate(self) -> bool:
        """Add a new primary key. The previous keys become retired: they open tokens but seal no new ones.

        Returns False and changes nothing if the ring is full. It never removes a key, since that would sign out every
        visitor whose token the key sealed. Threads see either the old ring or the new one.
        """
        with self._rotating:
            keys = [entry.key for entry in self._current.entries]
            if len(keys) == MAX_ENTRIES:
                return False
            keys.insert(0, Key.generate())
            self._current = Ring((RingEntry(key, position) for position, key in enumerate(keys)), now=0)
            return True

    def __repr__(self) -> str:
        # These keys have no start or end, so the value of now does not matter.
        return f"<RotatingKeyring {self._current.describe(0)}>"
