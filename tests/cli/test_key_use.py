"""cli/key_use.py: when a key can go, and every reason why that is not known."""

from __future__ import annotations

from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import Key
from cookiejar_session.cli.key_use import (
    Answer,
    Counts,
    KeyUse,
    describe_basis,
    describe_laggards,
    describe_refused,
    judge_ring,
)
from cookiejar_session.keys.rotation import NEVER, Ring, RingEntry, render_time

DAY = 86400
IDLE = 14 * DAY
SPAN = IDLE + 60
NEW, OLD, OTHER = (Key.generate() for _ in range(3))
NEW_ID, OLD_ID, OTHER_ID = (key.key_id.hex() for key in (NEW, OLD, OTHER))
RING = Ring([RingEntry(NEW, 0), RingEntry(OLD, 1, 0, NOW + 40 * DAY)], now=NOW)


def make_counts(*, opened: int = 0, sealed: int = 0, **changed: Any) -> Counts:
    counts = Counts(
        name="a.json",
        taken_at=NOW,
        started_at=NOW - 50 * DAY,
        opened={OLD_ID: opened},
        sealed={OLD_ID: sealed},
        known=frozenset({NEW_ID, OLD_ID}),
    )
    return counts._replace(**changed)


def judge(*counts: Counts, ring: Ring = RING, idle_timeout: int = IDLE) -> KeyUse:
    """Return what is said of the second key of the ring."""
    return judge_ring(ring, counts, idle_timeout=idle_timeout, now=NOW)[1]


def test_key_that_opened_nothing_for_longer_than_a_session_lives_can_go() -> None:
    use = judge(make_counts(opened=NOW - 41 * DAY))
    assert use == KeyUse(
        OLD_ID, NOW - 41 * DAY, 0, Answer.CAN_GO, f"key {OLD_ID} last opened a cookie 41 days ago: it can go"
    )


@pytest.mark.parametrize("use", ["opened", "sealed"])
@pytest.mark.parametrize(("ago", "answer"), [(SPAN, Answer.CAN_GO), (SPAN - 1, Answer.NOT_YET)])
def test_last_use_must_be_an_idle_timeout_and_the_clock_skew_ago(use: str, ago: int, answer: Answer) -> None:
    assert judge(make_counts(**{use: NOW - ago})).answer is answer


def test_key_that_sealed_later_than_it_opened_waits_for_these_sessions() -> None:
    use = judge(make_counts(opened=NOW - 41 * DAY, sealed=NOW - 3 * DAY))
    assert use.answer is Answer.NOT_YET
    assert use.text == (
        f"key {OLD_ID} last opened a cookie 41 days ago and sealed one 3 days ago: not before "
        f"{render_time(NOW - 3 * DAY + SPAN)}, since an unused session lives 14d"
    )


def test_sealing_before_the_last_opening_is_not_mentioned() -> None:
    assert "sealed" not in judge(make_counts(opened=NOW - 41 * DAY, sealed=NOW - 45 * DAY)).text


def test_key_that_only_sealed_is_described() -> None:
    use = judge(make_counts(sealed=NOW - 41 * DAY))
    assert use.text == f"key {OLD_ID} opened no cookie and sealed one 41 days ago: it can go"


def test_key_that_was_never_used_can_go_unless_it_is_new() -> None:
    use = judge(make_counts())
    assert use.text == f"key {OLD_ID} was not used: it can go, unless it is a new key that is to seal next"
    assert use.answer is Answer.CAN_GO


def test_latest_use_of_all_processes_counts() -> None:
    uses = judge(make_counts(opened=NOW - 41 * DAY), make_counts(opened=NOW - DAY), make_counts())
    assert (uses.last_opened, uses.answer) == (NOW - DAY, Answer.NOT_YET)


def test_use_in_the_future_is_no_reason_to_drop_a_key() -> None:
    assert judge(make_counts(opened=NOW + 400 * DAY)).answer is Answer.NOT_YET


@pytest.mark.parametrize(("ago", "answer"), [(SPAN, Answer.CAN_GO), (SPAN - 1, Answer.NOT_KNOWN)])
def test_counts_must_cover_the_whole_life_of_a_session(ago: int, answer: Answer) -> None:
    assert judge(make_counts(started_at=NOW - ago)).answer is answer


def test_process_that_started_yesterday_makes_it_unknown_whatever_the_others_say() -> None:
    use = judge(make_counts(opened=NOW - 41 * DAY), make_counts(name="b.json", started_at=NOW - DAY))
    assert use.answer is Answer.NOT_KNOWN
    assert use.text.endswith(
        f"not known whether it can go: b.json counts since {render_time(NOW - DAY)} only, and an unused session lives "
        f"14d; take the counts again at {render_time(NOW - DAY + SPAN)} or later"
    )


def test_old_file_of_counts_is_not_read_again_but_taken_again() -> None:
    use = judge(make_counts(taken_at=NOW - 1000, started_at=NOW - SPAN - 1))
    assert use.answer is Answer.NOT_KNOWN
    assert use.text.endswith("an unused session lives 14d; take the counts again now")


def test_time_from_which_the_answer_is_known_is_that_of_the_source_that_began_last() -> None:
    first = make_counts(started_at=NOW - 3 * DAY)
    text = judge(first, make_counts(name="b.json", started_at=NOW - DAY), first).text
    assert text.endswith(f"take the counts again at {render_time(NOW - DAY + SPAN)} or later")
    assert "a.json does not say" in judge(first, make_counts(started_at=None)).text


def test_not_before_is_the_latest_time_of_all_conditions() -> None:
    ring = Ring([RingEntry(NEW, 0, NOW - 5 * DAY), RingEntry(OLD, 1, 0, NOW + 40 * DAY)], now=NOW)
    used = make_counts(opened=NOW - 6 * DAY)
    assert judge(used, ring=ring).text == (
        f"key {OLD_ID} last opened a cookie 6 days ago: not before {render_time(NOW - 5 * DAY + SPAN)}, since "
        f"key {NEW_ID} replaced it at {render_time(NOW - 5 * DAY)}, and an unused session lives 14d"
    )
    later = make_counts(name="b.json", started_at=NOW - DAY)
    assert judge(used, later, make_counts(started_at=None), ring=ring).text == (
        f"key {OLD_ID} last opened a cookie 6 days ago: not before {render_time(NOW - DAY + SPAN)}, since b.json "
        f"counts since {render_time(NOW - DAY)} only, and an unused session lives 14d"
    )


def test_counts_without_a_beginning_say_nothing() -> None:
    use = judge(make_counts(started_at=None))
    assert (use.answer, use.text.endswith("a.json does not say since when it counts")) == (Answer.NOT_KNOWN, True)


def test_gap_of_the_counts_is_named() -> None:
    assert judge(make_counts(started_at=None, gap="has a gap")).text.endswith("a.json has a gap")


@pytest.mark.parametrize(("age", "answer"), [(DAY, Answer.CAN_GO), (DAY + 1, Answer.NOT_KNOWN)])
def test_counts_are_at_most_a_day_old(age: int, answer: Answer) -> None:
    counts = make_counts(taken_at=NOW - age)
    use = judge(counts, make_counts())
    assert use.answer is answer
    assert ("a.json is 1 day old" in use.text) is (answer is Answer.NOT_KNOWN)


@pytest.mark.parametrize(("ahead", "answer"), [(60, Answer.CAN_GO), (61, Answer.NOT_KNOWN)])
def test_counts_from_the_future_are_not_believed(ahead: int, answer: Answer) -> None:
    assert judge(make_counts(taken_at=NOW + ahead)).answer is answer


LONGER = "give --idle-timeout 60d, so that Prometheus is asked for a time that is long enough"


def test_query_for_a_time_that_is_too_short_asks_for_the_longer_idle_timeout() -> None:
    counts = make_counts(name="http://p", started_at=NOW - SPAN, asked_for=337 * 3600, idle_timeout=60 * DAY)
    for each in (counts, counts._replace(started_at=None, gap="has counts of 3 of the last 337 hours only")):
        use = judge(each)
        assert use.answer is Answer.NOT_KNOWN
        assert use.text.endswith(
            f"http://p was asked for the last 337 hours only, and an unused session lives 60d; {LONGER}"
        )
    assert judge(counts._replace(started_at=NOW - 60 * DAY - 60, asked_for=60 * DAY + 60)).answer is Answer.CAN_GO


def test_time_of_a_query_that_is_too_short_is_no_time_to_wait_for() -> None:
    used, span = NOW - 30 * DAY, 60 * DAY + 60
    counts = make_counts(started_at=NOW - SPAN, asked_for=SPAN, opened=used, idle_timeout=60 * DAY)
    use = judge(counts)
    assert use.answer is Answer.NOT_YET
    assert use.text.endswith(f"not before {render_time(used + span)}, since an unused session lives 60d; {LONGER}")


def test_longer_idle_timeout_that_is_asked_for_can_be_given() -> None:
    text = judge(make_counts(asked_for=SPAN, idle_timeout=60 * DAY + 1)).text
    assert "give --idle-timeout 1441h, so" in text


def test_counts_of_another_application_say_nothing() -> None:
    use = judge(make_counts(known=frozenset({OTHER_ID})))
    assert use.answer is Answer.NOT_KNOWN
    assert use.text.endswith("no process that was counted has this key")


def test_one_process_with_the_key_is_enough_for_it_to_be_known() -> None:
    assert judge(make_counts(known=frozenset()), make_counts()).answer is Answer.CAN_GO


def test_refusals_that_are_not_listed_may_be_of_the_key() -> None:
    lacking = make_counts(known=frozenset({NEW_ID}), is_cut=True)
    assert judge(lacking, make_counts()).answer is Answer.NOT_KNOWN
    assert judge(make_counts(is_cut=True)).answer is Answer.CAN_GO


def test_idle_timeout_of_the_counts_is_taken_if_it_is_longer() -> None:
    counts = make_counts(opened=NOW - 41 * DAY, idle_timeout=42 * DAY)
    assert judge(counts).answer is Answer.NOT_YET
    assert judge(make_counts(opened=NOW - 41 * DAY, idle_timeout=DAY), idle_timeout=42 * DAY).answer is Answer.NOT_YET


@pytest.mark.parametrize(("ago", "answer"), [(SPAN, Answer.CAN_GO), (SPAN - 1, Answer.NOT_YET)])
def test_key_cannot_go_while_the_primary_key_is_younger_than_a_session(ago: int, answer: Answer) -> None:
    ring = Ring([RingEntry(NEW, 0, NOW - ago), RingEntry(OLD, 1, 0, NOW + 40 * DAY)], now=NOW)
    use = judge(make_counts(), ring=ring)
    assert use.answer is answer
    assert (f"key {NEW_ID} replaced it at" in use.text) is (answer is Answer.NOT_YET)


def test_key_waits_for_the_key_that_replaced_it_and_not_for_later_ones() -> None:
    entries = [RingEntry(OTHER, 0, NOW - DAY), RingEntry(NEW, 1, NOW - 20 * DAY), RingEntry(OLD, 2, 0, NOW + 40 * DAY)]
    use = judge_ring(Ring(entries, now=NOW), [make_counts()], idle_timeout=IDLE, now=NOW)[2]
    assert use.answer is Answer.CAN_GO
    entries[1] = RingEntry(NEW, 1, NOW - 5 * DAY)
    use = judge_ring(Ring(entries, now=NOW), [make_counts()], idle_timeout=IDLE, now=NOW)[2]
    assert use.text.endswith(
        f"not before {render_time(NOW - 5 * DAY + SPAN)}, since key {NEW_ID} replaced it at "
        f"{render_time(NOW - 5 * DAY)}, and an unused session lives 14d"
    )


@pytest.mark.parametrize(
    ("entry", "answer", "reason"),
    [
        (RingEntry(OTHER, 0), Answer.IN_USE, "it is the primary key"),
        (RingEntry(OTHER, 0, NOW + 60), Answer.IN_USE, "it is to seal"),
        (RingEntry(OTHER, 0, 0, NOW), Answer.CAN_GO, "it has ended, so it can go"),
    ],
    ids=["primary", "pending", "expired"],
)
def test_only_retired_keys_depend_on_the_counts(entry: RingEntry, answer: Answer, reason: str) -> None:
    ring = Ring([entry, RingEntry(NEW, 1)], now=NOW)
    use = judge_ring(ring, [make_counts(started_at=None)], idle_timeout=IDLE, now=NOW)[0]
    assert (use.answer, use.text) == (answer, f"key {OTHER_ID} was not used: {reason}")


def test_retired_key_without_an_end_is_judged_too() -> None:
    ring = Ring([RingEntry(NEW, 0), RingEntry(OLD, 1, 0, NEVER)], now=NOW)
    assert judge(make_counts(opened=NOW - 41 * DAY), ring=ring).answer is Answer.CAN_GO


def test_basis_names_the_sources_and_the_latest_beginning() -> None:
    later = make_counts(name="b.json", started_at=NOW - DAY)
    assert describe_basis([make_counts(), later]) == (
        f"this rests on a.json, b.json, counted since {render_time(NOW - DAY)}; it is right only if every process that "
        "has these keys is counted there"
    )


def test_basis_names_no_beginning_if_one_is_not_known() -> None:
    assert "since" not in describe_basis([make_counts(), make_counts(started_at=None)])


def test_basis_names_four_sources_and_the_number_of_the_rest() -> None:
    names = [make_counts(name=f"{number}.json") for number in range(6)]
    assert "this rests on 0.json, 1.json, 2.json, 3.json and 2 more, counted" in describe_basis(names)


def test_counts_must_cover_the_life_of_a_session_before_they_were_taken() -> None:
    counts = make_counts(taken_at=NOW - 1000, started_at=NOW - SPAN - 500)
    assert judge(counts).answer is Answer.NOT_KNOWN
    assert judge(counts._replace(started_at=NOW - SPAN - 1000)).answer is Answer.CAN_GO


def test_refused_keys_that_the_ring_lacks_are_added_up_over_the_processes() -> None:
    one = make_counts(refused=((OTHER_ID, 3, NOW - 60), (OLD_ID, 9, NOW)))
    other = make_counts(refused=((OTHER_ID, 4, NOW - 600),))
    assert describe_refused(RING, [one, other], now=NOW) == [
        f"key {OTHER_ID} is not in the ring, and its cookies were refused 7 times, last 1 minute ago: if it was "
        "dropped too early, put it back at the end of the ring"
    ]


def test_process_that_lacks_a_key_of_the_ring_is_named() -> None:
    every = make_counts(name="web1", keyring=frozenset({NEW_ID, OLD_ID, OTHER_ID}))
    older = make_counts(name="web2", keyring=frozenset({OLD_ID}))
    other = make_counts(name="web3", keyring=frozenset[str]())
    silent = make_counts(name="prometheus")
    assert describe_laggards(RING, [every, older, other, silent], now=NOW) == [
        f"web2 lacks key {NEW_ID}: it has another ring, or had one when the counts were taken",
        f"web3 lacks keys {NEW_ID} and {OLD_ID}: it has another ring, or had one when the counts were taken",
    ]


def test_process_may_lack_a_key_that_has_ended() -> None:
    counts = make_counts(keyring=frozenset({NEW_ID}))
    assert describe_laggards(RING, [counts], now=NOW + 40 * DAY) == []


def test_process_that_ignores_its_keys_is_named_with_the_escaped_reason() -> None:
    counts = make_counts(name="web1", problem="keyring file /k: \x1b[2Jis empty")
    assert describe_laggards(RING, [counts], now=NOW) == [
        "web1 goes on with previous keys: 'keyring file /k: \\x1b[2Jis empty'"
    ]


def test_four_most_refused_keys_are_named() -> None:
    refused = tuple((f"{number:016x}", number, NOW) for number in range(1, 7))
    lines = describe_refused(RING, [make_counts(refused=refused)], now=NOW)
    assert [line.split()[1] for line in lines] == [f"{number:016x}" for number in (6, 5, 4, 3)]
