"""A Django project in this process: its settings, for the tests of each module of the integration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from shared_django import configure_django

from cookiejar_session import Key
from cookiejar_session.integrations.django.configuration import ENGINE, MIDDLEWARE, get_sessions

configure_django()


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of a project after the two-line change, with keys in the environment."""
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    get_sessions.cache_clear()
    with override_settings(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=None,
        INSTALLED_APPS=[],
        MIDDLEWARE=[MIDDLEWARE],
        SESSION_ENGINE=ENGINE,
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    ):
        yield
    get_sessions.cache_clear()


@pytest.fixture
def test_environment(project: None) -> Iterator[Any]:
    """What Django's test runners do before the first test."""
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment()
    yield
    teardown_test_environment()
