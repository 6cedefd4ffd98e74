"""key_source.py: which ring is in use, and what is logged about a new one."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from shared_rings import KEYS, LOGGER, A, B, find_leaks
from shared_values import NOW

from cookiejar_session.keys.key_source import KeySource, SourceState, keep_equal
from cookiejar_session.keys.ring_text import parse_ring

FIRST, SECOND = (SourceState(parse_ring(text, now=NOW)) for text in (A, f"{B} {A}"))
SHOWN = f"<Keyring {KEYS[1].key_id.hex()} primary (seals now), {KEYS[0].key_id.hex()} opens only>"


@pytest.fixture
def source() -> KeySource:
    return KeySource("keyring thing", FIRST, checked=NOW)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """Return the level and the text of each line since the last call."""
    caplog.set_level(logging.DEBUG, LOGGER)

    def read() -> list[tuple[str, str]]:
        lines = [(record.levelname, record.getMessage()) for record in caplog.records]
        caplog.clear()
        return lines

    return read


Log = Callable[[], list[tuple[str, str]]]


def test_a_new_ring_is_in_use_and_logged(source: KeySource, log: Log) -> None:
    assert source.replace(FIRST, SECOND, NOW)
    assert source.state is SECOND
    assert log() == [("INFO", f"keyring thing read again: {SHOWN}")]


def test_the_same_ring_with_another_file_state_is_not_logged(source: KeySource, log: Log) -> None:
    after = SourceState(FIRST.ring, (1, 2))
    assert source.replace(FIRST, after, NOW)
    assert source.state is after
    assert log() == []


def test_a_slower_thread_replaces_nothing(source: KeySource, log: Log) -> None:
    source.replace(FIRST, SECOND, NOW)
    log()
    assert not source.replace(FIRST, FIRST, NOW)
    assert source.state is SECOND
    assert log() == []


def test_a_problem_is_logged_once_until_it_ends(source: KeySource, log: Log) -> None:
    bad = SourceState(FIRST.ring, (1, 2), "it is bad")
    line = ("ERROR", "keyring thing ignored, the previous keys stay in use: it is bad")
    source.replace(FIRST, bad, NOW)
    source.replace(bad, bad, NOW)
    assert log() == [line]
    assert source.complaint == "it is bad"
    source.replace(bad, SECOND, NOW)
    assert log() == [("WARNING", f"keyring thing is valid again: {SHOWN}")]
    assert source.complaint is None
    source.replace(SECOND, bad, NOW)
    assert log() == [line]


def test_another_problem_is_logged_too(source: KeySource, log: Log) -> None:
    for problem in ("one", "other", "one"):
        source.complain(problem)
    assert [text.rpartition(" ")[2] for _, text in log()] == ["one", "other", "one"]


def test_a_problem_that_was_asked_for_is_always_logged(source: KeySource, log: Log) -> None:
    for _ in range(2):
        source.complain("it is bad", is_asked=True)
    source.complain("it is bad")
    assert len(log()) == 2


def test_a_source_of_another_kind_says_how_it_is_checked(source: KeySource) -> None:
    for call in (source.check, source.check_for_unknown_key, source.reload):
        with pytest.raises(NotImplementedError):
            call(NOW)


def test_the_state_shows_no_key() -> None:
    shown = repr(SourceState(FIRST.ring, (1, 2), "it is bad"))
    assert FIRST.ring.entries[0].key.key_id.hex() in shown
    assert find_leaks(A, shown) == []


def test_a_ring_with_the_same_entries_is_the_ring_in_use() -> None:
    again = parse_ring(A, now=NOW)
    assert again is not FIRST.ring
    assert keep_equal(FIRST.ring, again) is FIRST.ring
    assert keep_equal(FIRST.ring, SECOND.ring) is SECOND.ring
