"""A finding: one thing that is wrong or risky in a configuration."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How bad a finding is.

    The problem behind an error breaks sessions or lets other people get them. A warning means that this can happen. A
    note is only information.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(NamedTuple):
    """What was found and how to fix it. ``code`` is a short name for scripts."""

    level: Level
    code: str
    message: str


def error(code: str, message: str) -> Finding:
    """Return a finding about a problem that breaks sessions or lets other people get them."""
    return Finding(Level.ERROR, code, message)


def warning(code: str, message: str) -> Finding:
    """Return a finding about a problem that can break sessions or let other people get them."""
    return Finding(Level.WARNING, code, message)


def note(code: str, message: str) -> Finding:
    """Return a finding that is only information."""
    return Finding(Level.NOTE, code, message)
