"""The time rules (SPEC 9): ceilings, expiry, what is due. Knows nothing of tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .envelope import Envelope
from .refusal import Refused


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What of a policy counts on reading; None is none."""

    longest_idle: int | None
    longest_lifetime: int | None
    not_before: int | None


def lower(envelope: Envelope, ceilings: Ceilings) -> Envelope:
    idle, until = envelope.idle, envelope.until
    if ceilings.longest_idle is not None:
        idle = min(idle, ceilings.longest_idle)  # SPEC 8.2 step 12, 9.4
    if ceilings.longest_lifetime is not None:
        until = min(until, envelope.created + ceilings.longest_lifetime)  # SPEC 8.2 step 12, 9.4
    return replace(envelope, idle=idle, until=until)


def judge(envelope: Envelope, now: int, ceilings: Ceilings) -> None:
    """Refuses an envelope, lowered already, whose time has not come or has passed."""
    if envelope.issued > now + 60:
        raise Refused("not-yet-valid")  # SPEC 8.2 step 13, 9.2
    if max(now, envelope.issued) >= compute_expires(envelope):
        raise Refused("expired")  # SPEC 8.2 step 14, 9.1
    if ceilings.not_before is not None and envelope.created < ceilings.not_before:
        raise Refused("revoked")  # SPEC 8.2 step 15


def compute_expires(envelope: Envelope) -> int:
    return min(envelope.issued + envelope.idle, envelope.until)  # SPEC 9.1


def is_renewal_due(envelope: Envelope, now: int, renew_after: int | None) -> bool:
    wait = envelope.idle // 10  # SPEC 9.5
    if renew_after is not None:
        wait = min(renew_after, wait)  # SPEC 9.5
    return now - envelope.issued >= max(1, wait)  # SPEC 9.5


def is_reseal_due(envelope: Envelope, now: int, *, behind_primary: bool) -> bool:
    return behind_primary and now - envelope.issued >= 300  # SPEC 9.6
