"""A strict reader of UTF-8 (RFC 3629), for SPEC 6.3 item 6. Knows nothing of MessagePack."""

from __future__ import annotations

from .refusal import Refused


def decode(octets: bytes) -> str:
    characters = []
    offset = 0
    while offset < len(octets):
        code, length = read_sequence(octets, offset)
        characters.append(chr(code))
        offset += length
    return "".join(characters)


def read_sequence(octets: bytes, offset: int) -> tuple[int, int]:
    """The code point of the sequence at ``offset``, and how many octets it has."""
    first = octets[offset]
    if first < 0x80:
        return first, 1  # SPEC 6.3 item 6
    if first < 0xC2:  # a continuation that continues nothing; C0 and C1 could only begin what is overlong
        raise Refused("bad-encoding")  # SPEC 6.3 item 6
    if first < 0xE0:
        return continue_sequence(first - 0xC0, octets[offset + 1 : offset + 2], 1), 2  # SPEC 6.3 item 6
    if first < 0xF0:
        code = continue_sequence(first - 0xE0, octets[offset + 1 : offset + 3], 2)
        if code < 0x800:
            raise Refused("bad-encoding")  # SPEC 6.3 item 6
        if 0xD800 <= code <= 0xDFFF:
            raise Refused("bad-encoding")  # SPEC 6.3 item 6
        return code, 3
    code = continue_sequence(first - 0xF0, octets[offset + 1 : offset + 4], 3)
    if code < 0x10000:
        raise Refused("bad-encoding")  # SPEC 6.3 item 6
    if code > 0x10FFFF:  # so is whatever F5 to FF begin
        raise Refused("bad-encoding")  # SPEC 6.3 item 6
    return code, 4


def continue_sequence(code: int, continuations: bytes, count: int) -> int:
    if len(continuations) < count:
        raise Refused("bad-encoding")  # SPEC 6.3 item 6
    for octet in continuations:
        if not 0x80 <= octet <= 0xBF:
            raise Refused("bad-encoding")  # SPEC 6.3 item 6
        code = code << 6 | octet - 0x80
    return code
