"""The two times of an exchange: the one at which it opens, the one at which it seals (SPEC 9.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .cases import Case, refuse
from .keys import A, B, hex_key, ring
from .life_cycle import (
    FAILS,
    LIFETIME,
    MAX_AGE_LIMIT,
    NOTHING,
    NOW,
    ONE,
    READ,
    REGENERATE,
    RENEW,
    SESSION,
    SID,
    Json,
    Sent,
    begins,
    begins_again,
    exchange,
    issue_again,
    keeps,
    put,
    set_lifetime,
    sets,
)
from .values import CREATED, IDLE, MAX_IDLE, UNTIL, envelope, integer, mapping

LATER = NOW + 30
# NOW, and the second after it.
AT_NOW, AFTER_NOW = "2026-01-01T00:16:40Z", "2026-01-01T00:16:41Z"
PUT = put("n", integer(1))
CHANGE = put("m", None)
CHANGED = mapping(("m", None), ("n", integer(1)))
SHORT = {**SESSION, "idle": 5000}

# name, comment, the session that is opened, what the application does, what is sent, and more of the exchange.
Row = tuple[str, str, Json | None, tuple[Json, ...], Sent | None, dict[str, Any]]


def list_cases() -> list[Case]:
    return [*_list_later(), *_list_earlier(), *_list_first_only(), *_list_keys(), *_list_ends(), *_list_max_age()]


def _make(topic: str, clauses: tuple[str, ...], rows: list[Row], flags: tuple[str, ...] = ("time",)) -> list[Case]:
    return [
        exchange(f"life-{topic}-{name}", clauses, comment, actions, sent, opened=opened, flags=flags, **more)
        for name, comment, opened, actions, sent, more in rows
    ]


def _list_later() -> list[Case]:
    later = {"sealed_at": LATER}
    rows: list[Row] = [
        ("write", "issued and Max-Age are of the second time", SESSION, (CHANGE,), keeps(data=CHANGED, issued=LATER), later),
        ("new", "a new session is created at the first time and issued at the second", None, (PUT,), begins(data=ONE, issued=LATER), later),
        ("regenerate", "regenerate counts from the first time", SESSION, (REGENERATE,), begins_again(issued=LATER), later),
        ("set-lifetime", "set_lifetime counts from the first time; Max-Age is what is left at the second", SESSION, (set_lifetime(absolute=100),), keeps(until=NOW + 100, issued=LATER), later),
        ("renewal", "issued and Max-Age are of the second time", SHORT, (READ,), keeps(SHORT, issued=LATER), later),
        ("issued-between", "a clock that is ahead issued it between the two", {**SESSION, "issued": NOW + 10}, (CHANGE,), keeps(data=CHANGED, issued=LATER), later),
        ("issued-after", "a clock that is ahead issued it after the two: Max-Age counts from the second", {**SESSION, "issued": NOW + 50}, (CHANGE,), keeps(data=CHANGED, issued=NOW + 50), later),
    ]  # fmt: skip
    return _make("later", ("9.7", "12.4"), rows)


def _list_earlier() -> list[Case]:
    earlier = {"sealed_at": NOW - 30}
    turned = {"sealed_at": NOW - 1, "keyring": f"{hex_key(B)}@from={AT_NOW} {hex_key(A)}"}
    rows: list[Row] = [
        ("write", "an earlier reading of the clock counts as the first", SESSION, (CHANGE,), keeps(data=CHANGED), earlier),
        ("new", "a new session is not issued before it was created", None, (PUT,), begins(data=ONE), earlier),
        ("set-lifetime", "Max-Age counts from the first time", SESSION, (set_lifetime(absolute=100),), keeps(until=NOW + 100), earlier),
        ("key", "the primary is that of the first time", SESSION, (CHANGE,), sets(issue_again(data=CHANGED), key=B), turned),
    ]  # fmt: skip
    return _make("earlier", ("9.7",), rows)


def _list_first_only() -> list[Case]:
    young = {**SESSION, "issued": NOW - 299}
    nearly = {**SESSION, "idle": 5000, "issued": NOW - 499}
    at_its_end = CREATED + IDLE - 1
    late = {"opened_at": at_its_end, "sealed_at": at_its_end + 60}
    behind = {"key": B, "keyring": ring(A, B)}
    rows: list[Row] = [
        ("reseal", "300 seconds had not passed when the session was opened", young, (READ,), NOTHING, {**behind, "sealed_at": NOW + 5}),
        ("renewal", "the tenth had not passed when the session was opened", nearly, (READ,), NOTHING, {"sealed_at": NOW + 5}),
        ("expiry", "the idle timeout ended between the two: the session was open", SESSION, (CHANGE,), keeps(data=CHANGED, issued=at_its_end + 60), late),
        ("expiry-renewal", "the idle timeout ended between the two: it is renewed all the same", SESSION, (READ,), keeps(issued=at_its_end + 60), late),
    ]  # fmt: skip
    return _make("first-time", ("9.7",), rows)


def _list_keys() -> list[Case]:
    a, b = hex_key(A), hex_key(B)
    between = {"sealed_at": NOW + 1}
    staged = {**between, "keyring": f"{b}@from={AFTER_NOW} {a}"}
    ending = {**between, "keyring": f"{b}@until={AFTER_NOW} {a}"}
    behind = {**between, "keyring": f"{a} {b}@until={AFTER_NOW}", "key": B}
    written = issue_again(data=CHANGED, issued=NOW + 1)
    renewed = issue_again(SHORT, issued=NOW + 1)
    rows: list[Row] = [
        ("staged-write", "a key that is staged for the second time seals", SESSION, (CHANGE,), sets(written, key=B), staged),
        ("staged-read", "it was not the primary when the session was opened: no reseal is due", SESSION, (READ,), NOTHING, staged),
        ("staged-renewal", "a renewal is due, and sealed by the primary of the second time", SHORT, (READ,), sets(renewed, key=B), staged),
        ("ended-write", "a key that has ended at the second time does not seal", SESSION, (CHANGE,), sets(written), {**ending, "key": B}),
        ("ended-behind", "a token of a key that ended between the two is sealed again", SESSION, (READ,), keeps(issued=NOW + 1), behind),
        ("ended-primary-read", "it was behind the primary when the session was opened: the reseal is due", SESSION, (READ,), keeps(issued=NOW + 1), ending),
    ]  # fmt: skip
    cases = _make("two-times-key", ("9.7", "4.4.3"), rows, ("rotation", "time"))
    earlier = {"sealed_at": NOW - 1, "keyring": f"{a}@from={AT_NOW}"}
    since = exchange("life-ring-since-the-first-time", ("4.2.1", "9.7"), "the ring text is parsed at the first time, at which its one key may seal", (CHANGE,), keeps(data=CHANGED), flags=("rotation", "time"), **earlier)  # fmt: skip
    later = {"sealed_at": NOW + 1, "keyring": f"{a}@from={AFTER_NOW}"}
    refused = [
        replace(exchange(f"life-ring-before-its-time-{name}", (), comment, actions, NOTHING, flags=("rotation", "time"), **later), clauses=("4.2.1", "9.7"), expect=refuse())
        for name, comment, actions in (
            ("written", "the ring text is parsed at the first time, a second before its one key may seal", (CHANGE,)),
            ("untouched", "the ring text is refused, though the application does not ask for its session", ()),
        )
    ]  # fmt: skip
    return [*cases, since, *refused]


def _list_ends() -> list[Case]:
    old = {**SESSION, "issued": UNTIL - 200_000}
    before, at = {"opened_at": UNTIL - 2, "sealed_at": UNTIL - 1}, {"opened_at": UNTIL - 1, "sealed_at": UNTIL}
    brief = {"absolute_lifetime": 1}
    rows: list[Row] = [
        ("write-before", "the last second at which this session can be sealed", old, (CHANGE,), keeps(old, data=CHANGED, issued=UNTIL - 1), before),
        ("write-at", "at its absolute end nothing is sealed", old, (CHANGE,), FAILS, at),
        ("renew-at", "not even the same content", old, (RENEW,), FAILS, at),
        ("renewal-before", "a renewal for one second", old, (READ,), keeps(old, issued=UNTIL - 1), before),
        ("renewal-at", "a renewal that cannot be sealed is left out, and the response goes out", old, (READ,), NOTHING, at),
        ("reseal-at", "nor does a reseal fail", old, (READ,), NOTHING, {**at, "key": B, "keyring": ring(A, B)}),
        ("regenerate-at", "a regenerated session has an end of its own", old, (REGENERATE,), begins_again(old, created=UNTIL - 1, issued=UNTIL, until=UNTIL - 1 + LIFETIME), at),
        ("set-lifetime-at", "so has one with another lifetime", old, (set_lifetime(absolute=60),), keeps(old, issued=UNTIL, until=UNTIL + 59), at),
        ("new-before", "a new session of one second, in that second", None, (PUT,), begins(data=ONE, until=NOW + 1), {"rules": brief}),
        ("new-at", "a new session of one second is over before it is sealed", None, (PUT,), FAILS, {"rules": brief, "sealed_at": NOW + 1}),
    ]  # fmt: skip
    return _make("end", ("7.2 step 3", "9.7", "13.8"), rows, ("time", "edge"))


def _list_max_age() -> list[Case]:
    long = envelope(idle=MAX_IDLE, until=CREATED + MAX_IDLE, data=ONE)
    # 400 days and a second after NOW, and 400 days after it.
    over, full = ({**long, "idle": MAX_AGE_LIMIT + more} for more in (1, 0))
    ahead = {**long, "idle": MAX_AGE_LIMIT, "issued": NOW + 1}
    sealed = {**long, "issued": NOW, "data": CHANGED}
    rows: list[Row] = [
        ("longest", "a session of 136 years", long, (CHANGE,), sets(sealed), {}),
        ("400-days", "400 days and no more", full, (CHANGE,), sets({**sealed, "idle": MAX_AGE_LIMIT}), {}),
        ("400-days-and-a-second", "a second is cut off", over, (CHANGE,), sets({**sealed, "idle": MAX_AGE_LIMIT + 1}), {}),
        ("400-days-from-ahead", "400 days from a second that is yet to come", ahead, (CHANGE,), sets({**sealed, "idle": MAX_AGE_LIMIT, "issued": NOW + 1}), {}),
        ("one-second", "one second is left until the end", {**SESSION, "until": NOW + 1}, (CHANGE,), keeps(data=CHANGED, until=NOW + 1), {}),
        ("not-persistent", "no Max-Age, however long", {**long, "persistent": False}, (CHANGE,), sets({**sealed, "persistent": False}), {}),
        ("not-persistent-regenerated", "nor after regenerate", {**SESSION, "persistent": False}, (REGENERATE,), begins_again(persistent=False), {}),
        ("of-a-new-session", "a new session that ends before its idle timeout", None, (PUT,), begins(data=ONE, until=NOW + 77), {"rules": {"absolute_lifetime": 77}}),
        ("of-the-old-sid-replaced", "of a session that took the place of an expired one", {**SESSION, "until": NOW}, (PUT,), begins(SID, data=ONE), {}),
    ]  # fmt: skip
    return _make("max-age", ("12.4",), rows, ("time", "attributes"))
