"""The time rules (SPEC 9): when a session expires, is renewed, is resealed. Pure; knows no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from ..errors import ConfigError, Reason
from .envelope import MAX_IDLE, MAX_TIME, Envelope

# A token from a machine whose clock is ahead is taken up to this many seconds early (SPEC 9.2).
CLOCK_SKEW = 60
# Two nodes with two orders of one ring would reseal each other's tokens for ever, were there no pause (SPEC 9.6).
RESEAL_PAUSE = 300

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long sessions live. All durations are whole seconds of at least one; ConfigError otherwise.

    ``idle_timeout`` and ``absolute_lifetime`` are what a new session starts with, ``persistent`` whether its cookie
    outlives the browser. A token is renewed when ``renew_after`` has passed since it was issued, and never later than a
    tenth of the session's own idle timeout. ``longest_idle`` and ``longest_lifetime`` lower what a session brings with
    it. Sessions created before ``not_before`` (an aware datetime) are refused as revoked.
    """

    idle_timeout: timedelta = timedelta(days=14)
    absolute_lifetime: timedelta = timedelta(days=90)
    persistent: bool = True
    renew_after: timedelta | None = None
    longest_idle: timedelta | None = None
    longest_lifetime: timedelta | None = None
    not_before: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("idle_timeout", "absolute_lifetime", "renew_after", "longest_idle", "longest_lifetime"):
            duration: Any = getattr(self, name)
            if duration is not None or name in ("idle_timeout", "absolute_lifetime"):
                count_seconds(duration, name, longest=MAX_IDLE if name == "idle_timeout" else MAX_TIME)
        _refuse_other_types(self.persistent, self.not_before)


def _refuse_other_types(persistent: object, not_before: object) -> None:
    if not isinstance(persistent, bool):
        raise ConfigError(f"persistent must be True or False, got {type(persistent).__name__}")
    if not_before is None:
        return
    if not isinstance(not_before, datetime):
        raise ConfigError(
            f"not_before must be a datetime, got {type(not_before).__name__}; write datetime(..., tzinfo=UTC)"
        )
    if not_before.tzinfo is None:
        raise ConfigError("not_before has no time zone; write datetime(..., tzinfo=UTC)")


def count_seconds(duration: Any, name: str, *, longest: int) -> int:
    """Whole seconds of ``duration``; ConfigError, with ``name``, outside 1 to ``longest`` and for parts of a second."""
    if not isinstance(duration, timedelta):
        raise ConfigError(f"{name} must be a timedelta, got {type(duration).__name__}; write timedelta(seconds=...)")
    seconds: int = duration // _SECOND
    if duration % _SECOND or not 1 <= seconds <= longest:
        raise ConfigError(
            f"{name} must be whole seconds from 1 to {longest}, got {duration}; write timedelta(seconds=...)"
        )
    return seconds


class TimeRules:
    """A policy in seconds, made once, so that no request converts durations."""

    __slots__ = (
        "absolute",
        "has_ceilings",
        "idle",
        "longest_idle",
        "longest_lifetime",
        "not_before",
        "persistent",
        "renew_after",
    )

    def __init__(self, policy: Policy) -> None:
        # The policy has seen to it that these are whole seconds in range.
        self.idle: int = policy.idle_timeout // _SECOND
        self.absolute: int = policy.absolute_lifetime // _SECOND
        self.persistent: bool = policy.persistent
        self.renew_after: int = _count_or(policy.renew_after, MAX_IDLE)
        self.longest_idle: int = _count_or(policy.longest_idle, MAX_IDLE)
        self.longest_lifetime: int = _count_or(policy.longest_lifetime, MAX_TIME)
        self.has_ceilings: bool = policy.longest_idle is not None or policy.longest_lifetime is not None
        self.not_before: float = 0 if policy.not_before is None else policy.not_before.timestamp()

    def lower(self, envelope: Envelope) -> Envelope:
        """``envelope`` under the ceilings (SPEC 9.4); the same object where none applies."""
        until = envelope.created + self.longest_lifetime
        if envelope.idle <= self.longest_idle and envelope.until <= until:
            return envelope
        return msgspec.structs.replace(
            envelope, idle=min(envelope.idle, self.longest_idle), until=min(envelope.until, until)
        )

    def may_be_due(self, envelope: Envelope, now: int) -> bool:
        """False where its age alone shows that neither renewal nor reseal is due; most are read so soon.

        Asks what :meth:`is_renewal_due` and :func:`is_reseal_due` ask, in one call.
        """
        age = now - envelope.issued
        return age >= RESEAL_PAUSE or age >= self.renewal_pause(envelope)

    def is_renewal_due(self, envelope: Envelope, now: int) -> bool:
        """Whether ``renew_after``, or a tenth of the idle timeout if that is less, has passed since ``issued``."""
        return now - envelope.issued >= self.renewal_pause(envelope)

    def renewal_pause(self, envelope: Envelope) -> int:
        """How many seconds after ``issued`` a renewal is due (SPEC 9.5)."""
        pause = envelope.idle // 10
        return (pause if pause < self.renew_after else self.renew_after) or 1


def expires_at(envelope: Envelope) -> int:
    """The first second at which ``envelope`` is expired (SPEC 9.1)."""
    return min(envelope.issued + envelope.idle, envelope.until)


def judge_times(envelope: Envelope, now: int, not_before: float) -> Reason | None:
    """not-yet-valid, expired, revoked or None, by the envelope's times under the ceilings (SPEC 8.2 steps 13 to 15)."""
    issued, until = envelope.issued, envelope.until
    if issued > now + CLOCK_SKEW:
        return Reason.NOT_YET_VALID
    # A ceiling can end a session before it was issued, by a clock that is ahead of this one: nothing could be sealed
    # then.
    if now >= until or now >= issued + envelope.idle or issued >= until:
        return Reason.EXPIRED
    return Reason.REVOKED if envelope.created < not_before else None


def is_reseal_due(envelope: Envelope, now: int, *, behind_primary: bool) -> bool:
    """Whether a token under a key ``behind_primary`` is old enough to be sealed again (SPEC 9.6)."""
    return behind_primary and now - envelope.issued >= RESEAL_PAUSE


def stamp_issued(envelope: Envelope, now: int) -> Envelope:
    """``envelope`` as issued at ``now``: never before it was created or issued last (SPEC 7.2 step 2)."""
    if now <= envelope.issued >= envelope.created:
        return envelope
    return msgspec.structs.replace(envelope, issued=max(now, envelope.created))


def _count_or(duration: timedelta | None, otherwise: int) -> int:
    return otherwise if duration is None else duration // _SECOND
