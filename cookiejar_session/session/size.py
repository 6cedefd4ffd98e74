"""How much of the limit a session uses (SPEC 13.8 and 15). Knows nothing of what the limit is there for."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import SessionTooLargeError
from ..wire.envelope import Envelope, count_octets_by_key, encode_unchecked
from ..wire.sealing import count_encoded_octets, count_token_characters


class SessionSize(NamedTuple):
    """Encoded octets: in use, left up to the limit, and by top-level key (None: all flash messages)."""

    used: int
    left: int
    by_key: dict[str | None, int]


def measure(envelope: Envelope, *, limit: int) -> SessionSize:
    """The octets of ``envelope`` under a limit of so many characters of its token."""
    used = len(encode_unchecked(envelope))
    return SessionSize(used, count_encoded_octets(limit) - used, count_octets_by_key(envelope.data, envelope.flash))


def refuse_too_large(envelope: Envelope, encoded_octets: int, *, limit: int) -> None:
    """Raises SessionTooLargeError where the token of so many encoded octets has more characters than ``limit``."""
    characters = count_token_characters(encoded_octets)
    if characters > limit:
        octets_by_key = count_octets_by_key(envelope.data, envelope.flash)
        raise SessionTooLargeError(characters=characters, limit=limit, octets_by_key=octets_by_key)
