"""Events: what is told, to whom, and what a listener cannot do to a request."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from cookiejar_session import Event, Reason
from cookiejar_session.events import (
    COMMITTED,
    DISCARDED,
    LATE_WRITE,
    OPENED,
    REFUSED,
    RENEWED,
    RESEALED,
    TOO_LARGE,
    EventSink,
)

KINDS = [OPENED, REFUSED, RESEALED, RENEWED, COMMITTED, DISCARDED, TOO_LARGE, LATE_WRITE]
LEVELS = {REFUSED: logging.INFO, TOO_LARGE: logging.ERROR, LATE_WRITE: logging.ERROR}


def raise_error(event: Event) -> None:
    raise LookupError("the listener's own")


def test_kinds_are_the_documented_words() -> None:
    assert KINDS == [
        "opened",
        "refused",
        "resealed",
        "renewed",
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


def test_text_of_an_event_tells_what_is_known() -> None:
    event = Event(REFUSED, "s", reason=Reason.EXPIRED, key_id="6fc7081d3e766c36", log_id="9894b7fb5073b5bc")
    assert str(event) == "refused cookie=s reason=expired key_id=6fc7081d3e766c36 log_id=9894b7fb5073b5bc"


def test_text_of_an_event_leaves_out_what_is_not() -> None:
    assert str(Event(COMMITTED, "s", characters=132)) == "committed cookie=s characters=132"


def test_a_listener_gets_the_event_itself() -> None:
    heard: list[Event] = []
    event = Event(OPENED, "s")
    EventSink(heard.append).emit(event)
    assert heard[0] is event


@pytest.mark.parametrize("kind", [*KINDS, "a-kind-to-come"])
def test_the_log_gets_each_event_at_its_level(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cookiejar_session")
    EventSink(None).emit(Event(kind, "s"))
    assert [(record.name, record.levelno, record.getMessage()) for record in caplog.records] == [
        ("cookiejar_session", LEVELS.get(kind, logging.DEBUG), f"{kind} cookie=s")
    ]


def test_a_listener_that_raises_is_not_felt() -> None:
    EventSink(raise_error).emit(Event(OPENED, "s"))


def test_a_listener_that_raises_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    EventSink(raise_error).emit(Event(OPENED, "s"))
    found = [(record.levelno, record.getMessage(), record.exc_info is not None) for record in caplog.records]
    assert found == [(logging.ERROR, "on_event raised LookupError for opened", True)]


def test_what_ends_the_process_is_not_held_back() -> None:
    def stop(event: Event) -> None:
        raise KeyboardInterrupt

    sink = EventSink(stop)
    with pytest.raises(KeyboardInterrupt):
        sink.emit(Event(OPENED, "s"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_listener_wants_every_kind(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "cookiejar_session")
    assert EventSink(print).wants(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_wants_what_the_log_does_not_show(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(LEVELS.get(kind, logging.DEBUG) + 1, "cookiejar_session")
    assert not EventSink(None).wants(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_log_wants_what_it_shows(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(LEVELS.get(kind, logging.DEBUG), "cookiejar_session")
    assert EventSink(None).wants(kind)


def test_errors_alone_are_printed_where_nobody_configured_logging() -> None:
    program = """
from cookiejar_session.events import COMMITTED, TOO_LARGE, Event, EventSink
sink = EventSink(None)
sink.emit(Event(COMMITTED, "a"))
sink.emit(Event(TOO_LARGE, "b"))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert (ended.stdout, ended.stderr) == ("", "too-large cookie=b\n")
