"""The two applications of the demonstration: their names, paths and descriptions."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """One of the two applications that share the session.

    ``name`` is its name on the page, ``path`` the path where it is mounted, ``description`` a short text for the page.
    """

    name: str
    path: str
    description: str


ASGI = Part("ASGI part", "/", "an ASGI application without a framework")
WSGI = Part("WSGI part", "/wsgi/", "a WSGI application that uses WebOb and runs inside the ASGI application")
