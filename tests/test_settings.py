"""settings.py: the settings of one configured object."""

from __future__ import annotations

import os

import pytest

from cookiejar_session import CookieAttributes, Keyring, Policy
from cookiejar_session.settings import PreviousCookie, Settings
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


def test_identity_is_cookie_name_and_purpose(made: Settings) -> None:
    assert made.identity == ("s", "p")


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
