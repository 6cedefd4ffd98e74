"""Flask-Login's wish to remember a visitor, without a cookie of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Policy
from cookiejar_session.integrations.flask.login_keys import keeps_signed_in, restore_lifetime, set_remembered_lifetime

IDLE, ABSOLUTE = timedelta(hours=1), timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
def exchange(make_sessions: Callable[..., CookieSessions[Any]]) -> Any:
    policy = Policy(idle_timeout=IDLE, absolute_lifetime=ABSOLUTE, persistent=False)
    return make_sessions(policy=policy).begin("", now=NOW)


@pytest.mark.parametrize(("config", "keeps"), [({}, True), ({"SECRET_KEY": None}, True), ({"SECRET_KEY": "a"}, False)])
def test_the_session_remembers_where_flask_login_cannot(config: dict[str, Any], *, keeps: bool) -> None:
    assert keeps_signed_in(config) is keeps


@pytest.mark.parametrize(
    ("config", "key", "value", "limits"),
    [
        ({}, "_remember", "set", (IDLE, ABSOLUTE, True)),
        ({"REMEMBER_COOKIE_DURATION": WEEK}, "_remember", "set", (WEEK, WEEK, True)),
        ({"REMEMBER_COOKIE_DURATION": 3600}, "_remember", "set", (IDLE, IDLE, True)),
        (
            {"REMEMBER_COOKIE_DURATION": WEEK},
            "_remember_seconds",
            60.5,
            (timedelta(minutes=1), timedelta(minutes=1), True),
        ),
    ],
    ids=["no duration", "setting", "setting in seconds", "argument"],
)
def test_a_remembered_session_outlives_the_browser_for_the_duration(
    exchange: Any, config: dict[str, Any], key: str, value: Any, limits: Any
) -> None:
    session = exchange.session
    set_remembered_lifetime(session, exchange.settings.rules, config, key=key, value=value)
    assert (session.idle_timeout, session.absolute_lifetime, session.is_persistent) == limits


def test_a_logout_restores_the_limits_of_every_session(exchange: Any) -> None:
    session, rules = exchange.session, exchange.settings.rules
    set_remembered_lifetime(session, rules, {}, key="_remember_seconds", value=60)
    set_remembered_lifetime(session, rules, {}, key="_remember", value="clear")
    assert (session.idle_timeout, session.absolute_lifetime, session.is_persistent) == (IDLE, ABSOLUTE, False)


def test_a_session_with_the_limits_of_the_policy_is_left_alone(exchange: Any) -> None:
    session, rules = exchange.session, exchange.settings.rules
    restore_lifetime(session, rules, persistent=False)
    assert not session.is_modified
    restore_lifetime(session, rules, persistent=True)
    assert (session.is_modified, session.is_persistent) == (True, True)
