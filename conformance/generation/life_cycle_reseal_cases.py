"""Tokens that are set though nothing was written: a reseal, a renewal, and what they carry (SPEC 9.5, 9.6, 13.5)."""

from __future__ import annotations

from typing import Any

from .cases import Case
from .keys import A, B, C, hex_key, ring
from .life_cycle import (
    CSRF_TOKEN,
    DISCARD,
    NOTHING,
    NOW,
    ONE,
    POP_FLASH,
    READ,
    REGENERATE,
    RENEW,
    SESSION,
    SID,
    Json,
    Sent,
    begins,
    exchange,
    flash,
    issue_again,
    keeps,
    put,
    sets,
)
from .values import CREATED, UNTIL, envelope, integer, mapping

# NOW, and a time that does not come.
AT_NOW, NEVER = "2026-01-01T00:16:40Z", "2030-01-01T00:00:00Z"
BEHIND = ring(A, B)
BRIEF = envelope(idle=9000, until=CREATED + 7200, persistent=False, data=ONE, flash=[["k", "v"]])


def list_cases() -> list[Case]:
    return [*_list_reseals(), *_list_rings(), *_list_renewals(), *_list_with_writes()]


def _list_reseals() -> list[Case]:
    rows: list[tuple[str, str, Json, int, Sent, dict[str, Any]]] = [
        ("before-300", "a token of 299 seconds stays", SESSION, 299, NOTHING, {}),
        ("at-300", "a token of 300 seconds is sealed again, by the primary", SESSION, 300, sets({**SESSION, "issued": CREATED + 300}), {}),
        ("content", "flash, own times and a missing Max-Age are kept", BRIEF, 1000, keeps(BRIEF), {}),
        ("empty", "a session without content is sealed again like any other", envelope(), 1000, keeps(envelope()), {}),
        ("lowered", "the later token carries the lowered times", SESSION, 1000, keeps(idle=12000, until=CREATED + 14400), {"rules": {"longest_idle": 12000, "longest_lifetime": 14400}, "flags": ("policy",)}),
        ("issued-ahead", "the age counts from issued; a token from a clock that is ahead has none", {**SESSION, "issued": NOW + 60}, 1000, NOTHING, {"flags": ("time",)}),
        ("and-renewal", "both are due: one token", {**SESSION, "idle": 5000}, 1000, keeps(idle=5000), {}),
    ]  # fmt: skip
    return [
        exchange(
            f"life-reseal-{name}",
            ("9.6", "13.5 step 6"),
            comment,
            (READ,),
            sent,
            opened=opened,
            key=B,
            keyring=BEHIND,
            opened_at=CREATED + age,
            **{**more, "flags": ("rotation", *more.get("flags", ()))},
        )
        for name, comment, opened, age, sent, more in rows
    ]


def _list_rings() -> list[Case]:
    a, b, c = hex_key(A), hex_key(B), hex_key(C)
    rows: list[tuple[str, str, bytes, str, int, Sent]] = [
        ("last-of-three", "two places behind the primary", C, ring(A, B, C), NOW, keeps()),
        ("staged-key", "the key is before the primary: another node used it first", B, f"{b}@from={NEVER} {a}", NOW, NOTHING),
        ("staged-time-not-come", "a second before the staged key becomes the primary", A, f"{b}@from={AT_NOW} {a}", NOW - 1, NOTHING),
        ("staged-time-come", "the staged key is the primary now", A, f"{b}@from={AT_NOW} {a}", NOW, sets(issue_again(), key=B)),
        ("behind-and-staged", "behind the primary, and its own time has not come", B, f"{a} {b}@from={NEVER}", NOW, keeps()),
        ("staged-before-all", "a staged key before the primary does not keep from a reseal", B, f"{c}@from={NEVER} {a} {b}", NOW, keeps()),
        ("primary-that-will-end", "the primary is the first that may seal, also where it will end", A, f"{b}@until={NEVER} {a}", NOW, sets(issue_again(), key=B)),
        ("primary-that-has-ended", "the first key has ended: the one behind it is the primary", A, f"{b}@until={AT_NOW} {a}", NOW, NOTHING),
        ("key-that-will-end", "a key behind the primary that will end", B, f"{a} {b}@until={NEVER}", NOW, keeps()),
    ]  # fmt: skip
    return [
        exchange(f"life-reseal-{name}", ("9.6", "4.4.3"), comment, (READ,), sent, key=key, keyring=keyring, opened_at=now, flags=("rotation", "key-choice"))
        for name, comment, key, keyring, now, sent in rows
    ]  # fmt: skip


def _list_renewals() -> list[Case]:
    short = {**SESSION, "idle": 5000}
    rows: list[tuple[str, str, Json, int, Sent, dict[str, Any]]] = [
        ("before-the-tenth", "a second before a tenth of the idle timeout", short, 499, NOTHING, {}),
        ("at-the-tenth", "a tenth of the idle timeout has passed", short, 500, sets({**short, "issued": CREATED + 500}), {}),
        ("before-renew-after", "a second before renew_after", SESSION, 999, NOTHING, {"rules": {"renew_after": 1000}}),
        ("at-renew-after", "renew_after has passed, which is less than the tenth", SESSION, 1000, keeps(), {"rules": {"renew_after": 1000}}),
        ("renew-after-too-great", "renew_after is more than the tenth, which has passed", short, 1000, keeps(short), {"rules": {"renew_after": 4000}}),
        ("lowered", "the tenth is that of the lowered idle timeout, which the token carries", SESSION, 1000, keeps(idle=5000), {"rules": {"longest_idle": 5000}}),
        ("not-lowered", "nor does a ceiling raise anything in the later token", short, 1000, keeps(short), {"rules": {"longest_idle": 6000, "longest_lifetime": UNTIL}}),
        ("near-until", "Max-Age is what is left until the absolute end", {**short, "until": CREATED + 1010}, 1000, keeps(short, until=CREATED + 1010), {}),
        ("content", "flash, own times and a missing Max-Age are kept", BRIEF, 1000, keeps(BRIEF), {}),
        ("empty", "a session without content is renewed like any other", envelope(idle=5000), 1000, keeps(envelope(idle=5000)), {}),
    ]  # fmt: skip
    return [
        exchange(
            f"life-renewal-{name}",
            ("9.5", "13.5 step 6"),
            comment,
            (READ,),
            sent,
            opened=opened,
            opened_at=CREATED + age,
            **{**more, "flags": ("policy" if "rules" in more else "time",)},
        )
        for name, comment, opened, age, sent, more in rows
    ]


def _list_with_writes() -> list[Case]:
    young = {**SESSION, "issued": NOW - 1}
    short = {**SESSION, "idle": 5000}
    change = put("m", None)
    changed = mapping(("m", None), ("n", integer(1)))
    rows: list[tuple[str, tuple[str, ...], str, Json, bytes, tuple[Json, ...], Sent]] = [
        ("write-under-a-retired-key", ("13.5 step 3", "4.4.3"), "a write waits for nothing and is sealed by the primary", young, B, (change,), keeps(data=changed)),
        ("renew-under-a-retired-key", ("13.5 step 3", "4.4.3"), "nor does renew wait", young, B, (RENEW,), keeps()),
        ("came-and-went", ("13.5 step 6",), "nothing is written in the end: the reseal is due all the same", SESSION, B, (flash("k", "v"), POP_FLASH), keeps()),
        ("csrf-token-with-a-reseal", ("13.5 step 6", "13.3 item 3"), "a CSRF token of an opened session is no write; the reseal is due", SESSION, B, (CSRF_TOKEN,), keeps()),
        ("csrf-token-with-a-renewal", ("13.5 step 6", "13.3 item 3"), "a CSRF token of an opened session is no write; the renewal is due", short, A, (CSRF_TOKEN,), keeps(short)),
        ("regenerate-with-a-renewal", ("13.5 step 3",), "the write decides; there is one token", short, A, (REGENERATE,), sets({**short, "sid": "new", "created": NOW, "issued": NOW, "until": UNTIL + 1000}, old_sids=(SID,))),
        ("discard-with-a-reseal", ("13.5 step 3",), "a reseal is not due for what was discarded", SESSION, B, (DISCARD, put("n", integer(1))), begins(SID, data=ONE)),
    ]  # fmt: skip
    return [
        exchange(f"life-{name}", clauses, comment, actions, sent, opened=opened, key=key, keyring=BEHIND, flags=("rotation",))
        for name, clauses, comment, opened, key, actions, sent in rows
    ]  # fmt: skip
