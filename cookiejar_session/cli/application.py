"""Finding the configuration of an application: the settings of the object that ``module:object`` names."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from ..errors import ConfigError, CookiejarError, quote
from ..settings import Settings
from .argument_values import UsageError

# The module that makes the sessions of a Django project. Django imports it if the project uses the integration.
_DJANGO = "cookiejar_session.integrations.django.configuration"


def load_settings(place: str) -> Settings:
    """Return the settings of ``module:object`` or ``module:factory()``, imported as a server imports an application.

    The object is a CookieSessions object, an application wrapped by its ``wsgi`` or ``asgi`` method, a Starlette or
    FastAPI application that uses a CookieSessions object as middleware, or an application that uses the integration
    with Flask, Quart or Django. Arguments of the factory are literals, as for gunicorn. Raises ConfigError for any
    other object, and if the object cannot be imported. If ``place`` has another form, it is a UsageError.
    """
    module_name, _, path = place.partition(":")
    if not module_name or not path:
        raise UsageError(f"{quote(place)} is not module:object; write the application as for uvicorn or gunicorn")
    path, arguments = _parse_call(place, path)
    # Servers also import modules from the current folder.
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: Any = import_module(module_name)
    except CookiejarError:
        raise
    except (
        Exception,
        SystemExit,
    ) as exc:  # the application's own code may raise any exception, whose message may show a secret
        raise ConfigError(
            f"importing {quote(module_name)} raised {type(exc).__name__}; python -c 'import {module_name}' shows where"
        ) from None
    for name in path.split("."):
        if not hasattr(found, name):
            raise ConfigError(
                f"{quote(module_name)} has no {quote(path)}; name a CookieSessions or an application of the module"
            )
        found = getattr(found, name)
    if arguments is not None:
        try:
            found = found(*arguments[0], **arguments[1])
        except CookiejarError:
            raise
        except (Exception, SystemExit) as exc:  # the same as above
            raise ConfigError(
                f"calling {quote(path)} raised {type(exc).__name__}; call it in a Python shell to see where"
            ) from None
    for each in _list_carriers(found):
        # A CookieSessions object has the attribute ``settings``. A wrapper has the private attribute ``_settings``.
        settings = getattr(each, "settings", None) or getattr(each, "_settings", None)
        if isinstance(settings, Settings):
            return settings
    raise ConfigError(
        f"{quote(place)} is a {type(found).__name__} without sessions; name the CookieSessions, such as app:sessions, "
        "or call the factory, such as app:create_app()"
    )


def _parse_call(place: str, path: str) -> tuple[str, tuple[list[Any], dict[str, Any]] | None]:
    """Split ``factory("argument")`` into the path and the arguments, which are None if ``path`` is no call."""
    if "(" not in path:
        return path, None
    try:
        call: Any = ast.parse(path, mode="eval").body
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        return ast.unparse(call.func), ([ast.literal_eval(value) for value in call.args], named)
    # TypeError is for a value that no set or dict can hold, the last two for arguments that are nested too deeply.
    except (SyntaxError, ValueError, AttributeError, TypeError, RecursionError, MemoryError):
        raise UsageError(f"{quote(place)} is not module:factory(); write literals as arguments") from None


def _list_carriers(found: Any) -> Iterator[Any]:
    """Yield the objects that may have settings.

    They are ``found``, its attributes ``wsgi_app`` and ``asgi_app``, its middlewares, its session interface, and the
    sessions of a Django project.
    """
    # sessions.asgi, as it is given in a list of middlewares, is a bound method.
    yield from (found, getattr(found, "__self__", None))
    for name in ("wsgi_app", "asgi_app"):
        inner = getattr(found, name, None)
        yield from (inner, getattr(inner, "__self__", None))
    for middleware in getattr(found, "user_middleware", ()):
        yield middleware.kwargs.get("sessions")
        yield getattr(middleware.cls, "__self__", None)
    interface = getattr(found, "session_interface", None)
    if missing := getattr(interface, "_missing", ""):
        raise ConfigError(missing)
    yield getattr(interface, "_sessions", None)
    if type(found).__module__.startswith("django.core.handlers.") and _DJANGO in sys.modules:
        yield sys.modules[_DJANGO].get_sessions()
