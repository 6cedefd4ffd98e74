"""cli/inspect_token.py: a cookie of a bug report in words, with masks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Key, Keyring, Policy

KEY = Key.generate()
SECRET = "ada@example.com"


@pytest.fixture(autouse=True)
def stopped(stop_clock: Callable[[str], None]) -> None:
    stop_clock("inspect_token")


@pytest.fixture
def minted(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", KEY.to_text())
    sessions = CookieSessions(Keyring.parse(KEY.to_text()))
    return sessions.mint({"user": SECRET, "n\x1b[31m": b"x"}, flash=[("info", "hi")], now=NOW - 60).header


def test_session_is_shown_without_its_values(run: Any, minted: str) -> None:
    status, out, err = run("inspect", stdin=minted)
    assert (status, err) == (0, "")
    for line in (
        "cookie       __Host-session",
        f"key id       {KEY.key_id.hex()} (primary)",
        "verdict      accepted",
        "sealed       2025-12-31T23:59:00Z (1 minute ago)",
        "cookie kind  kept when the browser closes",
        "sid          masked (--show-data shows it)",
        "value        'user': str, 21 octets with its name",
        "flash        1 messages",
    ):
        assert line in out.splitlines()
    assert SECRET not in out
    assert "\x1b" not in out


@pytest.mark.shows_secrets("--show-data prints the sid")
def test_values_are_shown_on_request(run: Any, minted: str) -> None:
    out = run("inspect", "--show-data", stdin=minted).out
    sid = json.loads(run("inspect", "--show-data", "--json", stdin=minted).out)[0]["session"]["sid"]
    assert f"value        'user': str, 21 octets with its name: \"{SECRET}\"" in out
    assert f"sid          {sid}" in out
    assert 'flash        [["info", "hi"]]' in out


def test_json_masks_sid_and_values_too(run: Any, minted: str) -> None:
    out = run("inspect", "--json", stdin=minted).out
    (shown,) = json.loads(out)
    assert shown["session"]["values"][1] == {"name": "user", "type": "str", "octets": 21}
    assert SECRET not in out
    assert "sid" not in shown["session"]


def test_without_the_ring_the_verdict_is_open(run: Any, minted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS")
    status, out, _ = run("inspect", stdin=minted)
    assert status == 0
    assert "verdict  not known without the ring" in out
    assert f"key id   {KEY.key_id.hex()}\n" in out


def test_token_of_another_ring_is_refused(run: Any, minted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    status, out, _ = run("inspect", stdin=minted)
    assert status == 1
    assert f"{KEY.key_id.hex()} (not in the ring)" in out
    assert "refused: unknown-key (the ring does not have its key, or the key has expired)" in out


@pytest.mark.parametrize(
    ("lifetime", "reason", "expires"),
    [
        (90, "it was not used for its idle timeout, 14 days", "2026-01-15T00:00:00Z (86 days ago)"),
        (7, "it reached its end, 7 days after it began", "2026-01-08T00:00:00Z (93 days ago)"),
    ],
    ids=["idle-timeout", "absolute-lifetime"],
)
def test_expired_session_is_shown_with_the_limit_that_ended_it(
    run: Any, minted: str, monkeypatch: pytest.MonkeyPatch, lifetime: int, reason: str, expires: str
) -> None:
    policy = Policy(absolute_lifetime=timedelta(days=lifetime))
    header = CookieSessions(Keyring.parse(KEY.to_text()), policy=policy).mint(now=NOW).header
    monkeypatch.setattr("cookiejar_session.cli.inspect_token.time.time", lambda: NOW + 100 * 86400)
    status, out, _ = run("inspect", stdin=header)
    assert status == 1
    assert f"verdict      refused: expired ({reason})" in out.splitlines()
    assert f"expires      {expires}" in out.splitlines()
    assert "log id" in out


def test_malformed_token_is_shown(run: Any, minted: str) -> None:
    status, out, _ = run("inspect", stdin="cj1.abc")
    assert (status, "refused: malformed (it is not whole: copy it again)" in out, "cookie   not named" in out) == (
        1,
        1,
        1,
    )


def test_token_is_found_in_a_whole_report(run: Any, minted: str) -> None:
    report = f"Hello,\n\nI am signed out.\nGET / HTTP/1.1\nCookie: a=b; {minted}; c=d\n\nBye\n"
    status, out, _ = run("inspect", stdin=report)
    assert (status, "cookie       __Host-session" in out) == (0, True)


def test_session_that_ends_with_the_browser(run: Any, minted: str) -> None:
    sessions = CookieSessions(Keyring.parse(KEY.to_text()), policy=Policy(persistent=False), purpose="p")
    header = sessions.mint(now=NOW).header
    out = run("inspect", "--purpose", "p", "--cookie", "__Host-session", stdin=header).out
    assert "cookie kind  dropped when the browser closes" in out


@pytest.mark.parametrize(
    ("lifetime", "expires"),
    [
        (30, "2026-01-31T00:00:00Z (in 30 days), also if it is used, since it ends then"),
        (31, "2026-01-31T00:00:00Z (in 30 days), unless it is used: 30 days idle"),
    ],
    ids=["both-limits", "idle-timeout"],
)
def test_use_moves_the_expiry_only_if_the_idle_timeout_ends_first(
    run: Any, minted: str, lifetime: int, expires: str
) -> None:
    policy = Policy(idle_timeout=timedelta(days=30), absolute_lifetime=timedelta(days=lifetime))
    header = CookieSessions(Keyring.parse(KEY.to_text()), policy=policy).mint(now=NOW).header
    assert f"expires      {expires}" in run("inspect", stdin=header).out.splitlines()


def test_input_without_a_token_has_status_1(run: Any) -> None:
    assert run("inspect", stdin="a=b").status == 1


def test_token_that_is_broken_over_lines_is_malformed(run: Any, minted: str) -> None:
    status, out, _ = run("inspect", stdin=f"{minted[:80]}\n{minted[80:]}")
    assert (status, "refused: malformed (it is not whole: copy it again)" in out) == (1, True)
