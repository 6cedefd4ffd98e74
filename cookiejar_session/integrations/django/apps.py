"""The Django app: it registers the system checks and sets SESSION_ENGINE where the project does not."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from .configuration import ENGINE, check_deployment, check_settings


class CookiejarSessionConfig(AppConfig):
    """The Django app that projects add to INSTALLED_APPS as "cookiejar_session.integrations.django"."""

    name: str = ENGINE
    label: str = "cookiejar_session"
    verbose_name: Any = "Cookiejar sessions"

    def ready(self) -> None:
        """Register the checks. Django calls this method when all apps are loaded."""
        if not settings.is_overridden("SESSION_ENGINE"):
            # Django's test client makes its sessions with the engine that this setting names. The default engine needs
            # a database table.
            settings.SESSION_ENGINE = ENGINE
        checks.register(check_settings, checks.Tags.security)
        checks.register(check_deployment, checks.Tags.security, deploy=True)
