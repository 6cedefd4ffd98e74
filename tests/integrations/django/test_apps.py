"""The Django app: what it registers and sets when the project starts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.core.checks.registry import registry
from django.test import override_settings

from cookiejar_session.integrations.django.apps import CookiejarSessionConfig
from cookiejar_session.integrations.django.configuration import (
    DJANGOS_MIDDLEWARE,
    ENGINE,
    MIDDLEWARE,
    check_deployment,
    check_settings,
)

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    before = registry.registered_checks.copy(), registry.deployment_checks.copy()
    yield
    registry.registered_checks, registry.deployment_checks = before


def test_installed_apps_names_the_package() -> None:
    assert isinstance(AppConfig.create(ENGINE), CookiejarSessionConfig)


def test_the_app_registers_its_checks() -> None:
    AppConfig.create(ENGINE).ready()
    assert check_settings in registry.registered_checks
    assert check_deployment in registry.deployment_checks


def test_the_engine_is_set_where_the_project_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with override_settings(SESSION_ENGINE="django.contrib.sessions.backends.db"):
        # In a project, this is Django's default.
        monkeypatch.setattr(type(settings._wrapped), "is_overridden", lambda holder, name: False)
        AppConfig.create(ENGINE).ready()
        assert settings.SESSION_ENGINE == ENGINE


def test_an_engine_that_the_project_names_stays() -> None:
    with override_settings(SESSION_ENGINE="django.contrib.sessions.backends.file"):
        AppConfig.create(ENGINE).ready()
        assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.file"


def test_the_checks_run_in_manage_py_check() -> None:
    with override_settings(INSTALLED_APPS=[ENGINE], MIDDLEWARE=[MIDDLEWARE, DJANGOS_MIDDLEWARE]):
        assert apps.is_installed(ENGINE)
        found = [each.id for each in checks.run_checks(tags=[checks.Tags.security])]
    assert "cookiejar_session.E002" in found
