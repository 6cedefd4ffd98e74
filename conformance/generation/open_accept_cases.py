"""Cookie values that open: lengths, keys, purposes, times up to their edges, ceilings."""

from __future__ import annotations

from typing import Any

from . import octets
from .cases import Case, accept
from .keys import PUBLISHED, SECRET_KEY_BASE, SIXTEEN_DISTINCT, SKB, A, B, C, hex_key, ring
from .messagepack import write_envelope
from .open_refuse_cases import make_token_for_two
from .samples import Sample, list_samples
from .seal_cases import AFTER, AT, HOST, fill, fill_little
from .values import (
    CREATED,
    GOLDEN_HOST,
    GOLDEN_PREFS,
    GOLDEN_PREFS_NEEDS,
    IDLE,
    MAX_TIME,
    UNTIL,
    binary,
    envelope,
    mapping,
    policy,
)


def list_cases() -> list[Case]:
    return [
        *_list_golden(),
        *_list_contents(),
        *_list_sizes(),
        *_list_keys(),
        *_list_contexts(),
        *_list_times(),
        *_list_commitment(),
    ]


def _open(
    case_id: str,
    clauses: tuple[str, ...],
    comment: str,
    sealed: dict[str, Any] | None = None,
    *,
    found: dict[str, Any] | None = None,
    now: int = CREATED,
    keyring: str = "",
    key: bytes = A,
    purpose: str = HOST,
    nonce: bytes = octets.NONCE,
    rules: dict[str, Any] | None = None,
    flags: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Case:
    sealed = GOLDEN_HOST if sealed is None else sealed
    token = octets.seal(write_envelope(sealed), key=key, purpose=purpose, nonce=nonce)
    question = {
        "keyring": keyring or ring(key),
        "purpose": purpose,
        "now": now,
        "policy": rules or policy(),
        "value": token.encode().hex(),
    }
    return Case(case_id, clauses, comment, question, accept(envelope=found or sealed), flags, needs)


def _list_golden() -> list[Case]:
    clauses = ("8.2 step 6", "8.2 step 16")
    return [
        _open("open-golden-host-session", ("18.2", *clauses), "the worked example", flags=("golden",)),
        _open("open-golden-prefs", ("18.3", *clauses), "the worked example", GOLDEN_PREFS, now=CREATED + 3600, purpose="prefs", flags=("golden",), needs=GOLDEN_PREFS_NEEDS),
    ]  # fmt: skip


# Of the samples that decode takes, those that show a token's way through every layer.
_CONTENTS = frozenset(
    {
        "integer-9223372036854775807", "integer-minus-9223372036854775808", "integer-9007199254740993", "float-one",
        "float-minus-zero", "float-tenth", "text-leading-bom", "text-nul", "text-beyond-utf-16-unit", "text-decomposed", "bin-of-256", "array-of-16",
        "map-of-0", "map-of-16", "level-16-array", "keys-of-all-kinds", "flash-in-order", "flash-of-32", "sid-like-an-extension", "not-persistent",
    }
)  # fmt: skip


def _list_contents() -> list[Case]:
    return [_open_sample(sample) for sample in list_samples() if sample[0] in _CONTENTS]


def _open_sample(sample: Sample) -> Case:
    name, comment, clauses, given, flags, needs = sample
    return _open(f"open-{name}", (*clauses, "8.2 step 10"), comment, given, flags=flags, needs=needs)


def _list_sizes() -> list[Case]:
    rows = [
        ("shortest", "132 characters", envelope(), ("edge",)),
        *((f"plaintext-of-{size}", comment, fill_little(size), ()) for size, comment in ((47, "one octet of padding"), (48, "a whole block of padding"), (49, "twenty-three zeros of padding"))),
        ("plaintext-of-1943", "2,660 characters", fill(1943), ()),
        ("longest", "3,972 characters", fill(2927), ("edge",)),
        ("longest-beyond-the-default", "what another writer was allowed to write is read", fill(2500), ()),
        ("ends-like-padding", "the plaintext itself ends with 0x80 and zeros", envelope(flash=[["k", binary(b"\x80" + bytes(9))]]), ()),
        ("ends-with-80", "the plaintext itself ends with 0x80, an empty map", envelope(flash=[["k", mapping()]]), ()),
    ]  # fmt: skip
    return [
        _open(f"open-{name}", ("2.2", "2.4", "8.2 step 4"), comment, given, flags=("padding", *flags))
        for name, comment, given, flags in rows
    ]


def _list_keys() -> list[Case]:
    a, b = hex_key(A), hex_key(B)
    rows = [
        ("second-of-two", "a retired key opens", f"{a} {b}", B, ()),
        ("staged", "a key opens before its @from", f"{b}@from={AFTER} {a}", B, ()),
        ("ending", "a key opens up to the second before its @until", f"{b}@until={AFTER} {a}", B, ("edge",)),
        ("staged-and-ending", "a key with both bounds opens before the first", f"{b}@from={AFTER}@until=2027-01-01T00:00:00Z {a}", B, ()),
        ("beside-an-ended-one", "a key that has ended does not matter to the others", f"{b}@until={AT} {a}", A, ()),
        ("last-of-sixteen", "the last of a full ring", ring(*list(PUBLISHED.values())[:16]), list(PUBLISHED.values())[15], ()),
        ("of-a-secret-key-base", "K is derived from 64 octets", f"{a} skb:{SECRET_KEY_BASE.hex()}", SKB, ()),
        ("as-key-text", "the ring gives the key as key text", octets.key_text(C), C, ()),
        ("with-sixteen-distinct-octets", "the least variety that a key may have", hex_key(SIXTEEN_DISTINCT), SIXTEEN_DISTINCT, ("edge",)),
    ]  # fmt: skip
    return [
        *(
            _open(f"open-key-{name}", ("4.4.2", "4.4.4", "8.2 step 7"), comment, keyring=text, key=key, flags=("rotation", *flags))
            for name, comment, text, key, flags in rows
        ),
        _open("open-ring-since-now", ("4.2.1", "4.2 item 13"), "the ring text is parsed at now, at which its one key may seal", keyring=f"{a}@from={AT}", flags=("rotation", "edge")),
    ]  # fmt: skip


def _list_contexts() -> list[Case]:
    purposes = (
        ("empty", "", "the empty purpose is a purpose"),
        ("beyond-ascii", "séance", "a purpose is UTF-8"),
        ("decomposed", "se\u0301ance", "a purpose is not normalized"),
        ("long", "p" * 300, "a purpose of 300 octets"),
        ("nul", "a\0b", "a purpose may hold U+0000"),
    )
    nonces = (("zeros", bytes(24)), ("ones", b"\xff" * 24))
    return [
        *(
            _open(f"open-purpose-{name}", ("3.5", "3.3"), comment, purpose=purpose, flags=("unicode",))
            for name, purpose, comment in purposes
        ),
        *(
            _open(f"open-nonce-{name}", ("8.2 step 8", "1.5"), "any nonce, with - and _ in the token", nonce=nonce)
            for name, nonce in nonces
        ),
    ]


def _list_times() -> list[Case]:
    long = envelope(idle=10 * IDLE)
    rows: list[tuple[str, str, str, dict[str, Any], dict[str, Any], int, dict[str, Any]]] = [
        ("60-ahead", "8.2 step 13", "issued 60 seconds ahead: a clock may differ so much", GOLDEN_HOST, {}, CREATED - 60, {}),
        ("last-second-of-idle", "8.2 step 14", "one second before the idle timeout", GOLDEN_HOST, {}, CREATED + IDLE - 1, {}),
        ("last-second-before-until", "8.2 step 14", "one second before the absolute end", long, {}, UNTIL - 1, {}),
        ("last-second-of-all", "9.1", "issued + idle is beyond 2^48; until decides", envelope(until=MAX_TIME, idle=(1 << 32) - 1, issued=MAX_TIME - 9), {}, MAX_TIME - 1, {}),
        ("created-at-not-before", "8.2 step 15", "created at the very second of not_before", GOLDEN_HOST, {}, CREATED, {"not_before": CREATED}),
        ("created-after-not-before", "8.2 step 15", "created after not_before", GOLDEN_HOST, {}, CREATED, {"not_before": CREATED - 1}),
        ("not-before-in-the-future", "8.2 step 15", "issued does not matter for not_before, created does", envelope(created=CREATED, issued=CREATED + 50), {}, CREATED + 50, {"not_before": CREATED}),
        ("idle-lowered", "9.4", "idle is lowered to the ceiling", GOLDEN_HOST, {"idle": 600}, CREATED + 599, {"longest_idle": 600}),
        ("idle-not-raised", "9.4", "a ceiling does not raise", GOLDEN_HOST, {}, CREATED, {"longest_idle": IDLE + 1}),
        ("until-lowered", "9.4", "until is lowered to created plus the ceiling", GOLDEN_HOST, {"until": CREATED + 3600}, CREATED + 3599, {"longest_lifetime": 3600}),
        ("until-not-raised", "9.4", "a ceiling does not raise", GOLDEN_HOST, {}, CREATED, {"longest_lifetime": 90 * 86400 + 1}),
        ("ceilings-of-2-to-40", "9.8", "the longest durations that every port takes", GOLDEN_HOST, {}, CREATED, {"absolute_lifetime": 1 << 40, "renew_after": 1 << 40, "longest_idle": 1 << 40, "longest_lifetime": 1 << 40}),
        ("both-lowered", "8.2 step 12", "both ceilings", GOLDEN_HOST, {"idle": 60, "until": CREATED + 90}, CREATED + 59, {"longest_idle": 60, "longest_lifetime": 90}),
        ("ceiling-from-created", "9.4", "the ceiling counts from created, not from issued", envelope(issued=CREATED + 1000), {"until": CREATED + 2000}, CREATED + 1999, {"longest_lifetime": 2000}),
        ("policy-of-new-sessions", "9.8", "idle_timeout, absolute_lifetime and persistent are for new sessions only", GOLDEN_HOST, {}, CREATED + 1000, {"idle_timeout": 1, "absolute_lifetime": 1, "persistent": False, "renew_after": 1}),
    ]  # fmt: skip
    return [
        _open(f"open-{name}", (clause,), comment, sealed, found={**sealed, **lowered}, now=now, rules=policy(**rules), flags=("policy" if rules else "time", "edge"))
        for name, clause, comment, sealed, lowered, now, rules in rows
    ]  # fmt: skip


def _list_commitment() -> list[Case]:
    token, found = make_token_for_two()
    clauses = ("4.4.4", "8.2 step 7", "17.9")
    return [
        Case(
            f"open-commitment-{name}",
            clauses,
            "the box authenticates under both keys; the key id says which one opens it",
            {"keyring": keyring, "purpose": HOST, "now": CREATED, "policy": policy(), "value": token.encode().hex()},
            accept(envelope=found),
            ("commitment",),
        )
        for name, keyring in (("key-id-decides", ring(B, A)), ("key-id-decides-turned", ring(A, B)))
    ]
