"""The alphabet of SPEC 1.5 and what its characters stand for. Knows nothing of tokens."""

from __future__ import annotations

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def decode(characters: bytes) -> bytes:
    """The whole octets in ``characters``, all of the alphabet; bits that are left over at the end are dropped."""
    number = 0
    for character in characters:
        number = number << 6 | ALPHABET.index(character)
    spare = count_spare_bits(characters)
    return (number >> spare).to_bytes(len(characters) * 6 // 8, "big")


def read_spare_bits(characters: bytes) -> int:
    """The bits of the last character that stand for no octet, as a number."""
    return ALPHABET.index(characters[-1]) % (1 << count_spare_bits(characters))


def count_spare_bits(characters: bytes) -> int:
    return len(characters) * 6 % 8
