"""The settings that Django's parts need before they are imported. Knows nothing of what is measured."""

from __future__ import annotations

from .contents import MAX_AGE, SECRET


def configure_django() -> None:
    """Configures Django once for the process: signed_cookies with the attributes that ours has by default."""
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
