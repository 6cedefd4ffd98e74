"""Decoding a session cookie for the page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Key, Keyring, Policy
from cookiejar_session.demo.anatomy import Anatomy, examine_cookie
from cookiejar_session.demo.rotating_keyring import RotatingKeyring

MakeSessions = Callable[..., CookieSessions[Any]]


def examine(sessions: CookieSessions[Any], data: dict[str, Any] | None = None, *, after: int = 0) -> Anatomy:
    """Decode a cookie that was sealed at NOW, ``after`` seconds later."""
    return examine_cookie(sessions.mint(data, now=NOW).header, sessions=sessions, now=NOW + after)


def test_pieces_are_those_of_the_token(make_sessions: MakeSessions) -> None:
    anatomy = examine(make_sessions())
    assert [(piece.name, len(piece.text)) for piece in anatomy.list_pieces()] == [
        ("prefix", 4),
        ("key id", 11),
        ("nonce", 32),
        ("sealed text", 85),
    ]
    assert "".join(piece.text for piece in anatomy.list_pieces()) == anatomy.token


def test_token_is_the_accepted_one_of_several(make_sessions: MakeSessions) -> None:
    sessions = make_sessions()
    older, newer = sessions.mint({"user": "Bob"}, now=NOW - 9), sessions.mint({"user": "Ada"}, now=NOW)
    cookies = f"other=1; {older.header}; {older.name}=nonsense; {newer.header}"
    anatomy = examine_cookie(cookies, sessions=sessions, now=NOW)
    assert (anatomy.cookie_name, anatomy.token, anatomy.envelope.data) == (newer.name, newer.token, {"user": "Ada"})


def test_envelope_is_that_of_the_cookie(make_sessions: MakeSessions) -> None:
    anatomy = examine(make_sessions(), {"user": "Ada"})
    assert (anatomy.envelope.data, anatomy.envelope.issued, anatomy.is_sample) == ({"user": "Ada"}, NOW, False)


@pytest.mark.parametrize("cookies", ["", "other=1", "__Host-session=cj1.nonsense"])
def test_without_a_cookie_of_use_there_is_a_sample(make_sessions: MakeSessions, cookies: str) -> None:
    anatomy = examine_cookie(cookies, sessions=make_sessions(), now=NOW)
    assert (anatomy.is_sample, anatomy.envelope.data, len(anatomy.token)) == (True, {}, 132)


def test_sizes_are_those_of_the_session(make_sessions: MakeSessions) -> None:
    sessions = make_sessions()
    cookie = sessions.mint({"user": "Ada", "cart": [1, 2]}, flash=[("notice", "Hello")], now=NOW)
    anatomy = examine_cookie(cookie.header, sessions=sessions, now=NOW)
    size = sessions.read(cookie.header, now=NOW).session.size
    assert (anatomy.used_octets, anatomy.limit_octets - anatomy.used_octets, anatomy.octets_by_key) == size


@pytest.mark.parametrize("idle", [1, 9, 600, 1209600])
@pytest.mark.parametrize("renew_after", [None, 30, 10**6])
def test_renewal_is_due_from_the_moment_on_that_is_shown(
    make_sessions: MakeSessions, idle: int, renew_after: int | None
) -> None:
    policy = Policy(
        idle_timeout=timedelta(seconds=idle),
        renew_after=None if renew_after is None else timedelta(seconds=renew_after),
    )
    sessions = make_sessions(policy=policy)
    anatomy, rules = examine(sessions), sessions.settings.rules
    assert rules.is_renewal_due(anatomy.envelope, now=anatomy.renewable_from)
    assert not rules.is_renewal_due(anatomy.envelope, now=anatomy.renewable_from - 1)


def test_session_near_its_end_renews_no_later_than_it_expires(make_sessions: MakeSessions) -> None:
    sessions = make_sessions(policy=Policy(absolute_lifetime=timedelta(hours=1)))
    anatomy = examine(sessions)
    assert (anatomy.renewable_from, anatomy.expires) == (NOW + 3600, NOW + 3600)


def test_key_that_sealed_the_cookie_is_known_in_the_ring() -> None:
    keyring = RotatingKeyring()
    sessions: CookieSessions[Any] = CookieSessions(keyring)
    cookie = sessions.mint(now=NOW)
    keyring.rotate()
    anatomy = examine_cookie(cookie.header, sessions=sessions, now=NOW)
    new, old = (entry.key.key_id.hex() for entry in keyring.ring(NOW).entries)
    assert [tuple(key) for key in anatomy.keys] == [(new, "primary", False), (old, "retired", True)]
    assert (anatomy.key.key_id, anatomy.primary_key_id) == (old, new)


@pytest.mark.parametrize(("after", "reseals"), [(0, False), (299, False), (300, True)])
def test_cookie_under_a_retired_key_is_resealed_after_five_minutes(after: int, reseals: bool) -> None:
    keyring = RotatingKeyring()
    sessions: CookieSessions[Any] = CookieSessions(keyring)
    cookie = sessions.mint(now=NOW)
    keyring.rotate()
    assert examine_cookie(cookie.header, sessions=sessions, now=NOW + after).is_resealed is reseals


def test_ring_is_full_with_16_keys() -> None:
    keyring = RotatingKeyring()
    sessions: CookieSessions[Any] = CookieSessions(keyring)
    while not (anatomy := examine(sessions)).is_ring_full:
        assert keyring.rotate()
    assert (len(anatomy.keys), keyring.rotate()) == (16, False)


def test_cookie_under_the_primary_key_is_not_resealed(make_sessions: MakeSessions) -> None:
    assert not examine(make_sessions(), after=3600).is_resealed


def test_key_is_pending_before_its_time_and_ended_after_it() -> None:
    moment, ends = (datetime.fromtimestamp(NOW + after, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for after in (60, 30))
    first, second, third = (Key.generate().to_text() for _ in range(3))
    keyring = Keyring.parse(f"{first}@from={moment} {second} {third}@until={ends}", now=NOW)
    sessions: CookieSessions[Any] = CookieSessions(keyring)
    assert [key.state for key in examine(sessions).keys] == ["pending", "primary", "retired"]
    assert [key.state for key in examine(sessions, after=40).keys] == ["pending", "primary", "ended"]
