"""The alphabet of SPEC 1.5 and what its characters stand for. Knows nothing of tokens."""

from __future__ import annotations

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def decode(characters: bytes) -> bytes:
    """The whole octets in ``characters``, all of the alphabet; bits that are left over at the end are dropped."""
    octets = bytearray()
    number = bits = 0
    for character in characters:
        number, bits = number << 6 | ALPHABET.index(character), bits + 6
        if bits >= 8:
            bits -= 8
            octets.append(number >> bits)
            number %= 1 << bits
    return bytes(octets)


def read_spare_bits(characters: bytes) -> int:
    """The bits of the last character that stand for no octet, as a number."""
    return ALPHABET.index(characters[-1]) % (1 << count_spare_bits(characters))


def count_spare_bits(characters: bytes) -> int:
    return len(characters) * 6 % 8
