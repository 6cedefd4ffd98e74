"""Base64url without padding (RFC 4648 section 5; SPEC 1.5): writes octets as text. Each value has one valid text.

This module uses base64 of the standard library, although msgspec's would save 2 to 3 % of a request. With msgspec,
commands that only read keys would also import msgspec, and this import takes longer than all the rest of the command.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

_FROM_BASE64 = bytes.maketrans(b"+/", b"-_")
# Base64url does not allow "+" and "/", and the text has no padding "=". These characters are replaced by "*", which is
# not a character of base64, so the decoder refuses them.
_TO_BASE64 = bytes.maketrans(b"-_+/=", b"+/***")


def encode(octets: bytes) -> str:
    """Return ``octets`` as base64url text."""
    return b2a_base64(octets, newline=False).translate(_FROM_BASE64).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the octets of base64url ``text``, which is not empty.

    Raises ValueError for a character outside the base64url alphabet, and for unused bits that are not zero, since each
    value has only one valid text. The message does not show the text.
    """
    spare = -len(text) % 4
    # A character outside ASCII becomes "?", which is not a character of base64 either.
    padded = text.encode("ascii", "replace").translate(_TO_BASE64) + b"=" * spare
    try:
        octets = a2b_base64(padded, strict_mode=True)
    except Error:
        octets = b""
    if not octets or (spare and encode(octets) != text):
        raise ValueError("not base64url")
    return octets
