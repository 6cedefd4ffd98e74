"""A plaintext octet by octet: each value with its offset, and what is wrong with its encoding (SPEC 6).

A tolerant reader: it goes on behind what is forbidden wherever the octets say how long it is.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

MAX_LEVEL = 16
# Deeper ones are so many lines alike.
MAX_SHOWN_LEVEL = 24
NAMES = ("sid", "created", "issued", "idle", "until", "persistent", "data", "flash")

# First octets with a length or a number of so many octets behind them.
_LENGTHS = {
    0xC4: ("bin", 1), 0xC5: ("bin", 2), 0xC6: ("bin", 4), 0xD9: ("str", 1), 0xDA: ("str", 2), 0xDB: ("str", 4),
    0xDC: ("array", 2), 0xDD: ("array", 4), 0xDE: ("map", 2), 0xDF: ("map", 4),
    0xC7: ("extension", 1), 0xC8: ("extension", 2), 0xC9: ("extension", 4),
}  # fmt: skip
_SHORTEST_LENGTH = {0xC5: 1 << 8, 0xD9: 32, 0xDA: 1 << 8, 0xDC: 16, 0xDE: 16}
_INTEGERS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_LEAST_UNSIGNED = {0xCC: 128, 0xCD: 1 << 8, 0xCE: 1 << 16, 0xCF: 1 << 32}
_GREATEST_SIGNED = {0xD0: -33, 0xD1: -(1 << 7) - 1, 0xD2: -(1 << 15) - 1, 0xD3: -(1 << 31) - 1}
_NOT_LISTED = frozenset({0xC1, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xDB, 0xDD, 0xDF})


@dataclass
class Node:
    """One value: ``value`` is a scalar, or None for what holds ``nodes``; ``faults`` are told behind "<-"."""

    offset: int
    level: int
    name: str
    kind: str = ""
    value: Any = None
    head: str = ""
    text: str = ""
    nodes: list[Node] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def render(self) -> str:
        label = f"{self.name}: " if self.name else ""
        faults = "".join(f"  <- {fault}" for fault in self.faults)
        return f"{self.offset:5}  {self.head:<24}  {'  ' * self.level}{label}{self.text}{faults}"


class _CutError(Exception):
    """The plaintext cannot be read on."""


def read_nodes(plaintext: bytes) -> list[Node]:
    """All values in the order of their octets, the outermost first."""
    reader = _Reader(plaintext)
    try:
        reader.read(0, "")
    except _CutError as exc:
        if not reader.nodes:
            reader.nodes.append(Node(0, 0, "", text="nothing"))
        reader.nodes[-1].faults.append(str(exc))
    else:
        if reader.offset < len(plaintext):
            rest = plaintext[reader.offset :]
            text, head = f"{len(rest)} octets behind the one value", rest[:12].hex()
            reader.nodes.append(Node(reader.offset, 0, "", head=head, text=text, faults=["6.3 item 1"]))
    return reader.nodes


class _Reader:
    """The nodes so far, and where the next value begins."""

    def __init__(self, octets: bytes) -> None:
        self.nodes: list[Node] = []
        self.offset = 0
        self._octets = octets

    def read(self, level: int, name: str) -> Node:
        node = Node(self.offset, level, name)
        self.nodes.append(node)
        first = self._take(1, node)[0]
        if first in _NOT_LISTED:
            node.faults.append("6.3 item 2: a first octet that is not listed")
        if first < 0x80 or first >= 0xE0:
            node.kind, node.value = "integer", first if first < 0x80 else first - 256
        elif first in (0xC0, 0xC2, 0xC3):
            node.kind, node.value = {0xC0: ("nil", None), 0xC2: ("bool", False), 0xC3: ("bool", True)}[first]
        elif first in _INTEGERS:
            self._read_integer(node, first)
        elif first in (0xCA, 0xCB):
            self._read_float(node, 4 if first == 0xCA else 8)
        elif 0xD4 <= first <= 0xD8:
            node.kind, node.value = "extension", self._take(1 + (1 << first - 0xD4), node)
        elif first == 0xC1:
            raise _CutError("nothing can follow it")
        else:
            self._read_long(node, first)
        if not node.text:
            node.text = node.kind if node.value is None else f"{node.kind} {_show(node.value)}"
            node.head = self._octets[node.offset : self.offset].hex()
        return node

    def _read_integer(self, node: Node, first: int) -> None:
        is_signed = first >= 0xD0
        node.kind = "integer"
        node.value = number = int.from_bytes(self._take(_INTEGERS[first], node), "big", signed=is_signed)
        if number > (1 << 63) - 1:
            node.faults.append("6.3 item 4: above 2^63 - 1")
        elif is_signed and number >= 0:
            node.faults.append("6.3 item 3: 0 or more in the form of a negative one")
        elif number > _GREATEST_SIGNED[first] if is_signed else number < _LEAST_UNSIGNED[first]:
            node.faults.append("6.3 item 3: not the shortest form")

    def _read_float(self, node: Node, octets: int) -> None:
        node.kind = "float"
        (node.value,) = struct.unpack(">f" if octets == 4 else ">d", self._take(octets, node))
        # Neither an infinity nor a NaN is 0 away from itself.
        if octets == 8 and node.value - node.value != 0:
            node.faults.append("6.3 item 5: all exponent bits are ones")

    def _read_long(self, node: Node, first: int) -> None:
        """str, bin, array, map and extension: what has a length."""
        node.kind, length = self._read_length(node, first)
        node.head = self._octets[node.offset : self.offset].hex()
        node.text = f"{node.kind} of {length}"
        if node.kind in ("array", "map"):
            node.text += f", level {node.level}"
            if node.level > MAX_LEVEL:
                node.faults.append("6.3 item 10: deeper than level 16")
            self._read_elements(node, length)
            return
        node.value = octets = self._take(length + (node.kind == "extension"), node)
        if node.kind == "str":
            try:
                node.value = octets.decode()
            except UnicodeDecodeError:
                node.faults.append("6.3 item 6: not well-formed UTF-8")
        node.text += f": {_show(node.value)}"

    def _read_length(self, node: Node, first: int) -> tuple[str, int]:
        for least, most, kind in ((0x80, 0x8F, "map"), (0x90, 0x9F, "array"), (0xA0, 0xBF, "str")):
            if least <= first <= most:
                return kind, first - least
        kind, octets = _LENGTHS[first]
        length = int.from_bytes(self._take(octets, node), "big")
        if length < _SHORTEST_LENGTH.get(first, 0):
            node.faults.append("6.3 item 3: not the shortest form")
        return kind, length

    def _read_elements(self, node: Node, length: int) -> None:
        if node.level >= MAX_SHOWN_LEVEL:
            raise _CutError("deeper levels are not shown")
        before: Node | None = None
        for index in range(length):
            if node.kind == "map":
                key = self.read(node.level + 1, "key")
                _check_key(key, before)
                node.nodes.append(key)
                before = key
            name = NAMES[index] if node.level == 0 and node.kind == "array" and index < len(NAMES) else f"[{index}]"
            node.nodes.append(self.read(node.level + 1, "value" if node.kind == "map" else name))

    def _take(self, count: int, node: Node) -> bytes:
        taken = self._octets[self.offset : self.offset + count]
        if len(taken) < count:
            node.head = self._octets[node.offset : node.offset + 12].hex()
            node.text = node.text or node.kind or "a value"
            raise _CutError(f"6.3 item 1: the plaintext ends {count - len(taken)} octets too early")
        self.offset += count
        return taken


def _check_key(key: Node, before: Node | None) -> None:
    if key.kind != "str":
        key.faults.append("6.3 item 7: a key that is not a str")
    elif key.value == "__proto__":
        key.faults.append("6.3 item 9: this key is forbidden")
    if before is None or not isinstance(key.value, str) or not isinstance(before.value, str):
        return
    if key.value.encode() <= before.value.encode():
        how = "stands twice" if key.value == before.value else "belongs before the one before it"
        key.faults.append(f"6.3 item 8: the key {how}")


def _show(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 40 else f"{value[:40].hex()}..."
    if isinstance(value, str):
        return ascii(value) if len(value) <= 60 else f"{value[:60]!a}..."
    return str(value).lower() if isinstance(value, bool) else repr(value)
