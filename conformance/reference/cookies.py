"""Cookie header fields: the values of a name, and which is accepted (SPEC 11). Knows nothing of Set-Cookie."""

from __future__ import annotations

from collections.abc import Sequence

from .attributes import Attributes
from .envelope import Envelope
from .refusal import Refused
from .ring import Entry
from .time_rules import Ceilings
from .wire import find_box, open_box


def scan(headers: Sequence[bytes], name: bytes) -> list[bytes]:
    values = []
    joined = b"; ".join(headers)  # SPEC 11.1 step 1
    for piece in joined.split(b";"):  # SPEC 11.1 step 2
        piece = remove_blanks_before(piece)  # SPEC 11.1 step 3
        if not piece.startswith(name + b"="):
            continue  # SPEC 11.1 step 4
        value = piece[len(name) + 1 :]  # SPEC 11.1 step 5
        value = value.split(b",")[0]  # SPEC 11.1 step 5
        value = remove_blanks_before(value)  # SPEC 11.1 step 5
        value = remove_blanks_behind(value)  # SPEC 11.1 step 5
        values.append(value)  # SPEC 11.1 step 6
    return values


def remove_blanks_before(octets: bytes) -> bytes:
    for _ in range(16):  # SPEC 11.1 step 3, 11.1 step 5
        if octets[0:1] not in (b" ", b"\t"):
            break  # SPEC 11.1 step 3, 11.1 step 5
        octets = octets[1:]
    return octets


def remove_blanks_behind(octets: bytes) -> bytes:
    for _ in range(16):  # SPEC 11.1 step 5
        if octets[-1:] not in (b" ", b"\t"):
            break  # SPEC 11.1 step 5
        octets = octets[:-1]
    return octets


def choose(
    values: Sequence[bytes], entries: Sequence[Entry], purpose: str, now: int, ceilings: Ceilings
) -> tuple[Envelope | None, list[str]]:
    """The accepted envelope, if one is, and the reasons of the unreadable values in order."""
    accepted: Envelope | None = None
    reasons: list[str] = []
    opened = 0
    for value in values[:16]:  # SPEC 11.4 step 1
        try:
            box = find_box(value, entries, now)
        except Refused as refusal:
            reasons.append(refusal.reason)  # SPEC 11.4 step 1, 11.4 step 4
            continue
        if opened >= 4:
            continue  # SPEC 11.4 step 2
        opened += 1
        try:
            envelope = open_box(box, purpose, now, ceilings)
        except Refused as refusal:
            reasons.append(refusal.reason)  # SPEC 11.4 step 2, 11.4 step 4
            continue
        if accepted is None or envelope.issued > accepted.issued:
            accepted = envelope  # SPEC 11.4 step 3
    return accepted, reasons


def read(
    headers: Sequence[bytes],
    entries: Sequence[Entry],
    *,
    cookie: Attributes,
    previous: Sequence[Attributes],
    purpose: str | None,
    now: int,
    ceilings: Ceilings,
) -> tuple[str, Envelope] | None:
    """The name and the envelope of the accepted value; None where no value came."""
    reasons: list[str] = []
    for name in dict.fromkeys([cookie.name, *(each.name for each in previous)]):  # SPEC 11.5
        of_name = name
        if purpose is not None:
            of_name = purpose  # SPEC 3.5, 12.6
        accepted, more = choose(scan(headers, name.encode()), entries, of_name, now, ceilings)
        if accepted is not None:
            return name, accepted  # SPEC 11.5
        reasons += more  # SPEC 11.6
    if not reasons:
        return None  # SPEC 11.6
    raise Refused(reasons[0])  # SPEC 11.6
