"""Refusal of keys on the command line, which every user of the machine can read."""

from __future__ import annotations

from collections.abc import Sequence

from ..keys.resemblance import resembles_key

KEY_AS_ARGUMENT = (
    "there is a key among the arguments, where every user of this machine can read it (ps) and the shell keeps it in "
    "its history; put it in COOKIEJAR_SESSION_KEYS or in a file, and replace this key if others can have seen it"
)


def has_key(arguments: Sequence[str]) -> bool:
    """Whether an argument, or the value of an option such as ``--name=value``, looks like a key."""
    return any(resembles_key(part) for argument in arguments for part in (argument, argument.partition("=")[2]))
