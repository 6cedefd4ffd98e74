"""An untouched request does no parsing and no cryptography: shown by what is called, over both stacks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from cookiejar_session import CookieAttributes, CookieSessions

Sessions = CookieSessions[Any]

# Whatever parses, draws random octets, derives, seals, opens, encodes, decodes or edits headers, where it is looked up.
WORK = [
    "session/mapping.join_cookie_fields",
    "session/mapping.read_cookies",
    "session/mapping.SessionState",
    "session/cookie_choice.scan_cookies",
    "session/cookie_choice.find_candidate",
    "session/cookie_choice.open_candidate",
    "session/csrf.derive",
    "keys/key.derive",
    "keys/keyring.Keyring.find",
    "keys/keyring.Keyring.ring",
    "wire/opening.decode_envelope",
    "wire/opening.derive",
    "wire/secretbox.crypto_secretbox_easy",
    "wire/secretbox.crypto_secretbox_open",
    "wire/sealing.urandom",
    "session/state.SessionState._encode",
    "wire/messagepack.encode",
    "exchange.seal_encoded",
    "response_warnings.is_insecure",
    "headers/response.ResponseFields.edit",
    "telemetry.Event",
]
# What a session that is read must do, on either stack; a spy that is never called would show nothing.
DONE_BY_A_READ = {
    "session/mapping.read_cookies",
    "session/mapping.SessionState",
    "session/cookie_choice.scan_cookies",
    "session/cookie_choice.find_candidate",
    "session/cookie_choice.open_candidate",
    "keys/keyring.Keyring.find",
    "wire/opening.decode_envelope",
    "wire/secretbox.crypto_secretbox_open",
    "headers/response.ResponseFields.edit",
    "telemetry.Event",
}


@pytest.fixture
def sessions(make_sessions: Callable[..., Sessions], clock: Any, calls: list[str]) -> Sessions:
    made = make_sessions(previous=[CookieAttributes(name="old")], on_event=lambda event: None)

    def draw(octets: int) -> bytes:
        calls.append("random_octets")
        return bytes(octets)

    made.settings = dataclasses.replace(made.settings, random_octets=draw)
    return made


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch, calls: list[str]) -> Callable[[], None]:
    """Notes each call of WORK from here on."""

    def note_call(name: str, function: Any) -> Any:
        def noted(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return function(*args, **kwargs)

        return noted

    def start() -> None:
        for name in WORK:
            module, _, attribute = name.partition(".")
            target = import_module(f"cookiejar_session.{module.replace('/', '.')}")
            while "." in attribute:
                owner, _, attribute = attribute.partition(".")
                target = getattr(target, owner)
            monkeypatch.setattr(target, attribute, note_call(name, getattr(target, attribute)))
        calls.clear()

    return start


@pytest.mark.parametrize("kind", ["no cookie", "our cookie", "old cookie", "junk", "other cookies"])
def test_untouched_request_does_no_work(
    harness: Any, sessions: Sessions, spy: Callable[[], None], calls: list[str], kind: str
) -> None:
    ours = sessions.mint({"n": 1})
    cookies = {
        "no cookie": (),
        "our cookie": (ours.header,),
        "old cookie": (f"old={ours.token}",),
        "junk": ("__Host-session=junk",),
        "other cookies": ("a=1; b=2", "c=3"),
    }
    spy()
    harness.request(sessions, cookie=cookies[kind])
    assert calls == []


def test_session_that_is_asked_for_and_not_touched_does_no_work(
    harness: Any, sessions: Sessions, spy: Callable[[], None], calls: list[str]
) -> None:
    cookie = sessions.mint({"n": 1}).header
    spy()
    seen: list[Any] = []
    harness.request(sessions, lambda session: seen.extend([repr(session), session.is_accessed]), cookie=cookie)
    assert (seen, calls) == (["<Session not opened>", False], [])


def test_session_that_is_read_does_the_work_that_is_watched(
    harness: Any, sessions: Sessions, spy: Callable[[], None], calls: list[str]
) -> None:
    cookie = sessions.mint({"n": 1}).header
    spy()
    harness.request(sessions, lambda session: session["n"], cookie=cookie)
    assert set(calls) >= DONE_BY_A_READ


def test_fresh_session_that_is_read_is_not_sealed(
    harness: Any, sessions: Sessions, spy: Callable[[], None], calls: list[str]
) -> None:
    cookie = sessions.mint({"n": 1}).header
    spy()
    harness.request(sessions, lambda session: session["n"], cookie=cookie)
    assert {"exchange.seal_encoded", "wire/sealing.urandom", "wire/secretbox.crypto_secretbox_easy"}.isdisjoint(calls)


def test_session_that_is_read_is_encoded_at_commit_and_end_to_find_changes(
    harness: Any, sessions: Sessions, spy: Callable[[], None], calls: list[str]
) -> None:
    cookie = sessions.mint({"n": [1]}).header
    spy()
    harness.request(sessions, lambda session: session["n"], cookie=cookie)
    assert calls.count("session/state.SessionState._encode") == 2


def test_keys_are_derived_once_and_not_at_requests(
    harness: Any, sessions: Sessions, spy: Callable[[], None], calls: list[str]
) -> None:
    cookie = sessions.mint({"n": 1}).header
    spy()
    harness.request(sessions, lambda session: session.update(n=2), cookie=cookie, cause="written")
    assert "wire/secretbox.crypto_secretbox_easy" in calls
    assert "keys/key.derive" not in calls


def test_session_is_opened_once_however_often_it_is_read(
    harness: Any, sessions: Sessions, spy: Callable[[], None], calls: list[str]
) -> None:
    cookie = sessions.mint({"n": 1}).header

    def read_often(session: Any) -> None:
        for _ in range(5):
            assert session["n"] == 1

    spy()
    harness.request(sessions, read_often, cookie=cookie, after=read_often)
    assert calls.count("session/mapping.read_cookies") == 1
