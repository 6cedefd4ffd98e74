"""Keys derived from keys: keyed BLAKE2b over PAE (SPEC 3). Knows nothing of what the derived keys are for."""

from __future__ import annotations

from hashlib import blake2b


def encode_pieces(*pieces: bytes) -> bytes:
    """PASETO's pre-authentication encoding, PAE (SPEC 3.1): no two lists of pieces have one encoding."""
    encoded = len(pieces).to_bytes(8, "little")
    for piece in pieces:
        encoded += len(piece).to_bytes(8, "little") + piece
    return encoded


def derive(key: bytes, /, label: str, *pieces: bytes) -> bytes:
    """32 octets: BLAKE2b-256 keyed with ``key``, at most 64 octets, over PAE of a v1 label and the pieces (SPEC 3)."""
    message = encode_pieces(b"cookiejar-session/v1/" + label.encode(), *pieces)
    return blake2b(message, key=key, digest_size=32).digest()
