"""How far a long run has come, on stderr: one line that is overwritten on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Protocol, TextIO

TERMINAL_SECONDS = 0.2
FILE_SECONDS = 10.0


class Progress(Protocol):
    """Receives each case, and one call at the end."""

    def show(self, label: str, done: int, total: int, failed: int) -> None: ...

    def end(self) -> None: ...


class NoProgress:
    """Shows nothing."""

    def show(self, label: str, done: int, total: int, failed: int) -> None:
        pass

    def end(self) -> None:
        pass


class ShownProgress:
    """Writes to ``stream``, at most every 0.2 seconds on a terminal and every 10 seconds elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._seconds = TERMINAL_SECONDS if self._is_terminal else FILE_SECONDS
        self._shown_at = float("-inf")
        self._width = 0

    def show(self, label: str, done: int, total: int, failed: int) -> None:
        now = monotonic()
        if done < total and now - self._shown_at < self._seconds:
            return
        self._shown_at = now
        line = f"{label}: {done} of {total}, {failed} failed"
        if self._is_terminal:
            self._stream.write(f"\r{line.ljust(self._width)}")
            self._width = len(line)
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Clears the line on a terminal, so that the report begins at the left edge."""
        if self._is_terminal and self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()
        self._width = 0


def choose_progress(when: str) -> Progress:
    """``always``, ``never``, or ``auto``: only if stderr is a terminal."""
    is_shown = when == "always" or (when == "auto" and sys.stderr.isatty())
    return ShownProgress(sys.stderr) if is_shown else NoProgress()
