"""The WSGI application of the demonstration, written with WebOb. It gets the session from ``sessions.get``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from webob import Request, Response

from ..errors import SessionTooLargeError
from ..headers.cookie_header import read_cookie_field
from .forms import FORMS, MAX_FORM_OCTETS, Submission, parse_form, submit_form
from .pages import HEADERS, render_overflow_page, render_session_page, render_status_page
from .stage import Stage
from .two_apps import WSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class WsgiApp:
    """A WSGI application that serves the page and its forms. Wrap it with ``sessions.wsgi``."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = self._respond(Request(environ))
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        name = request.environ["PATH_INFO"].removeprefix("/")
        match request.method, name:
            case (("GET" | "HEAD"), ""):
                session = self._stage.sessions.get(request)
                view = self._stage.make_view(read_cookie_field(request.environ), session)
                return _make_response(200, render_session_page(session, view, app=WSGI))
            case "POST", _ if name in FORMS:
                return self._submit(request, form=name)
            case _ if name in FORMS:
                return _make_response(405, render_status_page(405, app=WSGI), Allow="POST")
            case _, "":
                return _make_response(405, render_status_page(405, app=WSGI), Allow="GET, HEAD")
            case _:
                return _make_response(404, render_status_page(404, app=WSGI))

    def _submit(self, request: Request, *, form: str) -> Response:
        if (request.content_length or 0) > MAX_FORM_OCTETS:
            return _make_response(413, render_status_page(413, app=WSGI))
        session, fields = self._stage.sessions.get(request), parse_form(request.body)
        try:
            is_accepted = submit_form(Submission(fields, session, WSGI.name, self._stage.keyring), form=form)
        except SessionTooLargeError as exc:
            session.revert()
            return _make_response(413, render_overflow_page(exc, app=WSGI))
        if not is_accepted:
            return _make_response(403, render_status_page(403, app=WSGI, session=session))
        # After a 303 the browser loads the page with GET, so a reload does not send the form again.
        return _make_response(303, "", Location=f"{WSGI.path}{FORMS[form].fragment}")


def _make_response(status: int, html: str, **headers: str) -> Response:
    return Response(html.encode(), status=status, headerlist=list((HEADERS | headers).items()))
