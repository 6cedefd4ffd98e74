"""The layout of a token: its prefix, its parts and how long it may be (SPEC 2)."""

from __future__ import annotations

PREFIX = "cj1."
WIRE_VERSION = 1
KEY_ID_OCTETS = 8
NONCE_OCTETS = 24
# SPEC 2.2: a token has 68 + 32 k characters if its padded envelope has k = 2 to 122 blocks of 24 octets.
BLOCK_OCTETS = 24
BLOCK_CHARACTERS = 32
FRAME_CHARACTERS = 68
MIN_TOKEN_CHARACTERS = FRAME_CHARACTERS + 2 * BLOCK_CHARACTERS
MAX_TOKEN_CHARACTERS = FRAME_CHARACTERS + 122 * BLOCK_CHARACTERS
# SPEC 2.5: padding adds at least one octet.
MAX_ENCODED_OCTETS = 122 * BLOCK_OCTETS - 1


def count_token_characters(encoded_octets: int) -> int:
    """Return the length in characters of a token whose encoded envelope has this many octets (SPEC 2)."""
    return FRAME_CHARACTERS + BLOCK_CHARACTERS * (encoded_octets // BLOCK_OCTETS + 1)


def count_encoded_octets(token_characters: int) -> int:
    """Return the longest encoded envelope, in octets, that fits in a token of this many characters (SPEC 2)."""
    return (token_characters - FRAME_CHARACTERS) // BLOCK_CHARACTERS * BLOCK_OCTETS - 1
