"""The cookie and the policy that Django's settings SESSION_COOKIE_* describe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import global_settings, settings

from ... import ConfigError, CookieAttributes, CookieSessions, Policy

# The attribute of CookieAttributes that each Django setting corresponds to, and a value with which most cookies work.
_COOKIE_SETTINGS = {
    "SESSION_COOKIE_SECURE": ("secure", True),
    "SESSION_COOKIE_HTTPONLY": ("httponly", True),
    "SESSION_COOKIE_PATH": ("path", global_settings.SESSION_COOKIE_PATH),
    "SESSION_COOKIE_DOMAIN": ("domain", global_settings.SESSION_COOKIE_DOMAIN),
    "SESSION_COOKIE_SAMESITE": ("samesite", global_settings.SESSION_COOKIE_SAMESITE),
    "SESSION_COOKIE_NAME": ("name", global_settings.SESSION_COOKIE_NAME),
}


def make_cookie() -> CookieAttributes:
    """Return the cookie that the settings SESSION_COOKIE_* describe. Raises ConfigError."""
    return CookieAttributes(**_read_attributes())


def make_policy() -> Policy:
    """Return the policy that the settings describe. Raises ConfigError.

    SESSION_COOKIE_AGE is the idle timeout. Django has no setting for an absolute lifetime. So the default of this
    package is used, or SESSION_COOKIE_AGE if that is longer.
    """
    idle_timeout = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return Policy(
        idle_timeout=idle_timeout,
        absolute_lifetime=max(Policy().absolute_lifetime, idle_timeout),
        persistent=not settings.SESSION_EXPIRE_AT_BROWSER_CLOSE,
    )


def list_corrections() -> list[str]:
    """Return the changes that make an invalid cookie valid, such as ``SESSION_COOKIE_SECURE = True``.

    Each changes one setting. The list is empty if no single change is enough.
    """
    return [
        f"{setting} = {value!r}" for setting, (field, value) in _COOKIE_SETTINGS.items() if _is_valid({field: value})
    ]


def find_differences(sessions: CookieSessions[Any]) -> Iterator[str]:
    """Yield the name of each setting that the project sets to a value that differs from that of ``sessions``.

    SESSION_COOKIE_NAME is not compared. The values are compared as they are. They need not make a valid cookie: a name
    such as __Host-shop does not allow Django's default of SESSION_COOKIE_SECURE.
    """
    cookie, rules = sessions.settings.cookie, sessions.settings.rules
    attributes = _read_attributes()
    differs = {
        setting: attributes[field] != getattr(cookie, field)
        for setting, (field, _) in _COOKIE_SETTINGS.items()
        if field != "name"
    }
    differs["SESSION_COOKIE_AGE"] = rules.idle != settings.SESSION_COOKIE_AGE
    differs["SESSION_EXPIRE_AT_BROWSER_CLOSE"] = rules.persistent == bool(settings.SESSION_EXPIRE_AT_BROWSER_CLOSE)
    for setting, is_different in differs.items():
        if is_different and settings.is_overridden(setting):
            yield setting


def _read_attributes() -> dict[str, Any]:
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "path": settings.SESSION_COOKIE_PATH,
        "domain": settings.SESSION_COOKIE_DOMAIN or None,
        "secure": bool(settings.SESSION_COOKIE_SECURE),
        "httponly": bool(settings.SESSION_COOKIE_HTTPONLY),
        # Django accepts the value in upper and lower case. False means a cookie without SameSite.
        "samesite": settings.SESSION_COOKIE_SAMESITE.capitalize() if settings.SESSION_COOKIE_SAMESITE else None,
    }


def _is_valid(changed: dict[str, Any]) -> bool:
    try:
        CookieAttributes(**(_read_attributes() | changed))
    except ConfigError:
        return False
    return True
