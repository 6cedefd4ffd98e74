"""Plaintexts with one thing wrong: an envelope of which any part can be any octets."""

from __future__ import annotations

from typing import Any

from .messagepack import TRUE, write_array, write_binary, write_integer, write_map, write_text
from .octets import SID
from .values import CREATED, IDLE, UNTIL, array

PARTS = ("sid", "created", "issued", "idle", "until", "persistent", "data", "flash")
_EMPTY_MAP, _EMPTY_ARRAY = b"\x80", b"\x90"


def build(**parts: bytes) -> bytes:
    """The plaintext of an empty session, with some of its eight parts replaced by these octets."""
    return write_array(*list_parts(**parts))


def list_parts(**parts: bytes) -> list[bytes]:
    """The eight parts of an empty session, each encoded, some replaced by these octets."""
    octets = {
        "sid": write_binary(SID),
        "created": write_integer(CREATED),
        "issued": write_integer(CREATED),
        "idle": write_integer(IDLE),
        "until": write_integer(UNTIL),
        "persistent": TRUE,
        "data": _EMPTY_MAP,
        "flash": _EMPTY_ARRAY,
        **parts,
    }
    return [octets[name] for name in PARTS]


def hold(value: bytes) -> bytes:
    """A plaintext whose data is {"v": these octets}."""
    return build(data=write_map((write_text("v"), value)))


def nest(levels: int, *, innermost: bytes = _EMPTY_ARRAY) -> bytes:
    """Arrays in one another, so many that the innermost, empty one is at this level (data is level 1)."""
    return b"\x91" * (levels - 2) + innermost


def nest_value(levels: int) -> Any:
    """The same as a tagged value."""
    value: Any = array()
    for _ in range(levels - 2):
        value = array(value)
    return value
