"""The CookieSessions of a Django project, made from its settings, and the system checks of these settings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - the name that Django gives it
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from ... import ConfigError, CookieAttributes, CookieSessions, Policy

ENGINE = "cookiejar_session.integrations.django"
MIDDLEWARE = f"{ENGINE}.SessionMiddleware"
DJANGOS_MIDDLEWARE = "django.contrib.sessions.middleware.SessionMiddleware"
DEFAULT_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
# The attribute of CookieAttributes that each Django setting corresponds to.
_COOKIE_SETTINGS = {
    "SESSION_COOKIE_PATH": "path",
    "SESSION_COOKIE_DOMAIN": "domain",
    "SESSION_COOKIE_SECURE": "secure",
    "SESSION_COOKIE_HTTPONLY": "httponly",
    "SESSION_COOKIE_SAMESITE": "samesite",
}

_log = logging.getLogger("cookiejar_session")


@cache
def get_sessions() -> CookieSessions[Any]:
    """Return the CookieSessions of this project.

    The setting COOKIEJAR_SESSIONS is the object or its dotted path. Without it, the settings SESSION_COOKIE_* give the
    cookie and the policy, and the keys come from the environment. Raises ConfigError.

    The first call logs errors in the settings, because some projects do not run the system checks.
    """
    for mistake in find_mistakes():
        if isinstance(mistake, Error):
            _log.error("%s: %s; %s", mistake.id, mistake.msg, mistake.hint)
    named = _get_named()
    if named is None:
        return CookieSessions(cookie=make_cookie(), policy=make_policy())
    return _import_sessions(named)


def make_cookie() -> CookieAttributes:
    """Return the cookie that the settings SESSION_COOKIE_* describe. Raises ConfigError."""
    return CookieAttributes(
        name=settings.SESSION_COOKIE_NAME,
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN or None,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=bool(settings.SESSION_COOKIE_HTTPONLY),
        # Django accepts the value in upper and lower case. False means a cookie without SameSite.
        samesite=settings.SESSION_COOKIE_SAMESITE.capitalize() if settings.SESSION_COOKIE_SAMESITE else None,
    )


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


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Check the settings, in every ``manage.py check``. No key is needed."""
    return list(find_mistakes())


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    """Check keys and cookie, in ``manage.py check --deploy``."""
    try:
        sessions = get_sessions()
    except (ConfigError, ImportError) as exc:
        return [_error("E006", f"the sessions cannot be made: {exc}", "set the keys in the environment of the server")]
    messages = list(_find_contradictions(sessions)) if isinstance(_get_named(), str) else []
    cookie = sessions.settings.cookie
    for name, is_set in (("SESSION_COOKIE_SECURE", cookie.secure), ("SESSION_COOKIE_HTTPONLY", cookie.httponly)):
        if not is_set:
            messages.append(_warning("W009", f"{name} is not True", f"write {name} = True"))
    return messages


def find_mistakes() -> Iterator[CheckMessage]:
    """Yield a message for each mistake in the settings that can be found without keys."""
    if MIDDLEWARE not in settings.MIDDLEWARE:
        yield _error("E001", "the session middleware is not in MIDDLEWARE", f'add "{MIDDLEWARE}" to MIDDLEWARE')
    elif DJANGOS_MIDDLEWARE in settings.MIDDLEWARE:
        yield _error(
            "E002", "two session middlewares are in MIDDLEWARE", f'remove "{DJANGOS_MIDDLEWARE}" from MIDDLEWARE'
        )
    if settings.SESSION_ENGINE != ENGINE:
        yield _error(
            "E003",
            f"SESSION_ENGINE is {settings.SESSION_ENGINE}, so the test client makes sessions that are never read",
            f'write SESSION_ENGINE = "{ENGINE}"',
        )
    if settings.SESSION_SERIALIZER != DEFAULT_SERIALIZER:
        yield _warning("W007", "SESSION_SERIALIZER has no effect", "remove it; see the values that a session can hold")
    named = _get_named()
    try:
        if named is None:
            make_cookie()
            make_policy()
        elif not isinstance(named, str):
            # The module that a dotted path names may need keys, so it is imported by get_sessions() only.
            yield from _find_contradictions(_import_sessions(named))
    except ConfigError as exc:
        yield _error("E004", f"the session settings cannot work: {exc}", "correct the setting")


def _get_named() -> Any:
    return getattr(settings, "COOKIEJAR_SESSIONS", None)


def _import_sessions(named: Any) -> CookieSessions[Any]:
    sessions: Any = import_string(named) if isinstance(named, str) else named
    if not issubclass(type(sessions), CookieSessions):
        raise ConfigError(
            f"COOKIEJAR_SESSIONS must be a CookieSessions or its dotted path, got {type(sessions).__name__}; "
            "write COOKIEJAR_SESSIONS = CookieSessions(...)"
        )
    found: CookieSessions[Any] = sessions
    return found


def _find_contradictions(sessions: CookieSessions[Any]) -> Iterator[CheckMessage]:
    """Yield a message for each setting that differs from the CookieSessions in COOKIEJAR_SESSIONS."""
    cookie, rules = sessions.settings.cookie, sessions.settings.rules
    if cookie.name != settings.SESSION_COOKIE_NAME:
        yield _error(
            "E005",
            f"SESSION_COOKIE_NAME is {settings.SESSION_COOKIE_NAME}, but COOKIEJAR_SESSIONS has the cookie "
            f"{cookie.name}, which the test client then does not find",
            f'write SESSION_COOKIE_NAME = "{cookie.name}"',
        )
    try:
        told = make_cookie(), make_policy()
    except ConfigError:
        # COOKIEJAR_SESSIONS is set, so the settings SESSION_COOKIE_* have no effect. It does not matter if they are
        # invalid.
        return
    wrong = [name for name, field in _COOKIE_SETTINGS.items() if getattr(told[0], field) != getattr(cookie, field)]
    if told[1].idle_timeout != timedelta(seconds=rules.idle):
        wrong.append("SESSION_COOKIE_AGE")
    if told[1].persistent != rules.persistent:
        wrong.append("SESSION_EXPIRE_AT_BROWSER_CLOSE")
    for name in filter(settings.is_overridden, wrong):
        yield _warning("W008", f"{name} differs from COOKIEJAR_SESSIONS and has no effect", f"remove {name}")


def _error(number: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"cookiejar_session.{number}")


def _warning(number: str, message: str, hint: str) -> Warning:
    return Warning(message, hint=hint, id=f"cookiejar_session.{number}")


def _forget_sessions(*, setting: str, **kwargs: Any) -> None:
    """Forget the sessions after a test has changed a setting, so that get_sessions() makes new ones."""
    if setting.startswith(("SESSION_", "COOKIEJAR_")):
        get_sessions.cache_clear()


setting_changed.connect(_forget_sessions)
