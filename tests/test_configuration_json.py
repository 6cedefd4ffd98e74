"""configuration.py: the JSON text from which ports take their configuration."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cookiejar_session import CookieAttributes, CookieSessions, Key, Keyring, Policy

KEY = Key.generate()


def read_configuration(**options: Any) -> Any:
    return json.loads(CookieSessions(Keyring.parse(KEY.to_text()), **options).configuration_json())


def test_default_configuration_has_every_field() -> None:
    assert read_configuration() == {
        "cookie": {
            "name": "__Host-session",
            "path": "/",
            "domain": None,
            "secure": True,
            "httponly": True,
            "samesite": "Lax",
            "partitioned": False,
        },
        "purpose": "__Host-session",
        "policy": {
            "idle_timeout": 1209600,
            "absolute_lifetime": 7776000,
            "persistent": True,
            "renew_after": None,
            "longest_idle": None,
            "longest_lifetime": None,
            "not_before": None,
        },
        "max_token_characters": 2660,
        "previous": [],
    }


def test_every_attribute_is_in_the_configuration() -> None:
    cookie = CookieAttributes(
        name="__Secure-s", path="/a", domain="example.com", httponly=False, samesite="None", partitioned=True
    )
    assert read_configuration(cookie=cookie)["cookie"] == {
        "name": "__Secure-s",
        "path": "/a",
        "domain": "example.com",
        "secure": True,
        "httponly": False,
        "samesite": "None",
        "partitioned": True,
    }


def test_attributes_that_are_left_out_are_null_or_false() -> None:
    cookie = read_configuration(cookie=CookieAttributes(name="s", secure=False, samesite=None))["cookie"]
    assert (cookie["secure"], cookie["samesite"]) == (False, None)


def test_policy_is_in_whole_seconds() -> None:
    policy = Policy(
        idle_timeout=timedelta(hours=1),
        absolute_lifetime=timedelta(days=1),
        persistent=False,
        renew_after=timedelta(minutes=1),
        longest_idle=timedelta(hours=2),
        longest_lifetime=timedelta(days=2),
        not_before=datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    )
    assert read_configuration(policy=policy)["policy"] == {
        "idle_timeout": 3600,
        "absolute_lifetime": 86400,
        "persistent": False,
        "renew_after": 60,
        "longest_idle": 7200,
        "longest_lifetime": 172800,
        "not_before": 1767225600,
    }


@pytest.mark.parametrize(
    ("not_before", "expected"),
    [
        (datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), 1767225601),
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (datetime(1969, 1, 1, tzinfo=UTC), None),
    ],
    ids=["fraction is rounded up", "the epoch is none", "before the epoch is none"],
)
def test_not_before_refuses_the_same_sessions(not_before: datetime, expected: int | None) -> None:
    assert read_configuration(policy=Policy(not_before=not_before))["policy"]["not_before"] == expected


def test_an_idle_ceiling_that_no_session_reaches_is_none() -> None:
    policy = Policy(longest_idle=timedelta(seconds=2**32))
    assert read_configuration(policy=policy)["policy"]["longest_idle"] is None


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [(None, ["new", "old", "older"]), ("shop é", ["shop é"] * 3)],
    ids=["each name", "one for all"],
)
def test_each_cookie_has_its_purpose(purpose: str | None, expected: list[str]) -> None:
    found = read_configuration(
        cookie=CookieAttributes(name="new"),
        purpose=purpose,
        previous=[CookieAttributes(name="old"), CookieAttributes(name="older", path="/a")],
    )
    assert [found["purpose"], *(each["purpose"] for each in found["previous"])] == expected
    assert [(each["cookie"]["name"], each["cookie"]["path"]) for each in found["previous"]] == [
        ("old", "/"),
        ("older", "/a"),
    ]


def test_longest_token_is_in_the_configuration() -> None:
    assert read_configuration(max_token_characters=3972)["max_token_characters"] == 3972


def test_configuration_is_one_line_of_ascii_without_a_key() -> None:
    text = CookieSessions(Keyring.parse(KEY.to_text()), purpose="é\n").configuration_json()
    assert text.isascii()
    assert text.isprintable()
    assert KEY.to_text() not in text
    assert KEY.key_id.hex() not in text
