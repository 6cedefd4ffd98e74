"""keys/stages.py: each safe step of a rotation, and each unsafe one, which is refused."""

from __future__ import annotations

from hashlib import blake2b

import pytest
from shared_values import NOW

from cookiejar_session import ConfigError, Key
from cookiejar_session.keys.ring_text import parse_ring
from cookiejar_session.keys.rotation import Ring, render_time
from cookiejar_session.keys.stages import (
    KeyState,
    NextStage,
    Stage,
    StageName,
    Timing,
    create_ring,
    find_misplaced,
    find_next_stage,
    find_state,
    find_undated,
    list_replacements,
    take_stage,
)

HOUR, DAY = 3600, 86400
TIMING = Timing(activate_in=HOUR, retire_after=90 * DAY, idle_timeout=14 * DAY)
KEYS = [Key(blake2b(b"stage %d" % number, digest_size=32).digest()) for number in range(20)]
A, B, C = (key.to_text() for key in KEYS[:3])
NEW = KEYS[19]
IDS = {key.key_id.hex(): name for key, name in zip(KEYS, "ABC", strict=False)} | {NEW.key_id.hex(): "NEW"}


def at(seconds: int) -> str:
    return render_time(NOW + seconds)


def ring_of(text: str) -> Ring:
    return parse_ring(text, now=NOW)


def describe(ring: Ring) -> list[tuple[str, int | None, int | None]]:
    """The keys of a ring by their letters, with their times in seconds after NOW."""
    return [
        (
            IDS[entry.key.key_id.hex()],
            entry.seals_from - NOW if entry.seals_from else None,
            entry.until - NOW if entry.until < 1 << 62 else None,
        )
        for entry in ring.entries
    ]


def take(text: str, name: StageName | None = None, *, timing: Timing = TIMING, is_forced: bool = False) -> Stage:
    return take_stage(ring_of(text), name, now=NOW, timing=timing, key=NEW, is_forced=is_forced)


SAFE = {
    "add-to-one-key": (A, StageName.ADD, [("NEW", HOUR, None), ("A", None, None)]),
    "add-beside-a-retired-key": (
        f"{A} {B}@until={at(DAY)}",
        StageName.ADD,
        [("NEW", HOUR, None), ("A", None, None), ("B", None, DAY)],
    ),
    "promote-at-its-time": (
        f"{A}@from={at(0)} {B}",
        StageName.PROMOTE,
        [("A", 0, None), ("B", None, 90 * DAY)],
    ),
    "promote-gives-each-replaced-key-an-end": (
        f"{A} {B} {C}@until={at(DAY)}",
        StageName.PROMOTE,
        [("A", None, None), ("B", None, 90 * DAY), ("C", None, DAY)],
    ),
    "drop-at-its-time": (f"{A} {B}@until={at(0)}", StageName.DROP, [("A", None, None)]),
    "drop-while-a-key-is-pending": (
        f"{A}@from={at(9)} {B} {C}@until={at(0)}",
        StageName.DROP,
        [("A", 9, None), ("B", None, None)],
    ),
    "drop-leaves-the-key-that-still-opens": (
        f"{A} {B}@until={at(0)} {C}@until={at(1)}",
        StageName.DROP,
        [("A", None, None), ("C", None, 1)],
    ),
}


@pytest.mark.parametrize(("text", "name", "after"), SAFE.values(), ids=SAFE)
def test_safe_stage_is_taken(text: str, name: StageName, after: list[tuple[str, int | None, int | None]]) -> None:
    stage = take(text, name)
    assert (stage.name, describe(stage.ring)) == (name, after)


UNSAFE = {
    "promote-before-its-time": (
        f"{A}@from={at(1)} {B}",
        StageName.PROMOTE,
        TIMING,
        f"seals from {at(1)} on; .* or use --force if every server",
    ),
    "promote-before-the-last-of-two": (
        f"{A}@from={at(1)} {B}@from={at(2)} {C}",
        StageName.PROMOTE,
        TIMING,
        f"key {KEYS[1].key_id.hex()} seals from {at(2)} on; .* promote it then",
    ),
    "add-before-the-last-of-two": (
        f"{A}@from={at(1)} {B}@from={at(2)} {C}",
        StageName.ADD,
        TIMING,
        f"key {KEYS[1].key_id.hex()} is pending until {at(2)}; promote it",
    ),
    "drop-before-its-end": (f"{A} {B}@until={at(1)}", StageName.DROP, TIMING, f"opens sessions until {at(1)}"),
    "drop-without-an-end": (f"{A} {B}", StageName.DROP, TIMING, "has no end, so sessions may live"),
    "add-while-a-key-is-pending": (
        f"{A}@from={at(1)} {B}",
        StageName.ADD,
        TIMING,
        f"pending until {at(1)}; .* promote --force if",
    ),
    "add-a-key-that-seals-at-once": (A, StageName.ADD, TIMING._replace(activate_in=0), "seals in 0s logs people out"),
    "add-a-key-too-soon": (A, StageName.ADD, TIMING._replace(activate_in=119), "allow at least 2m"),
    "retire-before-the-idle-timeout": (
        f"{A} {B}",
        StageName.PROMOTE,
        TIMING._replace(retire_after=14 * DAY - 1),
        "an unused session lives 14d; .* or name the longest idle timeout of your applications with --idle-timeout",
    ),
}


@pytest.mark.parametrize(("text", "name", "timing", "message"), UNSAFE.values(), ids=UNSAFE)
def test_unsafe_stage_is_refused(text: str, name: StageName, timing: Timing, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        take(text, name, timing=timing)


FORCED = {
    "promote-before-its-time": [("A", 0, None), ("B", None, 90 * DAY)],
    "promote-before-the-last-of-two": [("A", 0, None), ("B", 0, 90 * DAY), ("C", None, 90 * DAY)],
    "add-before-the-last-of-two": [("NEW", HOUR, None), ("A", 1, None), ("B", 2, None), ("C", None, None)],
    "drop-before-its-end": [("A", None, None)],
    "drop-without-an-end": [("A", None, None)],
    "add-while-a-key-is-pending": [("NEW", HOUR, None), ("A", 1, None), ("B", None, None)],
    "add-a-key-that-seals-at-once": [("NEW", 0, None), ("A", None, None)],
    "add-a-key-too-soon": [("NEW", 119, None), ("A", None, None)],
    "retire-before-the-idle-timeout": [("A", None, None), ("B", None, 14 * DAY - 1)],
}


@pytest.mark.parametrize("case", UNSAFE)
def test_unsafe_stage_can_be_forced(case: str) -> None:
    text, name, timing, _ = UNSAFE[case]
    assert describe(take(text, name, timing=timing, is_forced=True).ring) == FORCED[case]


# A stage can be unsafe in two ways, and who forces it may think of one.
TOO_SHORT = {
    "retired-in-a-second": (
        f"{A}@from={at(9)} {B}",
        StageName.PROMOTE,
        TIMING._replace(retire_after=1),
        f"key {KEYS[1].key_id.hex()} ends in 1s, and an unused session lives 14d, so people are logged out; to keep "
        f"them signed in, give it @until={at(14 * DAY)} or later before it ends",
    ),
    "retired-before-the-idle-timeout-that-was-named": (
        f"{A}@from={at(9)} {B}",
        StageName.PROMOTE,
        TIMING._replace(idle_timeout=91 * DAY),
        f"key {KEYS[1].key_id.hex()} ends in 90d, and an unused session lives 91d, so people are logged out; to keep "
        f"them signed in, give it @until={at(91 * DAY)} or later before it ends",
    ),
    "added-beside-a-pending-key": (
        f"{A}@from={at(9)} {B}",
        StageName.ADD,
        TIMING._replace(activate_in=119),
        f"key {NEW.key_id.hex()} seals in 119s, and a server that does not have it by then logs people out; put the "
        "ring on every server at once",
    ),
}


@pytest.mark.parametrize(("text", "name", "timing", "warning"), TOO_SHORT.values(), ids=TOO_SHORT)
def test_forced_stage_warns_of_a_duration_that_is_too_short(
    text: str, name: StageName, timing: Timing, warning: str
) -> None:
    assert take(text, name, timing=timing, is_forced=True).warnings == (warning,)


@pytest.mark.parametrize("name", [StageName.ADD, StageName.PROMOTE, StageName.DROP])
def test_forced_stage_with_safe_durations_has_no_warning(name: StageName) -> None:
    assert take(f"{A}@from={at(9)} {B} {C}@until={at(9)}", name, is_forced=True).warnings == ()


def test_promotion_that_retires_no_key_needs_no_time_until_their_end() -> None:
    stage = take(f"{A}@from={at(0)} {B}@until={at(9)}", StageName.ADD, timing=TIMING._replace(retire_after=1))
    assert stage.warnings == ()
    forced = take(
        f"{A}@from={at(5)} {B}@until={at(9)}",
        StageName.PROMOTE,
        timing=TIMING._replace(retire_after=1),
        is_forced=True,
    )
    assert (describe(forced.ring), forced.warnings) == ([("A", 0, None), ("B", None, 9)], ())


IMPOSSIBLE = {
    "nothing-to-promote": (A, StageName.PROMOTE, "there is no key to promote and none to retire"),
    "nothing-to-drop": (A, StageName.DROP, "no key can be dropped: none is retired or expired"),
    "nothing-to-drop-but-a-pending-key": (f"{A}@from={at(1)} {B}", StageName.DROP, "no key can be dropped"),
    "create-in-a-ring": (A, StageName.CREATE, "create makes a new ring, and there is one already"),
    "full-ring": (" ".join(key.to_text() for key in KEYS[:16]), StageName.ADD, "the ring has 16 keys"),
    "new-key-behind-the-primary": (f"{A} {B}@from={at(1)}", None, "entry 2: .* follows the primary key"),
    "primary-that-ends": (f"{A}@until={at(60)} {B}", StageName.PROMOTE, f"is the primary key and ends at {at(60)}"),
}


@pytest.mark.parametrize("is_forced", [False, True], ids=["plain", "forced"])
@pytest.mark.parametrize(("text", "name", "message"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_stage_that_does_not_fit_the_ring_is_refused(
    text: str, name: StageName | None, message: str, is_forced: bool
) -> None:
    with pytest.raises(ConfigError, match=message):
        take(text, name, is_forced=is_forced)


def test_forced_promotion_retires_the_other_pending_keys_too() -> None:
    stage = take(f"{A}@from={at(5)} {B}@from={at(9)} {C}", StageName.PROMOTE, is_forced=True)
    assert describe(stage.ring) == [("A", 0, None), ("B", 0, 90 * DAY), ("C", None, 90 * DAY)]


def test_stage_names_the_keys_that_it_concerns() -> None:
    added, promoted, dropped = take(A), take(f"{A} {B}"), take(f"{A} {B}@until={at(0)}")
    assert [IDS[each] for each in added.key_ids] == ["NEW"]
    assert [IDS[each] for each in promoted.key_ids + promoted.retired_key_ids] == ["A", "B"]
    assert [IDS[each] for each in dropped.key_ids] == ["B"]


def test_first_ring_has_one_key_that_seals_at_once() -> None:
    assert describe(create_ring(NEW, now=NOW).ring) == [("NEW", None, None)]


NEXT = {
    "one-key": (A, StageName.ADD, 0),
    "pending": (f"{A}@from={at(7)} {B}", StageName.PROMOTE, 7),
    "two-pending": (f"{A}@from={at(9)} {B}@from={at(7)} {C}", StageName.PROMOTE, 9),
    "due": (f"{A}@from={at(0)} {B}", StageName.PROMOTE, 0),
    "retired": (f"{A} {B}@until={at(9)} {C}@until={at(8)}", StageName.DROP, 8),
    "primary-that-ends": (f"{A}@until={at(9)} {B}", StageName.DROP, 9),
    "expired": (f"{A} {B}@until={at(0)} {C}", StageName.DROP, 0),
}


@pytest.mark.parametrize(("text", "name", "moment"), NEXT.values(), ids=NEXT)
def test_next_stage_and_its_time(text: str, name: StageName, moment: int) -> None:
    assert find_next_stage(ring_of(text), NOW) == NextStage(name, NOW + moment)


def test_promotion_is_taken_at_the_time_that_was_named_while_two_keys_were_pending() -> None:
    text = f"{A}@from={at(9)} {B}@from={at(7)} {C}"
    moment = find_next_stage(ring_of(text), NOW).not_before
    stage = take_stage(parse_ring(text, now=moment), now=moment, timing=TIMING, key=NEW)
    assert describe(stage.ring) == [("A", 9, None), ("B", 7, 90 * DAY + 9), ("C", None, 90 * DAY + 9)]


REPLACED = {
    "by-the-primary-key": (f"{A}@from={at(-5)} {B} {C}@until={at(9)}", "B", ["A"]),
    "by-a-key-that-is-retired-now": (f"{A}@from={at(-5)} {B}@from={at(-9)} {C}", "C", ["A", "B"]),
    "by-a-key-without-a-start": (f"{A}@from={at(-5)} {B} {C}", "C", ["A", "B"]),
    "by-a-key-that-ended-since": (f"{A}@from={at(-5)} {B}@from={at(-9)}@until={at(-5)} {C}", "C", ["A", "B"]),
    "again-after-a-gap": (f"{A}@from={at(-5)} {B}@from={at(-9)}@until={at(-6)} {C}", "C", ["A"]),
    "not-by-a-pending-key": (f"{NEW.to_text()}@from={at(5)} {A}@from={at(-5)} {B}", "B", ["A"]),
}


@pytest.mark.parametrize(("text", "name", "found"), REPLACED.values(), ids=REPLACED)
def test_keys_that_replaced_a_key(text: str, name: str, found: list[str]) -> None:
    ring = ring_of(text)
    (entry,) = (each for each in ring.entries if IDS[each.key.key_id.hex()] == name)
    assert [IDS[each.key.key_id.hex()] for each in list_replacements(ring, entry, NOW)] == found


def test_each_key_has_one_state() -> None:
    ring = ring_of(f"{A}@from={at(1)} {B} {C}@until={at(0)} {NEW.to_text()}")
    states = [find_state(ring, entry, NOW) for entry in ring.entries]
    assert states == [KeyState.PENDING, KeyState.PRIMARY, KeyState.EXPIRED, KeyState.RETIRED]


@pytest.mark.parametrize(
    "text",
    [f"{A}@from={at(-9)} {B}@from={at(-99)}", f"{A} {B}@from={at(1)}@until={at(9)}", f"{A}@from={at(1)} {B}"],
    ids=["older-start", "with-an-end", "in-front"],
)
def test_key_that_was_primary_or_will_be_is_not_misplaced(text: str) -> None:
    assert find_misplaced(ring_of(text), NOW) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"{A} {B}", "B"),
        (f"{A} {B}@until={at(9)} {C}", "C"),
        (f"{A}@from={at(-9)} {B}", None),
        (f"{A}@from={at(9)} {B} {C}", None),
        (f"{A} {B}@until={at(9)}", None),
        (A, None),
    ],
    ids=["order-alone", "after-a-retired-key", "primary-has-a-start", "pending", "has-an-end", "one-key"],
)
def test_key_may_be_new_if_no_key_has_a_start_and_it_has_no_end(text: str, name: str | None) -> None:
    found = find_undated(ring_of(text), NOW)
    assert (found and IDS[found.key.key_id.hex()]) == name


def test_rotation_at_the_earliest_times_opens_every_session_that_may_live() -> None:
    # Three rotations in a row. In each hour a token is sealed; an unused one lives for the idle timeout. One server
    # lags by the time that --activate-in allows.
    timing = Timing(activate_in=2 * HOUR, retire_after=12 * HOUR, idle_timeout=12 * HOUR)
    rings = [(NOW, create_ring(KEYS[0], now=NOW).ring)]
    moment = NOW
    for number in range(1, 10):
        moment = max(moment, find_next_stage(rings[-1][1], moment).not_before)
        rings.append((moment, take_stage(rings[-1][1], now=moment, timing=timing, key=KEYS[number]).ring))

    def find_ring(now: int) -> Ring:
        return [ring for since, ring in rings if since <= now][-1]

    for sealed_at in range(NOW, moment, HOUR // 2):
        for writer in (find_ring(sealed_at), find_ring(max(NOW, sealed_at - timing.activate_in + 1))):
            key_id = writer.primary(sealed_at).key.key_id
            for opened_at in range(sealed_at, sealed_at + timing.idle_timeout, HOUR // 2):
                for reader in (find_ring(opened_at), find_ring(max(NOW, opened_at - timing.activate_in + 1))):
                    assert reader.find(key_id, opened_at) is not None
    assert len({ring.entries[0].key for _, ring in rings}) == 4


# Keys that sealed no token that is still valid


def drop_unused(text: str, *names: str) -> Stage:
    unused = [key_id for key_id, name in IDS.items() if name in names]
    return take_stage(ring_of(text), StageName.DROP, now=NOW, timing=TIMING, key=NEW, unused=unused)


def test_unused_retired_key_is_dropped_before_its_end() -> None:
    stage = drop_unused(f"{A} {B}@until={at(1)} {C}@until={at(1)}", "B")
    assert describe(stage.ring) == [("A", None, None), ("C", None, 1)]
    assert [IDS[key_id] for key_id in stage.key_ids] == ["B"]


def test_unused_key_without_an_end_is_kept_since_it_may_be_the_next_to_seal() -> None:
    with pytest.raises(ConfigError, match="has no end"):
        drop_unused(f"{A} {B}", "B")


def test_key_that_seals_or_is_to_seal_is_kept_even_if_it_is_unused() -> None:
    stage = drop_unused(f"{A}@from={at(5)} {B} {C}@until={at(1)}", "A", "B", "C")
    assert describe(stage.ring) == [("A", 5, None), ("B", None, None)]


def test_ended_and_unused_keys_are_dropped_together() -> None:
    stage = drop_unused(f"{A} {B}@until={at(0)} {C}@until={at(1)}", "C")
    assert describe(stage.ring) == [("A", None, None)]
