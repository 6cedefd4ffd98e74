"""A MessagePack writer that can also write what SPEC 6 forbids. Values are the tagged ones of the vectors."""

from __future__ import annotations

import struct
from typing import Any

Octets = bytes

NIL, FALSE, TRUE = b"\xc0", b"\xc2", b"\xc3"
# First octets of the forms with a length or a number behind them.
LENGTH_OCTETS = {
    0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4,
    0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8, 0xC7: 1, 0xC8: 2, 0xC9: 4,
}  # fmt: skip


def form(first: int, number: int) -> Octets:
    """``first`` and ``number`` big-endian in as many octets as this form has, two's complement."""
    octets = LENGTH_OCTETS[first]
    return bytes([first]) + (number % (1 << 8 * octets)).to_bytes(octets, "big")


_UNSIGNED = {0xCC: 8, 0xCD: 16, 0xCE: 32, 0xCF: 64}
_SIGNED = {0xD0: 7, 0xD1: 15, 0xD2: 31, 0xD3: 63}


def write_integer(number: int) -> Octets:
    if -32 <= number < 128:
        return bytes([number % 256])
    if number >= 0:
        return form(next(first for first, bits in _UNSIGNED.items() if number < 1 << bits), number)
    return form(next(first for first, bits in _SIGNED.items() if number >= -1 << bits), number)


def write_float(number: float) -> Octets:
    return b"\xcb" + struct.pack(">d", number)


def write_text(text: str) -> Octets:
    return write_text_octets(text.encode())


def write_text_octets(octets: bytes) -> Octets:
    """A str, whatever its octets."""
    if len(octets) < 32:
        return bytes([0xA0 + len(octets)]) + octets
    return form(0xD9 if len(octets) < 256 else 0xDA, len(octets)) + octets


def write_binary(octets: bytes) -> Octets:
    return form(0xC4 if len(octets) < 256 else 0xC5, len(octets)) + octets


def write_array(*items: Octets) -> Octets:
    head = bytes([0x90 + len(items)]) if len(items) < 16 else form(0xDC, len(items))
    return head + b"".join(items)


def write_map(*pairs: tuple[Octets, Octets]) -> Octets:
    """A map with its pairs in the order given."""
    head = bytes([0x80 + len(pairs)]) if len(pairs) < 16 else form(0xDE, len(pairs))
    return head + b"".join(key + value for key, value in pairs)


def write(value: Any) -> Octets:
    """The one encoding of a tagged value (SPEC 6.1), map keys sorted (6.4)."""
    if value is None or isinstance(value, bool):
        return NIL if value is None else TRUE if value else FALSE
    if isinstance(value, str):
        return write_text(value)
    ((tag, content),) = value.items()
    if tag == "int":
        return write_integer(int(content))
    if tag == "float":
        return b"\xcb" + bytes.fromhex(content)
    if tag == "bin":
        return write_binary(bytes.fromhex(content))
    if tag == "array":
        return write_array(*map(write, content))
    pairs = sorted(content, key=lambda pair: pair[0].encode())
    return write_map(*((write_text(key), write(item)) for key, item in pairs))


def write_envelope(envelope: dict[str, Any]) -> Octets:
    """The plaintext of an envelope as it stands in the vectors (SPEC 5)."""
    times = [write_integer(envelope[name]) for name in ("created", "issued", "idle", "until")]
    flash = [write_array(write_text(category), write(value)) for category, value in envelope["flash"]]
    persistent = TRUE if envelope["persistent"] else FALSE
    sid = write_binary(bytes.fromhex(envelope["sid"]))
    return write_array(sid, *times, persistent, write(envelope["data"]), write_array(*flash))
