"""The envelope: which decoded value is one (SPEC 5.2). Knows nothing of octets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .refusal import Refused


@dataclass(frozen=True, slots=True)
class Envelope:
    """The eight of SPEC 5.1."""

    sid: bytes
    created: int
    issued: int
    idle: int
    until: int
    persistent: bool
    data: dict[str, Any]
    flash: list[list[Any]]


def check_envelope(value: Any) -> Envelope:
    if type(value) is not list:
        raise Refused("bad-envelope")  # SPEC 5.2 item 1
    if len(value) != 8:
        raise Refused("bad-envelope")  # SPEC 5.2 item 1
    sid, created, issued, idle, until, persistent, data, flash = value
    if type(sid) is not bytes:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    # type, not isinstance: True is no integer.
    if type(created) is not int:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    if type(issued) is not int:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    if type(idle) is not int:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    if type(until) is not int:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    if type(persistent) is not bool:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    if type(data) is not dict:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    if type(flash) is not list:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    if len(sid) != 16:
        raise Refused("bad-envelope")  # SPEC 5.2 item 3
    # issued and until are greater than created, created and issued less than until (items 6 and 7).
    if created < 0:
        raise Refused("bad-envelope")  # SPEC 5.2 item 4
    if until >= 2**48:
        raise Refused("bad-envelope")  # SPEC 5.2 item 4
    if idle < 1:
        raise Refused("bad-envelope")  # SPEC 5.2 item 5
    if idle >= 2**32:
        raise Refused("bad-envelope")  # SPEC 5.2 item 5
    if issued < created:
        raise Refused("bad-envelope")  # SPEC 5.2 item 6
    if until <= issued:
        raise Refused("bad-envelope")  # SPEC 5.2 item 7
    if len(flash) > 32:
        raise Refused("bad-envelope")  # SPEC 5.2 item 8
    for entry in flash:
        check_flash(entry)
    return Envelope(*value)


def check_flash(entry: Any) -> None:
    if type(entry) is not list:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
    if len(entry) != 2:
        raise Refused("bad-envelope")  # SPEC 5.2 item 9
    if type(entry[0]) is not str:
        raise Refused("bad-envelope")  # SPEC 5.2 item 2
