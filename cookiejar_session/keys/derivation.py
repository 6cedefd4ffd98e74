"""Key derivation: keyed BLAKE2b-256 over the PAE encoding of a label and its inputs (SPEC 3)."""

from __future__ import annotations

from hashlib import blake2b

from ..argument_checks import hide_arguments

LABEL_PREFIX = "cookiejar-session/v1/"


def encode_pieces(*pieces: bytes) -> bytes:
    """Return PASETO's pre-authentication encoding, PAE (SPEC 3.1). Different lists never have the same encoding."""
    encoded = len(pieces).to_bytes(8, "little")
    for piece in pieces:
        encoded += len(piece).to_bytes(8, "little") + piece
    return encoded


@hide_arguments
def derive(key: bytes, /, label: str, *pieces: bytes) -> bytes:
    """Return 32 octets: BLAKE2b-256 of the label and the pieces, keyed with ``key`` of at most 64 octets (SPEC 3.2)."""
    message = encode_pieces((LABEL_PREFIX + label).encode(), *pieces)
    return blake2b(message, key=key, digest_size=32).digest()
