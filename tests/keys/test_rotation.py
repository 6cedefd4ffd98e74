"""rotation.py: which key seals and opens when, and every ring that is refused because of its keys or times."""

from __future__ import annotations

import traceback
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_values import NOW

from cookiejar_session import ConfigError, Key, Keyring
from cookiejar_session.keys.ring_text import parse_ring
from cookiejar_session.keys.rotation import Ring, RingEntry

YEAR = "2027-01-01T00:00:00Z"
YEAR_SECONDS = 1798761600
FIX = 'make one with "cookiejar-session keygen"'
PUBLISHED = "hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
PUBLISHED_BASE = "skb:" + bytes(range(64)).hex()
# The published secret key base as the key that is derived from it.
PUBLISHED_DERIVED = "hex:c167e2bd4c217b9e0e7ef5fbabded7bce038e55d09e86499343ba8209afc2ae1"

# The same keys in every run.
KEYS = [Key(blake2b(b"key %d" % number, digest_size=32).digest()) for number in range(17)]
A, B, C = (key.to_text() for key in KEYS[:3])


def parse(text: str, now: int = NOW) -> Ring:
    return parse_ring(text, now=now)


def order(ring: Ring) -> list[Key]:
    return [entry.key for entry in ring.entries]


def refusal(text: str, now: int = NOW) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, now)
    return str(caught.value)


REFUSED = {
    "duplicate": (f"{A} {B} {A}", "entry 3: the same key as entry 1; remove one of the two"),
    "published": (f"{A} {PUBLISHED}", f"entry 2: this key is published, so everybody can seal with it; {FIX}"),
    "published-base": (PUBLISHED_BASE, f"entry 1: this key is published, so everybody can seal with it; {FIX}"),
    "published-as-derived": (
        PUBLISHED_DERIVED,
        f"entry 1: this key is published, so everybody can seal with it; {FIX}",
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
def test_a_bad_ring_is_refused_with_the_entry_and_the_way_out(text: str, message: str) -> None:
    assert refusal(text) == message


def show_failure(text: str) -> str:
    """Return the traceback with all local variables, except those of this function."""
    with pytest.raises(ConfigError) as caught:
        Keyring.parse(text, now=NOW)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


@pytest.mark.parametrize("name", [name for name, (text, _) in REFUSED.items() if len(text) > 50])
def test_no_traceback_of_a_refused_ring_shows_any_key_text(name: str) -> None:
    text, _ = REFUSED[name]
    shown = show_failure(text)
    assert [word for word in text.replace("@", " ").split() if len(word) > 25 and word[5:25] in shown] == []


@pytest.mark.parametrize(
    ("now", "named"),
    [
        (-(2**60), "second -1152921504606846976"),
        (-1, "second -1"),
        (0, "1970-01-01T00:00:00Z"),
        (253402300799, "9999-12-31T23:59:59Z"),
        (253402300800, "second 253402300800"),
        (2**48 - 1, "second 281474976710655"),
    ],
)
def test_a_gap_outside_the_times_of_ring_text_is_named_in_seconds(now: int, named: str) -> None:
    with pytest.raises(ConfigError, match=f"^no key could seal at {named}; add a key without @from and @until$"):
        Ring([RingEntry(KEYS[0], 0, seals_from=now + 1)], now=now)


def test_one_key_written_in_two_forms_is_a_duplicate() -> None:
    material = bytes(range(100, 132))
    assert refusal(f"hex:{material.hex()} {Key(material).to_text()}").startswith("entry 2: the same key as entry 1")


def test_two_keys_of_one_key_id_are_refused() -> None:
    forged = Key.generate()
    forged.key_id = KEYS[0].key_id
    with pytest.raises(ConfigError) as caught:
        Ring([RingEntry(KEYS[0], 0), RingEntry(KEYS[1], 1), RingEntry(forged, 2)], now=NOW)
    assert str(caught.value) == f"entry 3: another key with the key id of entry 1; {FIX}"


@pytest.mark.parametrize("text", [PUBLISHED, PUBLISHED_BASE, PUBLISHED_DERIVED], ids=["key", "base", "derived"])
def test_published_keys_are_accepted_only_on_request(text: str) -> None:
    assert len(parse_ring(text, now=NOW, allow_published=True).entries) == 1


def test_a_gap_in_the_past_is_accepted() -> None:
    text = f"{A}@until={YEAR} {B}@from=2027-06-01T00:00:00Z"
    assert order(parse(text, now=YEAR_SECONDS + 365 * 86400)) == KEYS[:2]


def test_adjacent_times_leave_no_gap() -> None:
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
def test_from_limits_sealing_and_until_limits_both(bounds: str, moment: int, may_seal: bool, may_open: bool) -> None:
    ring = parse(f"{A}{bounds} {B}")
    entry = ring.entries[0]
    assert (entry.may_seal(moment), ring.find(entry.key.key_id, moment) is entry) == (may_seal, may_open)


def test_a_key_is_found_by_its_key_id_alone() -> None:
    ring = parse(f"{A} {B}")
    found = [ring.find(key.key_id, NOW) for key in KEYS[:3]]
    assert found == [*ring.entries, None]


@pytest.mark.parametrize(
    ("times", "shown"),
    [
        ("", ""),
        (f"@from={YEAR}", f" from {YEAR}"),
        (f"@until={YEAR}", f" until {YEAR}"),
        (f"@from=2026-06-01T12:30:59Z@until={YEAR}", f" from 2026-06-01T12:30:59Z until {YEAR}"),
    ],
)
def test_repr_of_an_entry_shows_key_id_and_times(times: str, shown: str) -> None:
    entry = parse(f"{A}{times} {B}").entries[0]
    assert repr(entry) == f"<RingEntry {KEYS[0].key_id.hex()}{shown}>"


@pytest.mark.parametrize(
    ("seconds", "states"),
    [
        (0, ["pending", "primary (seals now)", "opens only", "opens only"]),
        (60, ["primary (seals now)", "opens only", "opens only", "opens only"]),
        (120, ["primary (seals now)", "opens only", "expired", "opens only"]),
    ],
)
def test_a_ring_describes_what_each_key_does_now(seconds: int, states: list[str]) -> None:
    fourth = f"{KEYS[3].to_text()}@from=2025-01-01T00:00:00Z"
    ring = parse(f"{A}@from=2026-01-01T00:01:00Z {B} {C}@until=2026-01-01T00:02:00Z {fourth}")
    described = [f"{key.key_id.hex()} {state}" for key, state in zip(KEYS, states, strict=False)]
    assert ring.describe(NOW + seconds) == ", ".join(described)


def test_before_any_key_may_seal_none_is_primary() -> None:
    ring = parse(f"{A}@from=2025-01-01T00:00:00Z")
    assert ring.describe(0) == f"{KEYS[0].key_id.hex()} pending"


def test_repr_of_a_ring_shows_only_key_ids() -> None:
    assert repr(parse(f"{A} {B}")) == f"<Ring {KEYS[0].key_id.hex()} {KEYS[1].key_id.hex()}>"


BOUND = st.none() | st.integers(NOW - 5, NOW + 5)


@given(bounds=st.lists(st.tuples(BOUND, BOUND), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_a_ring_is_accepted_exactly_if_some_key_may_seal_at_every_moment_from_now_on(
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
