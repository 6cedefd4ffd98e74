"""That something is refused, and by which word. Knows nothing of why."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - what a reader is told to do is to refuse
    """``reason`` is a word of SPEC 10.1, or "refused" where the suite has no reasons."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
