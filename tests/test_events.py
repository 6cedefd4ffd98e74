"""events.py: the kinds of events, what one holds, and at which level it is logged."""

from __future__ import annotations

import logging

import pytest

from cookiejar_session import Event, Reason
from cookiejar_session.events import (
    COMMITTED,
    DISCARDED,
    LATE_WRITE,
    LEVELS,
    MOVED,
    OPENED,
    REFUSED,
    RENEWED,
    RESEALED,
    TOO_LARGE,
    log,
)

KINDS = [OPENED, REFUSED, RESEALED, RENEWED, MOVED, COMMITTED, DISCARDED, TOO_LARGE, LATE_WRITE]


def test_kinds_are_the_documented_words() -> None:
    assert KINDS == [
        "opened",
        "refused",
        "resealed",
        "renewed",
        "moved",
        "committed",
        "discarded",
        "too-large",
        "late-write",
    ]


@pytest.mark.parametrize("field", Event._fields)
def test_an_event_cannot_be_changed(field: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Event(OPENED, "s"), field, "other")


def test_an_event_takes_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Event(OPENED, "s").more = 1  # type: ignore[attr-defined]


def test_text_of_an_event_shows_what_is_known() -> None:
    event = Event(REFUSED, "s", reason=Reason.EXPIRED, key_id="6fc7081d3e766c36", log_id="9894b7fb5073b5bc")
    assert str(event) == "refused cookie=s reason=expired key_id=6fc7081d3e766c36 log_id=9894b7fb5073b5bc"


def test_text_of_an_event_leaves_out_what_is_unknown() -> None:
    assert str(Event(COMMITTED, "s", characters=132)) == "committed cookie=s characters=132"


def test_text_of_an_event_has_neither_version_nor_time() -> None:
    assert str(Event(COMMITTED, "s", characters=132, version=1, happened_at=5)) == "committed cookie=s characters=132"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_level_in_the_log(kind: str) -> None:
    expected = {REFUSED: logging.INFO, TOO_LARGE: logging.ERROR, LATE_WRITE: logging.ERROR}
    assert LEVELS[kind] == expected.get(kind, logging.DEBUG)


def test_there_is_no_level_for_a_kind_that_does_not_exist() -> None:
    assert sorted(LEVELS) == sorted(KINDS)


def test_the_log_is_that_of_the_package_and_has_no_handler() -> None:
    assert (log.name, log.handlers) == ("cookiejar_session", [])
