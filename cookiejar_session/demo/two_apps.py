"""The two applications of the demonstration: their names, paths and descriptions."""

from __future__ import annotations

from typing import NamedTuple


class DemoApp(NamedTuple):
    """One of the two applications that share the session.

    ``name`` is its name on the page, ``path`` the path where it is mounted, ``description`` a short text for the page.
    """

    name: str
    path: str
    description: str


ASGI = DemoApp("ASGI app", "/", "ASGI is the interface of FastAPI and Starlette")
WSGI = DemoApp("WSGI app", "/wsgi/", "WSGI is the interface of Flask and Django")


def find_other(app: DemoApp) -> DemoApp:
    """Return the other application."""
    return WSGI if app is ASGI else ASGI
