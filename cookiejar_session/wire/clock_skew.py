"""How far the clock of a server may be ahead (SPEC 9.2)."""

from __future__ import annotations

# A token from a server whose clock is ahead is accepted up to this many seconds early.
CLOCK_SKEW = 60
