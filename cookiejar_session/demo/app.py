"""The ASGI application of the demonstration: it routes each request to one of the two applications."""

from __future__ import annotations

from asyncio import create_task
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from asgiref.wsgi import WsgiToAsgi

from .asgi_app import AsgiApp
from .stage import Stage
from .two_apps import WSGI
from .wsgi_app import WsgiApp

HttpApplication = Callable[[HTTPScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]


def make_app(stage: Stage) -> HttpApplication:
    """Make an ASGI application that serves both applications. It accepts HTTP requests only.

    Paths below WSGI.path go to the WSGI application, all other paths to the ASGI application.

    One session middleware wraps everything, and a second one wraps the WSGI application. In a request to the WSGI
    application, the inner middleware uses the session of the outer one, and only the outer one sets the cookie.
    """
    sessions = stage.sessions
    asgi_app = AsgiApp(stage)
    mount: Any = WsgiToAsgi  # asgiref has no annotations for it
    wsgi_app = mount(sessions.wsgi(WsgiApp(stage)))
    prefix = WSGI.path.rstrip("/")

    async def route(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["path"].startswith(WSGI.path):
            # asgiref turns root_path into SCRIPT_NAME and the rest of the path into PATH_INFO.
            await wsgi_app({**scope, "root_path": prefix}, receive, send)
        else:
            await asgi_app(scope, receive, send)

    app = sessions.asgi(route)

    async def record_and_call(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        stage.journal.begin_request(f"{scope['method']} {scope['path']}")
        await app(scope, receive, send)

    async def call_in_new_context(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        # A server may run a request in the context of the previous request on the same connection (CPython issue
        # 140947). In that context asgiref would use a thread that has ended, so each request gets a new context.
        await create_task(record_and_call(scope, receive, send), context=Context())

    return call_in_new_context
