"""The demonstration's application: both parts under one session. Knows nothing of servers."""

from __future__ import annotations

from asyncio import create_task
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from asgiref.wsgi import WsgiToAsgi

from .asgi_part import AsgiPart
from .parts import WSGI
from .stage import Stage
from .wsgi_part import WsgiPart

HttpApplication = Callable[[HTTPScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]


def make_app(stage: Stage) -> HttpApplication:
    """An ASGI application for HTTP requests alone: the WSGI part below WSGI.path, the ASGI part everywhere else.

    Both are wrapped. A request to the WSGI part passes both wrappers: the inner one finds the session of the outer one,
    which alone writes the cookie.
    """
    sessions = stage.sessions
    asgi_part = AsgiPart(stage)
    mount: Any = WsgiToAsgi  # asgiref does not annotate it
    wsgi_part = mount(sessions.wsgi(WsgiPart(stage)))
    prefix = WSGI.path.rstrip("/")

    async def route(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["path"].startswith(WSGI.path):
            # What the path begins with is where the part is mounted: WSGI's SCRIPT_NAME.
            await wsgi_part({**scope, "root_path": prefix}, receive, send)
        else:
            await asgi_part(scope, receive, send)

    app = sessions.asgi(route)

    async def note_and_run(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        stage.journal.begin(f"{scope['method']} {scope['path']}")
        await app(scope, receive, send)

    async def run_apart(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        # A server may start a request in the context of the one before on the same connection (CPython issue 140947),
        # where asgiref finds a thread that has ended. So each request gets a context of its own.
        await create_task(note_and_run(scope, receive, send), context=Context())

    return run_apart
