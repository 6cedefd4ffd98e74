"""metric_names.py: two objects with one cookie name are refused, and the message names the cookie."""

from __future__ import annotations

import pytest

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Keyring
from cookiejar_session.integrations.metric_names import check_names


def make_sessions(name: str) -> CookieSessions[None]:
    return CookieSessions(Keyring.generate(), cookie=CookieAttributes(name=name))


@pytest.mark.parametrize("names", [[], ["a"], ["a", "b", "c"]])
def test_objects_with_different_cookie_names_are_accepted(names: list[str]) -> None:
    check_names(map(make_sessions, names))


def test_the_name_that_two_objects_have_is_in_the_message() -> None:
    with pytest.raises(ConfigError, match="two of the sessions have the cookie name b, and metrics"):
        check_names(map(make_sessions, ["a", "b", "c", "b"]))
