"""Django's SessionMiddleware with each of its engines, and the integration of this package in its place."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .stacks import Stack
from .wsgi_stacks import make_django


def make_integration() -> Stack:
    """The middleware of cookiejar_session.integrations.django."""

    def wrap(view: Callable[[Any], Any]) -> Any:
        from cookiejar_session.integrations.django import SessionMiddleware

        return SessionMiddleware(view)

    return make_django(wrap)


def make_engine(name: str) -> Callable[[], Stack]:
    """Django's middleware with the engine of this name."""

    def wrap(view: Callable[[Any], Any]) -> Any:
        from django.contrib.sessions.middleware import SessionMiddleware

        middleware = SessionMiddleware(view)
        middleware.SessionStore = import_module(f"django.contrib.sessions.backends.{name}").SessionStore
        return middleware

    return lambda: make_django(wrap)


OURS = "cookiejar-session in Django"
IN_MEMORY = "Django (cache in memory)"
DJANGO_STACKS: dict[str, Callable[[], Stack]] = {
    OURS: make_integration,
    "Django (signed_cookies)": make_engine("signed_cookies"),
    IN_MEMORY: make_engine("cache"),
    "Django (db, SQLite in memory)": make_engine("db"),
}
