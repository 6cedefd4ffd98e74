"""Django's settings, which a process can configure once, and sessions of requests, for the tests that run Django."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from cookiejar_session import CookieSessions
from cookiejar_session.integrations.django.store import RequestSession


def configure_django() -> None:
    """Configure Django, unless another test file in this process already has. A test overrides what it needs."""
    if not settings.configured:
        settings.configure(
            SECRET_KEY="only for tests", ALLOWED_HOSTS=["*"], ROOT_URLCONF="cookiejar_django_urls", MIDDLEWARE=[]
        )
        django.setup()


def make_python_path(folder: Path) -> str:
    """Return a PYTHONPATH: a project's folder, then that of this process, since the package may not be installed."""
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


def begin_session(sessions: CookieSessions[Any], cookie: str = "") -> RequestSession:
    """Return ``request.session`` of a request with this Cookie field value."""
    return RequestSession(sessions.begin(cookie), cookie)


def answer(store: RequestSession) -> list[str]:
    """Return the Set-Cookie field values of the response."""
    store.ask_for_token()
    return [value for name, value in store.exchange.finish(()) if name == "set-cookie"]


def read_again(sessions: CookieSessions[Any], fields: list[str]) -> RequestSession:
    """Return the session of the next request."""
    return begin_session(sessions, fields[0].partition(";")[0])
