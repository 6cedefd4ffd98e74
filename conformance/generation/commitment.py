"""A box that authenticates under two keys: secretbox commits to none (SPEC 17.9).

Poly1305 is a polynomial in the ciphertext's blocks of 16 octets, so one free block is enough to make two one-time keys
agree on a tag. The one-time key is the first 32 octets of the XSalsa20 stream, which libsodium keeps to itself; hence
Salsa20 here, in the words of its specification (D. J. Bernstein, "Salsa20 specification", 2005; RFC 8439 2.5 for
Poly1305).
"""

from __future__ import annotations

import struct

from nacl.bindings import crypto_secretbox_easy

_PRIME = (1 << 130) - 5
_CLAMP = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
_SIGMA = b"expand 32-byte k"
_QUARTERS = (
    (0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11),
    (0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14),
)  # fmt: skip


def make_box_for_two(
    padded: bytes, *, free: int, box_key: bytes, other_box_key: bytes, nonce: bytes
) -> tuple[bytes, bytes]:
    """``padded`` with its octets [free, free + 16) changed, and its box under the first key, which the other opens too.

    ``free`` and the whole are multiples of 16. Raises ValueError where no block does: change another octet then.
    """
    box = crypto_secretbox_easy(padded, nonce, box_key)
    ciphertext = bytearray(box[16:])
    stream = bytes(a ^ b for a, b in zip(ciphertext, padded, strict=True))
    (r1, s1), (r2, s2) = _one_time_key(box_key, nonce), _one_time_key(other_box_key, nonce)
    power = len(ciphertext) // 16 - free // 16
    ciphertext[free : free + 16] = bytes(16)
    # Without the free block; its 2^128 stands already in both sums.
    rest1, rest2 = _evaluate(ciphertext, r1), _evaluate(ciphertext, r2)
    inverse = pow(pow(r1, power, _PRIME) - pow(r2, power, _PRIME), -1, _PRIME)
    for carry in range(-4, 5):
        block = (s2 - s1 + (carry << 128) - rest1 + rest2) * inverse % _PRIME
        if block >> 128:
            continue
        ciphertext[free : free + 16] = block.to_bytes(16, "little")
        tag = (_evaluate(ciphertext, r1) + s1) % (1 << 128)
        if tag == (_evaluate(ciphertext, r2) + s2) % (1 << 128):
            changed = bytes(a ^ b for a, b in zip(ciphertext, stream, strict=True))
            return changed, tag.to_bytes(16, "little") + bytes(ciphertext)
    raise ValueError("no block does")


def _evaluate(message: bytes | bytearray, r: int) -> int:
    total = 0
    for start in range(0, len(message), 16):
        total = (total + int.from_bytes(message[start : start + 16], "little") + (1 << 128)) * r % _PRIME
    return total


def _one_time_key(box_key: bytes, nonce: bytes) -> tuple[int, int]:
    inner = _hsalsa20(box_key, nonce[:16])
    block = _salsa20(inner, nonce[16:] + bytes(8))
    return int.from_bytes(block[:16], "little") & _CLAMP, int.from_bytes(block[16:32], "little")


def _mix(key: bytes, inputs: bytes) -> tuple[list[int], list[int]]:
    octets = _SIGMA[:4] + key[:16] + _SIGMA[4:8] + inputs + _SIGMA[8:12] + key[16:] + _SIGMA[12:]
    before = list(struct.unpack("<16I", octets))
    words = list(before)
    for _ in range(10):
        for a, b, c, d in _QUARTERS:
            for target, one, other, bits in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13), (a, d, c, 18)):
                total = (words[one] + words[other]) & 0xFFFFFFFF
                words[target] ^= (total << bits | total >> (32 - bits)) & 0xFFFFFFFF
    return before, words


def _salsa20(key: bytes, inputs: bytes) -> bytes:
    before, words = _mix(key, inputs)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(before, words, strict=True)))


def _hsalsa20(key: bytes, inputs: bytes) -> bytes:
    _, words = _mix(key, inputs)
    return struct.pack("<8I", *(words[index] for index in (0, 5, 10, 15, 6, 7, 8, 9)))
