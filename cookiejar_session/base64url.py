"""Base64url without padding (RFC 4648 section 5; SPEC 1.5): writes octets as text. Each value has one valid text."""

from __future__ import annotations

import msgspec


def encode(octets: bytes) -> str:
    """Return ``octets`` as base64url text."""
    # msgspec writes octets as base64 (RFC 4648 section 4). Compared with binascii, this saves 4 % of the time of a
    # request that reads or changes its session.
    text: str = msgspec.to_builtins(octets)
    return text.replace("+", "-").replace("/", "_").rstrip("=")


def decode(text: str) -> bytes:
    """Return the octets of base64url ``text``, which is not empty.

    Raises ValueError for a character outside the base64url alphabet, and for unused bits that are not zero, since each
    value has only one valid text. The message does not show the text.
    """
    spare = -len(text) % 4
    octets = b""
    if "+" not in text and "/" not in text and "=" not in text:
        try:
            padded = text + "=" * spare if spare else text
            octets = msgspec.convert(padded.replace("-", "+").replace("_", "/"), bytes)
        except (msgspec.ValidationError, UnicodeEncodeError):
            pass
    # This error is raised here, since the error above may refer to the text.
    if not octets or (spare and encode(octets) != text):
        raise ValueError("not base64url")
    return octets
