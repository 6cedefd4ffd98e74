"""Derivation, padding and sealing, as SPEC 2 and 3 have them. Seals whatever octets it is given."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

from nacl.bindings import crypto_secretbox_easy

BLOCK = 24
PREFIX = "cj1."
NONCE = bytes(range(0x40, 0x58))
SID = bytes(range(0xA0, 0xB0))


def pae(*pieces: bytes) -> bytes:
    encoded = len(pieces).to_bytes(8, "little")
    for piece in pieces:
        encoded += len(piece).to_bytes(8, "little") + piece
    return encoded


def derive(key: bytes, label: str, *pieces: bytes) -> bytes:
    message = pae(f"cookiejar-session/v1/{label}".encode(), *pieces)
    return blake2b(message, key=key, digest_size=32).digest()


def box_key(key: bytes, purpose: str) -> bytes:
    return derive(key, "box", purpose.encode())


def key_id(key: bytes) -> bytes:
    return derive(key, "key-id")[:8]


def key_text(key: bytes) -> str:
    checksum = blake2b(pae(b"cookiejar-session/v1/key-text", key), digest_size=32).digest()[:4]
    return f"cjk1_{base64url(key + checksum)}"


def from_secret_key_base(octets: bytes) -> bytes:
    return derive(octets, "skb")


def base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pad(plaintext: bytes) -> bytes:
    return (plaintext + b"\x80").ljust((len(plaintext) // BLOCK + 1) * BLOCK, b"\0")


def seal(plaintext: bytes, *, key: bytes, purpose: str, nonce: bytes = NONCE) -> str:
    return seal_padded(pad(plaintext), key=key, purpose=purpose, nonce=nonce)


def seal_padded(
    padded: bytes, *, key: bytes, purpose: str, nonce: bytes = NONCE, shown_key_id: bytes | None = None
) -> str:
    """A token around any octets at all; ``shown_key_id`` puts another key's id in front of the box."""
    return seal_under(padded, box_key=box_key(key, purpose), key_id=shown_key_id or key_id(key), nonce=nonce)


def seal_under(padded: bytes, *, box_key: bytes, key_id: bytes, nonce: bytes = NONCE) -> str:
    return PREFIX + base64url(key_id + nonce + crypto_secretbox_easy(padded, nonce, box_key))


def make_csrf_token(sid: bytes, form: str, mask: bytes) -> str:
    csrf = derive(sid, "csrf", form.encode())
    return base64url(mask + bytes(a ^ b for a, b in zip(mask, csrf, strict=True)))


def log_id(sid: bytes) -> str:
    return derive(sid, "log-id")[:8].hex()
