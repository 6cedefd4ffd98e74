"""The ASGI application of the demonstration, without a framework. It gets the session from ``sessions.get``."""

from __future__ import annotations

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from ..errors import SessionTooLargeError
from ..headers.cookie_header import join_cookie_fields
from .forms import FORMS, MAX_FORM_OCTETS, Submission, parse_form, submit_form
from .pages import HEADERS, ICON, STYLE_SHEET, render_overflow_page, render_session_page, render_status_page
from .stage import Stage
from .two_apps import ASGI

# Responses with these files do not use the session: the library decrypts nothing and sets no cookie.
FILES = {"style.css": (STYLE_SHEET, "text/css; charset=utf-8"), "icon.svg": (ICON, "image/svg+xml")}


class AsgiApp:
    """An ASGI application that serves the page, its forms and its files. Wrap it with ``sessions.asgi``."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        name = scope["path"].removeprefix("/")
        match scope["method"], name:
            case (("GET" | "HEAD"), ""):
                session = self._stage.sessions.get(scope)
                view = self._stage.make_view(join_cookie_fields(scope["headers"]), session)
                await _send(send, 200, HEADERS, render_session_page(session, view, app=ASGI).encode())
            case (("GET" | "HEAD"), _) if name in FILES:
                content, kind = FILES[name]
                await _send(send, 200, {**HEADERS, "Content-Type": kind, "Cache-Control": "max-age=3600"}, content)
            case "POST", _ if name in FORMS:
                await self._submit(scope, receive, send, form=name)
            case _ if name in FORMS:
                await _send_status(send, 405, Allow="POST")
            case _ if name == "" or name in FILES:
                await _send_status(send, 405, Allow="GET, HEAD")
            case _:
                await _send_status(send, 404)

    async def _submit(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, *, form: str
    ) -> None:
        body = await _read_body(receive)
        if len(body) > MAX_FORM_OCTETS:
            await _send_status(send, 413, Connection="close")
            return
        session = self._stage.sessions.get(scope)
        try:
            is_accepted = submit_form(Submission(parse_form(body), session, ASGI.name, self._stage.keyring), form=form)
        except SessionTooLargeError as exc:
            session.revert()
            await _send(send, 413, HEADERS, render_overflow_page(exc, app=ASGI).encode())
            return
        if not is_accepted:
            await _send(send, 403, HEADERS, render_status_page(403, app=ASGI, session=session).encode())
            return
        # After a 303 the browser loads the page with GET, so a reload does not send the form again.
        await _send(send, 303, {**HEADERS, "Location": f"{ASGI.path}{FORMS[form].fragment}"}, b"")


async def _read_body(receive: ASGIReceiveCallable) -> bytes:
    """Read the request body. Stop as soon as it is longer than MAX_FORM_OCTETS."""
    body = b""
    while len(body) <= MAX_FORM_OCTETS:
        message = await receive()
        if message["type"] != "http.request":
            break  # http.disconnect
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


async def _send_status(send: ASGISendCallable, status: int, **headers: str) -> None:
    await _send(send, status, HEADERS | headers, render_status_page(status, app=ASGI).encode())


async def _send(send: ASGISendCallable, status: int, headers: dict[str, str], body: bytes) -> None:
    fields = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    fields.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": fields, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
