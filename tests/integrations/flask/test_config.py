"""Settings of a Flask application beside those of the sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Keyring, Policy
from cookiejar_session.integrations.flask.config import agree_on_config


def make_settings(**options: Any) -> Any:
    return CookieSessions(Keyring.generate(), **options).settings


SHOP = CookieAttributes(name="__Secure-shop", domain="example.com", samesite="Strict", path="/shop", partitioned=True)


def test_settings_that_are_not_set_get_the_values_of_the_sessions() -> None:
    config = Flask("app").config
    agree_on_config(config, make_settings(cookie=SHOP, policy=Policy(idle_timeout=timedelta(hours=1))))
    found = {name: value for name, value in config.items() if name.startswith("SESSION_COOKIE")}
    assert found == {
        "SESSION_COOKIE_NAME": "__Secure-shop",
        "SESSION_COOKIE_DOMAIN": "example.com",
        "SESSION_COOKIE_PATH": "/shop",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_PARTITIONED": True,
    }
    assert config["PERMANENT_SESSION_LIFETIME"] == timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "SESSION_COOKIE_NAME",
            "sid",
            "SESSION_COOKIE_NAME is 'sid', but the sessions' cookie has name='__Host-session'; remove the setting, or "
            "write CookieSessions(cookie=CookieAttributes(name='sid'))",
        ),
        ("SESSION_COOKIE_PATH", "/a", "write CookieSessions(cookie=CookieAttributes(path='/a'))"),
        (
            "SESSION_COOKIE_DOMAIN",
            ".Example.org",
            "write CookieSessions(cookie=CookieAttributes(domain='example.org'))",
        ),
        ("SESSION_COOKIE_HTTPONLY", False, "write CookieSessions(cookie=CookieAttributes(httponly=False))"),
        ("SESSION_COOKIE_SAMESITE", "Strict", "write CookieSessions(cookie=CookieAttributes(samesite='Strict'))"),
        ("SESSION_COOKIE_PARTITIONED", True, "write CookieSessions(cookie=CookieAttributes(partitioned=True))"),
        (
            "PERMANENT_SESSION_LIFETIME",
            timedelta(minutes=20),
            "PERMANENT_SESSION_LIFETIME is 0:20:00, but the sessions' idle timeout is 14 days, 0:00:00; remove the "
            "setting, or write CookieSessions(policy=Policy(idle_timeout=timedelta(seconds=1200)))",
        ),
        ("PERMANENT_SESSION_LIFETIME", 60, "write CookieSessions(policy=Policy(idle_timeout=timedelta(seconds=60)))"),
    ],
)
def test_a_contradiction_is_refused_with_the_line_to_write(name: str, value: Any, message: str) -> None:
    config = {**Flask("app").config, name: value}
    with pytest.raises(ConfigError) as caught:
        agree_on_config(config, make_settings())
    assert message in str(caught.value)


def test_secure_is_refused_where_the_sessions_are_not() -> None:
    with pytest.raises(ConfigError, match=r"SESSION_COOKIE_SECURE is True.*secure=True"):
        agree_on_config({"SESSION_COOKIE_SECURE": True}, make_settings(cookie=CookieAttributes(name="s", secure=False)))


@pytest.mark.parametrize(
    "config",
    [
        {"SESSION_COOKIE_DOMAIN": ".EXAMPLE.com", "SESSION_COOKIE_SECURE": True},
        {"SESSION_COOKIE_NAME": "__Secure-shop", "PERMANENT_SESSION_LIFETIME": 14 * 24 * 60 * 60},
        {"SESSION_COOKIE_SAMESITE": "strict"},
        {},
    ],
    ids=["cookie", "lifetime", "samesite", "nothing"],
)
def test_settings_that_agree_are_accepted_any_number_of_times(config: dict[str, Any]) -> None:
    settings = make_settings(cookie=SHOP)
    agree_on_config(config, settings)
    agree_on_config(config, settings)
    assert config["SESSION_COOKIE_NAME"] == "__Secure-shop"


@pytest.mark.parametrize("ours", [".example.com", "Example.com"])
@pytest.mark.parametrize("value", ["example.com", ".example.com", "Example.com"])
def test_a_domain_agrees_whatever_its_case_and_its_leading_dot(value: str, ours: str) -> None:
    config = {"SESSION_COOKIE_DOMAIN": value}
    settings = make_settings(cookie=CookieAttributes.for_subdomains(ours))
    agree_on_config(config, settings)
    agree_on_config(config, settings)
    assert config["SESSION_COOKIE_DOMAIN"] == ours


def test_a_contradiction_names_the_value_as_the_application_wrote_it() -> None:
    with pytest.raises(ConfigError) as caught:
        agree_on_config({"SESSION_COOKIE_SAMESITE": "strict"}, make_settings())
    assert str(caught.value) == (
        "SESSION_COOKIE_SAMESITE is 'strict', but the sessions' cookie has samesite='Lax'; remove the setting, or "
        "write CookieSessions(cookie=CookieAttributes(samesite='Strict'))"
    )


@pytest.mark.parametrize("name", ["SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_SAMESITE"])
def test_a_value_that_is_no_text_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is True, but the sessions' cookie has "):
        agree_on_config({name: True}, make_settings())


@pytest.mark.parametrize(("config", "is_set"), [({}, True), ({"SECRET_KEY": "a"}, False)], ids=["keyless", "keyed"])
def test_flask_wtf_gets_a_key_where_the_application_has_none(config: dict[str, Any], *, is_set: bool) -> None:
    agree_on_config(config, make_settings())
    assert ("WTF_CSRF_SECRET_KEY" in config) is is_set


def test_a_key_for_flask_wtf_stays() -> None:
    config: dict[str, Any] = {"WTF_CSRF_SECRET_KEY": "mine"}
    agree_on_config(config, make_settings())
    assert config["WTF_CSRF_SECRET_KEY"] == "mine"
