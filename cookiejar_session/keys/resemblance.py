"""What a text looks like: a key, which no message may show, or a path. Imports nothing that takes long to import."""

from __future__ import annotations

import re


def resembles_key(text: str) -> bool:
    """Whether ``text`` looks like a key or a list of keys, so that it must not be shown in a message."""
    bare = text.strip(" \t\r\n,\"'`")
    return bool(re.match(r"cjk1_|hex:|b64:|skb:|([0-9A-Fa-f]{64}){1,2}$", bare))


def resembles_bare_base64(text: str) -> bool:
    """Whether ``text`` looks like base64 key text without its prefix "b64:". A path may look like this too."""
    return bool(re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text))


def resembles_path(text: str) -> bool:
    """Whether ``text`` begins like a path, and does not look like a key."""
    return bool(re.match(r"~|\.{0,2}[/\\]|[A-Za-z]:[/\\]", text)) and not resembles_bare_base64(text)
