"""The CookieSessions of a project, and the checks of its settings."""

from __future__ import annotations

import runpy
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import override_settings

import cookiejar_session
from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Keyring, Policy
from cookiejar_session.integrations.django.configuration import (
    DJANGOS_MIDDLEWARE,
    ENGINE,
    MIDDLEWARE,
    check_deployment,
    check_settings,
    find_mistakes,
    get_sessions,
)

pytestmark = pytest.mark.usefixtures("project")


def list_ids() -> list[str]:
    return [str(each.id).removeprefix("cookiejar_session.") for each in find_mistakes()]


def make_sessions(**attributes: Any) -> CookieSessions[Any]:
    return CookieSessions(Keyring.generate(), cookie=CookieAttributes(**({"name": "sessionid"} | attributes)))


# Which sessions


def test_without_the_setting_the_sessions_are_made_of_django_s_settings() -> None:
    with override_settings(SESSION_COOKIE_AGE=3600, SESSION_COOKIE_SAMESITE=False, SESSION_COOKIE_SECURE=True):
        settings = get_sessions().settings
    assert settings.cookie == CookieAttributes(name="sessionid", samesite=None)
    assert (settings.rules.idle, settings.rules.persistent) == (3600, True)


def test_a_long_cookie_age_is_never_cut_by_the_absolute_lifetime() -> None:
    year = timedelta(days=365)
    with override_settings(SESSION_COOKIE_AGE=year // timedelta(seconds=1)):
        assert get_sessions().settings.rules.absolute == year // timedelta(seconds=1)


def test_the_setting_is_an_object() -> None:
    sessions = make_sessions()
    with override_settings(COOKIEJAR_SESSIONS=sessions):
        assert get_sessions() is sessions


def test_the_setting_is_a_dotted_path(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("shop_sessions")
    module.sessions = make_sessions()
    monkeypatch.setitem(sys.modules, "shop_sessions", module)
    with override_settings(COOKIEJAR_SESSIONS="shop_sessions.sessions"):
        assert get_sessions() is module.sessions


def test_the_sessions_are_made_once() -> None:
    assert get_sessions() is get_sessions()


def test_another_setting_of_a_test_keeps_the_sessions() -> None:
    sessions = get_sessions()
    with override_settings(DEBUG=True):
        assert get_sessions() is sessions


def test_a_setting_of_another_type_is_refused() -> None:
    with (
        override_settings(COOKIEJAR_SESSIONS=7),
        pytest.raises(ConfigError, match=r"a CookieSessions .*got int"),
    ):
        get_sessions()


def test_errors_are_logged_for_a_project_that_runs_no_checks(caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(MIDDLEWARE=[MIDDLEWARE, DJANGOS_MIDDLEWARE], SESSION_SERIALIZER="shop.Serializer"):
        get_sessions()
        get_sessions()
    assert [record.message for record in caplog.records] == [
        "cookiejar_session.E002: two session middlewares are in MIDDLEWARE; "
        f'remove "{DJANGOS_MIDDLEWARE}" from MIDDLEWARE'
    ]


# Which mistakes


def test_the_settings_of_the_two_line_change_have_no_mistakes() -> None:
    assert check_settings(app_configs=None) == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"MIDDLEWARE": []}, ["E001"]),
        ({"MIDDLEWARE": [DJANGOS_MIDDLEWARE]}, ["E001"]),
        ({"MIDDLEWARE": [DJANGOS_MIDDLEWARE, MIDDLEWARE]}, ["E002"]),
        ({"SESSION_ENGINE": "django.contrib.sessions.backends.db"}, ["E003"]),
        ({"SESSION_COOKIE_NAME": "session id"}, ["E004"]),
        ({"SESSION_COOKIE_NAME": "__Host-session"}, ["E004"]),
        ({"SESSION_COOKIE_SAMESITE": "none"}, ["E004"]),
        ({"SESSION_COOKIE_SAMESITE": "sometimes"}, ["E004"]),
        ({"SESSION_COOKIE_SAMESITE": True}, ["E004"]),
        ({"SESSION_COOKIE_PATH": None}, ["E004"]),
        ({"SESSION_COOKIE_AGE": 0}, ["E004"]),
        ({"SESSION_COOKIE_AGE": "3600"}, ["E004"]),
        ({"SESSION_COOKIE_AGE": timedelta(hours=1)}, ["E004"]),
        ({"COOKIEJAR_SESSIONS": 7}, ["E004"]),
        ({"SESSION_SERIALIZER": "shop.Serializer"}, ["W007"]),
    ],
    ids=str,
)
def test_a_mistake_in_the_settings_is_found(changed: dict[str, Any], found: list[str]) -> None:
    with override_settings(**changed):
        assert list_ids() == found


def test_another_cookie_name_than_that_of_the_sessions_is_found() -> None:
    with override_settings(COOKIEJAR_SESSIONS=make_sessions(name="__Host-session")):
        assert list_ids() == ["E005"]


def test_settings_without_effect_are_found() -> None:
    sessions = CookieSessions(
        Keyring.generate(), cookie=CookieAttributes(name="sessionid"), policy=Policy(persistent=False)
    )
    with override_settings(
        COOKIEJAR_SESSIONS=sessions, SESSION_COOKIE_AGE=60, SESSION_COOKIE_SECURE=False, SESSION_COOKIE_PATH="/shop"
    ):
        texts = [each.msg for each in find_mistakes()]
    assert texts == [
        f"{name} differs from COOKIEJAR_SESSIONS and has no effect"
        for name in ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_PATH", "SESSION_COOKIE_AGE")
    ]


@pytest.fixture
def shop_sessions(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the project whose CookieSessions the setting COOKIEJAR_SESSIONS can name."""
    module: Any = ModuleType("shop_sessions")
    module.sessions = make_sessions(name="__Host-shop")
    monkeypatch.setitem(sys.modules, "shop_sessions", module)
    return module


@pytest.mark.usefixtures("shop_sessions")
def test_settings_without_effect_are_found_for_a_dotted_path_and_a_host_cookie() -> None:
    with override_settings(
        COOKIEJAR_SESSIONS="shop_sessions.sessions",
        SESSION_COOKIE_NAME="__Host-shop",
        SESSION_COOKIE_AGE=3600,
        SESSION_EXPIRE_AT_BROWSER_CLOSE=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/shop",
        SESSION_COOKIE_DOMAIN="example.com",
    ):
        assert [each.hint for each in check_settings()] == [
            "remove SESSION_COOKIE_PATH",
            "remove SESSION_COOKIE_DOMAIN",
            "remove SESSION_COOKIE_SAMESITE, or write CookieAttributes(samesite='Strict') in the CookieSessions",
            "remove SESSION_COOKIE_AGE, or write Policy(idle_timeout=timedelta(seconds=3600)) in the CookieSessions",
            "remove SESSION_EXPIRE_AT_BROWSER_CLOSE, or write Policy(persistent=False) in the CookieSessions",
        ]


@pytest.mark.usefixtures("shop_sessions")
def test_another_cookie_name_than_that_of_the_dotted_path_is_found_once() -> None:
    with override_settings(COOKIEJAR_SESSIONS="shop_sessions.sessions"):
        assert list_ids() == ["E005"]
        assert check_deployment() == []


@pytest.mark.parametrize("path", ["no_such_module.sessions", "shop_sessions.session", "sessions"])
@pytest.mark.usefixtures("shop_sessions")
def test_a_misspelt_dotted_path_is_found_once(path: str) -> None:
    with override_settings(COOKIEJAR_SESSIONS=path):
        (found,) = check_settings()
        assert check_deployment() == []
    assert found.id == "cookiejar_session.E010"
    assert found.msg.startswith(f"COOKIEJAR_SESSIONS is {path}, which cannot be imported: ")
    assert "dotted path" in (found.hint or "")


def test_a_module_that_needs_keys_is_left_for_a_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "keyless_shop.py").write_text(
        "from cookiejar_session import CookieSessions; sessions = CookieSessions()"
    )
    with override_settings(COOKIEJAR_SESSIONS="keyless_shop.sessions"):
        assert check_settings() == []
        (found,) = check_deployment()
    assert (found.id, found.hint) == ("cookiejar_session.E006", "set the keys in the environment of the server")


def test_settings_that_cannot_work_are_found_without_effect() -> None:
    with override_settings(COOKIEJAR_SESSIONS=make_sessions(), SESSION_COOKIE_AGE=0):
        assert list_ids() == ["W008"]


@pytest.mark.parametrize(
    ("changed", "reason", "corrections"),
    [
        (
            {"SESSION_COOKIE_NAME": "__Host-shop"},
            "cookie __Host-shop needs Secure",
            "SESSION_COOKIE_SECURE = True or SESSION_COOKIE_NAME = 'sessionid'",
        ),
        (
            {"SESSION_COOKIE_NAME": "session id", "SESSION_COOKIE_PATH": "shop"},
            "cookie name 'session id' is not an RFC 6265 token",
            "valid values",
        ),
        (
            {"SESSION_COOKIE_AGE": 0},
            "idle_timeout must be whole seconds from 1 to 4294967295, got 0:00:00",
            "SESSION_COOKIE_AGE = 1209600, or another number of seconds",
        ),
        (
            {"SESSION_COOKIE_AGE": "3600"},
            "SESSION_COOKIE_AGE must be a number of seconds, got '3600'",
            "SESSION_COOKIE_AGE = 1209600, or another number of seconds",
        ),
    ],
    ids=str,
)
def test_the_hint_names_the_setting_to_change(changed: dict[str, Any], reason: str, corrections: str) -> None:
    with override_settings(**changed):
        (found,) = check_settings()
    assert found.msg == f"the session settings cannot work: {reason}"
    assert found.hint == f"correct the settings SESSION_COOKIE_*: write {corrections}"


def test_the_hint_for_another_engine_names_the_app_that_was_forgotten() -> None:
    with override_settings(SESSION_ENGINE="django.contrib.sessions.backends.db"):
        (found,) = check_settings()
    assert f'"{ENGINE}" instead of "django.contrib.sessions" in INSTALLED_APPS' in (found.hint or "")


# manage.py check --deploy


def test_a_deployment_with_keys_and_a_safe_cookie_is_right() -> None:
    with override_settings(SESSION_COOKIE_SECURE=True):
        assert check_deployment(app_configs=None) == []


def test_a_deployment_without_secure_and_httponly_is_warned_of() -> None:
    with override_settings(SESSION_COOKIE_HTTPONLY=False):
        found = [each.msg for each in check_deployment(app_configs=None)]
    assert found == ["SESSION_COOKIE_SECURE is not True", "SESSION_COOKIE_HTTPONLY is not True"]


@pytest.mark.parametrize("changed", [{}, {"SESSION_COOKIE_SECURE": True}], ids=str)
def test_a_deployment_with_an_unsafe_cookie_in_the_sessions_names_their_argument(changed: dict[str, Any]) -> None:
    with override_settings(COOKIEJAR_SESSIONS=make_sessions(secure=False, httponly=False), **changed):
        found = [(each.msg, each.hint) for each in check_deployment()]
    assert found == [
        (f"COOKIEJAR_SESSIONS has {field}=False", f"write CookieAttributes({field}=True) in the CookieSessions")
        for field in ("secure", "httponly")
    ]


@pytest.mark.parametrize(("setting", "field"), [("SESSION_COOKIE_SECURE", "secure"), ("SESSION_COOKIE_PATH", "path")])
def test_hints_that_are_followed_leave_no_warning(setting: str, field: str) -> None:
    # Both hints of W008: remove the setting, or write its value in the CookieSessions.
    wanted: Any = {"secure": True, "path": "/shop"}[field]
    with override_settings(COOKIEJAR_SESSIONS=make_sessions(secure=False), **{setting: wanted}):
        (found,) = find_mistakes()
    assert found.hint == f"remove {setting}, or write CookieAttributes({field}={wanted!r}) in the CookieSessions"
    with override_settings(COOKIEJAR_SESSIONS=make_sessions(**{field: wanted}), **{setting: wanted}):
        assert [*find_mistakes(), *check_deployment()] == []


def test_a_deployment_without_keys_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS")
    with override_settings(SESSION_COOKIE_SECURE=True):
        (found,) = check_deployment(app_configs=None)
    assert found.id == "cookiejar_session.E006"
    assert "COOKIEJAR_SESSION_KEYS" in found.msg


@pytest.mark.parametrize("key", ["", "cjk1_short"])
def test_a_deployment_without_a_valid_key_is_warned_of_its_cookie_nevertheless(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", key)
    assert [each.id for each in check_deployment()] == ["cookiejar_session.E006", "cookiejar_session.W009"]


def test_a_deployment_with_a_broken_key_is_an_error_with_another_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", "cjk1_short")
    with override_settings(SESSION_COOKIE_SECURE=True):
        (found,) = check_deployment()
    assert (found.id, found.hint) == ("cookiejar_session.E006", "correct what the message names")


def test_a_deployment_repeats_no_mistake_of_the_settings(caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(SESSION_COOKIE_AGE=0):
        assert list_ids() == ["E004"]
        assert check_deployment() == []
    with override_settings(MIDDLEWARE=[], SESSION_COOKIE_SECURE=True):
        assert check_deployment() == []
    assert caplog.records == []


# What is imported


def test_without_django_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(cookiejar_session.__file__).parent / "integrations" / "django" / "__init__.py"
    monkeypatch.setitem(sys.modules, "django", None)
    with pytest.raises(ImportError, match=r'pip install "cookiejar-session\[django\]"'):
        runpy.run_path(str(package))


def test_the_package_alone_does_not_import_django() -> None:
    code = "import cookiejar_session, sys; print('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split() == [b"False"]


def test_the_name_of_the_engine_is_the_package() -> None:
    assert sys.modules[ENGINE].SessionStore.__module__ == f"{ENGINE}.store"
