"""The size of a session: how much of the limit it uses, and the error for a session that is too large (SPEC 13.8)."""

from __future__ import annotations

from typing import NamedTuple

from ..wire.envelope import Envelope, check_data, check_flash, encode_envelope
from ..wire.layout import count_encoded_octets
from ..wire.sealing import count_octets_by_key


class SessionSize(NamedTuple):
    """The size of a session in encoded octets.

    ``used`` is its size, ``left`` how much more fits, and ``by_key`` the size of each top-level key with its value. The
    key None stands for all flash messages.
    """

    used: int
    left: int
    by_key: dict[str | None, int]


def measure_session(envelope: Envelope, *, limit: int) -> SessionSize:
    """Return the size of ``envelope``. ``limit`` is the longest allowed token, in characters."""
    data, flash = check_data(envelope.data), check_flash(envelope.flash)
    used = len(encode_envelope(envelope))
    return SessionSize(used, count_encoded_octets(limit) - used, count_octets_by_key(data, flash))
