"""policy.py: the time rules of SPEC 9 at their boundaries, and what a policy refuses."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiejar_session import ConfigError, Envelope, Policy, Reason
from cookiejar_session.wire.time_rules import (
    CLOCK_SKEW,
    RESEAL_PAUSE,
    TimeRules,
    count_seconds,
    expires_at,
    is_reseal_due,
    judge_times,
    stamp_issued,
)

T = 1767225600
DURATIONS = ["idle_timeout", "absolute_lifetime", "renew_after", "longest_idle", "longest_lifetime"]
ENVELOPE = Envelope(bytes(16), T, T, 1000, T + 5000, True, {}, [])


def make(**changes: Any) -> Envelope:
    return msgspec.structs.replace(ENVELOPE, **changes)


def seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


# Policy


def test_the_defaults_are_those_of_the_specification() -> None:
    rules = TimeRules(Policy())
    assert (rules.idle, rules.absolute, rules.persistent, rules.not_before) == (1_209_600, 7_776_000, True, 0)


def test_by_default_nothing_is_lowered_or_renewed_early() -> None:
    rules = TimeRules(Policy())
    limits = rules.renew_after, rules.longest_idle, rules.longest_lifetime
    assert limits == (2**32 - 1, 2**32 - 1, 2**48 - 1)


def test_durations_are_taken_in_whole_seconds() -> None:
    rules = TimeRules(Policy(**{name: seconds(index + 1) for index, name in enumerate(DURATIONS)}, persistent=False))
    found = rules.idle, rules.absolute, rules.renew_after, rules.longest_idle, rules.longest_lifetime, rules.persistent
    assert repr(found) == repr((1, 2, 3, 4, 5, False))


@pytest.mark.parametrize(
    ("name", "count"),
    [("idle_timeout", 2**32 - 1), *((name, 1) for name in DURATIONS), *((name, 2**40) for name in DURATIONS[1:])],
)
def test_a_duration_may_be_as_short_as_one_second_and_idle_as_long_as_an_envelope_can_say(
    name: str, count: int
) -> None:
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


def test_an_idle_timeout_that_no_envelope_can_say_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^idle_timeout must be whole seconds from 1 to 4294967295, got 49710 days"):
        Policy(idle_timeout=seconds(2**32))


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize(("duration", "found"), [(3600, "int"), ("1h", "str"), (0, "int")])
def test_a_duration_of_another_type_is_refused_by_name(name: str, duration: object, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(**{name: duration})  # type: ignore[arg-type]
    assert str(caught.value) == f"{name} must be a timedelta, got {found}; write timedelta(seconds=...)"


@pytest.mark.parametrize("name", ["idle_timeout", "absolute_lifetime"])
def test_the_two_lifetimes_cannot_be_left_out(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(**{name: None})  # type: ignore[arg-type]
    assert str(caught.value) == f"{name} must be a timedelta, got NoneType; write timedelta(seconds=...)"


def test_durations_are_counted_for_others_under_their_own_names() -> None:
    assert repr(count_seconds(timedelta(minutes=2), "absolute_lifetime", longest=120)) == "120"


@pytest.mark.parametrize("persistent", [1, "yes", None])
def test_persistent_that_is_no_bool_is_refused(persistent: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(persistent=persistent)
    assert str(caught.value) == f"persistent must be True or False, got {type(persistent).__name__}"


def test_a_kill_switch_without_time_zone_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(not_before=datetime(2026, 1, 1))
    assert str(caught.value) == "not_before has no time zone; write datetime(..., tzinfo=UTC)"


@pytest.mark.parametrize("not_before", [T, "2026-01-01", date(2026, 1, 1)])
def test_a_kill_switch_that_is_no_datetime_is_refused(not_before: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy(not_before=not_before)
    wanted = f"not_before must be a datetime, got {type(not_before).__name__}; write datetime(..., tzinfo=UTC)"
    assert str(caught.value) == wanted


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-5))])
def test_a_kill_switch_is_taken_in_any_time_zone(zone: tzinfo) -> None:
    assert TimeRules(Policy(not_before=datetime.fromtimestamp(T, zone))).not_before == T


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Policy().persistent = False  # type: ignore[misc]


def test_a_policy_takes_names_alone() -> None:
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
    # Ended, by a ceiling, before it was issued: expired even where now is earlier.
    (make(issued=T + 30, until=T + 30), T, Reason.EXPIRED),
    (make(issued=T + 30, until=T + 31), T, None),
    # Both not yet valid and ended: the first of the two tests decides.
    (make(issued=T + 100, until=T + 50), T, Reason.NOT_YET_VALID),
]


@pytest.mark.parametrize(("envelope", "now", "reason"), JUDGED)
def test_an_envelope_is_judged_by_its_times(envelope: Envelope, now: int, reason: Reason | None) -> None:
    assert judge_times(envelope, now, 0) is reason


@pytest.mark.parametrize(("envelope", "now", "reason"), JUDGED)
def test_a_policy_without_kill_switch_judges_by_times_alone(
    envelope: Envelope, now: int, reason: Reason | None
) -> None:
    assert judge_times(envelope, now, TimeRules(Policy()).not_before) is reason


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
    assert judge_times(make(created=created), now, rules.not_before) is reason


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
    assert TimeRules(policy).lower(ENVELOPE) == make(idle=idle, until=until)


def test_the_lifetime_ceiling_counts_from_creation() -> None:
    rules = TimeRules(Policy(longest_lifetime=seconds(600)))
    assert rules.lower(make(created=T - 500)).until == T + 100


@pytest.mark.parametrize("policy", [Policy(), Policy(longest_idle=seconds(1000), longest_lifetime=seconds(5000))])
def test_an_envelope_under_the_ceilings_stays_the_same_object(policy: Policy) -> None:
    assert TimeRules(policy).lower(ENVELOPE) is ENVELOPE


def test_no_ceiling_touches_the_longest_times_there_are() -> None:
    envelope = make(created=0, issued=0, idle=2**32 - 1, until=2**48 - 1)
    assert TimeRules(Policy()).lower(envelope) is envelope


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
    found = [rules.is_renewal_due(envelope, T + due - 1), rules.is_renewal_due(envelope, T + due)]
    assert found == [False, True]


def test_a_token_from_a_clock_ahead_is_not_due_for_renewal() -> None:
    assert not TimeRules(Policy()).is_renewal_due(make(idle=1), T - 1)


@given(
    age=st.integers(-100, 2000),
    idle=st.integers(1, 20_000),
    renew_after=st.none() | st.integers(1, 2000),
    behind_primary=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_nothing_is_due_that_may_not_be_due(age: int, idle: int, renew_after: int | None, behind_primary: bool) -> None:
    rules = TimeRules(Policy(renew_after=None if renew_after is None else seconds(renew_after)))
    envelope = make(idle=idle)
    is_due = rules.is_renewal_due(envelope, T + age) or is_reseal_due(envelope, T + age, behind_primary=behind_primary)
    assert rules.may_be_due(envelope, T + age) or not is_due


def test_a_token_that_was_just_issued_may_not_be_due() -> None:
    assert not TimeRules(Policy()).may_be_due(make(idle=1_209_600), T + 299)


@pytest.mark.parametrize(
    ("behind_primary", "age", "due"),
    [(True, 299, False), (True, 300, True), (True, 301, True), (False, 300, False), (False, 10_000, False)],
)
def test_a_reseal_is_due_after_five_minutes_under_a_key_behind_the_primary(
    behind_primary: bool, age: int, due: bool
) -> None:
    assert is_reseal_due(ENVELOPE, T + age, behind_primary=behind_primary) is due


def test_the_constants_are_those_of_the_specification() -> None:
    assert (CLOCK_SKEW, RESEAL_PAUSE) == (60, 300)


# The stamp


@pytest.mark.parametrize(
    ("created", "issued", "now", "stamped"),
    [(T, T, T + 5, T + 5), (T, T + 9, T + 5, T + 9), (T + 7, T, T + 5, T + 7), (T, T, T, T), (T, T + 9, T + 9, T + 9)],
)
def test_issued_is_the_latest_of_now_created_and_itself(created: int, issued: int, now: int, stamped: int) -> None:
    envelope = make(created=created, issued=issued)
    assert stamp_issued(envelope, now) == make(created=created, issued=stamped)


@pytest.mark.parametrize("now", [T, T - 5])
def test_an_envelope_issued_no_earlier_than_now_stays_the_same_object(now: int) -> None:
    assert stamp_issued(ENVELOPE, now) is ENVELOPE


TIME = st.integers(0, 10_000)


@given(created=TIME, issued=TIME, idle=st.integers(1, 5000), until=TIME, now=TIME)
@settings(max_examples=200, deadline=None)
def test_judging_agrees_with_the_text_of_the_specification(
    created: int, issued: int, idle: int, until: int, now: int
) -> None:
    envelope = make(created=created, issued=issued, idle=idle, until=until)
    expires = min(issued + idle, until)
    wanted = "not-yet-valid" if issued > now + 60 else "expired" if max(now, issued) >= expires else None
    assert judge_times(envelope, now, 0) == wanted
