"""The settings that Django needs before its modules are imported. Knows nothing of measuring."""

from __future__ import annotations

from cookiejar_session import CookieAttributes, CookieSessions, Keyring

from .contents import MAX_AGE, SECRET


def configure_django() -> None:
    """Configure Django once in this process: signed_cookies with our default cookie attributes, and a database."""
    import django
    from django.conf import settings

    if settings.configured:
        return
    settings.configure(
        SECRET_KEY=SECRET.hex(),
        ALLOWED_HOSTS=["example.com"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        SESSION_COOKIE_AGE=MAX_AGE,
        SESSION_COOKIE_SECURE=True,
        INSTALLED_APPS=["django.contrib.sessions"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        # The integration of this package.
        COOKIEJAR_SESSIONS=CookieSessions(Keyring.generate(), cookie=CookieAttributes(name="sessionid")),
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
