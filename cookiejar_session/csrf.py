"""CSRF tokens bound to a sid and a form (SPEC 14). Knows nothing of sessions."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from hmac import compare_digest

from .derivation import derive
from .errors import UnsupportedValueError

MASK_OCTETS = 32
_CHARACTERS = 86

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/***")


def make_csrf_token(sid: bytes, *, form: str, mask: bytes) -> str:
    """86 base64url characters: ``mask``, 32 random octets, and the CSRF octets under it, against BREACH (SPEC 14.1)."""
    octets = mask + _mask(_derive_csrf(sid, form), mask)
    return b2a_base64(octets, newline=False).translate(_TO_URL).decode().rstrip("=")


def is_csrf_token(token: object, *, sid: bytes, form: str) -> bool:
    """Whether ``token`` is one for this sid and form, compared in constant time (SPEC 14.3). What is no str is not."""
    if not isinstance(token, str) or len(token) != _CHARACTERS or not token.isascii():
        return False
    encoded = token.encode().translate(_FROM_URL) + b"=="
    try:
        octets = a2b_base64(encoded, strict_mode=True)
    except Base64Error:
        return False
    # Spare bits in the last character would give one token several spellings.
    if b2a_base64(octets, newline=False) != encoded:
        return False
    mask, masked = octets[:MASK_OCTETS], octets[MASK_OCTETS:]
    return compare_digest(_mask(masked, mask), _derive_csrf(sid, form))


def _derive_csrf(sid: bytes, form: str) -> bytes:
    try:
        return derive(sid, "csrf", form.encode())
    except UnicodeEncodeError:
        # SPEC 3.5
        raise UnsupportedValueError("form has a lone surrogate; name the form by well-formed text") from None


def _mask(octets: bytes, mask: bytes) -> bytes:
    return bytes(octet ^ other for octet, other in zip(octets, mask, strict=True))
