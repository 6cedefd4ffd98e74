"""The size of a session: how much of the limit it uses, and the error for a session that is too large (SPEC 13.8)."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from ..errors import SessionTooLargeError
from . import messagepack
from .envelope import Envelope, Flashes, check_data, check_flash
from .layout import count_encoded_octets


class SessionSize(NamedTuple):
    """The size of a session in encoded octets.

    ``used`` is the size of the session, ``left`` is the free space, and ``by_key`` has the size of each top-level key
    with its value. The key None stands for all flash messages.
    """

    used: int
    left: int
    by_key: dict[str | None, int]


def measure_session(envelope: Envelope, *, limit: int) -> SessionSize:
    """Return the size of ``envelope``. ``limit`` is the longest allowed token, in characters.

    A session that is far too large has a size too, so a value longer than SPEC 6 allows is measured like any other.
    Raises UnsupportedValueError for a value that no session can hold.
    """
    data, flash = check_data(envelope.data), check_flash(envelope.flash)
    used = len(messagepack.encode(replace(envelope, data=data, flash=flash)))
    return SessionSize(used, count_encoded_octets(limit) - used, count_octets_by_key(data, flash))


def check_size(characters: int, data: dict[str, object], flash: Flashes, *, limit: int) -> None:
    """Raise SessionTooLargeError if a token with this many characters exceeds ``limit``.

    The token holds ``data`` and ``flash``.
    """
    if characters > limit:
        # check_data() returns values of plain types. msgspec cannot encode instances of some subclasses.
        octets_by_key = count_octets_by_key(check_data(data), check_flash(flash))
        raise SessionTooLargeError(characters=characters, limit=limit, octets_by_key=octets_by_key)


def count_octets_by_key(data: dict[str, object], flash: Flashes) -> dict[str | None, int]:
    """Return how many octets each key takes with its value. The key None stands for all flash messages, if any."""
    octets: dict[str | None, int] = {
        key: len(messagepack.encode(key)) + len(messagepack.encode(value)) for key, value in data.items()
    }
    if flash:
        octets[None] = len(messagepack.encode(flash))
    return octets
