"""Keys derived from keys (SPEC 3). Knows nothing of what they are for. Lone surrogates are refused before (3.5)."""

from __future__ import annotations

from hashlib import blake2b


def encode_pieces(*pieces: bytes) -> bytes:
    """PAE of SPEC 3.1."""
    encoded = len(pieces).to_bytes(8, "little")
    for piece in pieces:
        encoded += len(piece).to_bytes(8, "little") + piece
    return encoded


def derive(key: bytes, label: bytes, *pieces: bytes) -> bytes:
    return blake2b(encode_pieces(b"cookiejar-session/v1/" + label, *pieces), key=key, digest_size=32).digest()


def derive_box_key(key: bytes, purpose: str) -> bytes:
    return derive(key, b"box", purpose.encode("utf-8", "surrogatepass"))  # SPEC 3.4


def derive_key_id(key: bytes) -> bytes:
    return derive(key, b"key-id")[0:8]  # SPEC 3.4


def derive_key_of_base(secret_key_base: bytes) -> bytes:
    return derive(secret_key_base, b"skb")  # SPEC 3.4


def derive_csrf(sid: bytes, form: str) -> bytes:
    return derive(sid, b"csrf", form.encode("utf-8", "surrogatepass"))


def compute_checksum(key: bytes) -> bytes:
    pieces = encode_pieces(b"cookiejar-session/v1/key-text", key)
    return blake2b(pieces, digest_size=32).digest()[0:4]  # SPEC 3.4
