"""The cookie and the policy that Django's settings SESSION_COOKIE_* describe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import global_settings, settings

from ... import ConfigError, CookieAttributes, CookieSessions, Policy
from ...settings import normalize_attribute
from ...wire.time_rules import TimeRules

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
    age = settings.SESSION_COOKIE_AGE
    try:
        idle_timeout = timedelta(seconds=age)
    except (TypeError, ValueError, OverflowError):
        raise ConfigError(
            f"SESSION_COOKIE_AGE must be a number of seconds, got {age!r}; write SESSION_COOKIE_AGE = 1209600"
        ) from None
    return Policy(
        idle_timeout=idle_timeout,
        absolute_lifetime=max(Policy().absolute_lifetime, idle_timeout),
        persistent=not settings.SESSION_EXPIRE_AT_BROWSER_CLOSE,
    )


def list_corrections() -> list[str]:
    """Return the changes that make an invalid cookie valid, such as ``SESSION_COOKIE_SECURE = True``.

    Each changes one setting. The list is empty if no single change is enough.
    """
    attributes = _read_attributes()
    return [
        f"{setting} = {value!r}"
        for setting, (field, value) in _COOKIE_SETTINGS.items()
        if _is_valid(attributes | {field: value})
    ]


def find_unsafe(cookie: CookieAttributes) -> Iterator[tuple[str, str]]:
    """Yield the setting and the field of each attribute that ``cookie`` lacks, of Secure and HttpOnly."""
    for setting in ("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY"):
        field, _ = _COOKIE_SETTINGS[setting]
        if not getattr(cookie, field):
            yield setting, field


def find_differences(sessions: CookieSessions[Any]) -> Iterator[tuple[str, str]]:
    """Yield each setting that the project sets to a value that differs from that of ``sessions``.

    Each is a pair: the name of the setting, and an argument of CookieSessions that has the value of the setting, such
    as ``Policy(persistent=False)``. The argument is "" if ``sessions`` cannot have this value, or is less safe with it.

    SESSION_COOKIE_NAME is not compared. The values need not make a valid cookie: a name such as __Host-shop does not
    allow Django's default of SESSION_COOKIE_SECURE.
    """
    rules, wanted = sessions.settings.rules, _read_attributes()
    attributes = {field: getattr(sessions.settings.cookie, field) for field in wanted}
    for setting, (field, _) in _COOKIE_SETTINGS.items():
        value = normalize_attribute(field, wanted[field])
        differs = value != normalize_attribute(field, attributes[field])
        if field != "name" and differs and settings.is_overridden(setting):
            is_useful = value is not False and _is_valid(attributes | {field: value})
            yield setting, f"CookieAttributes({field}={value!r})" if is_useful else ""
    if rules.idle != settings.SESSION_COOKIE_AGE and settings.is_overridden("SESSION_COOKIE_AGE"):
        yield "SESSION_COOKIE_AGE", _write_idle_timeout(rules)
    persistent = not settings.SESSION_EXPIRE_AT_BROWSER_CLOSE
    if rules.persistent != persistent and settings.is_overridden("SESSION_EXPIRE_AT_BROWSER_CLOSE"):
        yield "SESSION_EXPIRE_AT_BROWSER_CLOSE", f"Policy({persistent=})"


def _write_idle_timeout(rules: TimeRules) -> str:
    """Return SESSION_COOKIE_AGE as an argument of CookieSessions, or "" if it cannot be the idle timeout."""
    try:
        seconds = make_policy().idle_timeout // timedelta(seconds=1)
    except ConfigError:
        return ""
    # As in make_policy(): the session must not end before this time.
    longer = f", absolute_lifetime=timedelta(seconds={seconds})" if seconds > rules.absolute else ""
    return f"Policy(idle_timeout=timedelta(seconds={seconds}){longer})"


def _read_attributes() -> dict[str, Any]:
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "path": settings.SESSION_COOKIE_PATH,
        "domain": settings.SESSION_COOKIE_DOMAIN or None,
        "secure": bool(settings.SESSION_COOKIE_SECURE),
        "httponly": bool(settings.SESSION_COOKIE_HTTPONLY),
        # Django accepts the value in upper and lower case. False means a cookie without SameSite.
        "samesite": normalize_attribute("samesite", settings.SESSION_COOKIE_SAMESITE or None),
    }


def _is_valid(attributes: dict[str, Any]) -> bool:
    try:
        CookieAttributes(**attributes)
    except ConfigError:
        return False
    return True
