"""settings.py: the settings of one configured object."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieAttributes, Key, Keyring, Policy
from cookiejar_session.settings import PreviousCookie, Settings, normalize_attribute
from cookiejar_session.telemetry import Telemetry
from cookiejar_session.wire.time_rules import TimeRules


@pytest.fixture
def made(published_keyring: Keyring) -> Settings:
    return Settings(
        keyring=published_keyring,
        cookie=CookieAttributes(name="s"),
        purpose="p",
        rules=TimeRules(Policy()),
        telemetry=Telemetry(None, cookie="s", max_token_characters=2660),
        random_octets=os.urandom,
    )


NEW, OLD, OTHER = (Key.generate().to_text() for _ in range(3))


def make_settings(*keys: str, name: str = "s", purpose: str = "p") -> Settings:
    return Settings(
        keyring=Keyring.parse(" ".join(keys), now=NOW),
        cookie=CookieAttributes(name=name),
        purpose=purpose,
        rules=TimeRules(Policy()),
        telemetry=Telemetry(None, cookie=name, max_token_characters=2660),
        random_octets=os.urandom,
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (make_settings(NEW), make_settings(NEW), True),
        (make_settings(NEW, OLD), make_settings(OLD), True),
        (make_settings(OLD), make_settings(NEW, OLD), True),
        (make_settings(NEW), make_settings(OTHER), False),
        (make_settings(NEW, OLD), make_settings(OTHER), False),
        (make_settings(NEW), make_settings(NEW, purpose="q"), False),
        (make_settings(NEW), make_settings(NEW, name="t"), False),
    ],
    ids=["same key", "one of two", "one of their two", "other key", "none of two", "other purpose", "other name"],
)
def test_sessions_are_shared_with_one_name_one_purpose_and_a_common_key(
    one: Settings, other: Settings, expected: bool
) -> None:
    assert one.shares_sessions_with(other, now=NOW) is expected
    assert other.shares_sessions_with(one, now=NOW) is expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (make_settings(NEW, name="t", purpose="q"), "with the cookie t"),
        (make_settings(OTHER, purpose="q"), "with the same cookie but the purpose 'q' instead of 'p'"),
        (make_settings(OTHER), "with the same cookie but no key in common"),
    ],
    ids=["other name", "other purpose", "other key"],
)
def test_difference_is_the_first_that_must_be_equal(other: Settings, expected: str) -> None:
    assert make_settings(NEW).describe_difference(other) == expected


def test_a_key_that_has_ended_is_not_common() -> None:
    ending = make_settings(NEW, f"{OLD}@until=2026-01-01T00:01:00Z")
    other = make_settings(OLD)
    shared = [
        (one.shares_sessions_with(two, now=now))
        for now in (NOW + 59, NOW + 60)
        for one, two in ((ending, other), (other, ending))
    ]
    assert shared == [True, True, False, False]


def test_one_keyring_is_common_without_a_look_at_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    one = make_settings(NEW)
    other = replace(one, publishes=False)
    monkeypatch.setattr(Keyring, "ring", None)
    assert one.shares_sessions_with(other, now=NOW)


def test_sharing_follows_a_keyring_that_was_reloaded(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(NEW)
    one = replace(make_settings(NEW), keyring=Keyring.from_file(file, now=NOW))
    other = make_settings(OLD)
    assert not one.shares_sessions_with(other, now=NOW)
    file.write_text(f"{NEW} {OLD}")
    assert one.shares_sessions_with(other, now=NOW + 10)


def test_sharing_derives_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = make_settings(NEW, OLD), make_settings(OLD)
    monkeypatch.setattr(Key, "box_key", None)
    assert one.shares_sessions_with(other, now=NOW)


def test_default_limit_is_that_of_the_spec(made: Settings) -> None:
    assert made.max_token_characters == 2660


def test_settings_cannot_be_changed(made: Settings) -> None:
    with pytest.raises(AttributeError):
        made.purpose = "q"  # type: ignore[misc]


def test_a_session_is_put_where_frameworks_look_unless_this_is_turned_off(made: Settings) -> None:
    assert made.publishes


def test_there_are_no_previous_cookies_and_no_data_type_by_default(made: Settings) -> None:
    assert (made.previous, made.data_type, made.migrate) == ((), None, None)


def test_a_previous_cookie_cannot_be_changed() -> None:
    previous = PreviousCookie(attributes=CookieAttributes(name="old"), purpose="p")
    with pytest.raises(AttributeError):
        previous.purpose = "q"  # type: ignore[misc]


def test_repr_does_not_show_the_keyring(made: Settings) -> None:
    assert "keyring" not in repr(made).lower()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("s=", True),
        ("theme=dark; s=x", True),
        ("old=x", True),
        ("others=x; gold=x", False),
        ("theme=s=x", False),
        ("theme=dark,s=x", False),
        ("S=x", False),
    ],
)
def test_only_a_cookie_of_the_exact_name_is_found(made: Settings, header: str, expected: bool) -> None:
    previous = PreviousCookie(attributes=CookieAttributes(name="old"), purpose="p")
    assert replace(made, previous=(previous,)).finds_cookie_in(header) is expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("domain", ".Example.COM", "example.com"),
        ("domain", None, None),
        ("domain", True, True),
        ("samesite", "lax", "Lax"),
        ("samesite", "NONE", "None"),
        ("samesite", None, None),
        ("path", "/Shop", "/Shop"),
        ("name", ".Session", ".Session"),
        ("secure", False, False),
    ],
)
def test_attributes_that_browsers_treat_as_equal_are_normalized_to_one_value(
    name: str, value: Any, expected: Any
) -> None:
    assert normalize_attribute(name, value) == expected
