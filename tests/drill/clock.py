"""The clock that all processes of the drill share: a file of 8 octets, mapped into memory. The drill sets it."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

# node/sitecustomize.py reads the same.
_FORMAT = "d"


class DrillClock:
    """The time of the drill in Unix seconds. It stops at ``limit`` until the drill sets a later one."""

    def __init__(self, path: Path, *, now: float) -> None:
        self.path = path
        self.started_at = self.limit = self._now = now
        path.write_bytes(struct.pack(_FORMAT, now))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 0)

    @property
    def now(self) -> float:
        return self._now

    def advance(self, moment: float) -> None:
        """Set the clock to ``moment``, but never back, and never past the limit."""
        reachable = min(moment, self.limit)
        if reachable > self._now:
            self._now = reachable
            struct.pack_into(_FORMAT, self._shared, 0, reachable)

    def close(self) -> None:
        self._shared.close()
