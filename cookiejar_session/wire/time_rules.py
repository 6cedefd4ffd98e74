"""The time rules: when a session expires, is renewed and is resealed (SPEC 9). The time is always a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from ..argument_checks import check_types
from ..errors import ConfigError, Reason, TokenError
from .clock_skew import CLOCK_SKEW
from .envelope import MAX_IDLE, MAX_TIME, Envelope

# Without a pause, two nodes with the same keys in different order would reseal each other's tokens for ever (SPEC 9.6).
RESEAL_PAUSE = 300

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long sessions live. A duration is a whole number of seconds, at least 1; others raise ConfigError.

    ``idle_timeout`` and ``absolute_lifetime`` are the limits of a new session. ``persistent`` says whether its cookie
    stays when the browser is closed. A token is renewed when ``renew_after`` has passed since it was issued, or a tenth
    of the session's idle timeout if that is less. ``longest_idle`` and ``longest_lifetime`` lower the limits of every
    session that is read. Sessions created before ``not_before`` (a datetime with a time zone) are refused as revoked.
    """

    idle_timeout: timedelta = timedelta(days=14)
    absolute_lifetime: timedelta = timedelta(days=90)
    persistent: bool = True
    renew_after: timedelta | None = None
    longest_idle: timedelta | None = None
    longest_lifetime: timedelta | None = None
    not_before: datetime | None = None

    def __post_init__(self) -> None:
        count_seconds(self.idle_timeout, "idle_timeout", longest=MAX_IDLE)
        count_seconds(self.absolute_lifetime, "absolute_lifetime")
        for name in ("renew_after", "longest_idle", "longest_lifetime"):
            if getattr(self, name) is not None:
                count_seconds(getattr(self, name), name)
        check_types(persistent=(self.persistent, bool), not_before=(self.not_before, datetime | None))
        if self.not_before is not None:
            check_time_zone(self.not_before, "not_before")


def count_seconds(duration: timedelta, name: str, *, longest: int = MAX_TIME) -> int:
    """Return a duration in whole seconds.

    Raises ConfigError for a duration outside 1 to ``longest``, and for fractions of a second.
    """
    check_types(**{name: (duration, timedelta)})
    seconds = duration // _SECOND
    if duration % _SECOND or not 1 <= seconds <= longest:
        raise ConfigError(
            f"{name} must be whole seconds from 1 to {longest}, got {duration}; write timedelta(seconds=...)"
        )
    return seconds


def check_time_zone(moment: datetime, name: str) -> None:
    """Raise ConfigError for a datetime without a time zone."""
    if moment.tzinfo is None:
        raise ConfigError(f"{name} has no time zone; write datetime(..., tzinfo=UTC)")


class Ceilings:
    """The rules that decide whether an envelope is accepted (SPEC 9.1 to 9.4), in seconds.

    ``longest_idle`` and ``longest_lifetime`` are the policy's ceilings, ``not_before`` its Unix time.
    """

    __slots__ = ("longest_idle", "longest_lifetime", "not_before")

    def __init__(
        self, *, longest_idle: int = MAX_IDLE, longest_lifetime: int = MAX_TIME, not_before: float = 0
    ) -> None:
        self.longest_idle: int = longest_idle
        self.longest_lifetime: int = longest_lifetime
        self.not_before: float = not_before

    def judge(self, envelope: Envelope, *, now: int) -> Envelope:
        """Return ``envelope`` with ``idle`` and ``until`` lowered to the ceilings (SPEC 9.4).

        Raises TokenError with not-yet-valid, expired or revoked (SPEC 8.2 steps 13 to 15).
        """
        longest_until = envelope.created + self.longest_lifetime
        if envelope.idle > self.longest_idle or envelope.until > longest_until:
            idle, until = min(envelope.idle, self.longest_idle), min(envelope.until, longest_until)
            envelope = replace(envelope, idle=idle, until=until)
        if envelope.issued > now + CLOCK_SKEW:
            raise TokenError(Reason.NOT_YET_VALID)
        # SPEC 9.1. A ceiling may end a session before the issue time of its token, if the clock of the machine that
        # issued it is ahead.
        expires = expires_at(envelope)
        if now >= expires or envelope.issued >= expires:
            raise TokenError(Reason.EXPIRED)
        if envelope.created < self.not_before:
            raise TokenError(Reason.REVOKED)
        return envelope


NO_CEILINGS = Ceilings()


class TimeRules:
    """A policy in seconds, computed once."""

    __slots__ = ("absolute", "ceilings", "idle", "persistent", "renew_after")

    def __init__(self, policy: Policy) -> None:
        # The policy has checked that these are whole seconds in range.
        self.idle: int = policy.idle_timeout // _SECOND
        self.absolute: int = policy.absolute_lifetime // _SECOND
        self.persistent: bool = policy.persistent
        self.renew_after: int = _count_or(policy.renew_after, MAX_TIME)
        self.ceilings: Ceilings = Ceilings(
            longest_idle=_count_or(policy.longest_idle, MAX_IDLE),
            longest_lifetime=_count_or(policy.longest_lifetime, MAX_TIME),
            not_before=0 if policy.not_before is None else policy.not_before.timestamp(),
        )

    def is_renewal_due(self, envelope: Envelope, *, now: int) -> bool:
        """Whether ``renew_after``, or a tenth of the idle timeout if that is less, has passed since ``issued``.

        SPEC 9.5.
        """
        tenth = envelope.idle // 10 or 1
        return now - envelope.issued >= (tenth if tenth < self.renew_after else self.renew_after)


def expires_at(envelope: Envelope) -> int:
    """Return the first second at which ``envelope`` is expired (SPEC 9.1)."""
    idle_end, until = envelope.issued + envelope.idle, envelope.until
    return idle_end if idle_end < until else until


def may_reseal(envelope: Envelope, *, now: int) -> bool:
    """Whether a token is old enough to be resealed: it was issued at least ``RESEAL_PAUSE`` seconds ago (SPEC 9.6).

    The caller checks the other condition: the token's key must come after the primary key in the ring.
    """
    return now - envelope.issued >= RESEAL_PAUSE


def stamp_issued(envelope: Envelope, *, now: int) -> Envelope:
    """Return ``envelope`` with its issue time set to ``now``.

    If the envelope was created or last issued later than ``now``, that later time is set (SPEC 7.2 step 2).
    """
    issued = max(now, envelope.created, envelope.issued)
    return envelope if issued == envelope.issued else replace(envelope, issued=issued)


def _count_or(duration: timedelta | None, otherwise: int) -> int:
    return otherwise if duration is None else duration // _SECOND
