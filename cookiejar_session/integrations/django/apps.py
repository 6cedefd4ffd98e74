"""The Django app: it registers the system checks and sets SESSION_ENGINE where the project does not."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from .configuration import ENGINE, check_deployment, check_settings


class CookiejarSessionConfig(AppConfig):
    """Projects name it in INSTALLED_APPS as "cookiejar_session.integrations.django"."""

    name: str = ENGINE
    label: str = "cookiejar_session"
    verbose_name: Any = "Cookiejar sessions"

    def ready(self) -> None:
        """Register the checks. Called by Django when all apps are loaded."""
        if not settings.is_overridden("SESSION_ENGINE"):
            # Django's default engine needs a database table. Django's test client makes its sessions with this setting.
            settings.SESSION_ENGINE = ENGINE
        checks.register(check_settings, checks.Tags.security)
        checks.register(check_deployment, checks.Tags.security, deploy=True)
