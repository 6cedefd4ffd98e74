"""The box of a token: padding and libsodium's secretbox (SPEC 1.6, 2.3 and 2.4). The only importer of PyNaCl."""

from __future__ import annotations

from nacl.bindings import crypto_secretbox_easy, crypto_secretbox_open
from nacl.exceptions import CryptoError

from ..errors import Reason, TokenError
from .layout import BLOCK_OCTETS


def seal_box(plaintext: bytes, *, nonce: bytes, box_key: bytes) -> bytes:
    """Return the box of the padded plaintext: 16 octets of tag, then the ciphertext."""
    padded_octets = (len(plaintext) // BLOCK_OCTETS + 1) * BLOCK_OCTETS
    return crypto_secretbox_easy((plaintext + b"\x80").ljust(padded_octets, b"\0"), nonce, box_key)


def open_box(box: bytes, *, nonce: bytes, box_key: bytes) -> bytes:
    """Return the plaintext in ``box``. Raises TokenError with not-authentic or bad-padding (SPEC 8.2 steps 8 and 9)."""
    try:
        padded = crypto_secretbox_open(box, nonce, box_key)
    except CryptoError:
        raise TokenError(Reason.NOT_AUTHENTIC) from None
    plaintext = padded.rstrip(b"\0")
    if not plaintext.endswith(b"\x80") or len(padded) - len(plaintext) >= BLOCK_OCTETS:
        raise TokenError(Reason.BAD_PADDING)
    return plaintext[:-1]
