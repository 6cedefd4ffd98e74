"""Events on a terminal, one line each. Knows nothing of what they are about."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from ..events import COMMITTED, DISCARDED, LATE_WRITE, OPENED, REFUSED, RENEWED, RESEALED, TOO_LARGE, Event

# SGR parameters (ECMA-48 8.3.117): faint for what happens at every request, red for errors.
COLOURS = {
    OPENED: "2",
    COMMITTED: "32",
    RESEALED: "36",
    RENEWED: "36",
    DISCARDED: "35",
    REFUSED: "33",
    TOO_LARGE: "31",
    LATE_WRITE: "31",
}
HEADING = f"{'time':8}  {'event':10}  {'request':22}  {'session':16}  {'key':16}  detail"


class EventLog:
    """Writes events to ``stream``, in columns. Coloured only on a terminal, and not if NO_COLOR is set there."""

    def __init__(
        self,
        stream: TextIO,
        *,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], time.struct_time] = time.localtime,
    ) -> None:
        self._stream = stream
        self._clock = clock
        # https://no-color.org: the variable counts if it is there and not empty.
        self._is_coloured = stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"

    def write_heading(self) -> None:
        """Names the columns."""
        self._write(HEADING)

    def write_event(self, request: str, event: Event) -> None:
        """One line for ``event``, which came about in ``request``."""
        kind = f"{event.kind:10}"
        if self._is_coloured and event.kind in COLOURS:
            kind = f"\x1b[{COLOURS[event.kind]}m{kind}\x1b[0m"
        moment = time.strftime("%H:%M:%S", self._clock())
        # What a visitor sent must not reach the terminal as it is: it could hold escape sequences.
        request = ascii(request)[1:-1]
        session, key = event.log_id or "-", event.key_id or "-"
        self._write(f"{moment}  {kind}  {request:22}  {session:16}  {key:16}  {_describe(event)}".rstrip())

    def _write(self, line: str) -> None:
        # One call, so that lines of several threads do not mix.
        self._stream.write(f"{line}\n")
        self._stream.flush()


def _describe(event: Event) -> str:
    if event.reason is not None:
        return str(event.reason)
    return "" if event.characters is None else f"{event.characters} characters"
