"""The WSGI stacks: one small application under each session library. Knows nothing of timing.

The sessions of Flask, Django and Pyramid work on the request and response objects of their framework. The bare
application of each framework makes both objects too, so that the difference is the cost of the session alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import cookiejar_session

from .contents import MAX_AGE, SECRET, TYPICAL
from .django_settings import configure_django
from .stacks import Headers, Request, Stack, Touch

Environ = dict[str, Any]
Act = Callable[[Any], object]
# Makes a WSGI application that touches its session as given, or does not touch it where None is given.
MakeApp = Callable[[Touch | None], Any]

PLAIN_HEADERS = [("Content-Type", "text/plain")]


def make_ours(package: Any = cookiejar_session) -> Stack:
    """CookieSessions.wsgi of ``package``; the application takes the session from the environ."""
    sessions = package.CookieSessions(package.Keyring.generate())

    def make_app(touch: Touch | None) -> Any:
        return sessions.wsgi(make_plain(touch, lambda environ: environ["cookiejar_session.session"]))

    return make_stack(make_app, make_plain_bare)


def make_flask() -> Stack:
    """Flask's SecureCookieSessionInterface."""
    from flask import Flask

    app = Flask("benchmark")
    app.secret_key = SECRET.hex()
    app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax")
    return make_flask_stack(app)


def make_flask_integration() -> Stack:
    """Our integration for Flask."""
    from flask import Flask

    from cookiejar_session.integrations.flask import FlaskSessions

    app = Flask("benchmark")
    FlaskSessions(cookiejar_session.CookieSessions(cookiejar_session.Keyring.generate())).init_app(app)
    return make_flask_stack(app)


def make_flask_stack(app: Any) -> Stack:
    """The session interface of a Flask application, called as Flask's request context calls it."""
    from flask import Request, Response

    interface = app.session_interface

    def make_app(touch: Touch | None) -> Any:
        act = _take_act(touch)

        def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
            request = Request(environ)
            session = interface.open_session(app, request)
            if act is not None:
                act(session)
            response = Response("ok", mimetype="text/plain")
            if session is not None:
                interface.save_session(app, session, response)
            return response(environ, start_response)

        return answer

    def make_bare(touch: Touch | None) -> Any:
        act = _take_act(touch)

        def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
            Request(environ)
            if act is not None:
                act(dict(TYPICAL))
            return Response("ok", mimetype="text/plain")(environ, start_response)

        return answer

    return make_stack(make_app, make_bare)


def make_django(wrap: Callable[[Callable[[Any], Any]], Any] | None = None) -> Stack:
    """A session middleware around a view, inside the steps of Django's WSGIHandler.

    ``wrap`` makes the middleware; Django's own with signed_cookies if left out.
    """
    configure_django()
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.core.handlers.wsgi import WSGIRequest
    from django.http import HttpResponse

    def serve(get_response: Callable[[Any], Any]) -> Any:
        def answer(environ: Environ, start_response: Any) -> Any:
            response = get_response(WSGIRequest(environ))
            # django.core.handlers.wsgi.WSGIHandler does the same.
            cookies = [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
            start_response("200 OK", [*response.items(), *cookies])
            return response

        return answer

    def make_view(touch: Touch | None, get_session: Callable[[Any], Any]) -> Callable[[Any], Any]:
        act = _take_act(touch)

        def view(request: Any) -> Any:
            if act is not None:
                act(get_session(request))
            return HttpResponse(b"ok", content_type="text/plain")

        return view

    def make_app(touch: Touch | None) -> Any:
        return serve((wrap or SessionMiddleware)(make_view(touch, lambda request: request.session)))

    return make_stack(make_app, lambda touch: serve(make_view(touch, lambda request: dict(TYPICAL))))


def make_beaker() -> Stack:
    """Beaker's SessionMiddleware with encrypted cookies and no store."""
    from beaker.middleware import SessionMiddleware

    options = {
        "session.type": "cookie",
        "session.encrypt_key": SECRET.hex(),
        "session.validate_key": SECRET.hex(),
        "session.crypto_type": "cryptography",
        "session.data_serializer": "json",
        "session.timeout": MAX_AGE,
        "session.cookie_expires": MAX_AGE,
        "session.secure": True,
        "session.httponly": True,
    }

    def get_session(environ: Environ) -> Any:
        return environ["beaker.session"]

    def get_saved_session(environ: Environ) -> Any:
        session = environ["beaker.session"]
        # Beaker saves a change only after save(). The call sets a mark; Beaker saves when the response starts.
        session.save()
        return session

    def make_app(touch: Touch | None) -> Any:
        writes = touch is not None and touch.writes
        return SessionMiddleware(make_plain(touch, get_saved_session if writes else get_session), options)

    return make_stack(make_app, make_plain_bare)


def make_pyramid() -> Stack:
    """Pyramid's SignedCookieSessionFactory, called at the first use of the session, as request.session does."""
    from pyramid.request import Request
    from pyramid.response import Response
    from pyramid.session import SignedCookieSessionFactory

    factory = SignedCookieSessionFactory(
        SECRET.hex(),
        max_age=MAX_AGE,
        timeout=MAX_AGE,
        reissue_time=MAX_AGE // 10,  # the default sets the cookie again at every read
        secure=True,
        httponly=True,
    )

    def serve(touch: Touch | None, get_session: Callable[[Any], Any]) -> Any:
        act = _take_act(touch)

        def answer(environ: Environ, start_response: Any) -> Any:
            request = Request(environ)
            if act is not None:
                act(get_session(request))
            response = Response(b"ok", content_type="text/plain")
            # pyramid.router does the same after the view.
            request._process_response_callbacks(response)
            return response(environ, start_response)

        return answer

    return make_stack(lambda touch: serve(touch, factory), lambda touch: serve(touch, lambda request: dict(TYPICAL)))


OURS, PYRAMID = "cookiejar-session", "Pyramid"
WSGI_STACKS: dict[str, Callable[[], Stack]] = {
    OURS: make_ours,
    "Flask": make_flask,
    "Django (signed_cookies)": make_django,
    "Beaker (encrypted)": make_beaker,
    PYRAMID: make_pyramid,
}


def make_environ(cookie: str | None) -> Environ:
    """Return the environ of a request with ``cookie`` as the value of its Cookie field."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "example.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "example.com",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.7,de;q=0.3",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
        "REMOTE_ADDR": "203.0.113.9",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return environ if cookie is None else {**environ, "HTTP_COOKIE": cookie}


def _take_act(touch: Touch | None) -> Act | None:
    return None if touch is None else touch.act


def make_plain(touch: Touch | None, get_session: Callable[[Environ], Any]) -> Any:
    """Return an application that touches its session and answers."""
    act = _take_act(touch)

    def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if act is not None:
            act(get_session(environ))
        start_response("200 OK", list(PLAIN_HEADERS))
        return [b"ok"]

    return answer


def make_plain_bare(touch: Touch | None) -> Any:
    """Return the same application with a plain dict instead of a session."""
    return make_plain(touch, lambda environ: dict(TYPICAL))


def make_stack(make_app: MakeApp, make_bare: MakeApp) -> Stack:
    """Return the stack of an application and of the same application without a session."""

    def prepare(touch: Touch | None, cookie: str | None) -> Request:
        return _prepare(make_app(touch), make_environ(cookie))

    def prepare_bare(touch: Touch | None, cookie: str | None) -> Request:
        return _prepare(make_bare(touch), make_environ(cookie))

    return Stack(prepare, prepare_bare)


def _prepare(app: Any, environ: Environ) -> Request:
    headers: Headers = []

    def start_response(status: str, fields: Headers, exc_info: Any = None) -> Any:
        headers[:] = fields
        return _refuse_write

    def run() -> None:
        # A server makes a new environ for each request. Applications write into it.
        body = app({**environ}, start_response)
        for _ in body:
            pass
        close = getattr(body, "close", None)
        if close is not None:
            close()

    return Request(run, headers)


def _refuse_write(chunk: bytes) -> None:
    raise AssertionError("an application called write(); none of these does")
