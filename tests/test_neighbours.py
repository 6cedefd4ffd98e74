"""Cookies of other software under our name, many cookies of our name, wrong clocks, and text that a visitor chose.

Each test runs over both stacks. Which values are judged and preserved is in session/test_cookie_choice.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieAttributes, CookieSessions, Keyring, Session

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]

DAY = 86400
NAME = "__Host-session"
NEIGHBOURS = {
    "flask": "eyJ1c2VyIjoiYWRhIn0.aAbBcC.0123456789abcdefghijklmnopq",
    "flask-compressed": ".eJyrVkpMSVGyUqoFABJ0A0g.aAbBcC.0123456789abcdefghijklmnopq",
    "starlette": "eyJ1c2VyIjogImFkYSJ9.aAbBcC.0123456789abcdefghijklmnopq",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
    "json": '{"user":"ada"}',
    "uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "quoted": '"cj1.quoted"',
    "empty": "",
    "cj": "cj.",
    "cj1": "cj1",
    "cj12x": "cj12x.",
}


def read(session: Session[Any]) -> None:
    session.get("n")


def write(session: Session[Any]) -> None:
    session["n"] = 2


def discard(session: Session[Any]) -> None:
    session.discard()


@pytest.fixture(params=NEIGHBOURS.values(), ids=NEIGHBOURS)
def neighbour(request: pytest.FixtureRequest) -> str:
    value: str = request.param
    return value


# Other software


def test_reading_leaves_a_neighbours_cookie(harness: Any, make_sessions: Make, neighbour: str, clock: Any) -> None:
    sessions = make_sessions(cookie=CookieAttributes(name="session"))
    assert harness.request(sessions, read, cookie=f"session={neighbour}").set_cookies == []


def test_reading_leaves_a_neighbours_cookie_of_a_previous_name(
    harness: Any, make_sessions: Make, neighbour: str, clock: Any
) -> None:
    sessions = make_sessions(previous=[CookieAttributes(name="session")])
    assert harness.request(sessions, read, cookie=f"session={neighbour}").set_cookies == []
    assert harness.request(sessions, read, cookie=f"{NAME}=cj1.junk; session={neighbour}").set_cookies == []


def test_our_session_is_read_beside_a_neighbours_cookie(
    harness: Any, make_sessions: Make, neighbour: str, clock: Any
) -> None:
    sessions = make_sessions(cookie=CookieAttributes(name="session"))
    ours = sessions.mint({"n": 1}).header
    seen: list[object] = []
    for cookie in (f"{ours}; session={neighbour}", f"session={neighbour}; {ours}"):
        outcome = harness.request(sessions, lambda session: seen.append(session.get("n")), cookie=cookie)
        assert outcome.set_cookies == []
    assert seen == [1, 1]


def test_signing_out_leaves_a_neighbours_cookie_of_a_previous_name(
    harness: Any, make_sessions: Make, neighbour: str, clock: Any
) -> None:
    sessions = make_sessions(previous=[CookieAttributes(name="session")])
    cookie = f"{sessions.mint({'n': 1}).header}; session={neighbour}"
    deletions = harness.request(sessions, discard, cookie=cookie, cause="emptied").set_cookies
    # This one begins like a token, so it counts as ours when the application discards.
    expected = [NAME, "session"] if neighbour == "cj12x." else [NAME]
    assert [deletion.partition("=")[0] for deletion in deletions] == expected


# Many cookies of our name


@pytest.mark.parametrize("count", [3, 4, 5, 16, 17, 10_000])
@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("kind", ["malformed", "unopenable"])
@pytest.mark.parametrize("name", ["session", "old"])
def test_a_good_token_among_many_values_is_read_or_left_alone(
    harness: Any, make_sessions: Make, count: int, place: str, kind: str, name: str, clock: Any
) -> None:
    previous = [CookieAttributes(name="old")]
    sessions = make_sessions(cookie=CookieAttributes(name="session"), previous=previous)
    minting = make_sessions(cookie=CookieAttributes(name=name))
    other = make_sessions(cookie=CookieAttributes(name=name), purpose="another")
    junk = f"{name}=cj1.junk" if kind == "malformed" else other.mint({"n": 9}).header
    cookies = [junk] * (count - 1)
    index = {"first": 0, "middle": (count - 1) // 2, "last": count - 1}[place]
    cookies.insert(index, minting.mint({"n": 1}).header)
    found: list[object] = []
    is_read = index < (16 if kind == "malformed" else 4)
    outcome = harness.request(
        sessions,
        lambda session: found.append(session.get("n")),
        cookie="; ".join(cookies),
        cause="move" if is_read and name == "old" else None,
    )
    assert found == [1 if is_read else None]
    assert not any(set_cookie.startswith("session=;") for set_cookie in outcome.set_cookies)


@pytest.mark.parametrize(("count", "deletes"), [(3, True), (4, True), (5, False), (17, False)])
def test_unreadable_tokens_are_deleted_where_all_were_read(
    harness: Any, make_sessions: Make, count: int, deletes: bool, clock: Any
) -> None:
    junk = make_sessions(purpose="another").mint({"n": 9}).header
    outcome = harness.request(
        make_sessions(), read, cookie="; ".join([junk] * count), cause="dead" if deletes else None
    )
    assert bool(outcome.set_cookies) is deletes


def test_a_write_replaces_what_was_left_unread(harness: Any, make_sessions: Make, clock: Any) -> None:
    outcome = harness.request(make_sessions(), write, cookie=f"{NAME}=cj1.junk; " * 17, cause="written")
    assert len(outcome.set_cookies) == 1


# Clocks


@pytest.mark.parametrize("days", [15, 100, 4000, -1, -30])
@pytest.mark.parametrize("name", [NAME, "old"])
def test_a_wrong_clock_deletes_nothing(harness: Any, make_sessions: Make, days: int, name: str, clock: Any) -> None:
    sessions = make_sessions(previous=[CookieAttributes(name="old")])
    cookie = make_sessions(cookie=CookieAttributes(name=name)).mint({"n": 1}).header
    clock.now = NOW + days * DAY
    assert harness.request(sessions, read, cookie=cookie).set_cookies == []
    clock.now = NOW
    cause = "move" if name == "old" else None
    seen: list[object] = []
    harness.request(sessions, lambda session: seen.append(session.get("n")), cookie=cookie, cause=cause)
    assert seen == [1]


# What a visitor chose


FORGED = "x\n2026-01-01 CRITICAL auth: root logged in\x1b[2J\r\x85\u2028" + "y" * 500


def put_wrong_value(session: Session[Any]) -> None:
    session["prefs"] = {}
    session["prefs"][FORGED] = "\ud800"


def put_wrong_value_deeper(session: Session[Any]) -> None:
    session["prefs"] = []
    session["prefs"].append({FORGED: {FORGED: "\ud800"}})


def put_wrong_value_under_a_key(session: Session[Any]) -> None:
    session[FORGED] = []
    session[FORGED].append("\ud800")


def put_too_much(session: Session[Any]) -> None:
    session[FORGED] = "z" * 5000


def flash_wrong_value(session: Session[Any]) -> None:
    value: list[Any] = []
    session.flash.add(FORGED, value)
    value.append({FORGED: "\ud800"})


@pytest.mark.parametrize(
    "script",
    [put_wrong_value, put_wrong_value_deeper, put_wrong_value_under_a_key, put_too_much, flash_wrong_value],
)
def test_no_text_of_a_visitor_forges_a_log_line(
    harness: Any, make_sessions: Make, script: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = harness.request(make_sessions(), script)
    assert outcome.status == 500
    messages = [record.getMessage() for record in caplog.records if record.name == "cookiejar_session"]
    assert any("not saved" in message for message in messages)
    for message in messages:
        assert message.isprintable()
        assert message.isascii()
        assert "y" * 50 not in message
        assert len(message) < 600


def test_no_cookie_of_a_visitor_forges_a_log_line(
    harness: Any, make_sessions: Make, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="cookiejar_session")
    harness.request(make_sessions(), read, cookie=f"{NAME}=x\x0b2026 CRITICAL; {NAME}=cj1.x\x85CRITICAL; CRITICAL=1")
    messages = [record.getMessage() for record in caplog.records if record.name == "cookiejar_session"]
    assert messages
    assert not any("CRITICAL" in message for message in messages)


def test_an_unknown_key_is_shown_by_its_id_only(
    harness: Any, make_sessions: Make, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="cookiejar_session")
    other = Keyring.generate()
    minted = make_sessions(other).mint({"n": 1})
    harness.request(make_sessions(), read, cookie=minted.header)
    assert minted.token[20:40] not in caplog.text
