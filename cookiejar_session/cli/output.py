"""Output of the commands: text or JSON, colours on a terminal, and messages on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

PROGRAM = "cookiejar-session"
# importlib.metadata could find the version, but importing it takes longer than the program runs. A test compares this
# version with that of the installed package.
VERSION = "0.1.0"
# Select Graphic Rendition of ECMA-48.
_COLOURS = {"green": "32", "yellow": "33", "red": "31", "dim": "2", "bold": "1"}


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(value, indent=2))


def print_error(message: str) -> None:
    """Print an error on standard error."""
    _print_on_standard_error("error", "red", message)


def print_warning(message: str) -> None:
    """Print a warning on standard error."""
    _print_on_standard_error("warning", "yellow", message)


def print_note(message: str) -> None:
    """Print on standard error what a person wants to know, but a script does not."""
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison]
        print(message, file=sys.stderr)


def paint(text: str, colour: str, stream: TextIO) -> str:
    """Return ``text`` in a colour if ``stream`` is a terminal, and neither NO_COLOR nor TERM=dumb is set."""
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty()
    return text if is_plain else f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


def render_table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose columns are aligned."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _print_on_standard_error(kind: str, colour: str, message: str) -> None:
    # If standard error was closed before Python started, sys.stderr is None. Then print() would write on standard
    # output instead.
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison]
        print_note(f"{PROGRAM}: {paint(kind, colour, sys.stderr)}: {message}")
