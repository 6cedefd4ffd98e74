"""A plaintext octet by octet: each value with its offset, and what is wrong with it (SPEC 5 and 6).

A tolerant reader: it goes on behind what is forbidden wherever the octets say how long it is.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

MAX_LEVEL = 16
# Deeper ones are so many lines alike.
MAX_SHOWN_LEVEL = 24
MAX_TIME, MAX_IDLE = (1 << 48) - 1, (1 << 32) - 1
NAMES = ("sid", "created", "issued", "idle", "until", "persistent", "data", "flash")

# First octets with a length or a number of so many octets behind them.
_LENGTHS = {
    0xC4: ("bin", 1), 0xC5: ("bin", 2), 0xC6: ("bin", 4), 0xD9: ("str", 1), 0xDA: ("str", 2), 0xDB: ("str", 4),
    0xDC: ("array", 2), 0xDD: ("array", 4), 0xDE: ("map", 2), 0xDF: ("map", 4),
    0xC7: ("extension", 1), 0xC8: ("extension", 2), 0xC9: ("extension", 4),
}  # fmt: skip
_SHORTER = {0xC5: 1 << 8, 0xD9: 32, 0xDA: 1 << 8, 0xDC: 16, 0xDE: 16}
_INTEGERS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_NOT_LISTED = frozenset({0xC6, 0xDB, 0xDD, 0xDF, 0xC7, 0xC8, 0xC9})
_NOTHING = object()


class _CutError(Exception):
    """The plaintext ends here, or cannot be read on."""


def show_plaintext(plaintext: bytes) -> list[str]:
    """A line for each value, deeper ones indented; faults stand behind "<-"."""
    tree = _Tree(plaintext)
    try:
        tree.read(0, "")
    except _CutError as exc:
        tree.note(str(exc))
    else:
        if tree.offset < len(plaintext):
            rest = plaintext[tree.offset :].hex()
            tree.lines.append(f"{tree.offset:5}  {rest[:48]:<24}  {len(rest) // 2} octets behind the one value")
            tree.note("6.3 item 1")
    return tree.lines


class _Tree:
    """The lines made so far, and where the next value begins."""

    def __init__(self, octets: bytes) -> None:
        self.lines: list[str] = []
        self.offset = 0
        self._octets = octets

    def read(self, level: int, name: str) -> Any:
        """Shows the value at the offset and those in it; gives a scalar, or the number of elements."""
        start = self.offset
        first = self._take(1)[0]
        if first in _INTEGERS:
            return self._read_integer(start, first, level, name)
        if first < 0x80 or first >= 0xE0:
            number = first if first < 0x80 else first - 256
            return self._show(start, level, name, f"integer {number}", number)
        if first in (0xC0, 0xC2, 0xC3):
            word, value = {0xC0: ("nil", None), 0xC2: ("false", False), 0xC3: ("true", True)}[first]
            return self._show(start, level, name, word, value)
        if first in (0xCA, 0xCB):
            return self._read_float(start, first, level, name)
        if 0xD4 <= first <= 0xD8:
            self._take(1 + (1 << first - 0xD4))
            self._show(start, level, name, "extension")
            self.note("6.3 item 2: a first octet that is not listed")
            return _NOTHING
        if first == 0xC1:
            self._show(start, level, name, "no value at all")
            raise _CutError("6.3 item 2: a first octet that is not listed")
        return self._read_long(start, first, level, name)

    def note(self, fault: str) -> None:
        """Puts a fault behind the last line."""
        if self.lines:
            self.lines[-1] += f"  <- {fault}"
        else:
            self.lines.append(f"    0  <- {fault}")

    def _read_integer(self, start: int, first: int, level: int, name: str) -> int:
        is_signed = first >= 0xD0
        octets = self._take(_INTEGERS[first])
        number = int.from_bytes(octets, "big", signed=is_signed)
        self._show(start, level, name, f"integer {number}")
        if number > (1 << 63) - 1:
            self.note("6.3 item 4: above 2^63 - 1")
        elif is_signed and number >= 0:
            self.note("6.3 item 3: 0 or more in the form of a negative one")
        elif not _is_shortest(first, number):
            self.note("6.3 item 3: not the shortest form")
        return number

    def _read_float(self, start: int, first: int, level: int, name: str) -> float:
        octets = self._take(4 if first == 0xCA else 8)
        number = float(struct.unpack(">f" if first == 0xCA else ">d", octets)[0])
        self._show(start, level, name, f"float {number!r}")
        if first == 0xCA:
            self.note("6.3 item 2: a float of 4 octets")
        elif number - number != 0:
            self.note("6.3 item 5: all exponent bits are ones")
        return number

    def _read_long(self, start: int, first: int, level: int, name: str) -> Any:
        """str, bin, array, map and extensions: what has a length."""
        kind, length, faults = self._read_length(first)
        if kind in ("array", "map"):
            self._show(start, level, name, f"{kind} of {length}, level {level}")
            if level > MAX_LEVEL:
                faults.append("6.3 item 10: deeper than level 16")
            self._note_all(faults)
            self._read_elements(kind, length, level)
            return (kind, length)
        octets = self._take(length + (kind == "extension"))
        value: Any = octets
        shown = octets.hex() if len(octets) <= 40 else f"{octets[:40].hex()}..."
        if kind == "str":
            try:
                value = octets.decode()
                shown = ascii(value if len(value) <= 60 else value[:60] + "...")
            except UnicodeDecodeError:
                faults.append("6.3 item 6: not well-formed UTF-8")
        self._show(start, level, name, f"{kind} of {length}: {shown}", head=self.offset - len(octets) - start)
        self._note_all(faults)
        return value

    def _read_length(self, first: int) -> tuple[str, int, list[str]]:
        if first < 0x90:
            return "map", first - 0x80, []
        if first < 0xA0:
            return "array", first - 0x90, []
        if first < 0xC0:
            return "str", first - 0xA0, []
        kind, octets = _LENGTHS[first]
        length = int.from_bytes(self._take(octets), "big")
        if first in _NOT_LISTED:
            return kind, length, ["6.3 item 2: a first octet that is not listed"]
        return kind, length, ["6.3 item 3: not the shortest form"] if length < _SHORTER.get(first, 0) else []

    def _read_elements(self, kind: str, length: int, level: int) -> None:
        if level >= MAX_SHOWN_LEVEL:
            raise _CutError("deeper levels are not shown")
        before: Any = None
        is_envelope = level == 0 and kind == "array"
        if level == 0 and (kind, length) != ("array", len(NAMES)):
            self.note("5.2 item 1: not an array of exactly eight")
        for index in range(length):
            if kind == "map":
                key = self.read(level + 1, "key")
                self._check_key(key, before)
                before = key if isinstance(key, (str, bytes)) else before
                self.read(level + 1, "value")
                continue
            name = NAMES[index] if is_envelope and index < len(NAMES) else f"[{index}]"
            place = len(self.lines)
            value = self.read(level + 1, name)
            fault = _CHECKS[name](value) if is_envelope and name in _CHECKS else None
            if fault is not None:
                self.lines[place] += f"  <- {fault}"

    def _check_key(self, key: Any, before: Any) -> None:
        if not isinstance(key, str):
            self.note("6.3 item 7: a key that is not a str")
            return
        if isinstance(before, str) and key.encode() <= before.encode():
            self.note("6.3 item 8: " + ("the key stands twice" if key == before else "not behind the key before"))
        if key == "__proto__":
            self.note("6.3 item 9")

    def _take(self, count: int) -> bytes:
        taken = self._octets[self.offset : self.offset + count]
        if len(taken) < count:
            if taken:
                self.lines.append(f"{self.offset:5}  {taken.hex()[:48]:<24}  {len(taken)} of {count} octets")
            raise _CutError("6.3 item 1: the plaintext ends here")
        self.offset += count
        return taken

    def _show(
        self, start: int, level: int, name: str, text: str, value: Any = None, *, head: int | None = None
    ) -> Any:
        octets = self._octets[start : start + (self.offset - start if head is None else head)].hex()
        label = f"{name}: " if name else ""
        self.lines.append(f"{start:5}  {octets:<24}  {'  ' * level}{label}{text}")
        return value

    def _note_all(self, faults: list[str]) -> None:
        for fault in faults:
            self.note(fault)


def _is_shortest(first: int, number: int) -> bool:
    if first < 0xD0:
        return number >= {0xCC: 128, 0xCD: 1 << 8, 0xCE: 1 << 16, 0xCF: 1 << 32}[first]
    return number < {0xD0: -32, 0xD1: -(1 << 7), 0xD2: -(1 << 15), 0xD3: -(1 << 31)}[first]


def _check_integer(least: int, most: int, item: int) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        if type(value) is not int:
            return "5.2 item 2: another type"
        return None if least <= value <= most else f"5.2 item {item}: out of range"

    return check


def _check_sid(value: Any) -> str | None:
    if not isinstance(value, bytes):
        return "5.2 item 2: another type"
    return None if len(value) == 16 else "5.2 item 3: not 16 octets"


def _check_kind(kind: str, most: int | None = None) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        if not isinstance(value, tuple) or value[0] != kind:
            return "5.2 item 2: another type"
        return "5.2 item 8: more than 32 entries" if most is not None and value[1] > most else None

    return check


_check_time = _check_integer(0, MAX_TIME, 4)
_CHECKS: dict[str, Callable[[Any], str | None]] = {
    "sid": _check_sid,
    "created": _check_time,
    "issued": _check_time,
    "idle": _check_integer(1, MAX_IDLE, 5),
    "until": _check_time,
    "persistent": lambda value: None if isinstance(value, bool) else "5.2 item 2: another type",
    "data": _check_kind("map"),
    "flash": _check_kind("array", 32),
}
