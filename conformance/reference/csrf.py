"""The check of a CSRF token (SPEC 14.3). Knows nothing of sessions."""

from __future__ import annotations

from . import base64url
from .derivation import derive_csrf
from .refusal import Refused


def check_csrf_token(token: bytes, sid: bytes, form: str) -> None:
    if len(token) != 86:
        raise Refused("refused")  # SPEC 14.3 item 1
    for character in token:
        if character not in base64url.ALPHABET:
            raise Refused("refused")  # SPEC 14.3 item 1
    if base64url.read_spare_bits(token) != 0:
        raise Refused("refused")  # SPEC 14.3 item 2
    octets = base64url.decode(token)
    mask, masked = octets[0:32], octets[32:64]
    # Not in constant time (14.4): this reader has no secrets.
    if bytes(octet ^ other for octet, other in zip(mask, masked, strict=True)) != derive_csrf(sid, form):
        raise Refused("refused")  # SPEC 14.3 item 3
