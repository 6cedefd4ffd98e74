"""The settings that Django needs before its modules are imported. Knows nothing of measuring."""

from __future__ import annotations

from .contents import MAX_AGE, SECRET


def configure_django() -> None:
    """Configure Django once in this process: signed_cookies with our default cookie attributes."""
    from django.conf import settings

    if settings.configured:
        return
    settings.configure(
        SECRET_KEY=SECRET.hex(),
        ALLOWED_HOSTS=["example.com"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        SESSION_COOKIE_AGE=MAX_AGE,
        SESSION_COOKIE_SECURE=True,
    )
