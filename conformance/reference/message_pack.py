"""A strict reader of the MessagePack profile (SPEC 6), octet by octet. Knows nothing of envelopes."""

from __future__ import annotations

import struct
from typing import Any

from . import utf_8
from .refusal import Refused


class Octets:
    """Octets that are taken from the front."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.offset = 0

    def count_left(self) -> int:
        return len(self.octets) - self.offset

    def take(self, count: int) -> bytes:
        if count > self.count_left():
            raise Refused("bad-encoding")  # SPEC 6.3 item 1
        self.offset += count
        return self.octets[self.offset - count : self.offset]

    def take_number(self, octets: int) -> int:
        return int.from_bytes(self.take(octets), "big")


def decode(plaintext: bytes) -> Any:
    """The one value in ``plaintext``: None, bool, int, float, str, bytes, list or dict."""
    octets = Octets(plaintext)
    value = read_value(octets, 0)
    if octets.count_left() > 0:
        raise Refused("bad-encoding")  # SPEC 6.3 item 1
    return value


def read_value(octets: Octets, level: int) -> Any:
    """The next value, which lies at ``level`` if it is an array or a map."""
    first = octets.take_number(1)
    if first in (0xC1, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xDB, 0xDD, 0xDF):
        raise Refused("bad-encoding")  # SPEC 6.3 item 2
    if first <= 0x7F:
        return first
    if first <= 0x8F:
        return read_map(octets, first - 0x80, level)
    if first <= 0x9F:
        return read_array(octets, first - 0x90, level)
    if first <= 0xBF:
        return read_text(octets, first - 0xA0)
    if first >= 0xE0:
        return first - 0x100
    return read_form(octets, first, level)


def read_form(octets: Octets, first: int, level: int) -> Any:
    """The value of the forms C0 to DF that the table of SPEC 6.1 lists."""
    match first:
        case 0xC0:
            return None
        case 0xC2:
            return False
        case 0xC3:
            return True
        case 0xC4:
            return octets.take(octets.take_number(1))
        case 0xC5:
            return octets.take(read_number(octets, 2, least=2**8))  # SPEC 6.3 item 3
        case 0xCB:
            return read_float(octets)
        case 0xCC:
            return read_number(octets, 1, least=128)  # SPEC 6.3 item 3
        case 0xCD:
            return read_number(octets, 2, least=2**8)  # SPEC 6.3 item 3
        case 0xCE:
            return read_number(octets, 4, least=2**16)  # SPEC 6.3 item 3
        case 0xCF:
            return read_number(octets, 8, least=2**32)  # SPEC 6.3 item 3
        case 0xD0:
            return read_negative(octets, 1, greatest=-33)  # SPEC 6.3 item 3
        case 0xD1:
            return read_negative(octets, 2, greatest=-(2**7) - 1)  # SPEC 6.3 item 3
        case 0xD2:
            return read_negative(octets, 4, greatest=-(2**15) - 1)  # SPEC 6.3 item 3
        case 0xD3:
            return read_negative(octets, 8, greatest=-(2**31) - 1)  # SPEC 6.3 item 3
        case 0xD9:
            return read_text(octets, read_number(octets, 1, least=32))  # SPEC 6.3 item 3
        case 0xDA:
            return read_text(octets, read_number(octets, 2, least=2**8))  # SPEC 6.3 item 3
        case 0xDC:
            return read_array(octets, read_number(octets, 2, least=16), level)  # SPEC 6.3 item 3
        case 0xDE:
            return read_map(octets, read_number(octets, 2, least=16), level)  # SPEC 6.3 item 3
    raise AssertionError(f"SPEC 6.1 and 6.3 item 2 say nothing of {first:02x}")


def read_number(octets: Octets, count: int, *, least: int) -> int:
    """An integer or a length in ``count`` octets, ``least`` the first that needs them."""
    number = octets.take_number(count)
    if number < least:
        raise Refused("bad-encoding")  # SPEC 6.3 item 3
    if number > 2**63 - 1:
        raise Refused("bad-encoding")  # SPEC 6.3 item 4
    return number


def read_negative(octets: Octets, count: int, *, greatest: int) -> int:
    """An integer below 0 in ``count`` octets, ``greatest`` the first that needs them."""
    number = int.from_bytes(octets.take(count), "big", signed=True)
    if number > greatest:
        raise Refused("bad-encoding")  # SPEC 6.3 item 3
    return number


def read_float(octets: Octets) -> float:
    encoded = octets.take(8)
    exponent = int.from_bytes(encoded, "big") >> 52 & 0x7FF
    if exponent == 0x7FF:
        raise Refused("bad-encoding")  # SPEC 6.3 item 5
    number: float = struct.unpack(">d", encoded)[0]
    return number


def read_text(octets: Octets, length: int) -> str:
    return utf_8.decode(octets.take(length))


def read_array(octets: Octets, length: int, level: int) -> list[Any]:
    if level > 16:
        raise Refused("bad-encoding")  # SPEC 6.3 item 10
    return [read_value(octets, level + 1) for _ in range(length)]


def read_map(octets: Octets, length: int, level: int) -> dict[str, Any]:
    if level > 16:
        raise Refused("bad-encoding")  # SPEC 6.3 item 10
    pairs: dict[str, Any] = {}
    previous: bytes | None = None
    for _ in range(length):
        key = read_value(octets, level + 1)
        if type(key) is not str:
            raise Refused("bad-encoding")  # SPEC 6.3 item 7
        if previous is not None and key.encode() <= previous:
            raise Refused("bad-encoding")  # SPEC 6.3 item 8
        if key == "__proto__":
            raise Refused("bad-encoding")  # SPEC 6.3 item 9
        previous = key.encode()
        pairs[key] = read_value(octets, level + 1)
    return pairs
