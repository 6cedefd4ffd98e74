"""XSalsa20-Poly1305 (SPEC 1.6) in plain Python, to show what is in a box. Slow, and not for secrets."""

from __future__ import annotations

import struct

_CONSTANT = struct.unpack("<4I", b"expand 32-byte k")
_MASK = 0xFFFFFFFF
_PRIME = (1 << 130) - 5
_CLAMP = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
# The quarter rounds of a double round: columns, then rows.
_QUARTERS = (
    (0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11),
    (0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14),
)  # fmt: skip


def open_secretbox(box: bytes, *, nonce: bytes, key: bytes) -> tuple[bytes, bool]:
    """What is in ``box``, and whether its tag is right. Where it is not, the octets mean nothing."""
    tag, ciphertext = box[:16], box[16:]
    stream = _make_stream(32 + len(ciphertext), nonce=nonce, key=key)
    padded = bytes(octet ^ other for octet, other in zip(ciphertext, stream[32:], strict=True))
    return padded, _authenticate(ciphertext, stream[:32]) == tag


def _make_stream(octets: int, *, nonce: bytes, key: bytes) -> bytes:
    first = _mix(_fill(struct.unpack("<8I", key), struct.unpack("<4I", nonce[:16])))
    # HSalsa20: the words that held the constant and the nonce.
    inner = tuple(first[place] for place in (0, 5, 10, 15, 6, 7, 8, 9))
    stream = bytearray()
    for counter in range(-(-octets // 64)):
        words = _fill(inner, (*struct.unpack("<2I", nonce[16:]), counter, 0))
        mixed = ((word + other) & _MASK for word, other in zip(words, _mix(words), strict=True))
        stream += struct.pack("<16I", *mixed)
    return bytes(stream[:octets])


def _fill(key: tuple[int, ...], middle: tuple[int, ...]) -> list[int]:
    c0, c1, c2, c3 = _CONSTANT
    return [c0, *key[:4], c1, *middle, c2, *key[4:], c3]


def _mix(words: list[int]) -> list[int]:
    x = list(words)
    for _ in range(10):
        for a, b, c, d in _QUARTERS:
            x[b] ^= _rotate(x[a] + x[d], 7)
            x[c] ^= _rotate(x[b] + x[a], 9)
            x[d] ^= _rotate(x[c] + x[b], 13)
            x[a] ^= _rotate(x[d] + x[c], 18)
    return x


def _rotate(number: int, bits: int) -> int:
    number &= _MASK
    return (number << bits | number >> (32 - bits)) & _MASK


def _authenticate(message: bytes, key: bytes) -> bytes:
    r, s = int.from_bytes(key[:16], "little") & _CLAMP, int.from_bytes(key[16:], "little")
    total = 0
    for start in range(0, len(message), 16):
        total = (total + int.from_bytes(message[start : start + 16] + b"\1", "little")) * r % _PRIME
    return ((total + s) % (1 << 128)).to_bytes(16, "little")
