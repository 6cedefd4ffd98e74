"""Compares the configuration of a Flask or Quart application with our sessions, and refuses contradictions.

Only CookieSessions decides the cookie's attributes and the lifetimes. A setting of the application must have the same
value, or be left out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NoReturn

from ...errors import ConfigError
from ...settings import Settings, normalize_attribute

# A Flask setting, the cookie attribute that it sets, and its default value. A setting with the default value counts as
# left out.
_COOKIE_SETTINGS = (
    ("SESSION_COOKIE_NAME", "name", "session"),
    ("SESSION_COOKIE_PATH", "path", None),
    ("SESSION_COOKIE_DOMAIN", "domain", None),
    ("SESSION_COOKIE_SECURE", "secure", False),
    ("SESSION_COOKIE_HTTPONLY", "httponly", True),
    ("SESSION_COOKIE_SAMESITE", "samesite", None),
    ("SESSION_COOKIE_PARTITIONED", "partitioned", False),
)
_LIFETIME, _DEFAULT_LIFETIME = "PERMANENT_SESSION_LIFETIME", timedelta(days=31)
# Flask-WTF signs its CSRF tokens with this key. The signature protects only the time in a token. The protection of a
# form does not depend on the signature: the token must match the random text in the encrypted session. So the key need
# not be secret. It must only be the same in all processes.
_CSRF_SETTING, _CSRF_KEY = "WTF_CSRF_SECRET_KEY", "not secret: the session is encrypted"


def agree_on_config(config: dict[str, Any], settings: Settings) -> None:
    """Raise ConfigError for a setting that contradicts ``settings``.

    Then set all these settings to the values of ``settings``, since extensions read them.
    """
    cookie, idle_timeout = settings.cookie, timedelta(seconds=settings.rules.idle)
    for name, attribute, default in _COOKIE_SETTINGS:
        value, ours = config.get(name, default), getattr(cookie, attribute)
        wanted = normalize_attribute(attribute, value)
        if wanted not in (default, normalize_attribute(attribute, ours)):
            _refuse(name, value, f"cookie has {attribute}={ours!r}", f"cookie=CookieAttributes({attribute}={wanted!r})")
    lifetime = config.get(_LIFETIME, _DEFAULT_LIFETIME)
    if not isinstance(lifetime, timedelta):
        lifetime = timedelta(seconds=lifetime)
    if lifetime not in (_DEFAULT_LIFETIME, idle_timeout):
        wanted = f"policy=Policy(idle_timeout=timedelta(seconds={lifetime // timedelta(seconds=1)}))"
        _refuse(_LIFETIME, lifetime, f"idle timeout is {idle_timeout}", wanted)
    config.update({name: getattr(cookie, attribute) for name, attribute, _ in _COOKIE_SETTINGS})
    config[_LIFETIME] = idle_timeout
    if not config.get("SECRET_KEY"):
        config.setdefault(_CSRF_SETTING, _CSRF_KEY)


def _refuse(name: str, value: object, ours: str, wanted: str) -> NoReturn:
    shown = str(value) if isinstance(value, timedelta) else repr(value)
    raise ConfigError(
        f"{name} is {shown}, but the sessions' {ours}; remove the setting, or write CookieSessions({wanted})"
    )
