"""One stack mounted in the other, both wrapped: one exchange, one Session, one Set-Cookie, and no one else's session.

The inner wrapper finds the outer's exchange through the scope, the environ, or a context variable, which leaks into
tasks and workers that are started in a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from a2wsgi import ASGIMiddleware, WSGIMiddleware
from asgiref.wsgi import WsgiToAsgi
from shared_values import NOW
from starlette.applications import Starlette
from starlette.routing import Mount

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Key, Keyring, Policy, Session
from cookiejar_session.exchange import Exchange
from cookiejar_session.nested_wrappers import PLACE, current

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]
Script = Callable[[Session[Any]], object]

STARLETTE = pytest.mark.filterwarnings("ignore:starlette.middleware.wsgi is deprecated")
WSGI_IN_ASGI = ["asgiref", "a2wsgi", pytest.param("starlette", marks=STARLETTE)]


def adapt_wsgi(app: Any, adapter: str) -> Any:
    """A WSGI application as an ASGI application."""
    if adapter == "starlette":
        from starlette.middleware.wsgi import WSGIMiddleware as StarletteMiddleware

        return StarletteMiddleware(app)
    return WsgiToAsgi(app) if adapter == "asgiref" else WSGIMiddleware(app)


@pytest.fixture
def sessions(make_sessions: Make, clock: Any) -> Sessions:
    return make_sessions()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop that runs an ASGI application in a WSGI one."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


class Nest:
    """An outer application that runs a script and hands the request to a wrapped inner one."""

    def __init__(self, outer: Any, inner: Any, adapt: Callable[[Any], Any]) -> None:
        self.outer = outer
        self.inner = inner
        self.adapt = adapt

    def request(
        self,
        sessions: Sessions,
        outer_script: Script = lambda session: None,
        inner_script: Script = lambda session: None,
        *,
        inner_sessions: Sessions | None = None,
        answer: Any,
        after: Script | None = None,
        **options: Any,
    ) -> Any:
        inside = inner_sessions or sessions
        app = self.inner.stack.make_app(inside, inner_script, answer, after)
        mounted = self.adapt(self.inner.stack.wrap(inside, app))

        def call_wsgi(environ: dict[str, Any], start_response: Any) -> Any:
            outer_script(sessions.get(environ))
            return mounted(environ, start_response)

        async def call_asgi(scope: Any, receive: Any, send: Any) -> None:
            outer_script(sessions.get(scope))
            await mounted(scope, receive, send)

        outer_app = call_wsgi if self.outer.stack.name == "wsgi" else call_asgi
        return self.outer.serve(sessions, self.outer.stack.wrap(sessions, outer_app), **options)


@pytest.fixture(params=[*WSGI_IN_ASGI, "asgi-in-wsgi"])
def nest(request: pytest.FixtureRequest, wsgi_harness: Any, asgi_harness: Any) -> Nest:
    if request.param == "asgi-in-wsgi":
        loop = request.getfixturevalue("loop")
        return Nest(wsgi_harness, asgi_harness, lambda app: ASGIMiddleware(app, loop=loop))
    return Nest(asgi_harness, wsgi_harness, lambda app: adapt_wsgi(app, request.param))


def put(**data: Any) -> Script:
    return lambda session: session.update(data)


def read_content(sessions: Sessions, outcome: Any) -> dict[str, Any]:
    assert len(outcome.set_cookies) == 1
    return dict(sessions.read(outcome.cookie).session)


# One exchange


def test_nested_applications_share_one_session(nest: Nest, sessions: Sessions, answer: Any) -> None:
    seen: list[Session[Any]] = []
    nest.request(sessions, seen.append, seen.append, answer=answer())
    assert seen[0] is seen[1]


def test_write_of_either_goes_out_in_one_cookie(nest: Nest, sessions: Sessions, answer: Any) -> None:
    outcome = nest.request(sessions, put(outer=1), put(inner=2), answer=answer(), cause="written")
    assert read_content(sessions, outcome) == {"outer": 1, "inner": 2}


def test_write_of_the_inner_alone_goes_out(nest: Nest, sessions: Sessions, answer: Any) -> None:
    outcome = nest.request(sessions, inner_script=put(inner=2), answer=answer(), cause="written")
    assert read_content(sessions, outcome) == {"inner": 2}


def test_read_of_both_sets_no_cookie_and_varies_once(nest: Nest, sessions: Sessions, answer: Any) -> None:
    cookie = sessions.mint({"user": "alice"}).header
    seen: list[Any] = []

    def read(session: Session[Any]) -> None:
        seen.append(session["user"])

    outcome = nest.request(sessions, read, read, answer=answer(), cookie=cookie)
    assert seen == ["alice", "alice"]
    assert outcome.values("vary") == ["Cookie"]


def test_outermost_commits_under_its_policy(nest: Nest, make_sessions: Make, answer: Any) -> None:
    outer, inner = make_sessions(policy=Policy(persistent=False)), make_sessions()
    outcome = nest.request(outer, inner_script=put(n=1), inner_sessions=inner, answer=answer(), cause="written")
    assert read_content(outer, outcome) == {"n": 1}
    assert "Max-Age" not in outcome.set_cookies[0]


def test_chunks_of_the_inner_arrive(nest: Nest, sessions: Sessions, answer: Any) -> None:
    body = (b"one ", b"two ", b"three")
    outcome = nest.request(sessions, inner_script=put(n=1), answer=answer(body=body), cause="written")
    assert outcome.body == b"one two three"


def test_inner_of_another_name_commits_its_own(nest: Nest, make_sessions: Make, answer: Any) -> None:
    outer, inner = make_sessions(), make_sessions(cookie=CookieAttributes(name="prefs"))
    outcome = nest.request(
        outer, put(user="alice"), put(theme="dark"), inner_sessions=inner, answer=answer(), cause="written"
    )
    assert dict(outer.read(outcome.cookie).session) == {"user": "alice"}
    assert dict(inner.read(outcome.cookie).session) == {"theme": "dark"}


def test_inner_of_another_purpose_has_a_session_of_its_own(nest: Nest, make_sessions: Make, answer: Any) -> None:
    outer, inner = make_sessions(), make_sessions(purpose="other")
    seen: list[Session[Any]] = []
    nest.request(outer, seen.append, seen.append, inner_sessions=inner, answer=answer())
    assert seen[0] is not seen[1]


def test_failed_commit_answers_a_plain_500_through_the_adapter(nest: Nest, sessions: Sessions, answer: Any) -> None:
    secret = answer(body=(b"secret", b"secret"))
    outcome = nest.request(sessions, inner_script=put(blob="x" * 4000), answer=secret)
    assert (outcome.status, outcome.body, outcome.set_cookies) == (500, b"Internal Server Error", [])


def test_late_nested_change_of_the_inner_is_logged(
    nest: Nest, sessions: Sessions, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cookie = sessions.mint({"cart": []}).header
    nest.request(
        sessions,
        inner_script=lambda session: session["cart"],
        after=lambda session: session["cart"].append("late"),
        answer=answer(),
        cookie=cookie,
    )
    assert "the change is lost" in caplog.text


# Two configurations with one cookie name


@pytest.fixture
def admin(clock: Any) -> Sessions:
    """An application with keys, a policy and a listener of its own, under the cookie name of ``sessions``."""
    return CookieSessions(Keyring.generate(), policy=Policy(not_before=datetime(2100, 1, 1, tzinfo=UTC)))


def make_pair(harness: Any, outer: Sessions, inner: Sessions, app: Any) -> Any:
    """An application under both wrappers of one stack."""
    return harness.stack.wrap(outer, harness.stack.wrap(inner, app))


SAME_NAME = "two different sessions use the cookie name __Host-session in one request"


def test_inner_with_keys_of_its_own_has_a_session_of_its_own(
    nest: Nest, sessions: Sessions, admin: Sessions, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[dict[str, Any]] = []
    cookie = sessions.mint({"user": "alice"}).header
    for _ in range(2):
        nest.request(
            sessions,
            lambda session: seen.append(dict(session)),
            lambda session: seen.append(dict(session)),
            inner_sessions=admin,
            answer=answer(),
            cookie=cookie,
        )
    assert seen == [{"user": "alice"}, {}] * 2
    assert caplog.text.count(SAME_NAME) == 1


def test_inner_of_the_same_stack_with_keys_of_its_own_has_a_session_of_its_own(
    harness: Any, sessions: Sessions, admin: Sessions, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[dict[str, Any]] = []
    app = harness.stack.make_app(admin, lambda session: seen.append(dict(session)), answer(), None)
    cookie = sessions.mint({"user": "alice"}).header
    for _ in range(2):
        harness.serve(sessions, make_pair(harness, sessions, admin, app), cookie=cookie)
    assert seen == [{}, {}]
    assert caplog.text.count(SAME_NAME) == 1


def test_inner_with_keys_of_its_own_and_without_a_wrapper_gets_no_session(
    harness: Any, sessions: Sessions, admin: Sessions, answer: Any
) -> None:
    app = harness.stack.make_app(admin, lambda session: None, answer(), None)
    with pytest.raises(ConfigError, match="passed a wrapper of other sessions, with the same cookie but no key"):
        harness.serve(sessions, harness.stack.wrap(sessions, app), cookie=sessions.mint({"user": "alice"}).header)


def test_inner_without_a_wrapper_gets_an_error_that_names_the_sessions_around_the_other_stack(
    nest: Nest, make_sessions: Make, answer: Any
) -> None:
    outer, inner = make_sessions(cookie=CookieAttributes(name="__Host-shop")), make_sessions()
    errors: list[str] = []

    def get(carrier: Any) -> None:
        with pytest.raises(ConfigError) as raised:
            inner.get(carrier)
        errors.append(str(raised.value))

    app = nest.inner.stack.make_app(SimpleNamespace(get=get), lambda session: None, answer(), None)
    nest.outer.serve(outer, nest.outer.stack.wrap(outer, nest.adapt(app)))
    assert ["with the cookie __Host-shop; " in error for error in errors] == [True]


def test_inner_with_keys_of_its_own_saves_under_its_own_key(nest: Nest, clock: Any, answer: Any) -> None:
    outer, inner = (CookieSessions(Keyring.generate()) for _ in range(2))
    # The ledger knows one configuration of an exchange, here the inner one.
    app = nest.adapt(nest.inner.stack.wrap(inner, nest.inner.stack.make_app(inner, put(n=1), answer(), None)))
    outcome = nest.outer.serve(inner, nest.outer.stack.wrap(outer, app), cause="written")
    assert read_content(inner, outcome) == {"n": 1}
    assert outer.read(outcome.cookie).reason == "unknown-key"


def test_inner_with_a_common_key_shares_the_session(harness: Any, clock: Any, answer: Any) -> None:
    new, old = Key.generate().to_text(), Key.generate().to_text()
    outer, inner = (CookieSessions(Keyring.parse(text, now=NOW)) for text in (f"{new} {old}", old))
    seen: list[dict[str, Any]] = []
    app = harness.stack.make_app(inner, lambda session: seen.append(dict(session)), answer(), None)
    harness.serve(outer, make_pair(harness, outer, inner, app), cookie=outer.mint({"user": "alice"}).header)
    assert seen == [{"user": "alice"}]


def test_untouched_nested_request_derives_no_key(
    harness: Any, clock: Any, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Key.generate().to_text()
    outer, inner = (CookieSessions(Keyring.parse(text, now=NOW)) for _ in range(2))
    cookie = outer.mint({"user": "alice"}).header
    monkeypatch.setattr(Key, "box_key", None)
    app = harness.stack.make_app(inner, None, answer(), None)
    assert harness.serve(outer, make_pair(harness, outer, inner, app), cookie=cookie).body == b"ok"


# ASGI around WSGI


@pytest.mark.parametrize("adapter", WSGI_IN_ASGI)
def test_several_cookie_fields_reach_the_inner_through_the_outer(
    asgi_harness: Any, wsgi_harness: Any, sessions: Sessions, answer: Any, adapter: str
) -> None:
    # The adapters join them with ",", so that the inner's environ alone would hide our cookie behind another.
    nest = Nest(asgi_harness, wsgi_harness, lambda app: adapt_wsgi(app, adapter))
    seen: list[Any] = []
    cookies = ("a=1", sessions.mint({"user": "alice"}).header, "b=2")
    nest.request(sessions, inner_script=lambda session: seen.append(session["user"]), answer=answer(), cookie=cookies)
    assert seen == ["alice"]


@pytest.mark.parametrize("adapter", WSGI_IN_ASGI)
def test_wsgi_under_an_adapter_alone_commits_itself(
    asgi_harness: Any, wsgi_harness: Any, sessions: Sessions, answer: Any, adapter: str
) -> None:
    chunks = answer(body=(b"one ", b"two"))
    app = adapt_wsgi(sessions.wsgi(wsgi_harness.stack.make_app(sessions, put(n=1), chunks, None)), adapter)
    outcome = asgi_harness.serve(sessions, app, cause="written")
    assert (read_content(sessions, outcome), outcome.body) == ({"n": 1}, b"one two")


@pytest.mark.parametrize("adapter", WSGI_IN_ASGI)
def test_wsgi_under_a_path_finds_the_outer_exchange(
    asgi_harness: Any, wsgi_harness: Any, sessions: Sessions, answer: Any, adapter: str
) -> None:
    seen: list[Any] = []

    def script(session: Session[Any]) -> None:
        seen.append(session["outer"])
        session["inner"] = 1

    inner = adapt_wsgi(sessions.wsgi(wsgi_harness.stack.make_app(sessions, script, answer(), None)), adapter)
    routes = Starlette(routes=[Mount("/caf\xe9", app=inner)])

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        scope["session"]["outer"] = 1
        await routes(scope, receive, send)

    outcome = asgi_harness.serve(sessions, sessions.asgi(outer), path="/caf\xe9/page", cause="written")
    assert seen == [1]
    assert read_content(sessions, outcome) == {"outer": 1, "inner": 1}


# Nobody else's session


@pytest.mark.parametrize(
    "options",
    [{"path": "/b"}, {"method": "POST"}, {"query": "b=1"}, {"client": "192.0.2.2"}, {"cookies": ("b=1",)}],
    ids=["path", "method", "query", "client", "cookies"],
)
def test_context_of_alices_request_gives_bob_a_session_of_his_own(
    harness: Any, sessions: Sessions, answer: Any, options: dict[str, Any]
) -> None:
    seen: list[Any] = []
    bob = harness.stack.wrap(
        sessions,
        harness.stack.make_app(sessions, lambda session: seen.append(dict(session)), answer(), None),
    )

    def serve_bob_in_a_worker(session: Session[Any]) -> None:
        session["user"] = "alice"
        request = harness.stack.make_request(**{"cookies": (), **options})
        worker = threading.Thread(target=copy_context().run, args=(harness.stack.serve, bob, request))
        worker.start()
        worker.join()

    harness.request(sessions, serve_bob_in_a_worker, cause="written")
    assert seen == [{}]


def test_asgi_task_of_alices_request_gives_bob_a_session_of_his_own(
    asgi_harness: Any, sessions: Sessions, answer: Any
) -> None:
    seen: list[Any] = []
    sent: list[Any] = []
    read = asgi_harness.stack.make_app(sessions, lambda session: seen.append(dict(session)), answer(), None)

    async def send(message: Any) -> None:
        sent.append(message)

    async def alice(scope: Any, receive: Any, send_to_alice: Any) -> None:
        sessions.get(scope)["user"] = "alice"
        # A worker that starts lazily takes Alice's context along, and is still at work when Bob comes.
        request = asgi_harness.stack.make_request(client="192.0.2.2")
        await asyncio.create_task(sessions.asgi(read)(request, None, send))
        await send_to_alice({"type": "http.response.start", "status": 200})
        await send_to_alice({"type": "http.response.body"})

    asgi_harness.serve(sessions, sessions.asgi(alice), cause="written")
    assert seen == [{}]
    assert all(name != b"set-cookie" for name, _ in sent[0]["headers"])


@pytest.mark.parametrize("adapter", ["asgiref", "a2wsgi"])
def test_wsgi_worker_started_in_alices_request_gives_bob_a_session_of_his_own(
    asgi_harness: Any, wsgi_harness: Any, sessions: Sessions, answer: Any, adapter: str
) -> None:
    seen: list[Any] = []
    read = wsgi_harness.stack.make_app(sessions, lambda session: seen.append(dict(session)), answer(), None)
    bob = adapt_wsgi(sessions.wsgi(read), adapter)

    async def alice(scope: Any, receive: Any, send: Any) -> None:
        sessions.get(scope)["user"] = "alice"
        request = asgi_harness.stack.make_request(client="192.0.2.2")
        incoming: asyncio.Queue[Any] = asyncio.Queue()
        incoming.put_nowait({"type": "http.request", "body": b""})
        await bob(request, incoming.get, ignore)
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    async def ignore(message: Any) -> None:
        pass

    asgi_harness.serve(sessions, sessions.asgi(alice), cause="written")
    assert seen == [{}]


def test_context_of_a_finished_request_is_no_longer_believed(harness: Any, sessions: Sessions, answer: Any) -> None:
    contexts: list[Any] = []
    seen: list[Any] = []

    def keep_context(session: Session[Any]) -> None:
        session["user"] = "alice"
        contexts.append(copy_context())

    harness.request(sessions, keep_context, cause="written")
    app = harness.stack.make_app(sessions, lambda session: seen.append(dict(session)), answer(), None)
    contexts[0].run(harness.stack.serve, harness.stack.wrap(sessions, app), harness.stack.make_request())
    assert seen == [{}]


@pytest.mark.parametrize("adapter", WSGI_IN_ASGI)
@pytest.mark.parametrize("cookies", [(), ("b=1",)], ids=["no cookies", "cookies"])
def test_middleware_with_one_string_per_method_gives_bob_no_session_of_alice(
    asgi_harness: Any, wsgi_harness: Any, sessions: Sessions, answer: Any, adapter: str, cookies: tuple[str, ...]
) -> None:
    seen: list[Any] = []
    methods: dict[str, str] = {}
    read = wsgi_harness.stack.make_app(sessions, lambda session: seen.append(dict(session)), answer(), None)

    def intern_method(environ: dict[str, Any], start_response: Any) -> Any:
        method = environ["REQUEST_METHOD"]
        environ["REQUEST_METHOD"] = methods.setdefault(method, method)
        if not environ.get("HTTP_COOKIE", "").startswith("__Host-session"):
            return sessions.wsgi(read)(environ, start_response)

        def serve_bob() -> None:
            wsgi_harness.stack.serve(intern_method, wsgi_harness.stack.make_request(cookies))

        # A worker that starts lazily in Alice's request, with her context.
        worker = threading.Thread(target=copy_context().run, args=(serve_bob,))
        worker.start()
        worker.join()
        return sessions.wsgi(read)(environ, start_response)

    app = sessions.asgi(adapt_wsgi(intern_method, adapter))
    asgi_harness.serve(sessions, app, cookie=sessions.mint({"user": "alice"}).header)
    assert seen == [{}, {"user": "alice"}]


def list_exchanges() -> list[Any]:
    gc.collect()
    # Not isinstance(): it asks lazy objects of other packages for their class.
    return [each for each in gc.get_objects() if issubclass(type(each), Exchange)]


@pytest.mark.parametrize("fails", [False, True], ids=["answers", "raises"])
def test_task_that_outlives_its_request_keeps_no_session_alive(
    asgi_harness: Any, sessions: Sessions, fails: bool
) -> None:
    tasks: list[asyncio.Task[None]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert sessions.get(scope)["user"] == "alice"
        tasks.append(asyncio.create_task(asyncio.sleep(60)))
        if fails:
            raise LookupError
        await send({"type": "http.response.start", "status": 200})

    async def send(message: Any) -> None:
        pass

    async def serve() -> list[Any]:
        before = list_exchanges()
        request = asgi_harness.stack.make_request((sessions.mint({"user": "alice"}).header,))
        with contextlib.suppress(LookupError):
            # Inside another wrapper of these sessions, which has a context of its own.
            await asyncio.create_task(sessions.asgi(sessions.asgi(app))(request, None, send))
        del request
        # The loop holds the task that has ended until its next round.
        await asyncio.sleep(0)
        kept = [each for each in list_exchanges() if not any(each is other for other in before)]
        tasks[0].cancel()
        return kept

    assert asyncio.run(serve()) == []


def test_scope_keeps_the_session_after_the_response(asgi_harness: Any, sessions: Sessions) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def send(message: Any) -> None:
        pass

    request = asgi_harness.stack.make_request((sessions.mint({"user": "alice"}).header,))
    asyncio.run(sessions.asgi(app)(request, None, send))
    assert sessions.get(request)["user"] == request["session"]["user"] == "alice"


@pytest.fixture
def prefs(sessions: Sessions) -> Sessions:
    """Another configuration, whose wrapper stands around or within that of ``sessions``."""
    return CookieSessions(sessions.settings.keyring, cookie=CookieAttributes(name="__Host-prefs"))


def test_environ_used_again_shows_no_session_of_another_configuration(
    wsgi_harness: Any, sessions: Sessions, prefs: Sessions
) -> None:
    seen: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        seen.append(look_up(sessions, environ))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    environ = wsgi_harness.stack.make_request()
    environ["HTTP_COOKIE"] = sessions.mint({"user": "alice"}).header
    prefs.wsgi(sessions.wsgi(app))(environ, lambda *_: None)
    environ["HTTP_COOKIE"] = ""
    prefs.wsgi(app)(environ, lambda *_: None)
    assert seen == [{"user": "alice"}, None]


def test_scope_used_again_shows_no_session_of_another_configuration(
    asgi_harness: Any, sessions: Sessions, prefs: Sessions
) -> None:
    seen: list[Any] = []
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(look_up(sessions, scope))
        scopes.append(scope)

    headers = [(b"cookie", sessions.mint({"user": "alice"}).header.encode())]
    asyncio.run(prefs.asgi(sessions.asgi(app))({**asgi_harness.stack.make_request(), "headers": headers}, None, None))
    again = {**scopes[0], "headers": []}
    asyncio.run(prefs.asgi(app)(again, None, None))
    assert seen == [{"user": "alice"}, None]
    assert PLACE in again


def look_up(sessions: Sessions, carrier: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return dict(sessions.get(carrier))
    except ConfigError:
        return None


@pytest.mark.parametrize("adapter", WSGI_IN_ASGI)
def test_wrapper_finds_its_like_through_a_wrapper_of_the_other_stack_between_them(
    wsgi_harness: Any, sessions: Sessions, prefs: Sessions, adapter: str, loop: asyncio.AbstractEventLoop
) -> None:
    def inner(environ: dict[str, Any], start_response: Any) -> Any:
        sessions.get(environ)["user"] = "alice"
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    between = ASGIMiddleware(prefs.asgi(adapt_wsgi(sessions.wsgi(inner), adapter)), loop=loop)

    def outer(environ: dict[str, Any], start_response: Any) -> Any:
        sessions.get(environ)["seen"] = 1
        return between(environ, start_response)

    outcome = wsgi_harness.serve(sessions, sessions.wsgi(outer), cause="written")
    assert read_content(sessions, outcome) == {"seen": 1, "user": "alice"}


@pytest.mark.parametrize("adapter", WSGI_IN_ASGI)
def test_wsgi_application_without_a_wrapper_shares_the_session_of_the_asgi_wrapper_around_it(
    asgi_harness: Any, sessions: Sessions, adapter: str
) -> None:
    def inner(environ: dict[str, Any], start_response: Any) -> Any:
        sessions.get(environ)["user"] = "alice"
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    outcome = asgi_harness.serve(sessions, sessions.asgi(adapt_wsgi(inner, adapter)), cause="written")
    assert read_content(sessions, outcome) == {"user": "alice"}


def test_call_to_the_same_application_from_a_request_has_an_exchange_of_its_own(
    wsgi_harness: Any, sessions: Sessions, answer: Any
) -> None:
    inner_outcomes: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        session = sessions.get(environ)
        session["path"] = environ["PATH_INFO"]
        if environ["PATH_INFO"] == "/outer":
            inner_outcomes.append(wsgi_harness.serve(sessions, wrapped, path="/inner", cause="written"))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    wrapped = sessions.wsgi(app)
    outcome = wsgi_harness.serve(sessions, wrapped, path="/outer", cause="written")
    assert read_content(sessions, outcome) == {"path": "/outer"}
    assert read_content(sessions, inner_outcomes[0]) == {"path": "/inner"}


def test_asgi_call_to_the_same_application_from_a_request_has_an_exchange_of_its_own(
    asgi_harness: Any, sessions: Sessions
) -> None:
    inner: list[Any] = []

    async def keep(message: Any) -> None:
        inner.append(message)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sessions.get(scope)["path"] = scope["path"]
        if scope["path"] == "/outer":
            await wrapped(asgi_harness.stack.make_request(path="/inner"), receive, keep)
            # The context is the outer request's again.
            now = current.get()
            assert now is not None
            assert now[1][PLACE][0].session["path"] == "/outer"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    wrapped = sessions.asgi(app)
    outcome = asgi_harness.serve(sessions, wrapped, path="/outer", cause="written")
    assert read_content(sessions, outcome) == {"path": "/outer"}
    (set_cookie,) = [value.decode() for name, value in inner[0]["headers"] if name == b"set-cookie"]
    assert dict(sessions.read(set_cookie.split(";")[0]).session) == {"path": "/inner"}


# A shared exchange is published with the inner request too, and a finished one hides none that goes on


def replace_method(app: Any) -> Any:
    def replace(environ: dict[str, Any], start_response: Any) -> Any:
        environ["REQUEST_METHOD"] = "PUT"
        return app(environ, start_response)

    return replace


def run_in_a_thread(app: Any) -> Any:
    """The application in a thread that has no context of its own."""

    def run(environ: dict[str, Any], start_response: Any) -> Any:
        bodies: list[Any] = []
        worker = threading.Thread(target=lambda: bodies.append(app(environ, start_response)))
        worker.start()
        worker.join()
        return bodies[0]

    return run


@pytest.mark.parametrize("between", [replace_method, run_in_a_thread])
def test_shared_session_is_found_below_the_inner_wrapper_whatever_is_between(
    asgi_harness: Any, sessions: Sessions, between: Any
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        sessions.get(environ)["user"] = "alice"
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    outcome = asgi_harness.serve(
        sessions, sessions.asgi(WsgiToAsgi(sessions.wsgi(between(app)))), method="POST", cause="written"
    )
    assert read_content(sessions, outcome) == {"user": "alice"}


def test_asgi_shared_exchange_is_published_in_the_inner_scope(asgi_harness: Any, sessions: Sessions) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope[PLACE][0])
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    async def mount(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope[PLACE][0])
        mounted = {**asgi_harness.stack.make_request(), "wsgi_environ": {PLACE: scope[PLACE]}}
        await sessions.asgi(app)(mounted, receive, send)

    asgi_harness.serve(sessions, sessions.asgi(mount))
    assert seen[0] is seen[1]


@pytest.mark.parametrize("second", ["another-configuration", "the-same-again", "the-outer-ones-too"])
def test_outer_session_is_found_after_an_inner_response_is_over(
    wsgi_harness: Any, make_sessions: Make, sessions: Sessions, second: str
) -> None:
    prefs = make_sessions(cookie=CookieAttributes(name="__Host-prefs"))
    other = make_sessions(cookie=CookieAttributes(name="__Host-other"))

    def not_found(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"not here"]

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        sessions.get(environ)["user"] = "alice"
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    first = prefs.wsgi(not_found)
    then = {
        "another-configuration": other.wsgi(app),
        "the-same-again": prefs.wsgi(app),
        "the-outer-ones-too": prefs.wsgi(sessions.wsgi(app)),
    }[second]

    def cascade(environ: dict[str, Any], start_response: Any) -> Any:
        assert list(first(environ, lambda *_: lambda _: None)) == [b"not here"]
        return then(environ, start_response)

    outcome = wsgi_harness.serve(sessions, sessions.wsgi(cascade), cause="written")
    assert read_content(sessions, outcome) == {"user": "alice"}
