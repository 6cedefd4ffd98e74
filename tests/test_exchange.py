"""The exchange (SPEC 13): what it decides when the response starts, what it seals, and what it reports."""

from __future__ import annotations

import contextlib
import enum
import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import pytest
from garbage import name_garbage
from shared_values import NOW

from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookiejarError,
    CookieSessions,
    Envelope,
    Event,
    Key,
    Keyring,
    PlainResponse,
    Policy,
    Reason,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
    open_token,
    seal_token,
)
from cookiejar_session.events import log
from cookiejar_session.exchange import Exchange
from cookiejar_session.session import mapping
from cookiejar_session.session.state import SessionState

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]

DAY = 24 * 60 * 60
NAME = "__Host-session"
OLD_NAME = "old-session"
PUBLIC = [("Cache-Control", "public, max-age=60")]

KEY_A, KEY_B, STRANGER = Key.generate(), Key.generate(), Key.generate()


class CookieFields:
    """The headers of an ASGI scope. ``asked`` counts how often they are read."""

    def __init__(self, cookies: str) -> None:
        self.cookies = cookies
        self.asked = 0

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        self.asked += 1
        yield b"cookie", self.cookies.encode()


def parse_ring(*keys: Key | str) -> Keyring:
    return Keyring.parse(" ".join(key if isinstance(key, str) else key.to_text() for key in keys), now=NOW)


def make_envelope(**changes: Any) -> Envelope:
    values = {
        "sid": bytes(range(16)),
        "created": NOW,
        "issued": NOW,
        "idle": 14 * DAY,
        "until": NOW + 90 * DAY,
        "persistent": True,
        "data": {"n": 1},
        "flash": [],
    } | changes
    return Envelope(**values)


def seal(key: Key = KEY_B, *, purpose: str = NAME, age: int = 0, **changes: Any) -> str:
    """A token that was sealed ``age`` seconds ago."""
    then = NOW - age
    envelope = make_envelope(**{"created": then, "issued": then, "until": then + 90 * DAY} | changes)
    return seal_token(envelope, keyring=parse_ring(key), purpose=purpose, now=envelope.issued)


def begin(sessions: Sessions, cookies: str = "", *, now: int = NOW, insecure: bool = False) -> Exchange[Any]:
    if not insecure:
        return sessions.begin(cookies, now=now)
    environ = {"wsgi.url_scheme": "http", "HTTP_HOST": "app.example"}
    return Exchange(sessions.settings, cookies, now, environ)


def finish(exchange: Exchange[Any], *, headers: Iterable[tuple[str, str]] = (), now: int = NOW) -> tuple[str, ...]:
    """The Set-Cookie field values of ours, whose names are in lower case."""
    return tuple(value for name, value in exchange.finish(headers, now=now) if name == "set-cookie")


def get_token(set_cookies: tuple[str, ...]) -> str:
    return set_cookies[0].split(";")[0].partition("=")[2]


def describe(set_cookies: tuple[str, ...]) -> str:
    """nothing, token or deletion, and how many cookies beside it are deleted."""
    if not set_cookies:
        return "nothing"
    first, *others = set_cookies
    assert all("=; " in other and other.endswith("Max-Age=0") for other in others)
    kind = "deletion" if first.startswith(f"{NAME}=; ") else "token"
    return f"{kind} and {len(others)}" if others else kind


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def sessions(events: list[Event]) -> Sessions:
    """Ring "B A": B is the primary, A is retired."""
    return CookieSessions(
        parse_ring(KEY_B, KEY_A), previous=[CookieAttributes(name=OLD_NAME, path="/old")], on_event=events.append
    )


# The exchange by hand, with public names alone


def serve(sessions: Sessions, event: dict[str, Any]) -> dict[str, Any]:
    """The handler of a serverless function."""
    exchange = sessions.begin(event["headers"].get("cookie", ""), now=event["time"])
    try:
        session = exchange.session
        session["visits"] = session.get("visits", 0) + 1
        session["note"] = event["note"]
        try:
            headers = exchange.finish([("Content-Type", "text/plain")])
            return {"status": 200, "headers": headers, "body": f"{session['visits']}"}
        except CookiejarError as exc:
            failure = exchange.fail(exc)
            return {"status": failure.status, "headers": failure.headers, "body": failure.body.decode()}
    finally:
        exchange.end()


def test_serverless_handler_keeps_a_session(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    cookie, answers = "", []
    for minute in range(3):
        answer = serve(sessions, {"headers": {"cookie": cookie}, "time": NOW + 60 * minute, "note": "tea"})
        answers.append((answer["status"], answer["body"], answer["headers"][0]))
        cookie = dict(answer["headers"])["set-cookie"].split(";")[0]
    assert answers == [(200, body, ("Content-Type", "text/plain")) for body in ("1", "2", "3")]
    assert dict(sessions.read(cookie, now=NOW + 120).session) == {"note": "tea", "visits": 3}
    assert caplog.records == []


def test_serverless_handler_that_fails_sets_no_cookie(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    answer = serve(sessions, {"headers": {}, "time": NOW, "note": "x" * 4000})
    assert answer == {
        "status": 500,
        "headers": [("content-type", "text/plain"), ("content-length", "21")],
        "body": "Internal Server Error",
    }
    assert "session not saved, the response is a plain 500: SessionTooLargeError" in caplog.text


def test_finish_takes_the_time_of_the_request_where_none_is_given(sessions: Sessions) -> None:
    exchange = sessions.begin("", now=NOW + 100.9)
    write(exchange.session)
    (set_cookie,) = (value for name, value in exchange.finish([]) if name == "set-cookie")
    assert open_again(sessions, (set_cookie,), now=NOW + 100).issued == NOW + 100


def test_end_may_be_called_twice(sessions: Sessions, events: list[Event], caplog: pytest.LogCaptureFixture) -> None:
    exchange = begin(sessions)
    write(exchange.session)
    finish(exchange)
    exchange.end()
    exchange.end()
    assert [event.kind for event in events] == ["committed"]
    assert caplog.records == []


# SPEC 13.5, step by step

COOKIES = {
    "none": lambda: "",
    "fresh": lambda: f"{NAME}={seal()}",
    "without data": lambda: f"{NAME}={seal(data={})}",
    "renewal due": lambda: f"{NAME}={seal(age=14 * DAY // 10)}",
    "retired key": lambda: f"{NAME}={seal(KEY_A, age=300)}",
    "previous name": lambda: f"{OLD_NAME}={seal(purpose=OLD_NAME)}",
    "to preserve": lambda: f"{NAME}={seal(STRANGER)}",
    "to discard": lambda: f"{NAME}=cj1.junk",
    "expired": lambda: f"{NAME}={seal(age=15 * DAY)}",
    "both": lambda: f"{NAME}=cj1.junk; {NAME}={seal(STRANGER)}",
    "preserve and previous": lambda: f"{NAME}={seal(STRANGER)}; {OLD_NAME}={seal(purpose=OLD_NAME)}",
    "preserve and old previous": lambda: (
        f"{NAME}={seal(STRANGER)}; {OLD_NAME}={seal(KEY_A, age=14 * DAY // 10, purpose=OLD_NAME)}"
    ),
    "discard, previous to preserve": lambda: f"{NAME}=cj1.junk; {OLD_NAME}={seal(STRANGER, purpose=OLD_NAME)}",
    "fresh and previous": lambda: f"{NAME}={seal()}; {OLD_NAME}={seal(purpose=OLD_NAME)}",
}


def touch_nothing(session: Any) -> None:
    pass


def read(session: Any) -> None:
    session.get("n")


def write(session: Any) -> None:
    session["n"] = 2


def write_the_same(session: Any) -> None:
    session.update(dict(session))


def write_and_take_back(session: Any) -> None:
    session["extra"] = 1
    del session["extra"]


def empty(session: Any) -> None:
    session.clear()


def empty_by_key(session: Any) -> None:
    session.pop("n", None)


def discard(session: Any) -> None:
    session.discard()


def discard_then_write(session: Any) -> None:
    session.discard()
    session["n"] = 1


def discard_then_flash(session: Any) -> None:
    session.discard()
    session.flash.add("info", "signed out")


def discard_then_regenerate(session: Any) -> None:
    session.discard()
    session.regenerate()


def ask_for_csrf(session: Any) -> None:
    session.csrf_token()


def clear_then_ask_for_csrf(session: Any) -> None:
    session.clear()
    session.csrf_token()


def ask_for_csrf_then_regenerate(session: Any) -> None:
    session.csrf_token()
    session.regenerate()


def regenerate(session: Any) -> None:
    session.regenerate()


def renew(session: Any) -> None:
    session.renew()


def set_lifetime(session: Any) -> None:
    session.set_lifetime(persistent=False)


def flash(session: Any) -> None:
    session.flash.add("info", "hi")


def read_absent_flash(session: Any) -> None:
    session.flash.get("info")
    session.flash.pop_all()


def read_and_keep_expiry(session: Any) -> None:
    session.get("n")
    session.keep_expiry()


def write_and_keep_expiry(session: Any) -> None:
    session.keep_expiry()
    session["n"] = 2


def write_and_revert(session: Any) -> None:
    session["n"] = 2
    session.flash.add("info", "hi")
    session.csrf_token()
    session.regenerate()
    session.revert()


def discard_and_revert(session: Any) -> None:
    session.discard()
    session.revert()


STEPS: list[tuple[str, str, Callable[[Any], None], str, str]] = [
    # step, cookies, what the application does, what is sent, what if shared-cacheable
    ("1", "none", touch_nothing, "nothing", "nothing"),
    ("1", "to discard", touch_nothing, "nothing", "nothing"),
    ("1", "retired key", touch_nothing, "nothing", "nothing"),
    ("1", "renewal due", touch_nothing, "nothing", "nothing"),
    ("1", "previous name", touch_nothing, "nothing", "nothing"),
    ("2", "fresh", discard, "deletion", "deletion"),
    ("2", "none", discard, "deletion", "deletion"),
    ("2", "to preserve", discard, "deletion", "deletion"),
    ("2", "previous name", discard, "deletion and 1", "deletion and 1"),
    ("2", "fresh and previous", discard, "deletion and 1", "deletion and 1"),
    ("3", "none", write, "token", "token"),
    ("3", "fresh", write, "token", "token"),
    ("3", "fresh", flash, "token", "token"),
    ("3", "fresh", regenerate, "token", "token"),
    ("3", "fresh", renew, "token", "token"),
    ("3", "fresh", set_lifetime, "token", "token"),
    ("3", "to preserve", write, "token", "token"),
    ("3", "to discard", write, "token", "token"),
    ("3", "previous name", write, "token and 1", "token and 1"),
    ("3", "fresh and previous", write, "token", "token"),
    ("3", "none", ask_for_csrf, "token", "token"),
    ("3", "to preserve", ask_for_csrf, "token", "token"),
    ("3", "without data", renew, "token", "token"),
    ("3", "without data", regenerate, "token", "token"),
    ("3", "fresh", clear_then_ask_for_csrf, "token", "token"),
    ("3", "fresh", discard_then_write, "token", "token"),
    ("3", "fresh", discard_then_flash, "token", "token"),
    ("3", "fresh and previous", discard_then_write, "token and 1", "token and 1"),
    ("4", "fresh", empty, "deletion", "deletion"),
    ("4", "fresh", empty_by_key, "deletion", "deletion"),
    ("4", "previous name", empty, "deletion and 1", "deletion and 1"),
    ("4", "none", discard_then_regenerate, "deletion", "deletion"),
    ("5", "retired key", read, "token", "nothing"),
    ("5", "renewal due", read, "token", "nothing"),
    ("5", "to discard", read, "deletion", "nothing"),
    ("6", "previous name", read, "token and 1", "nothing"),
    ("6", "retired key", write_the_same, "token", "nothing"),
    ("6", "retired key", ask_for_csrf, "token", "nothing"),
    ("7", "to discard", empty, "deletion", "nothing"),
    ("8", "expired", read, "nothing", "nothing"),
    ("7", "to discard", regenerate, "deletion", "nothing"),
    ("3", "renewal due", write_and_keep_expiry, "token", "token"),
    ("7", "to discard", read_and_keep_expiry, "deletion", "nothing"),
    ("8", "renewal due", read_and_keep_expiry, "nothing", "nothing"),
    ("8", "retired key", read_and_keep_expiry, "nothing", "nothing"),
    ("8", "previous name", read_and_keep_expiry, "nothing", "nothing"),
    ("8", "none", write_and_revert, "nothing", "nothing"),
    ("8", "fresh", write_and_revert, "nothing", "nothing"),
    ("8", "fresh", discard_and_revert, "nothing", "nothing"),
    ("8", "none", discard_and_revert, "nothing", "nothing"),
    ("8", "none", read, "nothing", "nothing"),
    ("8", "fresh", read, "nothing", "nothing"),
    ("8", "fresh", write_the_same, "nothing", "nothing"),
    ("8", "fresh", write_and_take_back, "nothing", "nothing"),
    ("8", "fresh", read_absent_flash, "nothing", "nothing"),
    ("8", "none", read_absent_flash, "nothing", "nothing"),
    ("8", "fresh", ask_for_csrf, "nothing", "nothing"),
    ("8", "none", empty, "nothing", "nothing"),
    ("8", "none", regenerate, "nothing", "nothing"),
    ("8", "none", ask_for_csrf_then_regenerate, "nothing", "nothing"),
    ("8", "without data", empty_by_key, "nothing", "nothing"),
    ("8", "to preserve", read, "nothing", "nothing"),
    ("8", "to preserve", empty, "nothing", "nothing"),
    ("8", "both", read, "nothing", "nothing"),
    ("8", "preserve and previous", read, "nothing", "nothing"),
    ("8", "preserve and old previous", read, "nothing", "nothing"),
    ("8", "discard, previous to preserve", read, "nothing", "nothing"),
    ("8", "fresh and previous", read, "nothing", "nothing"),
]


@pytest.mark.parametrize("shared", [False, True], ids=["private", "shared-cacheable"])
@pytest.mark.parametrize(
    ("step", "cookies", "script", "sent", "sent_if_shared"),
    STEPS,
    ids=[f"{step}-{cookies}-{script.__name__}".replace(" ", "_") for step, cookies, script, _, _ in STEPS],
)
def test_commit_decides_as_the_step_says(
    sessions: Sessions,
    step: str,
    cookies: str,
    script: Callable[[Any], None],
    sent: str,
    sent_if_shared: str,
    shared: bool,
) -> None:
    exchange = begin(sessions, COOKIES[cookies]())
    script(exchange.session)
    found = describe(finish(exchange, headers=PUBLIC if shared else ()))
    assert found == (sent_if_shared if shared else sent)


@pytest.mark.parametrize(
    "status", [304, "304 Not Modified", HTTPStatus.NOT_MODIFIED, 200, "200 OK", 305, "404 x", None]
)
def test_a_304_is_not_renewed(sessions: Sessions, status: Any) -> None:
    options = {} if status is None else {"status": status}
    text, encoded = (begin(sessions, COOKIES["renewal due"]()) for _ in range(2))
    for exchange in (text, encoded):
        read(exchange.session)
    is_renewed = str(status)[:3] != "304"
    assert any(name == "set-cookie" for name, _ in text.finish([], now=NOW, **options)) is is_renewed
    assert any(name == b"set-cookie" for name, _ in encoded.finish_encoded([], now=NOW, **options)) is is_renewed


@pytest.mark.parametrize(
    ("value", "error"),
    [("x" * 4000, SessionTooLargeError), ([object()], UnsupportedValueError)],
    ids=["too-large", "unsupported"],
)
@pytest.mark.parametrize("headers", [[], PUBLIC], ids=["private", "shared-cacheable"])
def test_write_that_fails_raises_at_commit(
    sessions: Sessions, value: Any, error: type[Exception], headers: list[tuple[str, str]]
) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    exchange.session["box"] = box = {"value": None}
    box["value"] = value
    with pytest.raises(error):
        exchange.finish(headers, now=NOW)
    assert exchange.is_finished


# Header fields


FIELDS = [("Content-Type", "text/plain"), ("Vary", "Accept"), ("Cache-Control", "public"), ("Set-Cookie", "a=1")]
TARGETED = [("Content-Type", "text/plain"), ("CDN-Cache-Control", "max-age=60"), ("Edge-Control", "no-store")]


@pytest.mark.parametrize("cookies", ["none", "to discard", "renewal due"])
def test_finish_of_an_untouched_session_returns_the_same_fields(sessions: Sessions, cookies: str) -> None:
    encoded = [(name.encode(), value.encode()) for name, value in FIELDS]
    assert begin(sessions, COOKIES[cookies]()).finish(FIELDS) == FIELDS
    assert begin(sessions, COOKIES[cookies]()).finish_encoded(encoded) == encoded


@pytest.mark.parametrize("script", [touch_nothing, read, write], ids=lambda script: script.__name__)
def test_finish_leaves_the_applications_fields_as_they_are(sessions: Sessions, script: Callable[[Any], None]) -> None:
    given, encoded = list(FIELDS), [(name.encode(), value.encode()) for name, value in FIELDS]
    for exchange, fields in ((begin(sessions), given), (begin(sessions), encoded)):
        script(exchange.session)
        before = list(fields)
        finished: Any = exchange.finish(fields) if fields is given else exchange.finish_encoded(fields)  # type: ignore[arg-type]
        assert fields == before
        assert finished is not fields


def test_finish_takes_fields_in_any_iterable(sessions: Sessions) -> None:
    exchange = begin(sessions)
    read(exchange.session)
    assert exchange.finish(pair for pair in FIELDS[:1]) == [*FIELDS[:1], ("vary", "Cookie")]


@pytest.mark.parametrize("script", [read, write, discard], ids=lambda script: script.__name__)
@pytest.mark.parametrize(
    "fields",
    [[], FIELDS[:1], FIELDS, TARGETED, FIELDS + TARGETED],
    ids=["no fields", "other fields", "concerned fields", "targeted fields", "all fields"],
)
def test_fields_in_bytes_get_the_same_as_in_text(
    sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
    script: Callable[[Any], None],
    fields: list[tuple[str, str]],
) -> None:
    # One nonce for both, so that the tokens are the same.
    monkeypatch.setattr("cookiejar_session.wire.sealing.urandom", bytes)
    cookies = COOKIES["fresh"]()
    text, octets = begin(sessions, cookies), begin(sessions, cookies)
    script(text.session)
    script(octets.session)
    encoded = octets.finish_encoded((name.encode(), value.encode()) for name, value in fields)
    assert [(name.decode(), value.decode()) for name, value in encoded] == text.finish(fields)


def test_edited_fields_replace_those_of_the_application(sessions: Sessions) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    discard(exchange.session)
    assert exchange.finish(FIELDS, now=NOW) == [
        ("Content-Type", "text/plain"),
        ("Set-Cookie", "a=1"),
        ("vary", "Accept, Cookie"),
        ("cache-control", "private"),
        ("set-cookie", f"{NAME}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"),
    ]


def test_targeted_fields_that_allow_storing_are_removed(sessions: Sessions) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    discard(exchange.session)
    assert exchange.finish(TARGETED, now=NOW) == [
        TARGETED[0],
        TARGETED[2],
        ("vary", "Cookie"),
        ("cache-control", "private"),
        ("set-cookie", f"{NAME}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"),
    ]


def test_fields_that_say_it_already_stay(sessions: Sessions) -> None:
    exchange = begin(sessions)
    write(exchange.session)
    fields = [("Vary", "cookie"), ("Cache-Control", "no-store")]
    assert exchange.finish(fields, now=NOW)[:2] == fields


def test_read_session_varies_by_cookie_and_leaves_cache_control(sessions: Sessions) -> None:
    exchange = begin(sessions)
    read(exchange.session)
    assert exchange.finish([("Cache-Control", "public")], now=NOW) == [
        ("Cache-Control", "public"),
        ("vary", "Cookie"),
    ]


def test_written_session_makes_a_public_response_private_and_says_so(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = begin(sessions)
    write(exchange.session)
    with caplog.at_level(logging.WARNING, "cookiejar_session"):
        fields = exchange.finish(PUBLIC, now=NOW)
    assert [value for name, value in fields if name.lower() == "cache-control"] == ["private, max-age=60"]
    assert "made private" in caplog.text


# Tokens: sid, times, Max-Age


def open_again(sessions: Sessions, set_cookies: tuple[str, ...], *, now: int = NOW) -> Envelope:
    return open_token(get_token(set_cookies), keyring=sessions.settings.keyring, purpose=NAME, now=now)


def test_regenerated_session_begins_again_with_its_own_lifetime(sessions: Sessions) -> None:
    token = seal(age=DAY, until=NOW + 9 * DAY)
    exchange = begin(sessions, f"{NAME}={token}")
    regenerate(exchange.session)
    sealed = open_again(sessions, finish(exchange))
    assert sealed.sid != bytes(range(16))
    assert (sealed.created, sealed.until, sealed.data) == (NOW, NOW + 10 * DAY, {"n": 1})


def test_discarded_then_written_session_has_a_new_sid_and_the_policys_times(sessions: Sessions) -> None:
    exchange = begin(sessions, f"{NAME}={seal(idle=60, persistent=False)}")
    discard_then_flash(exchange.session)
    sealed = open_again(sessions, finish(exchange))
    assert sealed.sid != bytes(range(16))
    assert (sealed.idle, sealed.persistent, sealed.data) == (14 * DAY, True, {})
    assert sealed.flash == [("info", "signed out")]


def test_renewal_keeps_everything_but_issued(sessions: Sessions) -> None:
    times = {"idle": 100 * DAY, "until": NOW + 300 * DAY, "persistent": False, "flash": [("info", "hi")]}
    exchange = begin(sessions, f"{NAME}={seal(age=10 * DAY, **times)}")
    read(exchange.session)
    sealed = open_again(sessions, finish(exchange))
    assert sealed == make_envelope(created=NOW - 10 * DAY, issued=NOW, **times)


def test_renewal_takes_the_second_time_and_is_judged_by_the_first(sessions: Sessions) -> None:
    exchange = begin(sessions, f"{NAME}={seal(age=14 * DAY // 10)}")
    read(exchange.session)
    assert open_again(sessions, finish(exchange, now=NOW + 5)).issued == NOW + 5
    early = begin(sessions, f"{NAME}={seal(age=14 * DAY // 10 - 1)}")
    read(early.session)
    assert finish(early, now=NOW + 5) == ()


def test_clock_that_runs_backwards_counts_as_the_first_time(sessions: Sessions) -> None:
    exchange = begin(sessions)
    write(exchange.session)
    set_cookies = finish(exchange, now=NOW - 1000)
    assert open_again(sessions, set_cookies).issued == NOW
    assert set_cookies[0].endswith(f"Max-Age={14 * DAY}")


def test_issued_never_goes_back_behind_a_clock_that_is_ahead(sessions: Sessions) -> None:
    exchange = begin(sessions, f"{NAME}={seal(age=-50)}")
    write(exchange.session)
    set_cookies = finish(exchange)
    assert open_again(sessions, set_cookies).issued == NOW + 50
    assert set_cookies[0].endswith(f"Max-Age={14 * DAY + 50}")


@pytest.mark.parametrize(
    ("times", "max_age"),
    [
        ({}, f"; Max-Age={14 * DAY}"),
        ({"until": NOW + 1000}, "; Max-Age=1000"),
        ({"idle": 500 * DAY, "until": NOW + 900 * DAY}, f"; Max-Age={400 * DAY}"),
        ({"persistent": False}, "; SameSite=Lax"),
    ],
    ids=["idle", "until", "cap", "browser session"],
)
def test_max_age_follows_the_session(sessions: Sessions, times: dict[str, Any], max_age: str) -> None:
    exchange = begin(sessions, f"{NAME}={seal(**times)}")
    write(exchange.session)
    assert finish(exchange)[0].endswith(max_age)


def test_max_age_counts_from_the_moment_of_sealing(sessions: Sessions) -> None:
    exchange = begin(sessions, f"{NAME}={seal(until=NOW + 1000)}")
    write(exchange.session)
    assert finish(exchange, now=NOW + 10)[0].endswith("Max-Age=990")


def test_write_past_the_absolute_end_fails(sessions: Sessions) -> None:
    exchange = begin(sessions, f"{NAME}={seal(until=NOW + 10)}")
    write(exchange.session)
    with pytest.raises(UnsupportedValueError, match="absolute end"):
        finish(exchange, now=NOW + 10)


def test_renewal_past_the_absolute_end_is_left_out(sessions: Sessions) -> None:
    exchange = begin(sessions, f"{NAME}={seal(age=13 * DAY, until=NOW + 10)}")
    read(exchange.session)
    assert finish(exchange, now=NOW + 10) == ()


# When a renewal or reseal is due


@pytest.mark.parametrize(
    ("policy", "idle", "age", "due"),
    [
        (Policy(), 14 * DAY, 14 * DAY // 10 - 1, False),
        (Policy(), 14 * DAY, 14 * DAY // 10, True),
        (Policy(renew_after=timedelta(seconds=60)), 14 * DAY, 59, False),
        (Policy(renew_after=timedelta(seconds=60)), 14 * DAY, 60, True),
        (Policy(renew_after=timedelta(days=13)), 14 * DAY, 14 * DAY // 10, True),
        (Policy(), 5, 0, False),
        (Policy(), 5, 1, True),
        (Policy(longest_idle=timedelta(seconds=1000)), 14 * DAY, 99, False),
        (Policy(longest_idle=timedelta(seconds=1000)), 14 * DAY, 100, True),
    ],
)
def test_renewal_is_throttled(policy: Policy, idle: int, age: int, due: bool) -> None:
    sessions = CookieSessions(parse_ring(KEY_B), policy=policy)
    exchange = begin(sessions, f"{NAME}={seal(age=age, idle=idle)}")
    read(exchange.session)
    assert bool(finish(exchange)) == due


@pytest.mark.parametrize(
    ("ring", "key", "age", "due"),
    [
        ((KEY_B, KEY_A), KEY_A, 299, False),
        ((KEY_B, KEY_A), KEY_A, 300, True),
        ((KEY_B, KEY_A), KEY_B, 300, False),
        ((f"{KEY_A.to_text()}@from=2027-01-01T00:00:00Z", KEY_B), KEY_A, 300, False),
        ((f"{KEY_A.to_text()}@from=2026-01-01T00:00:00Z", KEY_B), KEY_B, 300, True),
        ((f"{KEY_A.to_text()}@from=2026-01-01T00:00:01Z", KEY_B), KEY_B, 300, False),
    ],
    ids=["too early", "retired", "primary", "before the primary", "staged key sealing", "staged key pending"],
)
def test_reseal_is_due_for_keys_after_the_primary_only(
    ring: tuple[Key | str, ...], key: Key, age: int, due: bool
) -> None:
    sessions = CookieSessions(parse_ring(*ring))
    exchange = begin(sessions, f"{NAME}={seal(key, age=age)}")
    read(exchange.session)
    assert bool(finish(exchange)) == due


def test_reseal_is_judged_by_the_first_time_and_sealed_by_the_second() -> None:
    # SPEC 9.7: B becomes primary between the two.
    ring = parse_ring(f"{KEY_B.to_text()}@from=2026-01-01T00:00:05Z", KEY_A)
    sessions = CookieSessions(ring)
    exchange = begin(sessions, f"{NAME}={seal(KEY_A, age=300)}")
    read(exchange.session)
    assert finish(exchange, now=NOW + 5) == ()
    written = begin(sessions, f"{NAME}={seal(KEY_A, age=300)}")
    write(written.session)
    token = get_token(finish(written, now=NOW + 5))
    assert open_token(token, keyring=parse_ring(KEY_B), purpose=NAME, now=NOW + 5).data == {"n": 2}


def test_visitor_stays_through_a_rotation() -> None:
    cookies, now = "", NOW
    for ring in ([KEY_A], [KEY_A, KEY_B], [KEY_B, KEY_A], [KEY_B]):
        sessions = CookieSessions(parse_ring(*ring))
        exchange = begin(sessions, cookies, now=now)
        if not cookies:
            exchange.session["user"] = "alice"
        assert exchange.session["user"] == "alice"
        set_cookies = finish(exchange, now=now)
        cookies = set_cookies[0].split(";")[0] if set_cookies else cookies
        now += 300


def test_two_orders_of_one_ring_do_not_reseal_each_others_fresh_tokens() -> None:
    for ring, key in (((KEY_A, KEY_B), KEY_B), ((KEY_B, KEY_A), KEY_A)):
        exchange = begin(CookieSessions(parse_ring(*ring)), f"{NAME}={seal(key, age=10)}")
        read(exchange.session)
        assert finish(exchange) == ()


def test_ring_reloaded_during_a_request_seals_with_the_new_primary(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(KEY_A.to_text())
    sessions = CookieSessions(Keyring.from_file(file, now=NOW))
    exchange = begin(sessions, f"{NAME}={seal(KEY_A)}")
    write(exchange.session)
    file.write_text(f"{KEY_B.to_text()} {KEY_A.to_text()}\n")
    token = get_token(finish(exchange, now=NOW + 60))
    assert open_token(token, keyring=parse_ring(KEY_B), purpose=NAME, now=NOW + 60).data == {"n": 2}


def test_key_removed_during_a_request_counts_as_behind_the_primary(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(KEY_A.to_text())
    sessions = CookieSessions(Keyring.from_file(file, now=NOW))
    exchange = begin(sessions, f"{NAME}={seal(KEY_A, age=300)}")
    read(exchange.session)
    file.write_text(f"{KEY_B.to_text()}\n")
    token = get_token(finish(exchange, now=NOW + 60))
    assert open_token(token, keyring=parse_ring(KEY_B), purpose=NAME, now=NOW + 60).data == {"n": 1}


def test_reseal_that_cannot_be_made_is_logged_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "keys"
    file.write_text(KEY_A.to_text())
    sessions = CookieSessions(Keyring.from_file(file, now=NOW))
    exchange = begin(sessions, f"{NAME}={seal(KEY_A, age=300)}")
    read(exchange.session)
    # At the time of opening no key of the new ring could seal, so that nothing was the primary.
    file.write_text(" ".join(f"{key.to_text()}@from=2026-01-01T00:00:30Z" for key in (KEY_B, KEY_A)))
    assert finish(exchange, now=NOW + 60) == ()
    assert "not sealed again" in caplog.text


def test_reseal_may_be_as_long_as_what_came() -> None:
    sessions = CookieSessions(parse_ring(KEY_B, KEY_A), max_token_characters=132)
    token = seal(KEY_A, age=300, data={"blob": "x" * 500})
    exchange = begin(sessions, f"{NAME}={token}")
    read(exchange.session)
    assert len(get_token(finish(exchange))) == len(token)


class Counted(msgspec.Struct):
    n: int = 0
    note: str = "a default that makes the token longer than the one that came"
    rate: float = 1.0


def test_reseal_that_would_grow_past_the_limit_is_left_out() -> None:
    sessions = CookieSessions(parse_ring(KEY_B, KEY_A), data_type=Counted, max_token_characters=132)
    exchange = begin(sessions, f"{NAME}={seal(KEY_A, age=300)}")
    assert exchange.session.data is not None
    assert finish(exchange) == ()


def test_migrated_data_that_no_reader_would_take_is_never_sealed() -> None:
    sessions = CookieSessions(parse_ring(KEY_B, KEY_A), data_type=Counted, migrate=lambda data: {"rate": float("inf")})
    exchange = begin(sessions, f"{NAME}={seal(KEY_A, age=300, data={'n': 'one'})}")
    assert exchange.session.is_new
    assert finish(exchange) == ()


# Ceilings and not_before


def test_lifetimes_of_a_remembered_session_survive_renewal(sessions: Sessions) -> None:
    exchange = begin(sessions)
    exchange.session["user"] = "alice"
    exchange.session.set_lifetime(idle_timeout=timedelta(days=60), absolute_lifetime=timedelta(days=365))
    cookies = finish(exchange)[0].split(";")[0]
    for days in (7, 14, 66):
        exchange = begin(sessions, cookies, now=NOW + days * DAY)
        read(exchange.session)
        cookies = finish(exchange, now=NOW + days * DAY)[0].split(";")[0]
    sealed = open_token(cookies.partition("=")[2], keyring=sessions.settings.keyring, purpose=NAME, now=NOW + 66 * DAY)
    assert (sealed.idle, sealed.until, sealed.issued) == (60 * DAY, NOW + 365 * DAY, NOW + 66 * DAY)


def test_ceilings_travel_with_later_tokens() -> None:
    policy = Policy(longest_idle=timedelta(days=1), longest_lifetime=timedelta(days=2))
    sessions = CookieSessions(parse_ring(KEY_B), policy=policy)
    exchange = begin(sessions, f"{NAME}={seal()}")
    write(exchange.session)
    sealed = open_again(sessions, finish(exchange))
    assert (sealed.idle, sealed.until) == (DAY, NOW + 2 * DAY)


def test_lowering_alone_is_no_write() -> None:
    sessions = CookieSessions(parse_ring(KEY_B), policy=Policy(longest_idle=timedelta(days=1)))
    exchange = begin(sessions, f"{NAME}={seal()}")
    read(exchange.session)
    assert finish(exchange) == ()


@pytest.mark.parametrize(("created", "sent"), [(NOW - 1, "deletion"), (NOW, "nothing")])
def test_sessions_from_before_not_before_are_revoked(created: int, sent: str) -> None:
    policy = Policy(not_before=datetime.fromtimestamp(NOW, UTC))
    exchange = begin(CookieSessions(parse_ring(KEY_B), policy=policy), f"{NAME}={seal(created=created)}")
    read(exchange.session)
    assert describe(finish(exchange)) == sent


# Size


def test_session_that_is_too_large_already_may_be_written_without_growing() -> None:
    sessions = CookieSessions(parse_ring(KEY_B), max_token_characters=300)
    exchange = begin(sessions, f"{NAME}={seal(data={'blob': 'x' * 500})}")
    exchange.session["blob"] = "y" * 500
    assert describe(finish(exchange)) == "token"


def test_discarded_session_gives_no_room_to_the_next() -> None:
    sessions = CookieSessions(parse_ring(KEY_B), max_token_characters=300)
    exchange = begin(sessions, f"{NAME}={seal(data={'blob': 'x' * 500})}")
    exchange.session.discard()
    exchange.session["blob"] = "y" * 500
    with pytest.raises(SessionTooLargeError):
        finish(exchange)


def test_session_past_half_the_limit_is_warned_of_once_per_set_of_keys(caplog: pytest.LogCaptureFixture) -> None:
    sessions = CookieSessions(parse_ring(KEY_B), max_token_characters=1000)
    for key in ("blob", "blob", "other"):
        exchange = begin(sessions)
        exchange.session[key] = "x" * 400
        finish(exchange)
    assert caplog.text.count("characters") == 2


# Plain http


def test_secure_cookie_over_plain_http_is_warned_of_once(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        exchange = begin(sessions, insecure=True)
        write(exchange.session)
        finish(exchange)
    assert caplog.text.count("plain http") == 1
    assert "for_development" in caplog.text


def test_secure_cookie_over_plain_http_is_warned_of_once_though_much_else_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = CookieSessions(parse_ring(KEY_B), max_token_characters=200)
    for number in range(256):
        # Each set of keys is another warning.
        exchange = begin(sessions)
        exchange.session[f"key {number}"] = "x"
        finish(exchange)
    assert caplog.text.count("characters") == 256
    for _ in range(2):
        exchange = begin(sessions, insecure=True)
        write(exchange.session)
        finish(exchange)
    assert caplog.text.count("plain http") < 2


@pytest.mark.parametrize(
    ("cookie", "insecure"),
    [(CookieAttributes(), False), (CookieAttributes(name="session", secure=False), True)],
    ids=["https", "without Secure"],
)
def test_cookie_that_arrives_is_not_warned_of(
    cookie: CookieAttributes, insecure: bool, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = begin(CookieSessions(parse_ring(KEY_B), cookie=cookie), insecure=insecure)
    write(exchange.session)
    finish(exchange)
    assert caplog.records == []


def test_read_over_plain_http_is_not_warned_of(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    exchange = begin(sessions, insecure=True)
    read(exchange.session)
    finish(exchange)
    assert caplog.records == []


def test_exchange_without_a_carrier_is_not_warned_of(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    exchange = begin(sessions)
    write(exchange.session)
    finish(exchange)
    assert caplog.records == []


# Previous attributes


def test_like_named_previous_cookie_is_deleted_with_its_own_attributes() -> None:
    previous = [CookieAttributes(name="s", path="/app"), CookieAttributes(name="s", domain="app.example")]
    sessions = CookieSessions(parse_ring(KEY_B), cookie=CookieAttributes(name="s"), previous=previous)
    exchange = begin(sessions, f"s={seal(purpose='s')}")
    write(exchange.session)
    _, *others = finish(exchange)
    assert others == [
        "s=; Path=/app; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
        "s=; Path=/; Domain=app.example; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
    ]


def test_session_under_a_previous_name_moves_at_once(sessions: Sessions) -> None:
    exchange = begin(sessions, COOKIES["previous name"]())
    read(exchange.session)
    token, deletion = finish(exchange)
    assert open_again(sessions, (token,)).data == {"n": 1}
    assert deletion == f"{OLD_NAME}=; Path=/old; Secure; HttpOnly; SameSite=Lax; Max-Age=0"


def test_explicit_purpose_holds_for_previous_names_too() -> None:
    previous = [CookieAttributes(name=OLD_NAME)]
    cookie = CookieAttributes(name="s")
    sessions = CookieSessions(parse_ring(KEY_B), cookie=cookie, purpose="login", previous=previous)
    exchange = begin(sessions, f"{OLD_NAME}={seal(purpose='login')}")
    assert exchange.session["n"] == 1


# Opening


def test_session_is_opened_once(sessions: Sessions) -> None:
    fields = CookieFields(COOKIES["fresh"]())
    exchange = Exchange(sessions.settings, fields, NOW)
    assert [exchange.session["n"], exchange.session.get("n"), len(exchange.session)] == [1, 1, 1]
    assert fields.asked == 1


def test_threads_that_open_at_once_get_one_content_and_one_event(
    sessions: Sessions, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange: Exchange[Any] = begin(sessions, f"{NAME}={seal(data={'cart': []})}")
    read_cookies, everybody = mapping.read_cookies, threading.Barrier(4)

    def read_together(*args: Any, **kwargs: Any) -> Any:
        everybody.wait(timeout=60)
        return read_cookies(*args, **kwargs)

    monkeypatch.setattr(mapping, "read_cookies", read_together)
    with ThreadPoolExecutor(4) as pool:
        carts = list(pool.map(lambda _: exchange.session["cart"], range(4)))
    assert [cart is exchange.session["cart"] for cart in carts] == [True] * 4
    assert [event.kind for event in events] == ["opened"]


@pytest.mark.parametrize("touches_meanwhile", [True, False], ids=["opened-meanwhile", "opened-by-the-slower"])
def test_a_session_that_a_slower_thread_opens_while_the_exchange_ends_is_closed_at_once(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, touches_meanwhile: bool
) -> None:
    exchange = begin(sessions)
    read_cookies = mapping.read_cookies
    began, goes_on = threading.Event(), threading.Event()

    def read_slowly(*args: Any, **kwargs: Any) -> Any:
        if not began.is_set():
            began.set()
            goes_on.wait(timeout=60)
        return read_cookies(*args, **kwargs)

    monkeypatch.setattr(mapping, "read_cookies", read_slowly)
    slower = threading.Thread(target=exchange.session.mark_accessed)
    slower.start()
    began.wait(timeout=60)
    exchange.end()
    if touches_meanwhile:
        with pytest.raises(SessionCommittedError):
            exchange.session["lost"] = 1
    goes_on.set()
    slower.join()
    with pytest.raises(SessionCommittedError):
        exchange.session["lost"] = 1
    assert dict(exchange.session) == {}


def test_untouched_session_reads_nothing(sessions: Sessions) -> None:
    fields = CookieFields(COOKIES["fresh"]())
    exchange = Exchange(sessions.settings, fields, NOW)
    finish(exchange)
    exchange.end()
    assert fields.asked == 0


def test_renewal_that_no_key_can_seal_leaves_the_cookie_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    text, policy = Key.generate().to_text(), Policy(renew_after=timedelta(seconds=60))
    header = CookieSessions(Keyring.parse(text), policy=policy).mint({"n": 1}, now=NOW).header
    # The ring was read when its only key could seal. This clock is behind.
    ring = Keyring.parse(f"{text}@from=2026-06-01T00:00:00Z", now=NOW + 200 * 86400)
    exchange = CookieSessions(ring, policy=policy).begin(header, now=NOW + 100)
    assert exchange.session["n"] == 1
    assert exchange.finish([]) == [("vary", "Cookie")]
    assert "session not sealed again, the token stays as it is: no key may seal" in caplog.text


def test_migration_that_touches_the_session_does_not_lock_up(
    events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    begun: list[Exchange[Any]] = []

    def migrate(data: dict[str, Any]) -> dict[str, Any]:
        return {"n": begun[0].session.data.n}

    sessions = CookieSessions(parse_ring(KEY_B), data_type=Counted, migrate=migrate, on_event=events.append)
    begun.append(begin(sessions, f"{NAME}={seal(data={'n': 'one'})}"))
    assert begun[0].session.data.n == 0
    assert [event.reason for event in events] == [Reason.UNFIT_DATA]
    assert "data_type or migrate raised RuntimeError" in caplog.text


def test_session_first_read_too_late_is_read_only_and_logged(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    finish(exchange)
    assert exchange.session["n"] == 1
    assert "first read after the response headers" in caplog.text
    with pytest.raises(SessionCommittedError):
        exchange.session["n"] = 2


# After the commit


@pytest.mark.parametrize(
    "script",
    [write, empty, discard, regenerate, renew, set_lifetime, flash],
    ids=lambda script: script.__name__,
)
def test_late_write_raises(sessions: Sessions, script: Callable[[Any], None]) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    read(exchange.session)
    finish(exchange)
    with pytest.raises(SessionCommittedError, match="after its response headers"):
        script(exchange.session)


@pytest.mark.parametrize("late", ["late", object()], ids=["sealable", "unsealable"])
def test_late_nested_change_is_logged_and_reported(
    sessions: Sessions, events: list[Event], caplog: pytest.LogCaptureFixture, late: object
) -> None:
    exchange = begin(sessions)
    exchange.session["cart"] = cart = []
    finish(exchange)
    cart.append(late)
    exchange.end()
    assert "the change is lost" in caplog.text
    assert events[-1].kind == "late-write"


def test_end_of_a_response_that_changed_nothing_late_is_silent(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = begin(sessions)
    write(exchange.session)
    finish(exchange)
    exchange.end()
    assert caplog.records == []


@pytest.mark.parametrize("script", [write, discard, renew], ids=lambda script: script.__name__)
def test_write_without_any_response_is_logged_and_reported(
    sessions: Sessions, events: list[Event], caplog: pytest.LogCaptureFixture, script: Callable[[Any], None]
) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    script(exchange.session)
    exchange.end()
    assert exchange.is_finished
    assert "the change is lost" in caplog.text
    assert events[-1].kind == "late-write"


def test_read_without_any_response_is_silent(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    read(exchange.session)
    exchange.end()
    assert caplog.records == []


# Events


def run_and_list(sessions: Sessions, events: list[Event], cookies: str, script: Callable[[Any], None]) -> list[str]:
    exchange = begin(sessions, cookies)
    script(exchange.session)
    with contextlib.suppress(SessionTooLargeError):
        finish(exchange)
    return [event.kind for event in events]


def write_too_much(session: Any) -> None:
    session["blob"] = "x" * 4000


@pytest.mark.parametrize(
    ("cookies", "script", "kinds"),
    [
        ("none", touch_nothing, []),
        ("fresh", touch_nothing, []),
        ("none", read, []),
        ("fresh", read, ["opened"]),
        ("fresh", write, ["opened", "committed"]),
        ("none", write, ["committed"]),
        ("retired key", read, ["opened", "resealed"]),
        ("previous name", read, ["opened", "moved"]),
        ("renewal due", read, ["opened", "renewed"]),
        ("fresh", discard, ["opened", "discarded"]),
        ("to discard", read, ["refused", "discarded"]),
        ("to preserve", read, ["refused"]),
        ("both", read, ["refused", "refused"]),
        ("fresh", write_too_much, ["opened", "too-large"]),
    ],
)
def test_events_say_what_happened(
    sessions: Sessions, events: list[Event], cookies: str, script: Callable[[Any], None], kinds: list[str]
) -> None:
    assert run_and_list(sessions, events, COOKIES[cookies](), script) == kinds


def test_events_carry_ids_and_lengths_only(sessions: Sessions, events: list[Event]) -> None:
    run_and_list(sessions, events, COOKIES["retired key"](), read)
    opened, resealed, *_ = events
    log_id = begin(sessions, COOKIES["retired key"]()).session.log_id
    assert opened == Event("opened", NAME, key_id=KEY_A.key_id.hex(), log_id=log_id, version=1, happened_at=NOW)
    assert resealed[:6] == ("resealed", NAME, None, KEY_B.key_id.hex(), log_id, 132)
    assert resealed[6:] == (1, NOW)


@pytest.mark.parametrize(
    ("cookies", "reason", "has_key_id", "has_log_id"),
    [
        (lambda: f"{NAME}=junk", "malformed", False, False),
        (lambda: f"{NAME}=cj2.x", "unknown-version", False, False),
        (lambda: f"{NAME}={seal(purpose='other')}", "not-authentic", True, False),
        (lambda: f"{NAME}={seal(age=15 * DAY)}", "expired", True, True),
        (lambda: f"{NAME}={seal(age=-61)}", "not-yet-valid", True, True),
    ],
    ids=["malformed", "unknown-version", "not-authentic", "expired", "not-yet-valid"],
)
def test_refusal_has_a_reason_and_the_known_ids(
    sessions: Sessions,
    events: list[Event],
    cookies: Callable[[], str],
    reason: str,
    has_key_id: bool,
    has_log_id: bool,
) -> None:
    read(begin(sessions, cookies()).session)
    (event,) = events
    assert (event.reason, event.key_id is not None, event.log_id is not None) == (reason, has_key_id, has_log_id)


def test_events_and_logs_hold_neither_sid_nor_key_nor_data(
    sessions: Sessions, events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    sid = b"0123456789abcdef"
    with caplog.at_level(logging.DEBUG):
        for script in (write, discard, write_too_much):
            token = seal(sid=sid, data={"password": "hunter2"})
            run_and_list(sessions, events, f"{NAME}={token}; {NAME}={seal(STRANGER)}", script)
    shown = caplog.text + json.dumps([str(event) for event in events]) + repr(events)
    secrets = [sid.decode(), sid.hex(), "hunter2", "password", "cj1.", KEY_B.to_text(), KEY_B.to_text()[5:48]]
    assert [secret for secret in secrets if secret in shown] == []
    assert len(events) > 5


def test_nobody_listening_makes_no_events(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr("cookiejar_session.telemetry.Event", lambda *args, **kwargs: made.append(args))
    exchange = begin(CookieSessions(parse_ring(KEY_B)), COOKIES["fresh"]())
    write(exchange.session)
    logger = logging.getLogger("cookiejar_session")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        finish(exchange)
    finally:
        logger.setLevel(level)
    assert made == []


# Litestar's replacements


@dataclass
class Model:
    user: str


@pytest.mark.parametrize(("content", "data"), [({"a": 1}, {"a": 1}), (Model("alice"), {"user": "alice"}), ({}, {})])
def test_adopted_content_replaces_the_data(sessions: Sessions, content: object, data: dict[str, Any]) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    exchange.adopt(content)
    assert dict(exchange.session) == data


class Litestars(enum.Enum):
    EMPTY = 0


@pytest.mark.parametrize("content", [None, Litestars.EMPTY], ids=["none", "empty-enum"])
def test_adopted_nothing_clears_the_session(sessions: Sessions, content: object) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    exchange.adopt(content)
    assert describe(finish(exchange)) == "deletion"


# One cookie set twice


def test_reseal_is_left_out_where_the_application_already_set_the_cookie(sessions: Sessions) -> None:
    exchange = begin(sessions, f"{NAME}={seal(age=5 * DAY)}")
    read(exchange.session)
    assert finish(exchange, headers=[("Set-Cookie", f"{NAME}=x; Path=/")]) == ()


def test_write_where_the_application_already_set_the_cookie_is_logged(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = begin(sessions)
    write(exchange.session)
    assert finish(exchange, headers=[("Set-Cookie", f"{NAME}=x; Path=/")]) != ()
    assert "set twice in one response" in caplog.text


OWN_DELETION = f'{NAME}=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/'
DELETES = "the application deletes the cookie __Host-session by its own Set-Cookie"


@pytest.mark.parametrize("script", [read, write], ids=["read", "written"])
def test_cookie_that_the_application_deletes_is_logged_once(
    sessions: Sessions, script: Callable[[Any], object], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        exchange = begin(sessions, f"{NAME}={seal()}")
        script(exchange.session)
        finish(exchange, headers=[("Set-Cookie", OWN_DELETION)])
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(DELETES)
    assert line.endswith("call session.discard() instead")


def test_deletion_by_a_wrapper_inside_is_not_the_applications(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = begin(sessions, f"{NAME}={seal()}")
    write(exchange.session)
    finish(exchange, headers=[("Set-Cookie", sessions.settings.cookie.render_deletion())])
    assert "set twice in one response" in caplog.text
    assert DELETES not in caplog.text


@pytest.mark.parametrize("script", [read, write], ids=["read", "written"])
def test_signed_session_beside_ours_is_logged_once(
    sessions: Sessions, script: Callable[[Any], object], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        exchange = begin(sessions, f"{NAME}={seal()}")
        script(exchange.session)
        finish(exchange, headers=[("Set-Cookie", "session=eyJ1c2VyIjoxfQ.aSrxyQ.mL0; Path=/")])
    assert caplog.text.count("response also sets a cookie of Flask's or Starlette's own session") == 1


def test_other_cookies_of_the_application_are_not_logged(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    exchange = begin(sessions, f"{NAME}={seal()}")
    write(exchange.session)
    headers = [("Set-Cookie", "theme=dark; Path=/"), ("Set-Cookie", "csrftoken=; Max-Age=0")]
    finish(exchange, headers=headers)
    assert caplog.records == []


# Logout with several valid cookies of one name


def discard_and_write(session: Any) -> None:
    session.discard()
    session["n"] = 2


LOGOUTS: dict[str, Callable[[Any], object]] = {
    "discard": lambda session: session.discard(),
    "clear": lambda session: session.clear(),
    "last key": lambda session: session.pop("n"),
    "discard and write": discard_and_write,
}
STILL_SIGNED_IN = "the visitor may still be signed in"


def log_out(sessions: Sessions, script: Callable[[Any], object], *tokens: str, name: str = NAME) -> None:
    exchange = begin(sessions, "; ".join(f"{name}={token}" for token in tokens))
    script(exchange.session)
    assert finish(exchange) != ()


@pytest.mark.parametrize("script", LOGOUTS.values(), ids=LOGOUTS)
def test_logout_that_leaves_a_second_valid_cookie_is_logged(
    sessions: Sessions, script: Callable[[Any], object], caplog: pytest.LogCaptureFixture
) -> None:
    log_out(sessions, script, seal(age=10), seal())
    assert [(record.levelname, STILL_SIGNED_IN in record.getMessage()) for record in caplog.records] == [
        ("WARNING", True)
    ]


@pytest.mark.parametrize("script", LOGOUTS.values(), ids=LOGOUTS)
@pytest.mark.parametrize("other", ["junk", "expired", "none"])
def test_logout_with_one_valid_cookie_is_not_logged(
    sessions: Sessions, script: Callable[[Any], object], other: str, caplog: pytest.LogCaptureFixture
) -> None:
    others = {"junk": ["junk"], "expired": [seal(age=200 * DAY)], "none": []}[other]
    log_out(sessions, script, *others, seal())
    assert STILL_SIGNED_IN not in caplog.text


def test_change_with_a_second_valid_cookie_is_not_logged(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    log_out(sessions, write, seal(age=10), seal())
    assert caplog.records == []


def test_logout_that_deletes_the_second_cookie_as_a_previous_one_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    previous = [CookieAttributes(name="s", path="/shop")]
    sessions = CookieSessions(parse_ring(KEY_B), cookie=CookieAttributes(name="s"), previous=previous)
    tokens = seal(purpose="s", age=10), seal(purpose="s")
    log_out(sessions, LOGOUTS["discard"], *tokens, name="s")
    assert caplog.records == []
    log_out(sessions, LOGOUTS["discard"], *tokens, seal(purpose="s"), name="s")
    assert STILL_SIGNED_IN in caplog.text


def test_logout_with_two_valid_cookies_of_a_previous_name_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    sessions = CookieSessions(parse_ring(KEY_B), previous=[CookieAttributes(name=OLD_NAME)])
    tokens = seal(purpose=OLD_NAME, age=10), seal(purpose=OLD_NAME)
    log_out(sessions, LOGOUTS["discard"], *tokens, name=OLD_NAME)
    assert STILL_SIGNED_IN in caplog.text


# Whose session it is


def test_exchange_serves_its_settings_and_those_with_a_common_key() -> None:
    exchange = begin(CookieSessions(parse_ring(KEY_A, KEY_B)))
    keyrings = [parse_ring(KEY_B), parse_ring(STRANGER)]
    found = [exchange.serves(each) for each in (exchange.settings, *(CookieSessions(k).settings for k in keyrings))]
    assert found == [True, True, False]


# The request in log lines

ENVIRON = {"REQUEST_METHOD": "POST", "PATH_INFO": "/cart", "QUERY_STRING": "token=hidden", "wsgi.url_scheme": "http"}
IN_REQUEST = "(request 'POST /cart')"


def begin_request(sessions: Sessions, cookies: str = "") -> Exchange[Any]:
    return Exchange(sessions.settings, cookies, NOW, {**ENVIRON, "HTTP_HOST": "app.example"})


def fail_to_save(exchange: Exchange[Any]) -> None:
    exchange.session["blob"] = "x" * 4000
    with pytest.raises(SessionTooLargeError) as raised:
        exchange.finish([])
    exchange.fail(raised.value)


def write_late(exchange: Exchange[Any]) -> None:
    exchange.session["cart"] = cart = []
    exchange.finish([])
    cart.append(1)
    exchange.end()


def log_out_twice(exchange: Exchange[Any]) -> None:
    exchange.session.discard()
    exchange.finish([("Set-Cookie", OWN_DELETION), ("Cache-Control", "public")])


def read_late(exchange: Exchange[Any]) -> None:
    exchange.finish([])
    read(exchange.session)


@pytest.mark.parametrize("script", [fail_to_save, write_late, log_out_twice, read_late])
def test_every_log_line_of_an_exchange_names_its_request(
    sessions: Sessions, script: Callable[[Exchange[Any]], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "cookiejar_session")
    cookies = "; ".join(f"{NAME}={token}" for token in (seal(), seal(STRANGER), "junk", seal(age=1)))
    script(begin_request(sessions, cookies))
    shown = [record.getMessage() for record in caplog.records]
    assert len(shown) > 3
    assert [text for text in shown if not text.endswith(IN_REQUEST)] == []


def test_log_line_of_a_migration_that_fails_names_the_request(caplog: pytest.LogCaptureFixture) -> None:
    class Typed(msgspec.Struct):
        tags: list[str]

    def migrate(data: dict[str, Any]) -> dict[str, Any]:
        raise LookupError

    sessions = CookieSessions(parse_ring(KEY_B), data_type=Typed, migrate=migrate)
    read(begin_request(sessions, f"{NAME}={seal(data={'tags': 5})}").session)
    assert f"migrate raised LookupError; the cookie is left as it is {IN_REQUEST}" in caplog.text


def test_exchange_without_a_carrier_names_no_request(sessions: Sessions, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cookiejar_session")
    write_late(begin(sessions))
    assert "(request" not in caplog.text


def test_change_in_a_typed_value_is_sealed(caplog: pytest.LogCaptureFixture) -> None:
    class Typed(msgspec.Struct):
        tags: list[str]

    sessions = CookieSessions(parse_ring(KEY_B), data_type=Typed)
    exchange = begin(sessions, f"{NAME}={seal(data={'tags': ['b', 'a']})}")
    with pytest.raises(KeyError, match=r"session\.data\.tags"):
        exchange.session["tags"].sort()
    assert exchange.session.data is not None
    exchange.session.data.tags.sort()
    assert open_again(sessions, finish(exchange)).data == {"tags": ["a", "b"]}
    exchange.end()
    assert caplog.records == []


@pytest.mark.parametrize("value", [[object()], ["x" * 5000]], ids=["unsupported", "too-large"])
def test_a_session_that_could_not_be_saved_is_not_reported_as_a_late_write_too(
    sessions: Sessions, events: list[Event], value: list[object]
) -> None:
    exchange = sessions.begin("", now=NOW)
    exchange.session["a"] = []
    exchange.session["a"].extend(value)
    with pytest.raises((UnsupportedValueError, SessionTooLargeError)) as caught:
        exchange.finish([])
    exchange.fail(caught.value)
    # Nothing is saved, so a change after that loses nothing more.
    exchange.session._state.flashes.append(("info", "late"))  # type: ignore[union-attr]
    exchange.end()
    assert "late-write" not in [event.kind for event in events]


def test_a_failure_of_an_untouched_session_is_logged(sessions: Sessions, events: list[Event]) -> None:
    exchange = sessions.begin("", now=NOW)
    assert exchange.fail(ValueError("x")).status == 500
    exchange.end()
    assert events == []


def test_late_write_is_reported_once(sessions: Sessions, events: list[Event]) -> None:
    exchange = begin(sessions)
    exchange.session["cart"] = cart = []
    finish(exchange)
    cart.append(1)
    exchange.end()
    exchange.end()
    assert [event.kind for event in events].count("late-write") == 1


def test_at_most_eight_refusals_are_reported(sessions: Sessions, events: list[Event]) -> None:
    read(begin(sessions, "; ".join([f"{NAME}=junk"] * 20)).session)
    assert [event.kind for event in events] == ["refused"] * 8


@pytest.mark.parametrize(
    ("error", "logged"),
    [(TypeError("secret"), "plain 500: TypeError"), (ConfigError("why"), "plain 500: ConfigError: why")],
    ids=["foreign", "of this package"],
)
def test_fail_gives_the_plain_500_and_logs_foreign_errors_by_their_type_alone(
    sessions: Sessions, caplog: pytest.LogCaptureFixture, error: Exception, logged: str
) -> None:
    failure = begin(sessions).fail(error)
    assert failure == PlainResponse(
        500,
        "Internal Server Error",
        [("content-type", "text/plain"), ("content-length", "21")],
        b"Internal Server Error",
    )
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage().endswith(logged)


# What was compared is what is sealed


def test_a_change_while_the_session_is_committed_is_not_sealed_and_is_reported(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = begin(sessions)
    exchange.session["cart"] = [1]
    is_worth_keeping = SessionState.is_worth_keeping

    def change_meanwhile(state: SessionState, data: dict[str, Any]) -> bool:
        data["cart"].append(2)
        return is_worth_keeping(state, data)

    monkeypatch.setattr(SessionState, "is_worth_keeping", change_meanwhile)
    token = get_token(finish(exchange))
    exchange.end()
    assert dict(sessions.read(token, now=NOW).session) == {"cart": [1]}
    assert "the change is lost" in caplog.text


def test_a_reseal_seals_what_was_found_unchanged(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = begin(sessions, f"{NAME}={seal(age=3 * DAY, data={'cart': [1]})}")
    assert exchange.session["cart"] == [1]
    commit = SessionState.commit

    def change_afterwards(state: SessionState, data: dict[str, Any]) -> bool:
        is_written = commit(state, data)
        data["cart"].append(float("nan"))
        return is_written

    monkeypatch.setattr(SessionState, "commit", change_afterwards)
    token = get_token(finish(exchange))
    assert dict(sessions.read(token, now=NOW).session) == {"cart": [1]}


@pytest.mark.parametrize("script", [touch_nothing, read, write], ids=lambda script: script.__name__)
def test_session_stays_the_same_object_after_the_end(sessions: Sessions, script: Callable[[Any], None]) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    session = exchange.session
    script(session)
    finish(exchange)
    exchange.end()
    assert exchange.session is session


def test_an_exchange_ends_although_a_log_filter_raises(sessions: Sessions) -> None:
    def fail(record: logging.LogRecord) -> bool:
        raise LookupError

    exchange: Exchange[Any] = Exchange(sessions.settings, COOKIES["fresh"](), NOW, {"wsgi.url_scheme": "https"})
    exchange.session["late"] = 1  # and no response
    log.addFilter(fail)
    try:
        with pytest.raises(LookupError):
            exchange.end()
    finally:
        log.removeFilter(fail)
    assert (exchange.is_finished, exchange.session._carrier) == (True, None)


@pytest.mark.parametrize("script", [touch_nothing, read, write], ids=lambda script: script.__name__)
@pytest.mark.parametrize("reads_late", [True, False], ids=["read after the end", "not read after the end"])
def test_an_ended_exchange_leaves_no_cycle(sessions: Sessions, script: Callable[[Any], None], reads_late: bool) -> None:
    def serve() -> None:
        environ: dict[str, Any] = {"wsgi.url_scheme": "https"}
        exchange: Exchange[Any] = Exchange(sessions.settings, COOKIES["fresh"](), NOW, environ)
        environ["exchange"] = exchange
        script(exchange.session)
        finish(exchange)
        exchange.end()
        late = exchange.session
        if reads_late:
            assert not late.is_new

    assert name_garbage(serve) == []


@pytest.mark.parametrize("script", [touch_nothing, read, write], ids=lambda script: script.__name__)
def test_end_of_an_exchange_without_a_response_closes_the_session(
    sessions: Sessions, script: Callable[[Any], None]
) -> None:
    exchange = begin(sessions, COOKIES["fresh"]())
    script(exchange.session)
    exchange.end()
    assert exchange.is_finished
    with pytest.raises(SessionCommittedError):
        exchange.session["n"] = 3


@pytest.mark.parametrize(("spare", "warned"), [(0, False), (-1, True)])
def test_a_token_of_half_the_limit_is_not_warned_of(
    make_sessions: Any, caplog: pytest.LogCaptureFixture, spare: int, warned: bool
) -> None:
    token = seal(data={"a": "x" * 300})
    sessions = make_sessions(max_token_characters=2 * len(token) + spare)
    exchange = begin(sessions)
    exchange.session["a"] = "x" * 300
    assert len(get_token(finish(exchange))) == len(token)
    assert ("characters" in caplog.text) is warned


# Each way to get a list from a session: a change in time is saved, a late change is reported

GET_LIST: dict[str, Callable[[Any], Any]] = {
    "item": lambda session: session["cart"],
    "nested": lambda session: session["nested"]["cart"],
    "get": lambda session: session.get("cart"),
    "items": lambda session: dict(session.items())["cart"],
    "values": lambda session: next(value for value in session.values() if isinstance(value, list)),
    "setdefault": lambda session: session.setdefault("cart", []),
    "copy": lambda session: session.copy()["cart"],
    "dict": lambda session: dict(session)["cart"],
    "or": lambda session: (session | {})["cart"],
    "ror": lambda session: ({} | session)["cart"],
    "keywords": lambda session: dict(**session)["cart"],
    "flash": lambda session: session.flash.peek("info")[0],
}


def begin_with_lists(sessions: Sessions) -> Exchange[Any]:
    token = seal(data={"cart": [1], "nested": {"cart": [1]}, "n": 1}, flash=[("info", [1])])
    return begin(sessions, f"{NAME}={token}")


@pytest.mark.parametrize("get_list", GET_LIST.values(), ids=list(GET_LIST))
def test_list_that_was_changed_in_time_is_sealed(sessions: Sessions, get_list: Callable[[Any], Any]) -> None:
    exchange = begin_with_lists(sessions)
    get_list(exchange.session).append(2)
    reopened = begin(sessions, f"{NAME}={get_token(finish(exchange))}")
    assert get_list(reopened.session) == [1, 2]


@pytest.mark.parametrize("get_list", GET_LIST.values(), ids=list(GET_LIST))
@pytest.mark.parametrize("is_held", [True, False])
def test_list_that_was_changed_late_is_reported(
    sessions: Sessions, events: list[Event], get_list: Callable[[Any], Any], is_held: bool
) -> None:
    exchange = begin_with_lists(sessions)
    held = get_list(exchange.session) if is_held else None
    assert exchange.session is not None
    assert exchange.session["n"] == 1
    assert finish(exchange) == ()
    (get_list(exchange.session) if held is None else held).append(2)
    exchange.end()
    assert [event.kind for event in events][-1] == "late-write"


def test_list_that_was_put_in_and_changed_late_is_reported(sessions: Sessions, events: list[Event]) -> None:
    exchange = begin(sessions)
    cart: list[int] = []
    write(exchange.session)
    exchange.session["cart"] = cart
    finish(exchange)
    cart.append(1)
    exchange.end()
    assert [event.kind for event in events][-1] == "late-write"


def test_adopted_data_that_were_changed_late_are_reported(sessions: Sessions, events: list[Event]) -> None:
    exchange = begin(sessions)
    cart: list[int] = []
    exchange.adopt({"cart": cart})
    finish(exchange)
    cart.append(1)
    exchange.end()
    assert [event.kind for event in events][-1] == "late-write"


def test_adopted_data_that_were_changed_to_what_cannot_be_sealed_are_refused(sessions: Sessions) -> None:
    exchange = begin(sessions)
    cart: list[float] = []
    exchange.adopt({"cart": cart})
    cart.append(float("nan"))
    with pytest.raises(UnsupportedValueError, match=r"cart\[0\]"):
        finish(exchange)


def test_change_that_was_taken_back_late_is_reported(sessions: Sessions, events: list[Event]) -> None:
    exchange = begin_with_lists(sessions)
    cart = GET_LIST["item"](exchange.session)
    cart.append(2)
    assert describe(finish(exchange)) == "token"
    cart.pop()
    exchange.end()
    assert [event.kind for event in events][-1] == "late-write"


def test_new_session_with_a_csrf_token_and_no_response_is_reported(sessions: Sessions, events: list[Event]) -> None:
    exchange = begin(sessions)
    assert exchange.session is not None
    exchange.session.csrf_token()
    exchange.end()
    assert [event.kind for event in events][-1] == "late-write"
