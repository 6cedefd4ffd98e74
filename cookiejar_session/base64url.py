"""Base64url without padding (RFC 4648 section 5; SPEC 1.5): the one spelling of octets as text."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

_TO_URL = bytes.maketrans(b"+/", b"-_")
# "+", "/" and "=" become characters that strict decoding refuses.
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/***")


def encode(octets: bytes) -> str:
    """Return ``octets`` as base64url text."""
    return b2a_base64(octets, newline=False).translate(_TO_URL).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the octets of base64url ``text``.

    Raises ValueError for any other character, and for spare bits that are not zero: each value has one spelling.
    The message does not show the text.
    """
    if not text.isascii():
        raise ValueError("not base64url")
    spare = -len(text) % 4
    try:
        octets = a2b_base64(text.encode().translate(_FROM_URL) + b"=" * spare, strict_mode=True)
    except Error:
        octets = None
    # Raised here, since the error above refers to a frame that holds the text.
    if octets is None or (spare and encode(octets) != text):
        raise ValueError("not base64url")
    return octets
