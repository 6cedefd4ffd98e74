"""The time rules alone: accepted or why not, when it expires, and whether a renewal or a reseal is due."""

from __future__ import annotations

from typing import Any

from .cases import Case, accept, refuse
from .values import CREATED, IDLE, MAX_IDLE, MAX_TIME, UNTIL, policy

# The session of SPEC 18.2: its idle timeout ends it long before its absolute end.
TIMES = {"created": CREATED, "issued": CREATED, "idle": IDLE, "until": UNTIL}
EXPIRES = CREATED + IDLE

Times = dict[str, int]
Rules = dict[str, Any]


def list_cases() -> list[Case]:
    return [
        *_list_ends(),
        *_list_clocks_ahead(),
        *_list_not_before(),
        *_list_ceilings(),
        *_list_orders(),
        *_list_renewals(),
        *_list_reseals(),
        *_list_last_times(),
    ]


def _ask(times: Times, now: int, rules: Rules, behind_primary: bool = False) -> dict[str, Any]:
    return {**TIMES, **times, "now": now, "policy": policy(**rules), "behind_primary": behind_primary}


def _accepted(
    expires: int, *, idle: int = IDLE, until: int = UNTIL, renewal: bool = False, reseal: bool = False
) -> dict[str, Any]:
    return accept(expires=expires, idle=idle, until=until, renewal_due=renewal, reseal_due=reseal)


def _list_ends() -> list[Case]:
    by_until: Times = {"until": CREATED + 500}
    both: Times = {"idle": 500, "until": CREATED + 500}
    later: Times = {"issued": CREATED + 1000}
    old: Times = {"issued": UNTIL - 100}
    rows = [
        ("at-issued", "the very second of sealing", {}, CREATED, _accepted(EXPIRES)),
        ("before-idle-end", "the last second of the idle timeout", {}, EXPIRES - 1, _accepted(EXPIRES, renewal=True)),
        ("at-idle-end", "the idle timeout is over at its end, not after it", {}, EXPIRES, refuse("expired")),
        ("after-idle-end", "a second past the idle timeout", {}, EXPIRES + 1, refuse("expired")),
        ("idle-counts-from-issued", "the idle timeout counts from issued, not from created", later, EXPIRES + 999, _accepted(EXPIRES + 1000, renewal=True)),
        ("idle-from-issued-over", "and ends from there", later, EXPIRES + 1000, refuse("expired")),
        ("before-until", "until comes before the idle timeout: its last second", by_until, CREATED + 499, _accepted(CREATED + 500, until=CREATED + 500)),
        ("at-until", "the absolute end is no longer in the session", by_until, CREATED + 500, refuse("expired")),
        ("after-until", "a second past the absolute end", by_until, CREATED + 501, refuse("expired")),
        ("until-of-a-renewed-one", "a late token does not outlive until", old, UNTIL - 1, _accepted(UNTIL)),
        ("until-of-a-renewed-one-over", "a late token ends at until", old, UNTIL, refuse("expired")),
        ("both-ends-at-once-before", "both ends in one second: the one before", both, CREATED + 499, _accepted(CREATED + 500, idle=500, until=CREATED + 500, renewal=True)),
        ("both-ends-at-once", "both ends in one second", both, CREATED + 500, refuse("expired")),
    ]  # fmt: skip
    return [
        Case(f"judge-end-{name}", ("9.1", "8.2 step 14"), comment, _ask(times, now, {}), expect, ("time", "edge"))
        for name, comment, times, now, expect in rows
    ]


def _list_clocks_ahead() -> list[Case]:
    rows = [
        ("by-1", "issued a second ahead", CREATED - 1, _accepted(EXPIRES)),
        ("by-60", "issued 60 seconds ahead is forgiven", CREATED - 60, _accepted(EXPIRES)),
        ("by-61", "issued 61 seconds ahead is not", CREATED - 61, refuse("not-yet-valid")),
        ("by-all", "a clock that stopped at 0", 0, refuse("not-yet-valid")),
    ]
    return [
        Case(f"judge-ahead-{name}", ("9.2", "8.2 step 13"), comment, _ask({}, now, {}), expect, ("time", "edge"))
        for name, comment, now, expect in rows
    ]


def _list_not_before() -> list[Case]:
    rows = [
        ("created-a-second-before", "created a second before not_before", {}, CREATED + 1, CREATED + 9, refuse("revoked")),
        ("created-then", "created at the very second of not_before", {}, CREATED, CREATED + 9, _accepted(EXPIRES)),
        ("created-a-second-after", "created a second after not_before", {}, CREATED - 1, CREATED + 9, _accepted(EXPIRES)),
        ("issued-after", "what was created before is revoked, however late its token", {"issued": CREATED + 9}, CREATED + 1, CREATED + 9, refuse("revoked")),
        ("in-the-future", "not_before may be later than now", {}, CREATED + 100, CREATED, refuse("revoked")),
    ]  # fmt: skip
    return [
        Case(f"judge-not-before-{name}", ("8.2 step 15", "9.8"), comment, _ask(times, now, {"not_before": moment}), expect, ("policy", "time"))
        for name, comment, times, moment, now, expect in rows
    ]  # fmt: skip


def _list_ceilings() -> list[Case]:
    # Issued a thousand seconds after it began, by a clock that may be ahead.
    ahead: Times = {"issued": CREATED + 1000}
    rows = [
        ("idle-before", "the last second of the lowered idle timeout", {}, {"longest_idle": 5000}, CREATED + 4999, _accepted(CREATED + 5000, idle=5000, renewal=True)),
        ("idle-at", "the lowered idle timeout ends the session", {}, {"longest_idle": 5000}, CREATED + 5000, refuse("expired")),
        ("idle-equal", "a ceiling that is the session's own idle timeout", {}, {"longest_idle": IDLE}, CREATED, _accepted(EXPIRES)),
        ("idle-not-raised", "a ceiling never makes the idle timeout longer", {"idle": 100}, {"longest_idle": IDLE}, CREATED + 100, refuse("expired")),
        ("idle-1", "the least ceiling", {}, {"longest_idle": 1}, CREATED, _accepted(CREATED + 1, idle=1)),
        ("until-before", "the last second under the lowered until", {}, {"longest_lifetime": 5000}, CREATED + 4999, _accepted(CREATED + 5000, until=CREATED + 5000)),
        ("until-at", "the lowered until ends the session", {}, {"longest_lifetime": 5000}, CREATED + 5000, refuse("expired")),
        ("until-equal", "a ceiling that is the session's own lifetime", {}, {"longest_lifetime": UNTIL - CREATED}, CREATED, _accepted(EXPIRES)),
        ("until-not-raised", "a ceiling never makes the lifetime longer", {"until": CREATED + 100}, {"longest_lifetime": UNTIL - CREATED}, CREATED + 100, refuse("expired")),
        ("until-from-created", "the lifetime counts from created, not from issued", ahead, {"longest_lifetime": 5000}, CREATED + 4999, _accepted(CREATED + 5000, until=CREATED + 5000)),
        ("both", "both ceilings; until comes first", {}, {"longest_idle": 700, "longest_lifetime": 600}, CREATED + 69, _accepted(CREATED + 600, idle=700, until=CREATED + 600)),
        ("before-it-was-issued", "ended by a ceiling before a clock that is ahead issued it, though now is earlier still", ahead, {"longest_lifetime": 990}, CREATED + 960, refuse("expired")),
        ("when-it-was-issued", "ended in the very second in which a clock that is ahead issued it", ahead, {"longest_lifetime": 1000}, CREATED + 960, refuse("expired")),
        ("after-it-was-issued", "a second is left after that", ahead, {"longest_lifetime": 1001}, CREATED + 960, _accepted(CREATED + 1001, until=CREATED + 1001)),
        ("are-not-for-new-ones", "idle_timeout and absolute_lifetime lower nothing", {}, {"idle_timeout": 1, "absolute_lifetime": 1}, CREATED + 9, _accepted(EXPIRES)),
    ]  # fmt: skip
    return [
        Case(f"judge-ceiling-{name}", ("9.4", "8.2 step 12"), comment, _ask(times, now, rules), expect, ("policy", "edge"))
        for name, comment, times, rules, now, expect in rows
    ]  # fmt: skip


def _list_orders() -> list[Case]:
    late: Times = {"issued": CREATED + 1000}
    rows = [
        ("not-yet-valid-before-expired", "too far ahead, and ended by a ceiling", late, {"longest_lifetime": 500}, CREATED + 900, "not-yet-valid", "8.2 step 13"),
        ("not-yet-valid-before-revoked", "too far ahead, and created before not_before", late, {"not_before": CREATED + 1}, CREATED + 900, "not-yet-valid", "8.2 step 13"),
        ("expired-before-revoked", "past its idle timeout, and created before not_before", {}, {"not_before": CREATED + 1}, EXPIRES, "expired", "8.2 step 14"),
        ("ceilings-before-revoked", "ended by a ceiling, and created before not_before", {}, {"longest_idle": 60, "not_before": CREATED + 1}, CREATED + 60, "expired", "8.2 step 12"),
    ]  # fmt: skip
    return [
        Case(f"judge-order-{name}", (clause, "8.2"), comment, _ask(times, now, rules), refuse(reason), ("time", "policy"))
        for name, comment, times, rules, now, reason, clause in rows
    ]  # fmt: skip


def _list_renewals() -> list[Case]:
    rows = [
        ("before-the-tenth", "a second before a tenth of the idle timeout", 1000, {}, 99, False),
        ("at-the-tenth", "a tenth of the idle timeout has passed", 1000, {}, 100, True),
        ("after-the-tenth", "a second more than the tenth", 1000, {}, 101, True),
        ("tenth-rounded-down", "a tenth of 1009 is 100", 1009, {}, 100, True),
        ("tenth-not-rounded-up", "and not less", 1009, {}, 99, False),
        ("idle-1", "never in the second of sealing, not even where a tenth is nothing", 1, {}, 0, False),
        ("idle-9", "a tenth of 9 is nothing: after a second", 9, {}, 1, True),
        ("idle-9-at-once", "a tenth of 9 is nothing, but not at once", 9, {}, 0, False),
        ("before-renew-after", "renew_after is less than the tenth: a second before", 1000, {"renew_after": 40}, 39, False),
        ("at-renew-after", "renew_after is less than the tenth, and decides", 1000, {"renew_after": 40}, 40, True),
        ("renew-after-too-great", "renew_after is greater than the tenth: the tenth decides", 1000, {"renew_after": 400}, 100, True),
        ("renew-after-too-great-before", "a second before that tenth", 1000, {"renew_after": 400}, 99, False),
        ("renew-after-1", "the least renew_after", 1000, {"renew_after": 1}, 1, True),
        ("renew-after-1-at-once", "the least renew_after, in the second of sealing", 1000, {"renew_after": 1}, 0, False),
        ("now-before-issued", "nothing is due where this clock is behind", 1000, {"renew_after": 1}, -30, False),
    ]  # fmt: skip
    cases = [
        Case(
            f"judge-renewal-{name}",
            ("9.5",),
            comment,
            _ask({"idle": idle}, CREATED + age, rules),
            _accepted(CREATED + idle, idle=idle, renewal=due),
            ("time", "edge"),
        )
        for name, comment, idle, rules, age, due in rows
    ]
    lowered = [
        Case(
            f"judge-renewal-lowered-{name}",
            ("9.5", "9.4"),
            "the tenth is that of the idle timeout as lowered",
            _ask({}, CREATED + age, {"longest_idle": 1000}),
            _accepted(CREATED + 1000, idle=1000, renewal=due),
            ("policy", "edge"),
        )
        for name, age, due in (("before", 99, False), ("at", 100, True))
    ]
    return cases + lowered


def _list_reseals() -> list[Case]:
    rows = [
        ("before-300", "a token of 299 seconds is left alone", 299, True, False),
        ("at-300", "a token of 300 seconds", 300, True, True),
        ("after-300", "a token of more than 300 seconds", 301, True, True),
        ("of-the-primary", "the key is not behind the primary", 300, False, False),
        ("now-before-issued", "nothing is due where this clock is behind", -60, True, False),
    ]
    cases = [
        Case(
            f"judge-reseal-{name}",
            ("9.6",),
            comment,
            _ask({}, CREATED + age, {}, behind),
            _accepted(EXPIRES, reseal=due),
            ("time", "rotation"),
        )
        for name, comment, age, behind, due in rows
    ]
    both = _ask({"idle": 3000}, CREATED + 300, {}, True)
    both_due = _accepted(CREATED + 3000, idle=3000, renewal=True, reseal=True)
    return [
        *cases,
        Case("judge-reseal-and-renewal", ("9.5", "9.6"), "both are due in one second", both, both_due, ("rotation",)),
    ]


def _list_last_times() -> list[Case]:
    last: Times = {"created": MAX_TIME - 9, "issued": MAX_TIME - 9, "idle": MAX_IDLE, "until": MAX_TIME}
    long: Times = {"idle": MAX_IDLE, "until": MAX_TIME}
    first: Times = {"created": 0, "issued": 0, "idle": 1000, "until": 500}
    rows = [
        ("before-the-end", "issued + idle is beyond 2^48; until decides", last, {}, MAX_TIME - 1, _accepted(MAX_TIME, idle=MAX_IDLE, until=MAX_TIME)),
        ("at-the-end", "the last second of all is no longer in the session", last, {}, MAX_TIME, refuse("expired")),
        ("ceiling-beyond-the-end", "created + longest_lifetime is beyond 2^48 and lowers nothing", last, {"longest_lifetime": 1000}, MAX_TIME - 1, _accepted(MAX_TIME, idle=MAX_IDLE, until=MAX_TIME)),
        ("longest-idle-before", "issued + idle is beyond 2^32", long, {}, CREATED + MAX_IDLE - 1, _accepted(CREATED + MAX_IDLE, idle=MAX_IDLE, until=MAX_TIME, renewal=True)),
        ("longest-idle-at", "the longest idle timeout ends too", long, {}, CREATED + MAX_IDLE, refuse("expired")),
        ("first-second", "created, issued and now are 0", first, {}, 0, _accepted(500, idle=1000, until=500)),
    ]  # fmt: skip
    return [
        Case(f"judge-times-{name}", ("9.1", "1.8"), comment, _ask(times, now, rules), expect, ("number", "edge"))
        for name, comment, times, rules, now, expect in rows
    ]
