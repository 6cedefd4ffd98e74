"""Envelope to token, octet for octet with the nonce given: which key, which times, how long."""

from __future__ import annotations

from typing import Any

from . import octets
from .cases import Case, accept, refuse
from .keys import PUBLISHED, SECRET_KEY_BASE, SKB, A, B, C, hex_key, ring
from .messagepack import write_envelope
from .octets import NONCE
from .values import (
    CREATED,
    GOLDEN_HOST,
    GOLDEN_PREFS,
    GOLDEN_PREFS_NEEDS,
    MAX_TIME,
    UNTIL,
    array,
    binary,
    envelope,
    integer,
    mapping,
)

HOST = "__Host-session"
# 2026-01-01T00:00:00Z, which is CREATED, and a second more.
AT, AFTER = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"


def list_cases() -> list[Case]:
    return [*_list_golden(), *_list_times(), *_list_keys(), *_list_sizes(), *_list_contexts(), *_list_refused()]


def fill(plaintext_octets: int) -> dict[str, Any]:
    """An envelope whose plaintext has just so many octets, 300 and more."""
    empty = len(write_envelope(envelope(data=mapping(("v", binary(bytes(256)))))))
    given = envelope(data=mapping(("v", binary(bytes(256 + plaintext_octets - empty)))))
    if len(write_envelope(given)) != plaintext_octets:
        raise ValueError(f"no envelope of {plaintext_octets} octets")
    return given


def fill_little(plaintext_octets: int) -> dict[str, Any]:
    """The same from 44 octets, by a text of at most 31."""
    empty = len(write_envelope(envelope(data=mapping(("v", "")))))
    return envelope(data=mapping(("v", "x" * (plaintext_octets - empty))))


def _seal(
    case_id: str,
    clauses: tuple[str, ...],
    comment: str,
    given: dict[str, Any] | None = None,
    *,
    now: int = CREATED,
    issued: int | None = None,
    keyring: str = "",
    key: bytes = A,
    purpose: str = HOST,
    nonce: bytes = NONCE,
    flags: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Case:
    given = GOLDEN_HOST if given is None else given
    sealed = given if issued is None else {**given, "issued": issued}
    token = octets.seal(write_envelope(sealed), key=key, purpose=purpose, nonce=nonce)
    question = {
        "keyring": keyring or ring(key),
        "purpose": purpose,
        "now": now,
        "envelope": given,
        "nonce": nonce.hex(),
    }
    return Case(case_id, clauses, comment, question, accept(token=token), flags, needs)


def _list_golden() -> list[Case]:
    return [
        _seal("seal-golden-host-session", ("18.2", "7.2 step 8", "7.2 step 9", "2.1"), "the worked example", flags=("golden",)),
        _seal("seal-golden-prefs", ("18.3", "7.2 step 8", "7.2 step 9"), "the worked example", GOLDEN_PREFS, now=CREATED + 3600, purpose="prefs", flags=("golden",), needs=GOLDEN_PREFS_NEEDS),
    ]  # fmt: skip


def _list_times() -> list[Case]:
    later = envelope(issued=CREATED + 100)
    ahead = envelope(created=CREATED + 1000, issued=CREATED + 1000)
    step = ("7.2 step 2",)
    rows = [
        ("now-after-issued", step, "issued becomes now", GOLDEN_HOST, CREATED + 1, CREATED + 1),
        ("now-before-issued", step, "issued stays: another clock was ahead", later, CREATED + 99, CREATED + 100),
        ("now-at-issued", step, "issued and now are one second", later, CREATED + 100, CREATED + 100),
        ("now-before-created", (*step, "7.3"), "created more than 60 seconds ahead is sealed all the same", ahead, CREATED, CREATED + 1000),
        ("now-0", step, "the first second of all", GOLDEN_HOST, 0, CREATED),
        ("issued-before-created", step, "an issued that is too early is set to created, not refused", envelope(issued=CREATED - 5), CREATED - 9, CREATED),
        ("last-second-before-until", ("7.2 step 3",), "the last second at which this session can be sealed", GOLDEN_HOST, UNTIL - 1, UNTIL - 1),
        ("idle-over", ("7.3",), "sealing does not judge the idle timeout", envelope(idle=1), CREATED + 5000, CREATED + 5000),
        ("last-second-of-all", step, "until is 2^48 - 1, now one second before", envelope(until=MAX_TIME), MAX_TIME - 1, MAX_TIME - 1),
    ]  # fmt: skip
    return [
        _seal(f"seal-{name}", clauses, comment, given, now=now, issued=issued, flags=("time",))
        for name, clauses, comment, given, now, issued in rows
    ]


def _list_keys() -> list[Case]:
    a, b, c = hex_key(A), hex_key(B), hex_key(C)
    rows = [
        ("first-of-two", "the first entry is the primary", f"{a} {b}", A, ()),
        ("first-of-two-turned", "the order decides, nothing else", f"{b} {a}", B, ()),
        ("staged-before", "a staged key does not seal before its time", f"{b}@from={AFTER} {a}", A, ("edge",)),
        ("staged-at", "a staged key seals from its time on", f"{b}@from={AT} {a}", B, ("edge",)),
        ("ending-before", "a key seals up to the second before its end", f"{b}@until={AFTER} {a}", B, ("edge",)),
        ("ended", "a key does not seal at its end", f"{b}@until={AT} {a}", A, ("edge",)),
        ("between", "a key with both bounds seals between them", f"{b}@from={AT}@until={AFTER} {a}", B, ("edge",)),
        ("two-staged", "of two staged keys the first whose time has come", f"{c}@from={AFTER} {b}@from={AT} {a}", B, ()),
        ("staged-behind", "a key behind one that may seal never seals", f"{a} {b}@from={AT}", A, ()),
    ]  # fmt: skip
    since = _seal("seal-ring-since-now", ("4.2.1", "4.2 item 13"), "the ring text is parsed at now, at which its one key may seal", keyring=f"{a}@from={AT}", flags=("rotation", "edge"))  # fmt: skip
    cases = [
        _seal(f"seal-key-{name}", ("4.4.3", "4.4.1", "7.2 step 1"), comment, keyring=text, key=key, flags=("rotation", *flags))
        for name, comment, text, key, flags in rows
    ]  # fmt: skip
    sixteen = list(PUBLISHED.values())[:16]
    return [
        *cases,
        since,
        _seal("seal-key-first-of-sixteen", ("4.4.3",), "a full ring", keyring=ring(*sixteen), key=A, flags=("rotation",)),
        _seal("seal-key-of-a-secret-key-base", ("3.3", "3.4", "4.3.3"), "K is derived from 64 octets", keyring=f"skb:{SECRET_KEY_BASE.hex()}", key=SKB),
        _seal("seal-key-as-key-text", ("4.3",), "the ring gives the key as key text", keyring=octets.key_text(B), key=B),
    ]  # fmt: skip


def _list_sizes() -> list[Case]:
    little = [
        _seal(f"seal-plaintext-of-{size}", ("2.3", "2.2", "7.2 step 6"), comment, fill_little(size), flags=("padding",))
        for size, comment in (
            (47, "one octet of padding"),
            (48, "a whole block of padding behind an exact multiple"),
            (49, "twenty-three octets of padding"),
            (71, "one octet of padding, in the third block"),
            (72, "a whole block of padding behind three"),
        )
    ]
    return [
        _seal("seal-shortest", ("2.2",), "an empty session has 132 characters", envelope(), flags=("size", "edge")),
        *little,
        _seal("seal-plaintext-of-1943", ("15",), "2,660 characters, the default limit of a commit", fill(1943), flags=("size",)),
        _seal("seal-plaintext-of-2903", ("2.5",), "the longest but one", fill(2903), flags=("size",)),
        _seal("seal-longest", ("2.5", "7.2 step 5"), "2,927 octets of plaintext in 3,972 characters", fill(2927), flags=("size", "edge")),
    ]  # fmt: skip


def _list_contexts() -> list[Case]:
    purposes = (
        ("empty", "", "the empty purpose is a purpose"),
        ("beyond-ascii", "séance", "a purpose is UTF-8"),
        ("decomposed", "se\u0301ance", "a purpose is not normalized"),
        ("capitals", "__HOST-SESSION", "a purpose is not folded"),
        ("blank-behind", "__Host-session ", "a purpose is not trimmed"),
        ("long", "p" * 300, "a purpose of 300 octets"),
        ("nul", "a\0b", "a purpose may hold U+0000"),
        ("four-octets", "\U0001f36a", "a purpose of one character beyond U+FFFF"),
    )
    nonces = (("zeros", bytes(24)), ("ones", b"\xff" * 24), ("descending", bytes(range(255, 231, -1))))
    return [
        *(
            _seal(f"seal-purpose-{name}", ("3.5", "3.3"), comment, purpose=purpose, flags=("unicode",))
            for name, purpose, comment in purposes
        ),
        *(
            _seal(f"seal-nonce-{name}", ("7.2 step 8", "1.5"), "any nonce; base64url with - and _", nonce=nonce)
            for name, nonce in nonces
        ),
        _seal(
            "seal-sorts",
            ("6.4", "7.2 step 4"),
            "keys are sorted on the way",
            envelope(data=mapping(("b", integer(1)), ("a", array(mapping(("d", None), ("c", None)))))),
            flags=("order",),
        ),
    ]


def _list_refused() -> list[Case]:
    nan = {"float": "7ff8000000000000"}
    rows: list[tuple[str, str, str, dict[str, Any], int, tuple[str, ...]]] = [
        ("at-until", "7.2 step 3", "until is not later than the new issued", GOLDEN_HOST, UNTIL, ("time", "edge")),
        ("after-until", "7.2 step 3", "until is past", GOLDEN_HOST, UNTIL + 1, ("time",)),
        ("now-negative", "7.2 step 2", "now is -1", GOLDEN_HOST, -1, ("time", "edge")),
        ("now-2-to-48", "7.2 step 2", "now is 2^48", GOLDEN_HOST, 1 << 48, ("time", "edge")),
        ("created-negative", "7.2 step 2", "created is -1, which the greatest of the three would hide", envelope(created=-1), CREATED, ("time", "edge")),
        ("issued-negative", "7.2 step 2", "issued is -1, which the greatest of the three would hide", envelope(issued=-1), CREATED, ("time", "edge")),
        ("created-2-to-48", "7.2 step 2", "created is 2^48", envelope(created=1 << 48), CREATED, ("time", "edge")),
        ("issued-2-to-48", "7.2 step 2", "issued is 2^48", envelope(issued=1 << 48, until=(1 << 48) + 1), CREATED, ("time",)),
        ("sid-of-15", "7.2 step 3", "a sid of 15 octets", envelope(sid="a0" * 15), CREATED, ("length",)),
        ("flash-of-33", "7.2 step 3", "33 flash entries", envelope(flash=[["k", None]] * 33), CREATED, ("length",)),
        ("nan", "7.2 step 4", "a NaN in data", envelope(data=mapping(("v", nan))), CREATED, ("number",)),
        ("key-proto", "7.2 step 4", "the key __proto__", envelope(data=mapping(("__proto__", None))), CREATED, ("type",)),
        ("too-long", "7.2 step 5", "2,928 octets of plaintext", fill(2928), CREATED, ("size", "edge")),
        ("much-too-long", "7.2 step 5", "20,000 octets of plaintext", fill(20000), CREATED, ("size",)),
        ("beyond-all-lengths", "7.2 step 5", "70,000 octets, more than a length of two octets can say", envelope(data=mapping(("v", "x" * 70000))), CREATED, ("size",)),
    ]  # fmt: skip
    question = {"keyring": ring(A), "purpose": HOST, "now": CREATED, "envelope": GOLDEN_HOST, "nonce": NONCE.hex()}
    others = [
        Case("seal-refuse-ring-before-its-time", ("4.2.1", "4.2 item 13", "1.9"), "the ring text is parsed at now, a second before its one key may seal", {**question, "keyring": f"{hex_key(A)}@from={AFTER}"}, refuse(), ("rotation", "edge")),
        Case("seal-refuse-ring-ended", ("4.2.1", "4.2 item 13", "1.9"), "the ring text is parsed at now, at the end of its one key", {**question, "keyring": f"{hex_key(A)}@until={AT}"}, refuse(), ("rotation", "edge")),
        Case("seal-refuse-purpose-lone-surrogate", ("3.5", "1.9"), "a purpose with a lone surrogate", {**question, "purpose": {"utf16": "d83d"}}, refuse(), ("utf-8",), ("lone-surrogates",)),
    ]  # fmt: skip
    return [
        *others,
        *_make_refused(rows),
    ]


def _make_refused(rows: list[tuple[str, str, str, dict[str, Any], int, tuple[str, ...]]]) -> list[Case]:
    return [
        Case(
            f"seal-refuse-{name}",
            (clause, "1.9"),
            comment,
            {"keyring": ring(A), "purpose": HOST, "now": now, "envelope": given, "nonce": NONCE.hex()},
            refuse(),
            flags,
        )
        for name, clause, comment, given, now, flags in rows
    ]
