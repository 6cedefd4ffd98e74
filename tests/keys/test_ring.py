"""ring.py: the ring's grammar, which key seals and opens when, and every way to refuse a ring."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiejar_session import ConfigError, Key
from cookiejar_session.keys.ring import NEVER, Ring, RingEntry

NOW = 1767225600  # 2026-01-01T00:00:00Z
YEAR = "2027-01-01T00:00:00Z"
YEAR_SECONDS = 1798761600
MEND = 'make one with "cookiejar-session keygen"'
PUBLISHED = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
PUBLISHED_BASE = "skb:" + bytes(range(64)).hex()
# The published secret key base as the key that is derived from it.
PUBLISHED_DERIVED = "hex:c167e2bd4c217b9e0e7ef5fbabded7bce038e55d09e86499343ba8209afc2ae1"

KEYS = [Key.generate() for _ in range(17)]
A, B, C = (key.to_text() for key in KEYS[:3])


def parse(text: str, now: int = NOW) -> Ring:
    return Ring.parse(text, now=now)


def order(ring: Ring) -> list[Key]:
    return [entry.key for entry in ring.entries]


def refusal(text: str, now: int = NOW) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, now)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f"{A} {B} {C}",
        f"{A},{B},{C}",
        f"{A}\t{B}\r\n{C}",
        f"{A}\r{B}\n{C}",
        f" ,\r\n\t{A} , {B},,\n\n{C}\n, ",
    ],
    ids=["blanks", "commas", "tab-crlf", "cr-lf", "all"],
)
def test_blanks_newlines_and_commas_separate_and_surround(text: str) -> None:
    assert order(parse(text)) == KEYS[:3]


def test_entries_know_their_position() -> None:
    assert [entry.position for entry in parse(f"{A} {B} {C}").entries] == [0, 1, 2]


def test_an_entry_without_bounds_seals_and_opens_for_ever() -> None:
    assert parse(A).entries == (RingEntry(KEYS[0], 0, 0, NEVER),)


@pytest.mark.parametrize(
    "bounds", [f"@from=2026-06-01T12:30:59Z@until={YEAR}", f"@until={YEAR}@from=2026-06-01T12:30:59Z"]
)
def test_bounds_stand_in_either_order(bounds: str) -> None:
    entry = parse(f"{A}{bounds} {B}").entries[0]
    assert (entry.seals_from, entry.until) == (1780317059, YEAR_SECONDS)


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01Z", 1),
        ("2000-02-29T23:59:59Z", 951868799),
        ("2028-02-29T00:00:00Z", 1835395200),
        ("9999-12-31T23:59:59Z", 253402300799),
    ],
)
def test_a_real_time_is_taken(time: str, seconds: int) -> None:
    assert parse(f"{A}@from={time} {B}").entries[0].seals_from == seconds


@pytest.mark.parametrize(
    "time",
    [
        "",
        "2027-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2027-04-31T00:00:00Z",
        "2027-00-01T00:00:00Z",
        "2027-13-01T00:00:00Z",
        "2027-01-00T00:00:00Z",
        "2027-01-01T24:00:00Z",
        "2027-01-01T00:60:00Z",
        "2027-01-01T00:00:60Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2027-01-01T00:00:00",
        "2027-01-01T00:00:00z",
        "2027-01-01t00:00:00Z",
        "2027-01-01T00:00:00+00:00",
        "2027-01-01T00:00:00.5Z",
        "2027-1-01T00:00:00Z",
        "2027-01-01T00:00Z",
        "2027-01-01",
        "1798761600",
        "=2027-01-01T00:00:00Z",
    ],
)
@pytest.mark.parametrize("name", ["from", "until"])
def test_what_is_no_real_time_is_refused_with_an_example(name: str, time: str) -> None:
    assert refusal(f"{A}@{name}={time} {B}") == f"entry 1: @{name} is not a time; write it as 2027-01-31T00:00:00Z"


ATTRIBUTE = 'after "@" only "from=" and "until=" may stand; write @from=2027-01-31T00:00:00Z'
QUOTES = "there are quotes around the value, left by a shell or a .env file; remove them"
NOT_ASCII = f"there is a character that is not ASCII, such as a byte order mark; copy the key again, or {MEND}"
UNKNOWN = 'key must begin with "cjk1_", "hex:", "b64:" or "skb:", found {} characters of another form; ' + MEND
REFUSED = {
    "empty": ("", f"the keyring is empty; {MEND}"),
    "blank": (" \t\r\n,,", f"the keyring is empty; {MEND}"),
    "seventeen": (
        " ".join(key.to_text() for key in KEYS),
        "the keyring has 17 entries, at most 16 may stand; remove the retired keys at its end",
    ),
    "double-quotes": (f'"{A}"', f"entry 1: {QUOTES}"),
    "single-quotes": (f"'{A}'", f"entry 1: {QUOTES}"),
    "backquotes": (f"`{A}`", f"entry 1: {QUOTES}"),
    "quotes-around-two": (f'"{A} {B}"', f"entry 1: {QUOTES}"),
    "quote-at-the-end": (f"{A} {B}'", f"entry 2: {QUOTES}"),
    "byte-order-mark": (f"\ufeff{A}", f"entry 1: {NOT_ASCII}"),
    "no-break-space": (f"{A} \xa0{B}", f"entry 2: {NOT_ASCII}"),
    "next-line": (f"{A}\x85{B}", f"entry 1: {NOT_ASCII}"),
    "vertical-tab": (
        f"{A}\x0b{B}",
        f"entry 1: key text must be 53 characters, got 107; copy it whole, or {MEND}",
    ),
    "comment": (f"{A} # mine", f"entry 2: {UNKNOWN.format(1)}"),
    "wrong-length": (f"{A} hex:00ff", f"entry 2: key must be 32 bytes, got 2; {MEND}"),
    "bad-checksum": (
        f"{A} {B} cjk1_{'A' * 48}",
        "entry 3: the checksum does not match, so the key text was damaged on the way; copy it again, or " + MEND,
    ),
    "not-hex": (
        "hex:" + "zz" * 32,
        f"entry 1: key holds a character that is not a hex digit; write 64 hex digits, or {MEND}",
    ),
    "weak": (
        f"{A} hex:{'00' * 32}",
        f"entry 2: key has 1 distinct bytes, at least 16 are wanted: it is not random; {MEND}",
    ),
    "duplicate": (f"{A} {B} {A}", "entry 3: the same key as entry 1; remove one of the two"),
    "only-bounds": (f"@from={YEAR}", f"entry 1: {UNKNOWN.format(0)}"),
    "attribute-unknown": (f"{A}@after={YEAR} {B}", f"entry 1: {ATTRIBUTE}"),
    "attribute-in-capitals": (f"{A}@From={YEAR} {B}", f"entry 1: {ATTRIBUTE}"),
    "attribute-empty": (f"{A}@ {B}", f"entry 1: {ATTRIBUTE}"),
    "from-twice": (f"{A} {B}@from={YEAR}@from={YEAR}", "entry 2: @from is given twice; keep one"),
    "until-twice": (f"{A} {B}@until={YEAR}@until={YEAR}", "entry 2: @until is given twice; keep one"),
    "from-at-until": (
        f"{A}@from={YEAR}@until={YEAR} {B}",
        "entry 1: @from must be before @until; mend one of the two times",
    ),
    "from-behind-until": (
        f"{A}@until={YEAR}@from=2027-01-01T00:00:01Z {B}",
        "entry 1: @from must be before @until; mend one of the two times",
    ),
    "published": (f"{A} {PUBLISHED}", f"entry 2: this key is published, so anybody could seal with it; {MEND}"),
    "published-base": (PUBLISHED_BASE, f"entry 1: this key is published, so anybody could seal with it; {MEND}"),
    "published-as-derived": (
        PUBLISHED_DERIVED,
        f"entry 1: this key is published, so anybody could seal with it; {MEND}",
    ),
    "gap-now": (
        f"{A}@from={YEAR}",
        "no key could seal at 2026-01-01T00:00:00Z; add a key without @from and @until",
    ),
    "gap-at-the-end": (
        f"{A}@until={YEAR}",
        f"no key could seal at {YEAR}; add a key without @from and @until",
    ),
    "gap-between": (
        f"{A}@until={YEAR} {B}@from=2027-01-01T00:00:01Z",
        f"no key could seal at {YEAR}; add a key without @from and @until",
    ),
    "gap-behind-two": (
        f"{A}@until={YEAR} {B}@until=2028-01-01T00:00:00Z",
        "no key could seal at 2028-01-01T00:00:00Z; add a key without @from and @until",
    ),
    "all-ended": (
        f"{A}@until=2026-01-01T00:00:00Z",
        "no key could seal at 2026-01-01T00:00:00Z; add a key without @from and @until",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_ring_is_refused_with_the_entry_and_the_mend(text: str, message: str) -> None:
    assert refusal(text) == message


def test_a_gap_after_the_last_year_that_can_be_written_is_told_in_seconds() -> None:
    with pytest.raises(ConfigError, match=r"^no key could seal at second 281474976710655; add a key"):
        Ring.parse(f"{A}@until={YEAR}", now=2**48 - 1, allow_published=True)


def show_failure(run: Callable[..., object], text: str, **options: Any) -> str:
    """The traceback with all local variables, but for those of this very function."""
    with pytest.raises(ConfigError) as caught:
        run(text, **options)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


@pytest.mark.parametrize("name", [name for name, (text, _) in REFUSED.items() if len(text) > 50])
def test_no_traceback_of_a_refused_ring_shows_any_key_text(name: str) -> None:
    text, _ = REFUSED[name]
    shown = show_failure(Ring.parse, text, now=NOW)
    assert [word for word in text.replace("@", " ").split() if len(word) > 25 and word[5:25] in shown] == []


def test_sixteen_entries_are_taken() -> None:
    assert order(parse(" ".join(key.to_text() for key in KEYS[:16]))) == KEYS[:16]


def test_one_key_written_in_two_forms_is_a_duplicate() -> None:
    material = bytes(range(100, 132))
    assert refusal(f"hex:{material.hex()} {Key(material).to_text()}").startswith("entry 2: the same key as entry 1")


def test_two_keys_of_one_key_id_are_refused() -> None:
    forged = Key.generate()
    forged.key_id = KEYS[0].key_id
    with pytest.raises(ConfigError) as caught:
        Ring([RingEntry(KEYS[0], 0), RingEntry(KEYS[1], 1), RingEntry(forged, 2)], now=NOW)
    assert str(caught.value) == f"entry 3: another key with the key id of entry 1; {MEND}"


@pytest.mark.parametrize("text", [PUBLISHED, PUBLISHED_BASE, PUBLISHED_DERIVED])
def test_published_keys_pass_through_the_seam_for_tests_alone(text: str) -> None:
    assert len(Ring.parse(text, now=NOW, allow_published=True).entries) == 1


def test_an_end_long_ago_without_a_beginning_is_no_contradiction() -> None:
    # SPEC 4.2 item 6 compares only bounds that are there.
    assert parse(f"{A} {B}@until=1970-01-01T00:00:00Z").entries[1].until == 0


def test_a_gap_that_has_passed_is_no_reason_to_refuse() -> None:
    text = f"{A}@until={YEAR} {B}@from=2027-06-01T00:00:00Z"
    assert order(parse(text, now=YEAR_SECONDS + 365 * 86400)) == KEYS[:2]


def test_keys_that_meet_leave_no_gap() -> None:
    assert order(parse(f"{A}@until={YEAR} {B}@from={YEAR}")) == KEYS[:2]


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (f"{A} {B}", A, A),
        (f"{B} {A}", B, B),
        (f"{B}@from={YEAR} {A}", A, B),
        (f"{A}@until={YEAR} {B}", A, B),
        (f"{A}@until={YEAR} {C}@from=2026-06-01T00:00:00Z {B}", A, C),
    ],
    ids=["old-first", "new-first", "staged-begin", "staged-end", "both"],
)
def test_the_primary_is_the_first_that_may_seal(text: str, before: str, after: str) -> None:
    ring = parse(text)
    assert [ring.primary(moment).key.to_text() for moment in (YEAR_SECONDS - 1, YEAR_SECONDS)] == [before, after]


def test_without_a_key_that_may_seal_there_is_no_primary() -> None:
    ring = parse(f"{A}@until={YEAR} {B}@from=2027-06-01T00:00:00Z", now=YEAR_SECONDS + 365 * 86400)
    with pytest.raises(ConfigError) as caught:
        ring.primary(YEAR_SECONDS)
    assert str(caught.value) == f"no key may seal at {YEAR}; add a key without @from and @until"


@pytest.mark.parametrize(
    ("bounds", "moment", "may_seal", "may_open"),
    [
        ("", 0, True, True),
        (f"@from={YEAR}", YEAR_SECONDS - 1, False, True),
        (f"@from={YEAR}", YEAR_SECONDS, True, True),
        (f"@until={YEAR}", YEAR_SECONDS - 1, True, True),
        (f"@until={YEAR}", YEAR_SECONDS, False, False),
        (f"@until={YEAR}", YEAR_SECONDS + 1, False, False),
    ],
)
def test_from_gates_sealing_and_until_gates_both(bounds: str, moment: int, may_seal: bool, may_open: bool) -> None:
    ring = parse(f"{A}{bounds} {B}")
    entry = ring.entries[0]
    assert (entry.may_seal(moment), ring.find(entry.key.key_id, moment) is entry) == (may_seal, may_open)


def test_a_key_is_found_by_its_key_id_alone() -> None:
    ring = parse(f"{A} {B}")
    found = [ring.find(key.key_id, NOW) for key in KEYS[:3]]
    assert found == [*ring.entries, None]


def test_a_ring_shows_key_ids_alone() -> None:
    assert repr(parse(f"{A} {B}")) == f"<Ring {KEYS[0].key_id.hex()} {KEYS[1].key_id.hex()}>"


BOUND = st.none() | st.integers(NOW - 5, NOW + 5)


@given(bounds=st.lists(st.tuples(BOUND, BOUND), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_a_ring_is_accepted_iff_some_key_may_seal_at_every_moment_from_now_on(
    bounds: list[tuple[int | None, int | None]],
) -> None:
    def write(name: str, bound: int | None) -> str:
        return "" if bound is None else f"@{name}={datetime.fromtimestamp(bound, UTC):%Y-%m-%dT%H:%M:%SZ}"

    text = " ".join(
        KEYS[index].to_text() + write("from", begin) + write("until", end) for index, (begin, end) in enumerate(bounds)
    )
    is_contradicted = any(begin is not None and end is not None and begin >= end for begin, end in bounds)
    has_gap = any(
        not any((begin is None or begin <= moment) and (end is None or moment < end) for begin, end in bounds)
        for moment in range(NOW, NOW + 7)
    )
    accepted = False
    with suppress(ConfigError):
        accepted = bool(parse(text))
    assert accepted == (not is_contradicted and not has_gap)


@given(
    text=st.text(
        alphabet=st.sampled_from("cjk1_hexbs46:@fromuntil=20T-Z09afAF+/'\"# \t\r\n,\x00\x85\ufeff"), max_size=120
    )
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_ring_or_a_config_error(text: str) -> None:
    with suppress(ConfigError):
        assert 1 <= len(parse(text).entries) <= 16
