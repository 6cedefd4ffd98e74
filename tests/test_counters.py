"""counters.py: exact counts from many threads, bounds on what a visitor can choose, and a fork."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import weakref
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import Reason, SessionStats
from cookiejar_session import counters as module
from cookiejar_session.counters import MAX_UNKNOWN_KEYS, SIZE_BOUNDS, Counter, Counters
from cookiejar_session.events import COMMITTED, DISCARDED, LATE_WRITE, MOVED, RENEWED, RESEALED, TOO_LARGE
from cookiejar_session.wire.layout import MAX_TOKEN_CHARACTERS
from cookiejar_session.wire.opening import Refusal

A, B = b"A" * 8, b"B" * 8


@pytest.fixture
def counters() -> Counters:
    return Counters(lambda: NOW + 0.9)


def take(counters: Counters, *key_ids: bytes, now: int = NOW + 60) -> SessionStats:
    return counters.take_snapshot(
        cookie="s", key_ids=key_ids, keyring_problem=None, max_token_characters=2660, idle_timeout=9, now=now
    )


def open_with(counters: Counters, key_id: bytes, now: int = NOW) -> None:
    counters.count_reading(key_id, (), now=now)


def refuse(counters: Counters, reason: Reason, key_id: bytes | None = None, now: int = NOW) -> None:
    counters.count_reading(None, [Refusal(reason, key_id)], now=now)


def seal(counters: Counters, kind: str = COMMITTED, characters: int = 132, now: int = NOW) -> None:
    counters.count_sealed(kind, A, characters=characters, now=now)


def test_nothing_is_counted_at_the_beginning(counters: Counters) -> None:
    stats = take(counters)
    assert (stats.cookie, stats.pid, stats.started_at, stats.taken_at) == ("s", os.getpid(), NOW, NOW + 60)
    assert (stats.keys, stats.unknown_keys, stats.other_unknown_keys) == ((), (), 0)
    assert (stats.discarded, stats.late_writes, stats.too_large) == (0, 0, 0)
    assert stats.refused == dict.fromkeys(Reason, 0)
    sizes = stats.token_sizes
    assert (sizes.bounds, sizes.counts, sizes.count, sizes.sum, sizes.largest) == (SIZE_BOUNDS, (0,) * 9, 0, 0, 0)


def test_a_count_is_not_changed_by_reading_it() -> None:
    counter = Counter()
    counter.increase()
    counter.increase()
    assert [counter.read() for _ in range(3)] == [2, 2, 2]


def test_opened_tokens_are_counted_by_key(counters: Counters) -> None:
    open_with(counters, A)
    open_with(counters, B)
    open_with(counters, A)
    assert {key.key_id: key.opened for key in take(counters).keys} == {A.hex(): 2, B.hex(): 1}


@pytest.mark.parametrize("moments", [(NOW, NOW + 7), (NOW + 7, NOW)], ids=["in order", "an older one last"])
def test_last_opening_is_the_latest_time_of_a_request(counters: Counters, moments: tuple[int, ...]) -> None:
    for moment in moments:
        open_with(counters, A, moment)
    (key,) = take(counters).keys
    assert (key.last_opened_at, key.last_sealed_at) == (NOW + 7, None)


@pytest.mark.parametrize("moments", [(NOW, NOW + 7), (NOW + 7, NOW)], ids=["in order", "an older one last"])
def test_last_sealing_is_the_latest_time_of_a_token(counters: Counters, moments: tuple[int, ...]) -> None:
    for moment in moments:
        seal(counters, now=moment)
    (key,) = take(counters).keys
    assert (key.last_opened_at, key.last_sealed_at) == (None, NOW + 7)


def test_sealed_tokens_are_counted_by_kind(counters: Counters) -> None:
    for kind, times in ((COMMITTED, 1), (RENEWED, 2), (RESEALED, 3), (MOVED, 4)):
        for _ in range(times):
            seal(counters, kind)
    stats = take(counters)
    (key,) = stats.keys
    assert (key.committed, key.renewed, key.resealed, key.moved, key.sealed) == (1, 2, 3, 4, 10)
    assert (stats.committed, stats.renewed, stats.resealed, stats.moved) == (1, 2, 3, 4)
    assert (key.opened, key.version) == (0, 1)


@pytest.mark.parametrize("kind", [DISCARDED, LATE_WRITE, TOO_LARGE])
def test_other_kinds_have_a_counter_each(counters: Counters, kind: str) -> None:
    counters.count_other(kind)
    stats = take(counters)
    counts = {DISCARDED: stats.discarded, LATE_WRITE: stats.late_writes, TOO_LARGE: stats.too_large}
    assert counts == {**dict.fromkeys(counts, 0), kind: 1}


@pytest.mark.parametrize("reason", Reason)
def test_refusals_are_counted_by_reason(counters: Counters, reason: Reason) -> None:
    refuse(counters, reason)
    assert take(counters).refused == {**dict.fromkeys(Reason, 0), reason: 1}


def test_refused_counts_cannot_be_changed(counters: Counters) -> None:
    refused: Any = take(counters).refused
    with pytest.raises(TypeError):
        refused[Reason.EXPIRED] = 1


def test_unknown_keys_are_counted_by_key_id(counters: Counters) -> None:
    refuse(counters, Reason.UNKNOWN_KEY, A, NOW + 5)
    refuse(counters, Reason.UNKNOWN_KEY, A, NOW)
    refuse(counters, Reason.EXPIRED, B)
    (unknown,) = take(counters).unknown_keys
    assert (unknown.key_id, unknown.refused, unknown.last_refused_at) == (A.hex(), 2, NOW + 5)


def test_visitor_cannot_fill_the_memory_with_key_ids(counters: Counters) -> None:
    for number in range(MAX_UNKNOWN_KEYS + 10):
        refuse(counters, Reason.UNKNOWN_KEY, number.to_bytes(8, "big"))
    refuse(counters, Reason.UNKNOWN_KEY, bytes(8))
    stats = take(counters)
    assert (len(stats.unknown_keys), stats.other_unknown_keys) == (64, 10)
    assert stats.unknown_keys[0].refused == 2
    assert stats.refused[Reason.UNKNOWN_KEY] == MAX_UNKNOWN_KEYS + 11


def test_keys_of_the_keyring_come_first_in_their_order(counters: Counters) -> None:
    open_with(counters, b"dropped!")
    open_with(counters, A)
    keys = take(counters, B, A).keys
    assert [(key.key_id, key.is_in_keyring, key.opened) for key in keys] == [
        (B.hex(), True, 0),
        (A.hex(), True, 1),
        (b"dropped!".hex(), False, 1),
    ]


def test_a_key_that_was_never_used_is_not_counted_afterwards(counters: Counters) -> None:
    take(counters, A)
    assert take(counters).keys == ()


@pytest.mark.parametrize(
    ("characters", "bucket"),
    [(132, 0), (256, 0), (257, 1), (2660, 6), (2692, 7), (3972, 8)],
)
def test_token_is_counted_in_the_bucket_of_the_next_bound(counters: Counters, characters: int, bucket: int) -> None:
    seal(counters, characters=characters)
    assert [place for place, number in enumerate(take(counters).token_sizes.counts) if number] == [bucket]


def test_sizes_have_count_sum_and_largest(counters: Counters) -> None:
    for characters in (132, 132, 1028):
        seal(counters, characters=characters)
    sizes = take(counters).token_sizes
    assert (sizes.count, sizes.sum, sizes.largest, sum(sizes.counts)) == (3, 1292, 1028, 3)


def test_longest_token_of_the_format_has_a_bucket() -> None:
    assert SIZE_BOUNDS[-1] == MAX_TOKEN_CHARACTERS == 3972


# Threads


def run_in_threads(work: Callable[[], None], number: int = 8) -> None:
    threads = [Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def quick_switches() -> Any:
    """Switch between threads as often as Python can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("quick_switches")
def test_no_count_is_lost_between_threads(counters: Counters) -> None:
    def work() -> None:
        for number in range(1000):
            open_with(counters, A, NOW + number)
            refuse(counters, Reason.UNKNOWN_KEY, B)
            seal(counters)
            counters.count_other(DISCARDED)
            if number % 100 == 0:
                take(counters)

    run_in_threads(work)
    stats = take(counters)
    (key,) = stats.keys
    assert (key.opened, key.committed, stats.discarded) == (8000, 8000, 8000)
    assert (stats.refused[Reason.UNKNOWN_KEY], stats.unknown_keys[0].refused) == (8000, 8000)
    assert stats.token_sizes.count == 8000


@pytest.mark.usefixtures("quick_switches")
def test_no_count_is_lost_where_threads_use_a_key_for_the_first_time(counters: Counters) -> None:
    key_ids = [number.to_bytes(8, "big") for number in range(300)]

    def work() -> None:
        for key_id in key_ids:
            open_with(counters, key_id)

    run_in_threads(work)
    assert {key.opened for key in take(counters).keys} == {8}


# Processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_forked_process_begins_at_zero_with_its_own_pid_and_time() -> None:
    moments = [NOW, NOW + 100]
    counters = Counters(lambda: moments.pop(0))
    open_with(counters, A)
    with counters._lock:  # another thread may take a snapshot while this thread forks
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover
            signal.alarm(20)  # if the lock were still held, the child would wait for ever
            open_with(counters, A, NOW + 101)
            os.write(writer, take(counters).to_json().encode())
            os._exit(0)
        os.close(writer)
        os.waitpid(child, 0)
    with os.fdopen(reader) as stream:
        found = json.load(stream)
    assert (found["pid"], found["started_at"]) == (child, NOW + 100)
    assert [(key["opened"], key["last_opened_at"]) for key in found["keys"]] == [(1, NOW + 101)]
    assert take(counters).opened == 1


def test_every_object_is_reset_after_a_fork() -> None:
    """What the test above shows in a child process, in this one."""
    several = [Counters(lambda: NOW) for _ in range(3)]
    for each in several:
        open_with(each, A)
    module._reset_all()
    assert [take(each).opened for each in several] == [0, 0, 0]


def test_counters_do_not_outlive_their_owner() -> None:
    kept = Counters(lambda: NOW)
    assert kept in module._living
    # Not the length of the set: objects of other tests leave it too when the garbage collector runs.
    reference = weakref.ref(kept)
    del kept
    gc.collect()
    assert reference() is None
