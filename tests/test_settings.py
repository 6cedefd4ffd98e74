"""Settings: what all exchanges of one configured object share."""

from __future__ import annotations

import os

import pytest

from cookiejar_session import CookieAttributes, Keyring, Policy
from cookiejar_session.events import EventSink
from cookiejar_session.settings import Settings
from cookiejar_session.wire.time_rules import TimeRules


@pytest.fixture
def made(published_keyring: Keyring) -> Settings:
    return Settings(
        keyring=published_keyring,
        cookie=CookieAttributes(name="s"),
        purpose="p",
        rules=TimeRules(Policy()),
        events=EventSink(None),
        random_octets=os.urandom,
    )


def test_identity_is_cookie_name_and_purpose(made: Settings) -> None:
    assert made.identity == "s p"


def test_default_limit_is_that_of_the_spec(made: Settings) -> None:
    assert made.max_token_characters == 2660


def test_settings_cannot_be_changed(made: Settings) -> None:
    with pytest.raises(AttributeError):
        made.purpose = "q"  # type: ignore[misc]


def test_a_subject_is_warned_of_once(made: Settings) -> None:
    assert [made.warns_first("size"), made.warns_first("size")] == [True, False]


def test_each_subject_has_its_own_first_time(made: Settings) -> None:
    made.warns_first("size")
    assert made.warns_first(frozenset({"a"}))


def test_no_more_than_256_subjects_are_remembered(made: Settings) -> None:
    assert sum(made.warns_first(subject) for subject in range(1000)) == 256


def test_repr_shows_neither_keyring_nor_subjects(made: Settings) -> None:
    made.warns_first("secret-subject")
    assert not any(text in repr(made) for text in ("keyring", "secret-subject"))
