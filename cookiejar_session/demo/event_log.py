"""Print session events on the terminal, one per line."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from ..events import COMMITTED, DISCARDED, LATE_WRITE, MOVED, OPENED, REFUSED, RENEWED, RESEALED, TOO_LARGE, Event

# SGR parameters (ECMA-48 8.3.117): faint for what happens in every request, red for errors.
COLOURS = {
    OPENED: "2",
    COMMITTED: "32",
    RESEALED: "36",
    RENEWED: "36",
    MOVED: "36",
    DISCARDED: "35",
    REFUSED: "33",
    TOO_LARGE: "31",
    LATE_WRITE: "31",
}
HEADING = f"{'time':8}  {'event':10}  {'request':22}  {'session log id':16}  {'key id':16}  detail"


class EventLog:
    """Write events to ``stream`` in columns.

    The event is coloured if ``stream`` is a terminal, NO_COLOR is not set and TERM is not "dumb". ``environ`` is
    ``os.environ`` if left out.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], time.struct_time] = time.localtime,
    ) -> None:
        self._stream = stream
        self._clock = clock
        # os.environ is not a default argument, since help(EventLog) would then show its variables, including keys.
        variables = os.environ if environ is None else environ
        # https://no-color.org: an empty NO_COLOR is ignored.
        self._is_coloured = stream.isatty() and not variables.get("NO_COLOR") and variables.get("TERM") != "dumb"

    def write_heading(self) -> None:
        """Write the names of the columns."""
        self._write(HEADING)

    def write_event(self, request: str, event: Event) -> None:
        """Write one line for an event of ``request``, such as ``POST /count``."""
        kind = f"{event.kind:10}"
        if self._is_coloured and event.kind in COLOURS:
            kind = f"\x1b[{COLOURS[event.kind]}m{kind}\x1b[0m"
        moment = time.strftime("%H:%M:%S", self._clock())
        # The path comes from the visitor and could hold escape sequences that control the terminal.
        request = ascii(request)[1:-1]
        session, key = event.log_id or "-", event.key_id or "-"
        self._write(f"{moment}  {kind}  {request:22}  {session:16}  {key:16}  {_describe(event)}".rstrip())

    def _write(self, line: str) -> None:
        # Call write() only once, so that lines of several threads do not mix.
        self._stream.write(f"{line}\n")
        self._stream.flush()


def _describe(event: Event) -> str:
    if event.reason is not None:
        return str(event.reason)
    return "" if event.characters is None else f"{event.characters} characters"
