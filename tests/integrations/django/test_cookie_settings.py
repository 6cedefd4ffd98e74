"""The cookie and the policy that the settings SESSION_COOKIE_* describe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Keyring, Policy
from cookiejar_session.integrations.django.cookie_settings import (
    find_differences,
    find_unsafe,
    list_corrections,
    make_cookie,
    make_policy,
)

pytestmark = pytest.mark.usefixtures("project")

YEAR = 365 * 24 * 60 * 60


def test_the_cookie_has_the_attributes_of_the_settings() -> None:
    with override_settings(SESSION_COOKIE_DOMAIN="example.com", SESSION_COOKIE_SAMESITE="strict"):
        assert make_cookie() == CookieAttributes(
            name="sessionid", domain="example.com", samesite="Strict", secure=False
        )


def test_the_policy_has_the_idle_timeout_of_the_settings() -> None:
    with override_settings(SESSION_COOKIE_AGE=3600, SESSION_EXPIRE_AT_BROWSER_CLOSE=True):
        policy = make_policy()
    assert (policy.idle_timeout, policy.persistent) == (timedelta(hours=1), False)


@pytest.mark.parametrize(
    ("changed", "corrections"),
    [
        ({"SESSION_COOKIE_SAMESITE": "sometimes"}, ["SESSION_COOKIE_SAMESITE = 'Lax'"]),
        ({"SESSION_COOKIE_DOMAIN": "example.com:8000"}, ["SESSION_COOKIE_DOMAIN = None"]),
        (
            {"SESSION_COOKIE_NAME": "__Host-shop", "SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_PATH": "/shop"},
            ["SESSION_COOKIE_PATH = '/'", "SESSION_COOKIE_NAME = 'sessionid'"],
        ),
        ({"SESSION_COOKIE_NAME": "session id", "SESSION_COOKIE_PATH": "shop"}, []),
    ],
    ids=str,
)
def test_each_correction_alone_makes_the_cookie_valid(changed: dict[str, Any], corrections: list[str]) -> None:
    with override_settings(**changed):
        with pytest.raises(ConfigError):
            make_cookie()
        assert list_corrections() == corrections


def test_the_settings_of_the_sessions_do_not_differ_from_them() -> None:
    sessions = CookieSessions(
        Keyring.generate(),
        cookie=CookieAttributes(name="__Host-shop", samesite="Strict"),
        policy=Policy(idle_timeout=timedelta(hours=1), persistent=False),
    )
    with override_settings(
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="strict",
        SESSION_COOKIE_AGE=3600,
        SESSION_EXPIRE_AT_BROWSER_CLOSE=True,
    ):
        assert list(find_differences(sessions)) == []


def test_a_setting_that_the_project_does_not_write_is_no_difference() -> None:
    sessions = CookieSessions(Keyring.generate(), policy=Policy(idle_timeout=timedelta(hours=1), persistent=False))
    assert list(find_differences(sessions)) == []


def make_sessions(*, policy: Policy | None = None, **attributes: Any) -> CookieSessions[Any]:
    cookie = CookieAttributes(**({"name": "shop", "secure": False} | attributes))
    return CookieSessions(Keyring.generate(), cookie=cookie, policy=policy)


@pytest.mark.parametrize("ours", ["example.com", ".example.com", "Example.com"])
@pytest.mark.parametrize("value", ["example.com", ".example.com", "EXAMPLE.com"])
def test_a_domain_that_differs_only_in_case_or_a_leading_dot_is_no_difference(value: str, ours: str) -> None:
    with override_settings(SESSION_COOKIE_DOMAIN=value):
        assert list(find_differences(make_sessions(domain=ours))) == []


@pytest.mark.parametrize(
    ("changed", "argument", "followed"),
    [
        ({"SESSION_COOKIE_SECURE": True}, "CookieAttributes(secure=True)", {"secure": True}),
        ({"SESSION_COOKIE_PATH": "/shop"}, "CookieAttributes(path='/shop')", {"path": "/shop"}),
        ({"SESSION_COOKIE_SAMESITE": "strict"}, "CookieAttributes(samesite='Strict')", {"samesite": "Strict"}),
        (
            {"SESSION_COOKIE_DOMAIN": ".Example.org"},
            "CookieAttributes(domain='example.org')",
            {"domain": "example.org"},
        ),
        (
            {"SESSION_COOKIE_AGE": 60},
            "Policy(idle_timeout=timedelta(seconds=60))",
            {"policy": Policy(idle_timeout=timedelta(seconds=60))},
        ),
        (
            {"SESSION_COOKIE_AGE": YEAR},
            f"Policy(idle_timeout=timedelta(seconds={YEAR}), absolute_lifetime=timedelta(seconds={YEAR}))",
            {"policy": Policy(idle_timeout=timedelta(seconds=YEAR), absolute_lifetime=timedelta(seconds=YEAR))},
        ),
        (
            {"SESSION_EXPIRE_AT_BROWSER_CLOSE": True},
            "Policy(persistent=False)",
            {"policy": Policy(persistent=False)},
        ),
    ],
    ids=str,
)
def test_each_setting_that_differs_is_named_with_an_argument_that_leaves_no_difference(
    changed: dict[str, Any], argument: str, followed: dict[str, Any]
) -> None:
    with override_settings(**changed):
        assert list(find_differences(make_sessions())) == [(*changed, argument)]
        assert list(find_differences(make_sessions(**followed))) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"SESSION_COOKIE_SECURE": False},
        {"SESSION_COOKIE_HTTPONLY": False},
        {"SESSION_COOKIE_PATH": "/shop"},
        {"SESSION_COOKIE_SAMESITE": True},
        {"SESSION_COOKIE_DOMAIN": True},
        {"SESSION_COOKIE_AGE": 0},
        {"SESSION_COOKIE_AGE": "60"},
    ],
    ids=str,
)
def test_a_value_that_the_sessions_cannot_have_or_that_is_less_safe_is_no_argument(changed: dict[str, Any]) -> None:
    with override_settings(**changed):
        # The cookie is __Host-session.
        assert list(find_differences(CookieSessions(Keyring.generate()))) == [(*changed, "")]


@pytest.mark.parametrize("age", [None, "3600", timedelta(hours=1), 10**30, float("nan"), float("inf")], ids=str)
def test_a_cookie_age_that_is_no_number_of_seconds_is_refused(age: object) -> None:
    with (
        override_settings(SESSION_COOKIE_AGE=age),
        pytest.raises(ConfigError, match="SESSION_COOKIE_AGE must be a number of seconds, got "),
    ):
        make_policy()


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, []),
        ({"secure": False}, [("SESSION_COOKIE_SECURE", "secure")]),
        (
            {"secure": False, "httponly": False},
            [("SESSION_COOKIE_SECURE", "secure"), ("SESSION_COOKIE_HTTPONLY", "httponly")],
        ),
    ],
    ids=str,
)
def test_each_attribute_that_makes_a_cookie_safe_is_missed(
    attributes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert list(find_unsafe(CookieAttributes(name="shop", **attributes))) == expected
