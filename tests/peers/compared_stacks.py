"""One small application on each library of docs/explanation/comparison.md. comparison.py asks them questions.

Each library is used with its defaults, apart from its key, its store and Beaker's ``session.auto``, and is reached over
https. A function ``open_NAME`` starts the application with a secret and, if the library can have one, an old secret
that may still be used. It returns a function that answers a request. Stores are shared by all applications on one
library, as a database server would be.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import django
import flask
from beaker.middleware import SessionMiddleware as BeakerMiddleware
from cachelib import SimpleCache
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from flask_session import Session as FlaskSession
from litestar import Litestar
from litestar import Request as LitestarRequest
from litestar import get as litestar_get
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.stores.memory import MemoryStore as LitestarStore
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware as StarletteMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starsessions import CookieStore, InMemoryStore, SessionAutoloadMiddleware
from starsessions import SessionMiddleware as StarsessionsMiddleware
from werkzeug.test import EnvironBuilder, run_wsgi_app

from cookiejar_session import CookieSessions, Keyring

IRON_SESSION = "iron-session@8.0.4"
DATE = datetime(2027, 1, 31, tzinfo=UTC)


class Answer(NamedTuple):
    status: int
    fields: list[tuple[str, str]]
    body: str


Send = Callable[[str, str, str], Answer]
"""Answers a request: its path, a text for the handler, and its Cookie field."""


def act(path: str, text: str, session: Any, sign_out: Callable[[Any], object]) -> str:
    """The handler of every application. ``sign_out`` is the library's own way."""
    match path:
        case "/read":
            return session.get("word") or ""
        case "/write":
            session["word"] = text
        case "/begin-list":
            session["list"] = {"items": []}
        case "/change-list":
            session["list"]["items"].append("tea")
        case "/read-list":
            return str(len(session["list"]["items"]))
        case "/write-date":
            session["date"] = DATE
        case "/read-date":
            return type(session["date"]).__name__
        case "/sign-out":
            sign_out(session)
        case _:
            raise AssertionError(path)
    return ""


PATHS = ("/read", "/write", "/begin-list", "/change-list", "/read-list", "/write-date", "/read-date", "/sign-out")


# How an application is asked


def ask_wsgi(app: Any, path: str, text: str, cookie: str) -> Answer:
    builder = EnvironBuilder(
        path, base_url="https://shop.test", query_string={"text": text}, headers={"Cookie": cookie}
    )
    body, status, fields = run_wsgi_app(app, builder.get_environ(), buffered=True)
    return Answer(int(status.split()[0]), list(fields), b"".join(body).decode())


def ask_asgi(app: Any, path: str, text: str, cookie: str) -> Answer:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": f"text={text}".encode(),
        "root_path": "",
        "headers": [(b"host", b"shop.test"), (b"cookie", cookie.encode())],
        "server": ("shop.test", 443),
        "client": ("127.0.0.1", 1),
        "state": {},
    }
    asyncio.run(app(scope, receive, send))
    fields = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    return Answer(sent[0]["status"], fields, b"".join(each.get("body", b"") for each in sent[1:]).decode())


def never_fail(ask: Callable[..., Answer], app: Any) -> Send:
    """As a server does: an exception of the application is a response with the status 500."""

    def send(path: str, text: str, cookie: str) -> Answer:
        try:
            return ask(app, path, text, cookie)
        except Exception as error:
            return Answer(500, [], f"{type(error).__name__}: {error}")

    return send


def make_starlette(sign_out: Callable[[Any], object]) -> Starlette:
    async def handle(request: Request) -> PlainTextResponse:
        text = request.query_params.get("text", "")
        return PlainTextResponse(act(request.url.path, text, request.session, sign_out))

    return Starlette(routes=[Route("/none", lambda request: PlainTextResponse("")), Route("/{path}", handle)])


def make_flask(sign_out: Callable[[Any], object], **config: Any) -> flask.Flask:
    app = flask.Flask("compared")
    app.config.update(config, PROPAGATE_EXCEPTIONS=True)
    app.add_url_rule("/none", "none", lambda: "")
    app.add_url_rule(
        "/<name>", "act", lambda name: act(f"/{name}", flask.request.args.get("text", ""), flask.session, sign_out)
    )
    return app


# The libraries


def open_ours(secret: str, old: str | None) -> Send:
    keys = [f"hex:{hashlib.sha256(each.encode()).hexdigest()}" for each in (secret, old) if each is not None]
    sessions = CookieSessions(Keyring.parse(" ".join(keys)))
    return never_fail(ask_asgi, sessions.asgi(make_starlette(lambda session: session.discard())))


def open_starlette(secret: str, old: str | None) -> Send:
    return never_fail(ask_asgi, StarletteMiddleware(make_starlette(lambda session: session.clear()), secret_key=secret))


def open_flask(secret: str, old: str | None) -> Send:
    fallbacks = {} if old is None else {"SECRET_KEY_FALLBACKS": [old]}
    return never_fail(ask_wsgi, make_flask(lambda session: session.clear(), SECRET_KEY=secret, **fallbacks))


@cache
def set_up_django() -> None:
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["django.contrib.sessions"],
        SECRET_KEY="set by each application",
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def open_django(engine: str, secret: str, old: str | None) -> Send:
    set_up_django()
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.http import HttpResponse
    from django.test import RequestFactory

    def view(request: Any) -> HttpResponse:
        if request.path == "/none":
            return HttpResponse("")
        return HttpResponse(act(request.path, request.GET["text"], request.session, lambda session: session.flush()))

    def ask(path: str, text: str, cookie: str) -> Answer:
        with override_settings(
            SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}",
            SECRET_KEY=secret,
            SECRET_KEY_FALLBACKS=[] if old is None else [old],
        ):
            request = RequestFactory().get(path, {"text": text}, secure=True, headers={"cookie": cookie})
            response = SessionMiddleware(view)(request)
        fields = [*response.items(), *(("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values())]
        return Answer(response.status_code, fields, response.content.decode())

    return never_fail(lambda app, *request: ask(*request), None)


def make_litestar(middleware: Any, **options: Any) -> Send:
    @litestar_get("/none", media_type="text/plain", sync_to_thread=False)
    def handle_nothing() -> str:
        return ""

    @litestar_get(list(PATHS), media_type="text/plain", sync_to_thread=False)
    def handle(request: LitestarRequest[Any, Any, Any], text: str) -> str:
        return act(request.url.path, text, request.session, lambda session: request.clear_session())

    handlers = [handle_nothing, handle]
    return never_fail(
        ask_asgi, Litestar(handlers, middleware=[middleware], openapi_config=None, logging_config=None, **options)
    )


def open_litestar(secret: str, old: str | None) -> Send:
    return make_litestar(CookieBackendConfig(secret=hashlib.sha256(secret.encode()).digest()).middleware)


LITESTAR_STORE = LitestarStore()


def open_litestar_with_store(secret: str, old: str | None) -> Send:
    return make_litestar(ServerSideSessionConfig().middleware, stores={"sessions": LITESTAR_STORE})


def make_starsessions(store: Any) -> Send:
    app = SessionAutoloadMiddleware(make_starlette(lambda session: session.clear()))
    return never_fail(ask_asgi, StarsessionsMiddleware(app, store=store))


def open_starsessions(secret: str, old: str | None) -> Send:
    return make_starsessions(CookieStore(secret_key=secret))


STARSESSIONS_STORE = InMemoryStore()


def open_starsessions_with_store(secret: str, old: str | None) -> Send:
    return make_starsessions(STARSESSIONS_STORE)


FLASK_SESSION_CACHE = SimpleCache()


def open_flask_session(secret: str, old: str | None) -> Send:
    app = make_flask(
        lambda session: session.clear(),
        SECRET_KEY=secret,
        SESSION_TYPE="cachelib",
        SESSION_CACHELIB=FLASK_SESSION_CACHE,
    )
    FlaskSession(app)
    return never_fail(ask_wsgi, app)


def open_beaker(secret: str, old: str | None) -> Send:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        path, text = environ["PATH_INFO"], environ["QUERY_STRING"].removeprefix("text=")
        body = "" if path == "/none" else act(path, text, environ["beaker.session"], lambda session: session.delete())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body.encode()]

    options = {
        "session.type": "cookie",
        "session.encrypt_key": secret,
        "session.validate_key": secret,
        "session.auto": True,  # without it, nothing is saved before session.save()
    }
    return never_fail(ask_wsgi, BeakerMiddleware(app, options))


def install_iron_session(folder: Path) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", IRON_SESSION]
    subprocess.run(command, cwd=folder, check=True, timeout=120)


class IronSession:
    """A process of Node.js that answers with iron-session."""

    def __init__(self, folder: Path) -> None:
        program = Path(__file__).with_name("iron_session.mjs").read_text()
        folder.joinpath("iron_session.mjs").write_text(program)
        command = ["node", "iron_session.mjs"]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def open(self, secret: str, old: str | None) -> Send:
        password = {"1": secret} if old is None else {"1": old, "2": secret}

        def send(path: str, text: str, cookie: str) -> Answer:
            request = {"path": path, "text": text, "cookie": cookie, "now": time.time(), "password": password}
            assert self.process.stdin is not None
            assert self.process.stdout is not None
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
            return Answer(answer["status"], [tuple(field) for field in answer["fields"]], answer["body"])

        return send

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


PYTHON_STACKS: dict[str, Callable[[str, str | None], Send]] = {
    "cookiejar-session": open_ours,
    "Starlette": open_starlette,
    "Flask": open_flask,
    "Django, signed_cookies": lambda secret, old: open_django("signed_cookies", secret, old),
    "Django, database": lambda secret, old: open_django("db", secret, old),
    "Litestar, cookie": open_litestar,
    "Litestar, store": open_litestar_with_store,
    "starsessions, cookie": open_starsessions,
    "starsessions, store": open_starsessions_with_store,
    "Flask-Session": open_flask_session,
    "Beaker": open_beaker,
}
