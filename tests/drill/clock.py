"""The clock that all processes of the drill share: a file of 8 octets, mapped into memory. The drill sets it."""

from __future__ import annotations

import mmap
from array import array
from pathlib import Path


class DrillClock:
    """The time of the drill in Unix seconds. It stops at ``limit`` until the drill sets a later one."""

    def __init__(self, path: Path, *, now: float) -> None:
        self.path = path
        self.started_at = self.limit = self._now = now
        path.write_bytes(array("d", [now]).tobytes())
        with path.open("r+b") as file:
            # Each write replaces the 8 octets at once. struct.pack_into would fill them with zeros first.
            self._shared = memoryview(mmap.mmap(file.fileno(), 0)).cast("d")

    @property
    def now(self) -> float:
        return self._now

    def advance(self, moment: float) -> None:
        """Set the clock to ``moment``, but never back, and never past the limit."""
        reachable = min(moment, self.limit)
        if reachable > self._now:
            self._now = reachable
            self._shared[0] = reachable
