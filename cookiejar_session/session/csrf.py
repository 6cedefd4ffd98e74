"""CSRF tokens, bound to a sid and a form (SPEC 14)."""

from __future__ import annotations

from hmac import compare_digest

from .. import base64url
from ..argument_checks import hide_arguments
from ..errors import UnsupportedValueError
from ..keys.derivation import derive

MASK_OCTETS = 32
TOKEN_CHARACTERS = 86


@hide_arguments
def make_csrf_token(sid: bytes, *, form: str, mask: bytes) -> str:
    """Return a CSRF token of 86 base64url characters (SPEC 14.1).

    ``mask`` is 32 fresh random octets. It hides the secret from BREACH attacks, which compare compressed pages.
    """
    return base64url.encode(mask + _mask(_derive_csrf(sid, form), mask))


@hide_arguments
def is_csrf_token(token: object, *, sid: bytes, form: str) -> bool:
    """Whether ``token`` is a CSRF token of this sid and form (SPEC 14.3). Compares in constant time.

    Returns False for a value that is not a str.
    """
    if not isinstance(token, str) or len(token) != TOKEN_CHARACTERS:
        return False
    try:
        octets = base64url.decode(token)
    except ValueError:
        return False
    mask, masked = octets[:MASK_OCTETS], octets[MASK_OCTETS:]
    return compare_digest(_mask(masked, mask), _derive_csrf(sid, form))


def _derive_csrf(sid: bytes, form: str) -> bytes:
    try:
        encoded = form.encode()
    except UnicodeEncodeError:
        # SPEC 3.5
        raise UnsupportedValueError("form has a lone surrogate; use well-formed text") from None
    return derive(sid, "csrf", encoded)


def _mask(octets: bytes, mask: bytes) -> bytes:
    return bytes(octet ^ other for octet, other in zip(octets, mask, strict=True))
