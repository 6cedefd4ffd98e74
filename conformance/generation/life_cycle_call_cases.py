"""What the application asks of its session by name: regenerate, renew, set_lifetime (SPEC 13.4)."""

from __future__ import annotations

from typing import Any

from .cases import Case
from .keys import A, B, ring
from .life_cycle import (
    DISCARD,
    FAILS,
    LIFETIME,
    MAX_AGE_LIMIT,
    NOTHING,
    NOW,
    ONE,
    REGENERATE,
    RENEW,
    SESSION,
    SID,
    Json,
    Sent,
    begins,
    begins_again,
    deletes,
    exchange,
    keeps,
    put,
    set_lifetime,
    sets,
)
from .values import CREATED, MAX_IDLE, MAX_TIME, envelope, integer, mapping

# A session with times of its own, two hours at most.
BRIEF = envelope(idle=900, until=CREATED + 7200, issued=NOW - 9, persistent=False, data=ONE, flash=[["k", "v"]])
EMPTY_SESSION = envelope()

Row = tuple[str, tuple[str, ...], str, Json | None, tuple[Json, ...], Sent | None, dict[str, Any]]


def list_cases() -> list[Case]:
    return [
        *_list_regenerate(),
        *_list_lifetimes_of_regenerate(),
        *_list_renew(),
        *_list_set_lifetime(),
        *_list_ahead(),
    ]


def _make(topic: str, rows: list[Row]) -> list[Case]:
    return [
        exchange(f"life-{topic}-{name}", clauses, comment, actions, sent, opened=opened, **more)
        for name, clauses, comment, opened, actions, sent, more in rows
    ]


def _list_regenerate() -> list[Case]:
    call = ("13.4", "13.3 item 2")
    more_data = mapping(("m", None), ("n", integer(1)))
    return _make(
        "regenerate",
        [
            ("opened", call, "a new sid and a new beginning, the content kept", SESSION, (REGENERATE,), begins_again(), {}),
            ("own-times", call, "idle, persistent, flash and the session's own lifetime are kept", BRIEF, (REGENERATE,), begins_again(BRIEF), {}),
            ("and-write", call, "what is written goes into the same token", SESSION, (REGENERATE, put("m", None)), begins_again(data=more_data), {}),
            ("after-write", call, "what was written before is kept", SESSION, (put("m", None), REGENERATE), begins_again(data=more_data), {}),
            ("twice", call, "the last sid counts", SESSION, (REGENERATE, REGENERATE), begins_again(), {}),
            ("new-with-data", call, "a new session may be regenerated", None, (put("n", integer(1)), REGENERATE), begins(data=ONE), {}),
            ("new-without-content", ("13.5 step 3", "13.5 step 8"), "there is nothing to keep", None, (REGENERATE,), NOTHING, {}),
            ("empty", ("13.5 step 3",), "a session that was opened empty is kept", EMPTY_SESSION, (REGENERATE,), begins_again(EMPTY_SESSION), {}),
            ("of-a-retired-key", ("13.4", "4.4.3"), "the primary seals it", SESSION, (REGENERATE,), begins_again(key=B), {"keyring": ring(B, A), "flags": ("rotation",)}),
            ("then-discard", ("13.5 step 2",), "what was called before discard is no write since", SESSION, (REGENERATE, DISCARD), deletes(), {}),
            ("after-discard", ("13.5 step 4",), "a write, but there is nothing to keep", SESSION, (DISCARD, REGENERATE), deletes(), {}),
        ],
    )  # fmt: skip


def _list_lifetimes_of_regenerate() -> list[Case]:
    late = envelope(created=MAX_TIME - 2000, issued=MAX_TIME - 2000, until=MAX_TIME, data=ONE)
    at = MAX_TIME - 1500
    capped = sets({**late, "sid": "new", "created": at, "issued": at}, old_sids=(SID,))
    hour = set_lifetime(absolute=3600)
    rows: list[Row] = [
        ("lowered", ("13.4", "9.4"), "the lifetime is that of the session as the ceiling left it", SESSION, (REGENERATE,), begins_again(until=NOW + 3600), {"rules": {"longest_lifetime": 3600}, "flags": ("policy",)}),
        ("set-before", ("13.4",), "what set_lifetime gave", SESSION, (hour, REGENERATE), begins_again(until=NOW + 3600), {}),
        ("set-twice-before", ("13.4",), "what set_lifetime gave last", SESSION, (hour, set_lifetime(absolute=1800), REGENERATE), begins_again(until=NOW + 1800), {}),
        ("set-after", ("13.4",), "set_lifetime counts from now, not from a created", SESSION, (REGENERATE, hour), begins_again(until=NOW + 3600), {}),
        ("idle-set-before", ("13.4",), "set_lifetime gave no absolute lifetime", BRIEF, (set_lifetime(idle=60), REGENERATE), begins_again(BRIEF, idle=60), {}),
        ("set-before-discard", ("13.4", "13.1"), "what set_lifetime gave to the session before does not count for the new one", SESSION, (hour, DISCARD, put("n", integer(1)), REGENERATE), begins(SID, data=ONE), {}),
        ("of-a-policy-that-changed", ("13.4", "9.8"), "the session's own lifetime, not that of new ones", SESSION, (REGENERATE,), begins_again(), {"rules": {"absolute_lifetime": 3600}, "flags": ("policy",)}),
        ("of-a-new-session", ("13.4", "13.1"), "of a new session the policy's", None, (put("n", integer(1)), REGENERATE), begins(data=ONE, until=NOW + 3600), {"rules": {"absolute_lifetime": 3600}}),
        ("of-the-session-discarded", ("13.4", "13.1"), "the new session has the policy's lifetime, not that of the one before", BRIEF, (DISCARD, put("n", integer(1)), REGENERATE), begins(SID, data=ONE), {}),
        ("until-2-to-48-minus-1", ("13.4",), "until is at most the last time of all", late, (REGENERATE,), capped, {"opened_at": at, "flags": ("number", "edge")}),
    ]  # fmt: skip
    return _make("regenerate-lifetime", rows)


def _list_renew() -> list[Case]:
    call = ("13.4", "13.3 item 2")
    return _make(
        "renew",
        [
            ("opened", call, "nothing but a later issued", BRIEF, (RENEW,), keeps(BRIEF), {}),
            ("same-second", call, "a token all the same, in the very second of the one before", SESSION, (RENEW,), sets(SESSION), {"opened_at": CREATED, "flags": ("edge",)}),
            ("empty", ("13.5 step 3",), "a session that was opened empty is kept", EMPTY_SESSION, (RENEW,), keeps(EMPTY_SESSION), {}),
            ("lowered", ("13.4", "9.4"), "the later token carries the lowered times", SESSION, (RENEW,), keeps(idle=7200, until=CREATED + 14400), {"rules": {"longest_idle": 7200, "longest_lifetime": 14400}, "flags": ("policy",)}),
            ("and-write", call, "the content is as it is at commit", SESSION, (RENEW, put("n", None)), keeps(data=mapping(("n", None))), {}),
        ],
    )  # fmt: skip


def _list_set_lifetime() -> list[Case]:
    call = ("13.4", "13.3 item 2")
    low = {"longest_idle": 7200, "longest_lifetime": 14400}
    rows: list[Row] = [
        ("idle", call, "the idle timeout alone", SESSION, (set_lifetime(idle=60),), keeps(idle=60), {}),
        ("absolute", call, "the absolute end, counted from now", SESSION, (set_lifetime(absolute=60),), keeps(until=NOW + 60), {}),
        ("absolute-1", call, "the least there is", SESSION, (set_lifetime(absolute=1),), keeps(until=NOW + 1), {"flags": ("edge",)}),
        ("idle-1", call, "the least there is", SESSION, (set_lifetime(idle=1),), keeps(idle=1), {"flags": ("edge",)}),
        ("not-persistent", call, "no Max-Age from now on", SESSION, (set_lifetime(persistent=False),), keeps(persistent=False), {}),
        ("persistent", call, "Max-Age from now on", BRIEF, (set_lifetime(persistent=True),), keeps(BRIEF, persistent=True), {}),
        ("all", call, "all three", SESSION, (set_lifetime(idle=900, absolute=7200, persistent=False),), keeps(idle=900, until=NOW + 7200, persistent=False), {}),
        ("none", call, "called with nothing, it is called", SESSION, (set_lifetime(),), keeps(), {}),
        ("one-by-one", call, "each call leaves what it does not name", SESSION, (set_lifetime(idle=60), set_lifetime(absolute=90)), keeps(idle=60, until=NOW + 90), {}),
        ("beyond-the-ceilings", ("13.4", "9.4"), "ceilings apply on reading only", SESSION, (set_lifetime(idle=9000, absolute=20000),), keeps(idle=9000, until=NOW + 20000), {"rules": low, "flags": ("policy",)}),
        ("idle-under-a-ceiling", ("13.4", "9.4"), "what is not set stays as lowered", SESSION, (set_lifetime(idle=9000),), keeps(idle=9000, until=CREATED + 14400), {"rules": low, "flags": ("policy",)}),
        ("longest", ("13.4", "12.4"), "the longest idle timeout; Max-Age is at most 400 days", SESSION, (set_lifetime(idle=MAX_IDLE, absolute=MAX_IDLE),), keeps(idle=MAX_IDLE, until=NOW + MAX_IDLE), {"flags": ("number", "edge")}),
        ("max-age-400-days", ("12.4",), "Max-Age is 400 days and no less", SESSION, (set_lifetime(idle=MAX_IDLE, absolute=MAX_AGE_LIMIT),), keeps(idle=MAX_IDLE, until=NOW + MAX_AGE_LIMIT), {"flags": ("edge",)}),
        ("new-with-data", call, "of a new session too", None, (put("n", integer(1)), set_lifetime(idle=60, absolute=90)), begins(data=ONE, idle=60, until=NOW + 90), {}),
        ("new-without-content", ("13.5 step 3", "13.5 step 8"), "there is nothing to keep", None, (set_lifetime(idle=60),), NOTHING, {}),
        ("empty", ("13.5 step 3",), "a session that was opened empty is kept", EMPTY_SESSION, (set_lifetime(idle=60),), keeps(EMPTY_SESSION, idle=60), {}),
        ("then-discard", ("13.4", "13.1"), "the new session has the policy's times", SESSION, (set_lifetime(idle=60, absolute=90), DISCARD, put("n", integer(1))), begins(SID, data=ONE), {}),
    ]  # fmt: skip
    return _make("set-lifetime", rows)


def _list_ahead() -> list[Case]:
    """A clock that is ahead issued the token that is opened."""
    issued = {**SESSION, "issued": NOW + 30}
    created = {**SESSION, "created": NOW + 30, "issued": NOW + 30, "until": NOW + 30 + LIFETIME}
    brief = {**created, "until": NOW + 45}
    change = put("n", None)
    changed = mapping(("n", None))
    again = {"sid": "new", "created": NOW}
    step = ("7.2 step 2",)
    rows: list[Row] = [
        ("write", (*step, "12.4"), "issued does not go back; Max-Age counts from now", issued, (change,), sets({**issued, "data": changed}), {}),
        ("write-created-ahead", step, "created stays, and issued is no earlier", created, (change,), sets({**created, "data": changed}), {}),
        ("regenerate", ("13.4", "7.2 step 2"), "created is now, issued does not go back", created, (REGENERATE,), sets({**created, **again, "until": NOW + LIFETIME}, old_sids=(SID,)), {}),
        ("regenerate-brief", ("13.4", "7.2 step 3"), "the regenerated session would end before it was issued", brief, (REGENERATE,), FAILS, {}),
        ("set-lifetime", ("13.4", "7.2 step 3"), "the session would end before it was issued", issued, (set_lifetime(absolute=30),), FAILS, {"flags": ("edge",)}),
        ("set-lifetime-longer", ("13.4", "7.2 step 3"), "a second is left", issued, (set_lifetime(absolute=31),), sets({**issued, "until": NOW + 31}), {"flags": ("edge",)}),
        ("then-discard", ("13.1",), "the new session is issued now", issued, (DISCARD, put("n", integer(1))), begins(SID, data=ONE), {}),
    ]  # fmt: skip
    return _make("ahead", [(*row[:-1], {**row[-1], "flags": (*row[-1].get("flags", ()), "time")}) for row in rows])
