"""What the drill counts, and the report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

# How many logouts the report describes.
MAX_EXAMPLES = 5


@dataclass
class Tally:
    """The counts of one run.

    ``part`` is the part of the run that takes place.
    ``logouts``: a visitor who has signed in got the answer for somebody who has not; by part of the run.
    ``key_changes``: responses whose token has another key than the token of the request; by the event that sealed it.
    ``reseals_back``: reseals from one key to another, after a reseal of the same visitor from the other to the one.
    ``returns``: tokens that a write or a renewal sealed with a key that an earlier token of this visitor had.
    ``old_keys``: tokens that were sealed with the replaced key after all nodes had the new one, and its time had come
    on all clocks. ``refusals``: refused cookies by reason. ``ignored_files``: log lines about a broken key file.
    ``examples``: logouts in words.
    """

    part: str = "right rotation"
    requests: int = 0
    failed: int = 0
    lost_writes: int = 0
    reseals_back: int = 0
    returns: int = 0
    old_keys: int = 0
    ignored_files: int = 0
    examples: list[str] = field(default_factory=list)
    logouts: Counter[str] = field(default_factory=Counter)
    key_changes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def has_passed(self) -> bool:
        """Whether nobody noticed the rotation, and the drill did what it is for: it resealed, and a file was broken."""
        faults = (self.logouts.total(), self.lost_writes, self.failed, self.reseals_back, self.old_keys)
        return not any(faults) and self.key_changes["resealed"] > 0 and self.ignored_files > 0

    def render(self) -> str:
        """Return the report: a line for each count."""
        rows: list[tuple[str, object]] = [
            ("requests", self.requests),
            ("logouts", _render_counts(self.logouts)),
            ("lost writes", self.lost_writes),
            ("reseals", self.key_changes["resealed"]),
            ("reseals back and forth", self.reseals_back),
            ("tokens under the replaced key, too late", self.old_keys),
            ("key changes by writes and renewals", self.key_changes.total() - self.key_changes["resealed"]),
            ("- back to an earlier key, while clocks or rings differ", self.returns),
            ("refusals", _render_counts(self.refusals)),
            ("requests that failed", self.failed),
            ("key files ignored", self.ignored_files),
        ]
        width = max(len(name) for name, _ in rows)
        lines = [f"{name:<{width}}  {value}" for name, value in rows]
        return "\n".join([*lines, *(f"logout: {each}" for each in self.examples[:MAX_EXAMPLES])])


def _render_counts(counts: Counter[str]) -> str:
    each = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if count)
    return f"{counts.total()} ({each})" if each else "0"
