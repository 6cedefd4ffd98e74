"""The CookieSessions of a Django project, made from its settings, and the system checks of these settings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - the name that Django gives it
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from ... import ConfigError, CookieSessions
from ...errors import MissingKeysError
from .cookie_settings import find_differences, find_unsafe, list_corrections, make_cookie, make_policy

ENGINE = "cookiejar_session.integrations.django"
MIDDLEWARE = f"{ENGINE}.SessionMiddleware"
DJANGOS_MIDDLEWARE = "django.contrib.sessions.middleware.SessionMiddleware"
DEFAULT_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
# With one of these, the sessions cannot be made.
_FATAL = {"cookiejar_session.E004", "cookiejar_session.E010"}

_log = logging.getLogger("cookiejar_session")


@cache
def get_sessions() -> CookieSessions[Any]:
    """Return the CookieSessions of this project.

    The setting COOKIEJAR_SESSIONS is the object or its dotted path. Without it, the settings SESSION_COOKIE_* give the
    cookie and the policy, and the keys come from the environment.

    Raises ConfigError if the sessions cannot be made, for example because there are no keys or because a setting has a
    value that cannot work. Other errors in the settings are only logged, by the first call: some projects do not run
    the system checks, which report them too. An error of the module that the dotted path names is raised as it is.
    """
    for mistake in find_mistakes():
        if isinstance(mistake, Error):
            _log.error("%s: %s; %s", mistake.id, mistake.msg, mistake.hint)
    return _make_sessions()


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Check the settings, in every ``manage.py check``. No key is needed."""
    return list(find_mistakes())


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    """Check keys and cookie, in ``manage.py check --deploy``."""
    if any(mistake.id in _FATAL for mistake in find_mistakes()):
        # The sessions cannot be made because of this mistake, which check_settings() reports already.
        return []
    return list(_find_mistakes_of_deployment())


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
            f'write "{ENGINE}" instead of "django.contrib.sessions" in INSTALLED_APPS, and remove SESSION_ENGINE',
        )
    if settings.SESSION_SERIALIZER != DEFAULT_SERIALIZER:
        yield _warning("W007", "SESSION_SERIALIZER has no effect", "remove it; see the values that a session can hold")
    named = _get_named()
    yield from _find_mistakes_of_cookie() if named is None else _find_mistakes_of_sessions(named)


def _find_mistakes_of_deployment() -> Iterator[CheckMessage]:
    named = _get_named()
    # Without COOKIEJAR_SESSIONS, the cookie is known even if there are no keys.
    cookie = make_cookie() if named is None else None
    try:
        cookie = _make_sessions().settings.cookie
    except MissingKeysError as exc:
        yield _error("E006", f"the sessions cannot be made: {exc}", "set the keys in the environment of the server")
    except ConfigError as exc:
        yield _error("E006", f"the sessions cannot be made: {exc}", "correct what the message names")
    for setting, field in () if cookie is None else find_unsafe(cookie):
        if named is None:
            yield _warning("W009", f"{setting} is not True", f"write {setting} = True")
        else:
            yield _warning(
                "W009",
                f"COOKIEJAR_SESSIONS has {field}=False",
                f"write CookieAttributes({field}=True) in the CookieSessions",
            )


def _find_mistakes_of_cookie() -> Iterator[CheckMessage]:
    try:
        make_cookie()
    except ConfigError as exc:
        yield _find_unworkable(exc, " or ".join(list_corrections()) or "valid values")
    try:
        make_policy()
    except ConfigError as exc:
        yield _find_unworkable(exc, "SESSION_COOKIE_AGE = 1209600, or another number of seconds")


def _find_unworkable(exc: ConfigError, correction: str) -> CheckMessage:
    # The text after the semicolon names the arguments of CookieAttributes and Policy, which the project does not call.
    reason = str(exc).partition("; ")[0]
    return _error(
        "E004",
        f"the session settings cannot work: {reason}",
        f"correct the settings SESSION_COOKIE_*: write {correction}",
    )


def _find_mistakes_of_sessions(named: Any) -> Iterator[CheckMessage]:
    """Yield the mistakes around COOKIEJAR_SESSIONS. A dotted path whose module needs keys is left for --deploy."""
    try:
        sessions = _load(named)
    except ImportError as exc:
        yield _error(
            "E010",
            f"COOKIEJAR_SESSIONS is {named}, which cannot be imported: {exc}",
            'correct the dotted path; it is such as "shop.sessions.sessions"',
        )
        return
    except Exception:
        # The project's own module raised an error, perhaps because it found no keys. This check must work without keys,
        # so it ignores the error. check_deployment() and get_sessions() find it again.
        return
    try:
        yield from _find_contradictions(_require_sessions(sessions))
    except ConfigError as exc:
        yield _error("E004", f"the session settings cannot work: {exc}", "correct COOKIEJAR_SESSIONS")


def _get_named() -> Any:
    return getattr(settings, "COOKIEJAR_SESSIONS", None)


def _make_sessions() -> CookieSessions[Any]:
    named = _get_named()
    if named is None:
        return CookieSessions(cookie=make_cookie(), policy=make_policy())
    return _require_sessions(_load(named))


def _load(named: Any) -> Any:
    return import_string(named) if isinstance(named, str) else named


def _require_sessions(sessions: Any) -> CookieSessions[Any]:
    if not issubclass(type(sessions), CookieSessions):
        raise ConfigError(
            f"COOKIEJAR_SESSIONS must be a CookieSessions or its dotted path, got {type(sessions).__name__}; "
            "write COOKIEJAR_SESSIONS = CookieSessions(...)"
        )
    found: CookieSessions[Any] = sessions
    return found


def _find_contradictions(sessions: CookieSessions[Any]) -> Iterator[CheckMessage]:
    """Yield a message for each setting that differs from the CookieSessions in COOKIEJAR_SESSIONS."""
    name = sessions.settings.cookie.name
    if name != settings.SESSION_COOKIE_NAME:
        yield _error(
            "E005",
            f"SESSION_COOKIE_NAME is {settings.SESSION_COOKIE_NAME}, but COOKIEJAR_SESSIONS has the cookie "
            f"{name}, which the test client then does not find",
            f'write SESSION_COOKIE_NAME = "{name}"',
        )
    for setting, argument in find_differences(sessions):
        also = f", or write {argument} in the CookieSessions" if argument else ""
        yield _warning(
            "W008", f"{setting} differs from COOKIEJAR_SESSIONS and has no effect", f"remove {setting}{also}"
        )


def _error(number: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"cookiejar_session.{number}")


def _warning(number: str, message: str, hint: str) -> Warning:
    return Warning(message, hint=hint, id=f"cookiejar_session.{number}")


def _forget_sessions(*, setting: str, **kwargs: Any) -> None:
    """Forget the sessions after a test has changed a setting, so that get_sessions() makes new ones."""
    if setting.startswith(("SESSION_", "COOKIEJAR_")):
        get_sessions.cache_clear()


setting_changed.connect(_forget_sessions)
