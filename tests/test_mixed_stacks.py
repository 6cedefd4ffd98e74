"""Applications of one framework mounted in those of another through every adapter, however they are wrapped: a table.

Rows are mounting and adapter, columns wrapping and writer; ``pytest tests/test_mixed_stacks.py`` prints it. Below it,
what is started in one visitor's request and serves another: tasks, workers, calls of the application to itself.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

import a2wsgi
import httpx
import pytest
from asgiref.wsgi import WsgiToAsgi
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse
from django.urls import re_path
from fastapi import FastAPI, Request, Response
from flask import Flask
from flask import request as flask_request
from shared_django import configure_django
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from webtest import TestApp
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from cookiejar_session import ConfigError, CookieSessions, Session

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]
# What a layer does with a request of its framework.
Visit = Callable[[Any], None]

URL = "https://testserver"
# One object for all visitors: who is whose is not to depend on addresses that differ.
CLIENT = ("192.0.2.1", 5000)


# The inner applications: each calls ``visit`` with its framework's request and says ok.


def answer(visit: Visit, request: Any) -> str:
    visit(request)
    return "ok"


def make_flask(visit: Visit) -> Any:
    app = Flask("inner")
    app.add_url_rule("/", view_func=lambda: answer(visit, flask_request))
    return app


def make_django(visit: Visit) -> Any:
    # The requests below bring URLs of their own.
    configure_django()

    class InnerRequest(WSGIRequest):
        urlconf = (re_path("", lambda request: HttpResponse(answer(visit, request))),)

    class InnerHandler(WSGIHandler):
        request_class = InnerRequest

    return InnerHandler()


def make_bare_wsgi(visit: Visit) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        visit(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"o"
        yield b"k"

    return app


def make_fastapi(visit: Visit) -> Any:
    api = FastAPI()

    @api.get("/")
    async def show(request: Request) -> Response:
        return PlainTextResponse(answer(visit, request))

    return api


def make_starlette(visit: Visit) -> Any:
    def show(request: Request) -> Response:
        # Not async: Starlette runs it in a thread.
        return PlainTextResponse(answer(visit, request))

    return Starlette(routes=[Route("/", show)])


def make_bare_asgi(visit: Visit) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        visit(scope)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"ok"})

    return app


# The outer applications: each mounts the inner at /inner, visited on the way in and on the way out.


def mount_in_fastapi(mounted: Any, visit_in: Visit, visit_out: Visit) -> Any:
    api = FastAPI()

    @api.middleware("http")
    async def pass_through(request: Request, call_next: Any) -> Response:
        visit_in(request)
        response: Response = await call_next(request)
        visit_out(request)
        return response

    api.mount("/inner", mounted)
    return api


def mount_in_wsgi(mounted: Any, visit_in: Visit, visit_out: Visit) -> Any:
    dispatch = DispatcherMiddleware(Flask("outer"), {"/inner": mounted})

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            visit_out(environ)
            return start_response(status, headers, exc_info)

        visit_in(environ)
        return dispatch(environ, start)

    return app


# The adapters


def adapt_by_starlette(app: Any) -> Any:
    from starlette.middleware.wsgi import WSGIMiddleware

    return WSGIMiddleware(app)


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop in which a2wsgi runs ASGI applications in WSGI ones."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.run_until_complete(made.shutdown_default_executor())
    made.close()


WSGI_ADAPTERS: dict[str, Callable[[Any], Any]] = {
    "a2wsgi": a2wsgi.WSGIMiddleware,
    "asgiref": WsgiToAsgi,
    "starlette": adapt_by_starlette,
}
WSGI_INNER = {"Flask": make_flask, "Django": make_django, "WSGI": make_bare_wsgi}
ASGI_INNER = {"FastAPI": make_fastapi, "Starlette": make_starlette, "ASGI": make_bare_asgi}


def mark_adapter(adapter: str) -> tuple[pytest.MarkDecorator, ...]:
    is_deprecated = adapter == "starlette"
    return (pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi is deprecated"),) * is_deprecated


class Row(NamedTuple):
    """What is mounted in what, by which adapter."""

    inner: str
    outer: str
    adapter: str

    def __str__(self) -> str:
        return f"{self.inner} in {self.outer} by {self.adapter}"

    @property
    def is_asgi_outside(self) -> bool:
        return self.outer == "FastAPI"


class Wrapping(NamedTuple):
    """Which layers a CookieSessions wraps, and how many there are."""

    name: str
    outside: bool
    inside: bool
    configurations: int = 1


WRAPPINGS = [
    Wrapping("inside only", outside=False, inside=True),
    Wrapping("outside only", outside=True, inside=False),
    Wrapping("both, one", outside=True, inside=True),
    Wrapping("both, two alike", outside=True, inside=True, configurations=2),
]
WRITERS: dict[str, frozenset[str]] = {
    "outer": frozenset({"outer"}),
    "inner": frozenset({"inner"}),
    "both": frozenset({"outer", "inner"}),
    "none": frozenset(),
}
ROWS = [
    *(Row(inner, "FastAPI", adapter) for inner, adapter in product(WSGI_INNER, WSGI_ADAPTERS)),
    *(Row(inner, "WSGI dispatcher", "a2wsgi") for inner in ASGI_INNER),
]


# The table

CELL = "mixed stacks"
TICKS = {"passed": "✓", None: "·"}


class Table:
    """The outcome of each cell. A pytest plugin: prints the table at the end of the run."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        outcomes: dict[tuple[str, ...], str] = {}
        for report in (report for reports in terminalreporter.stats.values() for report in reports):
            cell = dict(getattr(report, "user_properties", ())).get(CELL)
            # What went wrong before or after the call counts too.
            if cell is not None and (report.when == "call" or report.outcome != "passed"):
                outcomes[cell] = report.outcome if outcomes.get(cell, "passed") == "passed" else outcomes[cell]
        terminalreporter.write_sep("=", "mixed stacks: mounting and adapter by wrapping and writer")
        for line in self.render(outcomes):
            terminalreporter.write_line(line)

    @staticmethod
    def render(outcomes: dict[tuple[str, ...], str]) -> Iterator[str]:
        margin = max(len(str(row)) for row in ROWS)
        width = sum(len(writer) + 1 for writer in WRITERS) - 1
        yield " | ".join([" " * margin, *(wrapping.name.ljust(width) for wrapping in WRAPPINGS)]).rstrip()
        yield " | ".join([" " * margin, *([" ".join(WRITERS)] * len(WRAPPINGS))])
        for row in ROWS:
            groups = [
                " ".join(
                    TICKS.get(outcomes.get((str(row), wrapping.name, writer)), "✗").center(len(writer))
                    for writer in WRITERS
                )
                for wrapping in WRAPPINGS
            ]
            yield " | ".join([str(row).ljust(margin), *groups]).rstrip()
        green = sum(outcome == "passed" for outcome in outcomes.values())
        yield f"{green} of {len(ROWS) * len(WRAPPINGS) * len(WRITERS)} cells green"


@pytest.fixture(scope="module", autouse=True)
def table(pytestconfig: pytest.Config) -> None:
    """Prints the table at the end of the run."""
    if not pytestconfig.pluginmanager.has_plugin(CELL):
        pytestconfig.pluginmanager.register(Table(), CELL)


def test_table_distinguishes_green_red_and_not_run() -> None:
    row = str(ROWS[0])
    outcomes: dict[tuple[str, ...], str] = {
        (row, "inside only", "outer"): "passed",
        (row, "inside only", "inner"): "failed",
    }
    lines = list(Table.render(outcomes))
    assert lines[2].split("|")[1].split() == ["✓", "✗", "·", "·"]
    assert lines[-1] == "1 of 192 cells green"


# A cell


class Entry(NamedTuple):
    """What one layer found at one moment of a request: its session and the steps in it, None if there was none."""

    moment: str
    session: Session[Any] | None
    steps: list[str] | None


class Stack:
    """An outer application with an inner one mounted in it, as a cell says. Whoever writes adds to one list."""

    def __init__(
        self,
        row: Row,
        wrapping: Wrapping,
        writers: frozenset[str],
        *,
        sessions: list[Sessions],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.row = row
        self.wrapping = wrapping
        self.writers = writers
        self.diary: list[Entry] = []
        # With one CookieSessions both are the same.
        outside, inside = sessions[0], sessions[-1]
        inner = {**WSGI_INNER, **ASGI_INNER}[row.inner](self._visit(inside, "inner"))
        if wrapping.inside:
            inner = inside.wsgi(inner) if row.is_asgi_outside else inside.asgi(inner)
        visits = self._visit(outside, "outer in"), self._visit(outside, "outer out")
        if row.is_asgi_outside:
            app = mount_in_fastapi(WSGI_ADAPTERS[row.adapter](inner), *visits)
            self.app = outside.asgi(app) if wrapping.outside else app
        else:
            app = mount_in_wsgi(a2wsgi.ASGIMiddleware(inner, loop=loop), *visits)
            self.app = outside.wsgi(app) if wrapping.outside else app

    def request(self, cookie: str) -> list[str]:
        """The Set-Cookie values for one request; the diary begins again."""
        self.diary.clear()
        headers = {"cookie": cookie} if cookie else {}
        if self.row.is_asgi_outside:
            response = asyncio.run(request_asgi(self.app, "/inner/", headers))
            assert (response.status_code, response.text) == (200, "ok")
            return response.headers.get_list("set-cookie")
        # TestApp holds both parties to PEP 3333.
        environ = {"REMOTE_ADDR": CLIENT[0], "REMOTE_PORT": str(CLIENT[1]), "wsgi.url_scheme": "https"}
        answer = TestApp(self.app).get("/inner/", headers=headers, extra_environ=environ)
        assert (answer.status_int, answer.text) == (200, "ok")
        return list(answer.headers.getall("set-cookie"))

    def foresee(self, steps: list[str]) -> tuple[list[tuple[str, list[str] | None]], list[str]]:
        """What each layer is to find in a request that comes with these steps, and the steps it is to leave."""
        seen: list[tuple[str, list[str] | None]] = []
        for moment in ("outer in", "inner", "outer out"):
            layer = moment.split()[0]
            has_session = layer == "inner" or self.wrapping.outside
            seen.append((moment, steps if has_session else None))
            steps = [*steps, moment] if has_session and layer in self.writers else steps
        return seen, steps

    def _visit(self, sessions: Sessions, moment: str) -> Visit:
        def visit(request: Any) -> None:
            try:
                session = sessions.get(request)
            except ConfigError:
                self.diary.append(Entry(moment, None, None))
                return
            self.diary.append(Entry(moment, session, list(session.get("steps", []))))
            if moment.split()[0] in self.writers:
                session.setdefault("steps", []).append(moment)

        return visit


async def request_asgi(app: Any, path: str, headers: dict[str, str], client: Any = CLIENT) -> httpx.Response:
    transport = httpx.ASGITransport(app=app, client=client)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as browser:
        return await browser.get(path, headers=headers)


@pytest.fixture
def sessions(make_sessions: Make, clock: Any) -> Sessions:
    return make_sessions()


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("wrapping", WRAPPINGS, ids=lambda wrapping: wrapping.name)
@pytest.mark.parametrize("row", [pytest.param(row, marks=mark_adapter(row.adapter), id=str(row)) for row in ROWS])
def test_mixed_stack_has_one_session_one_set_cookie_and_loses_no_write(
    row: Row,
    wrapping: Wrapping,
    writer: str,
    make_sessions: Make,
    clock: Any,
    loop: asyncio.AbstractEventLoop,
    record_property: Callable[[str, object], None],
) -> None:
    record_property(CELL, (str(row), wrapping.name, writer))
    sessions = [make_sessions() for _ in range(wrapping.configurations)]
    stack = Stack(row, wrapping, WRITERS[writer], sessions=sessions, loop=loop)
    # A stranger who stays, and in a second round one who comes with a session.
    for cookie, arrived_with in (("", {}), (sessions[0].mint({"user": "alice"}).header, {"user": "alice"})):
        steps: list[str] = []
        for _ in range(2):
            seen, left = stack.foresee(steps)
            set_cookies = stack.request(cookie)
            assert [(entry.moment, entry.steps) for entry in stack.diary] == seen
            assert len({id(entry.session) for entry in stack.diary if entry.session is not None}) == 1
            assert len(set_cookies) == (left != steps)
            cookie = set_cookies[0].split(";")[0] if set_cookies else cookie
            steps = left
            assert dict(sessions[0].read(cookie).session) == {**arrived_with, **({"steps": steps} if steps else {})}


# Two applications in one, and two visitors


@dataclass
class Shop:
    """A FastAPI application that mounts a Flask one, both wrapped; /inner counts visits, /alice does as a test says."""

    sessions: Sessions
    adapter: str
    in_flask: Callable[[], object] = field(default=lambda: None)
    in_fastapi: Callable[[Request], Awaitable[Response]] = field(init=False)

    def __post_init__(self) -> None:
        self.api = FastAPI()
        self.api.add_api_route("/alice", self._serve_alice, methods=["GET"])
        flask = Flask("shop")
        flask.add_url_rule("/", view_func=self._count_visit)
        flask.add_url_rule("/alice", view_func=self._serve_alice_in_flask)
        self.flask = self.sessions.wsgi(flask)
        self.mounted = WSGI_ADAPTERS[self.adapter](self.flask)
        self.api.mount("/inner", self.mounted)
        self.app = self.sessions.asgi(self.api)
        self.alice, self.bob = (self.sessions.mint({"user": user}).header for user in ("alice", "bob"))

    async def request_as_alice(self, path: str = "/alice") -> httpx.Response:
        return await request_asgi(self.app, path, {"cookie": self.alice})

    async def request_as_bob(self, target: str) -> httpx.Response:
        """Bob's visit to the inner application: the way he came, or not by way of the outer one."""
        app, path = (self.mounted, "/") if target == "mounted alone" else (self.app, "/inner/")
        return await request_asgi(app, path, {"cookie": self.bob})

    def read(self, response: Any) -> dict[str, Any]:
        """What the one cookie of a response holds."""
        headers = response.headers
        (set_cookie,) = (headers.get_list if isinstance(headers, httpx.Headers) else headers.getlist)("set-cookie")
        return dict(self.sessions.read(set_cookie.split(";")[0]).session)

    def check(self, alice: Any, bob: Any) -> None:
        """Each has what was theirs, and what was done in their own request."""
        assert self.read(bob) == {"user": "bob", "visits": 1}
        assert self.read(alice) == {"user": "alice", "is_served": True}

    async def _serve_alice(self, request: Request) -> Response:
        self.sessions.get(request)["is_served"] = True
        return await self.in_fastapi(request)

    def _serve_alice_in_flask(self) -> str:
        self.sessions.get(flask_request)["is_served"] = True
        self.in_flask()
        return "ok"

    def _count_visit(self) -> str:
        session = self.sessions.get(flask_request)
        session["visits"] = session.get("visits", 0) + 1
        return "ok"


@pytest.fixture(params=[pytest.param(name, marks=mark_adapter(name)) for name in WSGI_ADAPTERS])
def shop(request: pytest.FixtureRequest, sessions: Sessions) -> Shop:
    return Shop(sessions, request.param)


# What stands between the layers


def request_through(shop: Shop, mounted: Any, client: Any = CLIENT) -> httpx.Response:
    """One request as Alice to an outer layer that writes and calls ``mounted``, in which /inner counts visits."""

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        shop.sessions.get(scope)["is_served"] = True
        await mounted(scope, receive, send)

    headers = {"cookie": shop.alice, "x-forwarded-for": "203.0.113.9"}
    return asyncio.run(request_asgi(shop.sessions.asgi(outer), "/", headers, client))


def run_elsewhere(app: Any) -> Any:
    """``app`` in a task that has nothing of the request's context, as that of a worker which was there before it."""

    async def run(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.create_task(app(scope, receive, send), context=Context())

    return run


BETWEEN: dict[str, Callable[[Shop], Any]] = {
    "ProxyFix": lambda shop: WSGI_ADAPTERS[shop.adapter](ProxyFix(shop.flask)),
    "ProxyHeadersMiddleware": lambda shop: ProxyHeadersMiddleware(shop.mounted, "*"),
}


@pytest.mark.parametrize("between", BETWEEN)
def test_layers_with_another_address_of_the_client_have_one_session(shop: Shop, between: str) -> None:
    response = request_through(shop, BETWEEN[between](shop))
    assert shop.read(response) == {"user": "alice", "is_served": True, "visits": 1}


def test_layers_without_an_address_of_the_client_have_one_session(shop: Shop) -> None:
    # As servers on a Unix socket have none.
    response = request_through(shop, shop.mounted, None)
    assert shop.read(response) == {"user": "alice", "is_served": True, "visits": 1}


@pytest.mark.parametrize("shop", ["a2wsgi"], indirect=True)
def test_layers_in_different_contexts_have_one_session_through_a2wsgi(shop: Shop) -> None:
    response = request_through(shop, run_elsewhere(shop.mounted))
    assert shop.read(response) == {"user": "alice", "is_served": True, "visits": 1}


@pytest.mark.parametrize(
    "shop", [pytest.param(name, marks=mark_adapter(name)) for name in ("asgiref", "starlette")], indirect=True
)
def test_layers_in_different_contexts_are_logged(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    response = request_through(shop, run_elsewhere(shop.mounted))
    assert len(response.headers.get_list("set-cookie")) == 2
    assert "set twice in one response" in caplog.text


# Two visitors: what starts in Alice's request and serves Bob

by_target = pytest.mark.parametrize("target", ["same application", "mounted alone"])


@by_target
def test_background_task_of_alices_request_serves_bob_in_his_own(shop: Shop, target: str) -> None:
    served: list[httpx.Response] = []

    async def serve_bob() -> None:
        served.append(await shop.request_as_bob(target))

    async def respond(request: Request) -> Response:
        return PlainTextResponse("ok", background=BackgroundTask(serve_bob))

    shop.in_fastapi = respond
    alice = asyncio.run(shop.request_as_alice())
    shop.check(alice, served[0])


@by_target
def test_task_that_runs_during_alices_request_serves_bob_in_his_own(shop: Shop, target: str) -> None:
    served: list[httpx.Response] = []

    async def respond(request: Request) -> Response:
        served.append(await asyncio.create_task(shop.request_as_bob(target)))
        return PlainTextResponse("ok")

    shop.in_fastapi = respond
    alice = asyncio.run(shop.request_as_alice())
    shop.check(alice, served[0])


@by_target
def test_task_that_outlives_alices_request_serves_bob_in_his_own(shop: Shop, target: str) -> None:
    async def run() -> None:
        is_alice_gone = asyncio.Event()
        tasks: list[asyncio.Task[httpx.Response]] = []

        async def serve_bob() -> httpx.Response:
            await is_alice_gone.wait()
            return await shop.request_as_bob(target)

        async def respond(request: Request) -> Response:
            tasks.append(asyncio.create_task(serve_bob()))
            return PlainTextResponse("ok")

        shop.in_fastapi = respond
        alice = await shop.request_as_alice()
        is_alice_gone.set()
        shop.check(alice, await tasks[0])

    asyncio.run(run())


@by_target
def test_client_call_in_alices_request_serves_bob_in_his_own(shop: Shop, target: str) -> None:
    served: list[httpx.Response] = []

    async def respond(request: Request) -> Response:
        served.append(await shop.request_as_bob(target))
        return PlainTextResponse("ok")

    shop.in_fastapi = respond
    alice = asyncio.run(shop.request_as_alice())
    shop.check(alice, served[0])


def test_client_call_with_alices_address_serves_bob_in_his_own(shop: Shop) -> None:
    served: list[httpx.Response] = []

    async def respond(request: Request) -> Response:
        # As a gateway hands on whom it calls for; the very object that came with Alice's request.
        served.append(await request_asgi(shop.mounted, "/", {"cookie": shop.bob}, request.scope["client"]))
        return PlainTextResponse("ok")

    shop.in_fastapi = respond
    alice = asyncio.run(shop.request_as_alice())
    shop.check(alice, served[0])


@by_target
def test_worker_task_started_in_alices_request_serves_bob_in_his_own(shop: Shop, target: str) -> None:
    async def run() -> None:
        jobs: asyncio.Queue[asyncio.Future[httpx.Response]] = asyncio.Queue()
        is_working, is_bob_served = asyncio.Event(), asyncio.Event()
        workers: list[asyncio.Task[None]] = []

        async def work() -> None:
            is_working.set()
            while True:
                (await jobs.get()).set_result(await shop.request_as_bob(target))
                is_bob_served.set()

        async def respond(request: Request) -> Response:
            workers.append(asyncio.create_task(work()))
            await is_bob_served.wait()
            return PlainTextResponse("ok")

        async def come_as_bob() -> httpx.Response:
            # From outside of Alice's request, which has begun and is not over.
            await is_working.wait()
            job: asyncio.Future[httpx.Response] = asyncio.get_running_loop().create_future()
            jobs.put_nowait(job)
            return await job

        shop.in_fastapi = respond
        alice, bob = await asyncio.gather(shop.request_as_alice(), come_as_bob())
        workers[0].cancel()
        shop.check(alice, bob)

    asyncio.run(run())


def test_worker_thread_started_in_alices_request_serves_bob_in_his_own(shop: Shop) -> None:
    jobs: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    served: list[Any] = []
    is_bob_served = threading.Event()
    workers: list[threading.Thread] = []

    def work() -> None:
        while (cookie := jobs.get()) is not None:
            environ = {"REMOTE_ADDR": CLIENT[0], "HTTP_COOKIE": cookie}
            served.append(Client(shop.flask, use_cookies=False).get("/", base_url=URL, environ_overrides=environ))
            is_bob_served.set()

    def start_worker() -> None:
        # As instrumented pools do, and free-threaded Python by default.
        workers.append(threading.Thread(target=copy_context().run, args=(work,)))
        workers[0].start()
        assert is_bob_served.wait(timeout=120)

    jobs.put(shop.bob)
    shop.in_flask = start_worker
    alice = asyncio.run(shop.request_as_alice("/inner/alice"))
    jobs.put(None)
    workers[0].join()
    shop.check(alice, served[0])


def test_worker_task_between_the_layers_serves_bob_in_his_own(shop: Shop) -> None:
    async def run() -> None:
        jobs: asyncio.Queue[Any] = asyncio.Queue()
        is_working, is_bob_served = asyncio.Event(), asyncio.Event()
        workers: list[asyncio.Task[None]] = []

        async def work() -> None:
            is_working.set()
            while True:
                request, done = await jobs.get()
                done.set_result(asyncio.create_task(shop.mounted(*request)))

        async def pass_to_worker(scope: Any, receive: Any, send: Any) -> None:
            if not workers:
                workers.append(asyncio.create_task(work()))
                shop.sessions.get(scope)["is_served"] = True
                await is_bob_served.wait()
            done: asyncio.Future[asyncio.Task[None]] = asyncio.get_running_loop().create_future()
            jobs.put_nowait(((scope, receive, send), done))
            await (await done)

        async def come_as_bob() -> httpx.Response:
            await is_working.wait()
            response = await request_asgi(app, "/", {"cookie": shop.bob})
            is_bob_served.set()
            return response

        app = shop.sessions.asgi(pass_to_worker)
        alice, bob = await asyncio.gather(request_asgi(app, "/alice", {"cookie": shop.alice}), come_as_bob())
        workers[0].cancel()
        shop.check(alice, bob)

    asyncio.run(run())
