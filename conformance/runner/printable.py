"""Text that comes from elsewhere, as it can be shown. Knows nothing of where it comes from."""

from __future__ import annotations


def escape(text: str) -> str:
    """``text`` on one line that every terminal and every encoding of stdout can take."""
    return "".join(char if char.isascii() and char.isprintable() else ascii(char)[1:-1] for char in text)
