"""wire/time_rules.py against SPEC 9: each rule at its boundaries, and what a policy refuses."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiejar_session import ConfigError, Envelope, Policy, Reason, TokenError
from cookiejar_session.wire.time_rules import (
    CLOCK_SKEW,
    NO_CEILINGS,
    RESEAL_PAUSE,
    Ceilings,
    TimeRules,
    check_time_zone,
    count_seconds,
    expires_at,
    may_reseal,
    stamp_issued,
)

T = 1767225600
DURATIONS = ["idle_timeout", "absolute_lifetime", "renew_after", "longest_idle", "longest_lifetime"]
ENVELOPE = Envelope(bytes(16), T, T, 1000, T + 5000, True, {}, [])


def make(**changes: Any) -> Envelope:
    return msgspec.structs.replace(ENVELOPE, **changes)


def seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


def judge(envelope: Envelope, now: int, ceilings: Ceilings = NO_CEILINGS) -> Envelope | Reason:
    """Return the envelope under the ceilings, or the reason to refuse it."""
    try:
        return ceilings.judge(envelope, now=now)
    except TokenError as exc:
        return exc.reason


# Policy


def test_the_defaults_are_those_of_the_specification() -> None:
    rules = TimeRules(Policy())
    assert (rules.idle, rules.absolute, rules.persistent) == (1_209_600, 7_776_000, True)


def test_by_default_nothing_is_lowered_or_revoked() -> None:
    ceilings = TimeRules(Policy()).ceilings
    limits = ceilings.longest_idle, ceilings.longest_lifetime, ceilings.not_before
    assert limits == (2**32 - 1, 2**48 - 1, 0)
    assert limits == (NO_CEILINGS.longest_idle, NO_CEILINGS.longest_lifetime, NO_CEILINGS.not_before)


def test_without_ceilings_the_first_second_is_accepted_for_the_longest_time() -> None:
    envelope = make(created=0, issued=0, idle=2**32 - 1, until=2**48 - 1)
    assert judge(envelope, 0, Ceilings()) is envelope


def test_by_default_the_longest_idle_timeout_is_renewed_after_a_tenth() -> None:
    rules, tenth = TimeRules(Policy()), (2**32 - 1) // 10
    envelope = make(idle=2**32 - 1)
    found = [rules.is_renewal_due(envelope, now=T + tenth - 1), rules.is_renewal_due(envelope, now=T + tenth)]
    assert found == [False, True]


def test_durations_become_whole_seconds() -> None:
    rules = TimeRules(Policy(**{name: seconds(index + 1) for index, name in enumerate(DURATIONS)}, persistent=False))
    longest = rules.ceilings.longest_idle, rules.ceilings.longest_lifetime
    found = rules.idle, rules.absolute, rules.renew_after, *longest, rules.persistent
    assert repr(found) == repr((1, 2, 3, 4, 5, False))


@pytest.mark.parametrize(
    ("name", "count"),
    [("idle_timeout", 2**32 - 1), *((name, 1) for name in DURATIONS), *((name, 2**40) for name in DURATIONS[1:])],
)
def test_the_ends_of_each_range_are_accepted(name: str, count: int) -> None:
    policy = Policy(**{name: seconds(count)})  # type: ignore[arg-type]
    assert getattr(policy, name) == seconds(count)


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize(
    ("duration", "found"),
    [
        (seconds(0), "0:00:00"),
        (seconds(-1), "-1 day, 23:59:59"),
        (timedelta(seconds=1, microseconds=1), "0:00:01.000001"),
        (timedelta(microseconds=999_999), "0:00:00.999999"),
    ],
)
def test_a_duration_out_of_range_is_refused_by_name(name: str, duration: timedelta, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(**{name: duration})  # type: ignore[arg-type]
    longest = 2**32 - 1 if name == "idle_timeout" else 2**48 - 1
    wanted = f"{name} must be whole seconds from 1 to {longest}, got {found}; write timedelta(seconds=...)"
    assert str(caught.value) == wanted


def test_an_idle_timeout_that_no_envelope_can_hold_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^idle_timeout must be whole seconds from 1 to 4294967295, got 49710 days"):
        Policy(idle_timeout=seconds(2**32))


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize(("duration", "found"), [(3600, "int"), ("1h", "str"), (0, "int")])
def test_a_duration_of_another_type_is_refused_by_name(name: str, duration: object, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(**{name: duration})  # type: ignore[arg-type]
    assert str(caught.value) == f"{name} must be a timedelta, got {found}; write timedelta(seconds=...)"


@pytest.mark.parametrize("name", ["idle_timeout", "absolute_lifetime"])
def test_the_two_lifetimes_cannot_be_none(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(**{name: None})  # type: ignore[arg-type]
    assert str(caught.value) == f"{name} must be a timedelta, got NoneType; write timedelta(seconds=...)"


def test_a_duration_is_counted_up_to_a_given_limit() -> None:
    assert repr(count_seconds(timedelta(minutes=2), "absolute_lifetime", longest=120)) == "120"


@pytest.mark.parametrize("persistent", [1, "yes", None])
def test_persistent_that_is_not_a_bool_is_refused(persistent: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(persistent=persistent)
    assert str(caught.value) == f"persistent must be a bool, got {type(persistent).__name__}; write True or False"


def test_a_kill_switch_without_time_zone_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(not_before=datetime(2026, 1, 1))
    assert str(caught.value) == "not_before has no time zone; write datetime(..., tzinfo=UTC)"


@pytest.mark.parametrize("not_before", [T, "2026-01-01", date(2026, 1, 1)])
def test_a_kill_switch_that_is_not_a_datetime_is_refused(not_before: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(not_before=not_before)
    wanted = f"not_before must be a datetime, got {type(not_before).__name__}; write datetime(..., tzinfo=UTC)"
    assert str(caught.value) == wanted


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5))])
def test_a_kill_switch_may_have_any_time_zone(zone: tzinfo) -> None:
    assert TimeRules(Policy(not_before=datetime.fromtimestamp(T, zone))).ceilings.not_before == T


def test_a_kill_switch_within_a_second_keeps_its_fraction() -> None:
    moment = datetime.fromtimestamp(T, UTC) + timedelta(microseconds=500_000)
    ceilings = TimeRules(Policy(not_before=moment)).ceilings
    assert [judge(make(created=created, issued=T + 1), T + 1, ceilings) for created in (T, T + 1)] == [
        Reason.REVOKED,
        make(created=T + 1, issued=T + 1),
    ]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5))])
def test_a_moment_with_a_time_zone_passes_the_check(zone: tzinfo) -> None:
    check_time_zone(datetime.fromtimestamp(T, zone), "created_at")


def test_a_moment_without_a_time_zone_is_refused_by_name() -> None:
    with pytest.raises(ConfigError) as caught:
        check_time_zone(datetime(2026, 1, 1), "created_at")
    assert str(caught.value) == "created_at has no time zone; write datetime(..., tzinfo=UTC)"


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Policy().persistent = False  # type: ignore[misc]


def test_a_policy_takes_keyword_arguments_only() -> None:
    with pytest.raises(TypeError, match=re.escape("takes 1 positional argument")):
        Policy(seconds(1))  # type: ignore[misc]


# Expiry


@pytest.mark.parametrize(
    ("idle", "until", "expires"),
    [(1000, T + 1001, T + 1000), (1000, T + 1000, T + 1000), (1000, T + 999, T + 999), (1, T + 2, T + 1)],
)
def test_a_session_expires_at_the_nearer_end(idle: int, until: int, expires: int) -> None:
    assert expires_at(make(idle=idle, until=until)) == expires


JUDGED = [
    (ENVELOPE, T - 61, Reason.NOT_YET_VALID),
    (ENVELOPE, T - 60, None),
    (ENVELOPE, T, None),
    (ENVELOPE, T + 999, None),
    (ENVELOPE, T + 1000, Reason.EXPIRED),
    (ENVELOPE, T + 1001, Reason.EXPIRED),
    (make(until=T + 10), T + 9, None),
    (make(until=T + 10), T + 10, Reason.EXPIRED),
    # A ceiling ended the session before it was issued: it is expired even if now is earlier.
    (make(issued=T + 30, until=T + 30), T, Reason.EXPIRED),
    (make(issued=T + 30, until=T + 31), T, None),
    # Both not yet valid and ended: the first of the two tests decides.
    (make(issued=T + 100, until=T + 50), T, Reason.NOT_YET_VALID),
]


@pytest.mark.parametrize("ceilings", [NO_CEILINGS, TimeRules(Policy()).ceilings], ids=["none", "default-policy"])
@pytest.mark.parametrize(("envelope", "now", "reason"), JUDGED)
def test_an_envelope_is_judged_by_its_times(
    envelope: Envelope, now: int, reason: Reason | None, ceilings: Ceilings
) -> None:
    assert judge(envelope, now, ceilings) == (reason or envelope)


@pytest.mark.parametrize(
    ("created", "now", "reason"),
    [
        (T - 1, T, Reason.REVOKED),
        (T, T, None),
        (T - 1, T - 61, Reason.NOT_YET_VALID),
        (T - 1, T + 1000, Reason.EXPIRED),
    ],
)
def test_sessions_created_before_the_kill_switch_are_revoked_last_of_all(
    created: int, now: int, reason: Reason | None
) -> None:
    rules = TimeRules(Policy(not_before=datetime.fromtimestamp(T, UTC)))
    assert judge(make(created=created), now, rules.ceilings) == (reason or make(created=created))


# Ceilings


@pytest.mark.parametrize(
    ("longest_idle", "longest_lifetime", "idle", "until"),
    [
        (None, None, 1000, T + 5000),
        (1000, 5000, 1000, T + 5000),
        (999, None, 999, T + 5000),
        (999, 5000, 999, T + 5000),
        (None, 4999, 1000, T + 4999),
        (1000, 4999, 1000, T + 4999),
        (1, 1, 1, T + 1),
        (2000, 9000, 1000, T + 5000),
    ],
)
def test_ceilings_lower_and_never_raise(
    longest_idle: int | None, longest_lifetime: int | None, idle: int, until: int
) -> None:
    policy = Policy(
        longest_idle=None if longest_idle is None else seconds(longest_idle),
        longest_lifetime=None if longest_lifetime is None else seconds(longest_lifetime),
    )
    assert judge(ENVELOPE, T, TimeRules(policy).ceilings) == make(idle=idle, until=until)


def test_the_lifetime_ceiling_counts_from_creation() -> None:
    rules = TimeRules(Policy(longest_lifetime=seconds(600)))
    lowered = judge(make(created=T - 500), T, rules.ceilings)
    assert lowered == make(created=T - 500, until=T + 100)


@pytest.mark.parametrize("policy", [Policy(), Policy(longest_idle=seconds(1000), longest_lifetime=seconds(5000))])
def test_an_envelope_under_the_ceilings_stays_the_same_object(policy: Policy) -> None:
    assert judge(ENVELOPE, T, TimeRules(policy).ceilings) is ENVELOPE


def test_no_ceiling_touches_the_longest_times_there_are() -> None:
    envelope = make(created=0, issued=0, idle=2**32 - 1, until=2**48 - 1)
    assert judge(envelope, 0, TimeRules(Policy()).ceilings) is envelope


@pytest.mark.parametrize(
    ("ceilings", "issued", "now", "reason"),
    [
        (Ceilings(longest_idle=10), T, T + 9, None),
        (Ceilings(longest_idle=10), T, T + 10, Reason.EXPIRED),
        (Ceilings(longest_lifetime=10), T + 5, T + 9, None),
        (Ceilings(longest_lifetime=10), T + 5, T + 10, Reason.EXPIRED),
        # Issued when the ceiling had already ended the session, by a machine whose clock is ahead (SPEC 9.1).
        (Ceilings(longest_lifetime=10), T + 10, T, Reason.EXPIRED),
        (Ceilings(longest_lifetime=10), T + 9, T, None),
        # The clock difference is judged before expiry.
        (Ceilings(longest_lifetime=10), T + 61, T, Reason.NOT_YET_VALID),
    ],
    ids=["idle-before", "idle-at", "life-before", "life-at", "issued-at-the-end", "issued-before-the-end", "not-yet"],
)
def test_an_envelope_is_judged_by_its_lowered_times(
    ceilings: Ceilings, issued: int, now: int, reason: Reason | None
) -> None:
    found = judge(make(issued=issued), now, ceilings)
    assert (found if isinstance(found, Reason) else None) == reason


# Renewal and reseal


@pytest.mark.parametrize(
    ("renew_after", "idle", "due"),
    [
        (None, 1000, 100),
        (None, 1009, 100),
        (None, 10, 1),
        (None, 9, 1),
        (None, 1, 1),
        (50, 1000, 50),
        (100, 1000, 100),
        (500, 1000, 100),
        (1, 1000, 1),
    ],
)
def test_renewal_is_due_after_renew_after_or_a_tenth_of_the_idle_timeout(
    renew_after: int | None, idle: int, due: int
) -> None:
    rules = TimeRules(Policy(renew_after=None if renew_after is None else seconds(renew_after)))
    envelope = make(idle=idle)
    found = [rules.is_renewal_due(envelope, now=T + due - 1), rules.is_renewal_due(envelope, now=T + due)]
    assert found == [False, True]


def test_a_token_from_a_clock_ahead_is_not_due_for_renewal() -> None:
    assert not TimeRules(Policy()).is_renewal_due(make(idle=1), now=T - 1)


@pytest.mark.parametrize(("age", "is_allowed"), [(-1, False), (0, False), (299, False), (300, True), (301, True)])
def test_a_token_may_be_resealed_after_five_minutes(age: int, is_allowed: bool) -> None:
    assert may_reseal(ENVELOPE, now=T + age) is is_allowed


def test_the_constants_are_those_of_the_specification() -> None:
    assert (CLOCK_SKEW, RESEAL_PAUSE) == (60, 300)


# The stamp


@pytest.mark.parametrize(
    ("created", "issued", "now", "stamped"),
    [(T, T, T + 5, T + 5), (T, T + 9, T + 5, T + 9), (T + 7, T, T + 5, T + 7), (T, T, T, T), (T, T + 9, T + 9, T + 9)],
)
def test_issued_is_the_latest_of_now_created_and_itself(created: int, issued: int, now: int, stamped: int) -> None:
    envelope = make(created=created, issued=issued)
    assert stamp_issued(envelope, now=now) == make(created=created, issued=stamped)


@pytest.mark.parametrize("now", [T, T - 5])
def test_an_envelope_issued_no_earlier_than_now_stays_the_same_object(now: int) -> None:
    assert stamp_issued(ENVELOPE, now=now) is ENVELOPE


TIME = st.integers(0, 10_000)


@given(created=TIME, issued=TIME, idle=st.integers(1, 5000), until=TIME, now=TIME)
@settings(max_examples=200, deadline=None)
def test_judging_agrees_with_the_text_of_the_specification(
    created: int, issued: int, idle: int, until: int, now: int
) -> None:
    envelope = make(created=created, issued=issued, idle=idle, until=until)
    expires = min(issued + idle, until)
    wanted = "not-yet-valid" if issued > now + 60 else "expired" if max(now, issued) >= expires else None
    assert judge(envelope, now) == (wanted or envelope)
