"""Printing session events on a terminal and to a file."""

import time
from io import StringIO

import pytest

from cookiejar_session import Event, Reason
from cookiejar_session.demo.event_log import COLOURS, HEADING, EventLog
from cookiejar_session.demo.forms import FORMS
from cookiejar_session.demo.two_apps import ASGI, WSGI, DemoApp

NOON = time.struct_time((2026, 1, 1, 12, 0, 5, 3, 1, 0))
COMMITTED = Event("committed", "session", key_id="6fc7081d3e766c36", log_id="9894b7fb5073b5bc", characters=292)
REFUSED = Event("refused", "session", reason=Reason.UNKNOWN_KEY)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def write(stream: StringIO, *events: Event, request: str = "POST /count", **environ: str) -> list[str]:
    log = EventLog(stream, environ=environ, clock=lambda: NOON)
    for event in events:
        log.write_event(request, event)
    return stream.getvalue().splitlines()


def test_event_is_one_line() -> None:
    assert write(StringIO(), COMMITTED) == [
        "12:00:05  committed   POST /count             9894b7fb5073b5bc  6fc7081d3e766c36  292 characters"
    ]


def test_refused_token_is_printed_with_its_reason() -> None:
    assert write(StringIO(), REFUSED)[0].split() == ["12:00:05", "refused", "POST", "/count", "-", "-", "unknown-key"]


def test_event_without_details_ends_at_its_last_column() -> None:
    assert write(StringIO(), Event("discarded", "session"))[0].endswith("  -")


@pytest.mark.parametrize("kind", [*COLOURS, "a new one"])
def test_columns_are_aligned_whatever_the_kind(kind: str) -> None:
    (line,) = write(StringIO(), COMMITTED._replace(kind=kind))
    assert [line.index(text) for text in ("POST", "9894", "6fc7", "292")] == [
        HEADING.index(text) for text in ("request", "session log id", "key id", "detail")
    ]


@pytest.mark.parametrize("kind", COLOURS)
def test_kind_is_coloured_on_a_terminal(kind: str) -> None:
    (line,) = write(Terminal(), COMMITTED._replace(kind=kind))
    assert f"\x1b[{COLOURS[kind]}m{kind}" in line
    assert line.count("\x1b") == 2


def test_colour_does_not_move_the_columns() -> None:
    (plain,), (coloured,) = write(StringIO(), COMMITTED), write(Terminal(), COMMITTED)
    assert coloured.replace(f"\x1b[{COLOURS['committed']}m", "").replace("\x1b[0m", "") == plain


def test_kind_that_is_not_known_yet_has_no_colour() -> None:
    assert "\x1b" not in write(Terminal(), COMMITTED._replace(kind="a new one"))[0]


@pytest.mark.parametrize(
    ("stream", "environ"),
    [(StringIO(), {}), (Terminal(), {"NO_COLOR": "1"}), (Terminal(), {"TERM": "dumb"})],
    ids=["file", "NO_COLOR", "dumb terminal"],
)
def test_elsewhere_nothing_is_coloured(stream: StringIO, environ: dict[str, str]) -> None:
    assert "\x1b" not in write(stream, COMMITTED, **environ)[0]


def test_empty_no_color_does_not_count() -> None:
    assert "\x1b" in write(Terminal(), COMMITTED, NO_COLOR="")[0]


@pytest.mark.parametrize("text", ["\x1b[31m", "\n", "é", "\u202e"])
def test_what_a_visitor_sent_cannot_change_the_terminal(text: str) -> None:
    lines = write(StringIO(), COMMITTED, request=f"GET /{text}")
    assert len(lines) == 1
    assert lines[0].isascii()
    assert lines[0].isprintable()


@pytest.mark.parametrize("app", [ASGI, WSGI], ids=["asgi", "wsgi"])
@pytest.mark.parametrize("form", FORMS)
def test_column_is_wide_enough_for_every_form(app: DemoApp, form: str) -> None:
    (line,) = write(StringIO(), COMMITTED, request=f"POST {app.path}{form}")
    assert line.index("9894") == HEADING.index("session")


def test_heading_names_the_columns() -> None:
    stream = StringIO()
    EventLog(stream, environ={}).write_heading()
    assert stream.getvalue() == f"{HEADING}\n"
