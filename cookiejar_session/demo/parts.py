"""The two parts of the demonstration: what they are called and where they are. Knows nothing of how they answer."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """One of the two applications that share the session. ``path`` is where it is mounted."""

    name: str
    path: str
    maker: str


ASGI = Part("ASGI part", "/", "a plain ASGI application")
WSGI = Part("WSGI part", "/wsgi/", "a WebOb WSGI application that asgiref mounts in the ASGI one")
