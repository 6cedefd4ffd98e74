"""Finding the configuration of an application: the settings of the object that ``module:object`` names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from ..errors import ConfigError, CookiejarError, quote
from ..settings import Settings


def load_settings(place: str) -> Settings:
    """Return the settings of ``module:object``, imported as a server imports an application.

    The object is a CookieSessions object, an application wrapped by its ``wsgi`` or ``asgi`` method, or a Flask,
    Starlette or FastAPI application that uses a CookieSessions object as middleware. Raises ConfigError for any other
    object, and if the object cannot be imported.
    """
    module_name, _, path = place.partition(":")
    if not module_name or not path:
        raise ConfigError(f"{quote(place)} is not module:object; write the application as for uvicorn or gunicorn")
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
    for each in _list_carriers(found):
        # A CookieSessions object has the attribute ``settings``. A wrapper has the private attribute ``_settings``.
        settings = getattr(each, "settings", None) or getattr(each, "_settings", None)
        if isinstance(settings, Settings):
            return settings
    raise ConfigError(
        f"{quote(place)} is a {type(found).__name__} without sessions; name the CookieSessions, such as app:sessions"
    )


def _list_carriers(found: Any) -> Iterator[Any]:
    """Yield the objects that may have settings: ``found``, its wrappers, and the middlewares of Starlette."""
    wsgi_app = getattr(found, "wsgi_app", None)
    # sessions.asgi, as it is given in a list of middlewares, is a bound method.
    yield from (found, getattr(found, "__self__", None), wsgi_app, getattr(wsgi_app, "__self__", None))
    for middleware in getattr(found, "user_middleware", ()):
        yield middleware.kwargs.get("sessions")
        yield getattr(middleware.cls, "__self__", None)
