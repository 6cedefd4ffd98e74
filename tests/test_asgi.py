"""The ASGI wrapper by itself: messages, scopes, websockets. What both stacks share is in test_traps.py."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from collections.abc import Callable, Iterator, Mapping
from contextvars import copy_context
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from garbage import name_garbage

from cookiejar_session import CookieAttributes, CookieSessions
from cookiejar_session.asgi import SessionMiddleware
from cookiejar_session.events import log
from cookiejar_session.nested_wrappers import PLACE, current

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]
Messages = list[dict[str, Any]]

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
BODY = {"type": "http.response.body", "body": b"ok"}
ERROR_BODY = b"Internal Server Error"


@pytest.fixture
def sessions(make_sessions: Make, clock: Any) -> Sessions:
    return make_sessions()


@pytest.fixture
def run(asgi_harness: Any) -> Callable[..., Messages]:
    """The messages of a wrapped application for one request."""

    def run_app(app: Any, *, type: str = "http", **options: Any) -> Messages:  # noqa: A002 - ASGI's own name
        messages: Messages = asgi_harness.stack.exchange_messages(
            app, asgi_harness.stack.make_request(type=type, **options)
        )
        return messages

    return run_app


def make_app(sessions: Sessions, *messages: dict[str, Any], key: str | None = "n") -> Any:
    """Writes to the session and sends these messages."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if key is not None:
            sessions.get(scope)[key] = 1
        for message in messages:
            await send(message)

    return app


def list_set_cookies(message: dict[str, Any]) -> list[bytes]:
    return [value for name, value in message["headers"] if name == b"set-cookie"]


# What passes


@pytest.mark.parametrize("kind", ["lifespan", "some.extension"])
def test_asgi_other_scopes_pass_untouched(sessions: Sessions, kind: str) -> None:
    given = {"type": kind}, object(), object()
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    asyncio.run(sessions.asgi(app)(*given))
    assert all(one is other for one, other in zip(seen, given, strict=True))
    assert given[0] == {"type": kind}


def test_asgi_other_messages_pass_as_they_are(sessions: Sessions, asgi_harness: Any) -> None:
    others: Messages = [
        {"type": "http.response.early_hint", "links": []},
        START,
        {"type": "http.response.trailers", "headers": []},
        BODY,
    ]
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    app = sessions.asgi(make_app(sessions, *others))
    asyncio.run(app(asgi_harness.stack.make_request(), None, send))
    assert [one is other for one, other in zip(sent, others, strict=True)] == [True, False, True, True]


def test_asgi_start_of_an_untouched_session_has_the_same_content(sessions: Sessions, asgi_harness: Any) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    app = sessions.asgi(make_app(sessions, START, key=None))
    asyncio.run(app(asgi_harness.stack.make_request(), None, send))
    assert sent == [START]


@pytest.mark.parametrize("publishes", [True, False])
def test_asgi_session_and_exchange_are_written_into_the_scope_that_came(
    make_sessions: Make, asgi_harness: Any, clock: Any, publishes: bool
) -> None:
    sessions = make_sessions(publish=publishes)
    scope = asgi_harness.stack.make_request()
    before = dict(scope)
    seen: list[Any] = []

    async def app(inner: Any, receive: Any, send: Any) -> None:
        inner["route"] = "/"
        seen.append(inner)

    asgi_harness.stack.exchange_messages(sessions.asgi(app), scope)
    assert seen[0] is scope
    assert scope.pop("route") == "/"
    session = scope.pop(PLACE)[0].session
    assert scope.pop("session", None) is (session if publishes else None)
    assert scope == before


def test_asgi_send_is_a_coroutine_function_to_frameworks(sessions: Sessions, run: Any) -> None:
    seen: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(iscoroutinefunction(send))

    run(sessions.asgi(app))
    assert seen == [True]


def test_asgi_error_of_send_reaches_the_application(sessions: Sessions, asgi_harness: Any) -> None:
    caught: list[OSError] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sessions.get(scope)["n"] = 1
        try:
            await send(START)
        except OSError as exc:
            caught.append(exc)
            raise

    async def send(message: Any) -> None:
        raise OSError("client left")

    with pytest.raises(OSError, match="client left") as raised:
        asyncio.run(sessions.asgi(app)(asgi_harness.stack.make_request(), None, send))
    assert caught == [raised.value]


def test_asgi_second_start_passes_for_the_server_to_refuse(sessions: Sessions, run: Any) -> None:
    messages = run(sessions.asgi(make_app(sessions, START, START)))
    assert [len(list_set_cookies(message)) for message in messages] == [1, 0]


# Header fields


@pytest.mark.parametrize(
    "more",
    [{}, {"headers": None}, {"headers": ()}, {"headers": iter(())}, {"headers": (pair for pair in ())}],
    ids=["absent", "none", "tuple", "iterator", "generator"],
)
def test_asgi_headers_may_be_absent_or_any_iterable(sessions: Sessions, run: Any, more: dict[str, Any]) -> None:
    start = {"type": "http.response.start", "status": 200, **more}
    (message,) = run(sessions.asgi(make_app(sessions, start)))
    assert [name for name, _ in message["headers"]] == [b"vary", b"cache-control", b"set-cookie"]


def test_asgi_pairs_may_be_lists_with_names_in_any_case(sessions: Sessions, run: Any) -> None:
    start = {**START, "headers": [[b"Vary", b"Accept"], [b"X-One", b"1"]]}
    (message,) = run(sessions.asgi(make_app(sessions, start)))
    assert [list(pair) for pair in message["headers"][:2]] == [[b"X-One", b"1"], [b"vary", b"Accept, Cookie"]]


def test_asgi_response_that_varies_by_cookie_already_is_left_so(sessions: Sessions, run: Any) -> None:
    start = {**START, "headers": [(b"vary", b"Cookie"), (b"cache-control", b"private")]}
    (message,) = run(sessions.asgi(make_app(sessions, start)))
    assert message["headers"][:2] == start["headers"]
    assert [name for name, _ in message["headers"][2:]] == [b"set-cookie"]


def test_asgi_added_names_are_lower_case_bytes(sessions: Sessions, run: Any) -> None:
    (message,) = run(sessions.asgi(make_app(sessions, START)))
    assert all(type(name) is bytes and name == name.lower() for name, _ in message["headers"])


def test_asgi_message_of_the_application_is_not_changed(sessions: Sessions, run: Any) -> None:
    headers = [(b"content-type", b"text/plain")]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    run(sessions.asgi(make_app(sessions, start)))
    assert start == {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
    assert start["headers"] is headers


# Websockets


def test_asgi_websocket_is_saved_at_accept(sessions: Sessions, run: Any) -> None:
    (accept,) = run(sessions.asgi(make_app(sessions, {"type": "websocket.accept"})), type="websocket")
    assert len(list_set_cookies(accept)) == 1


def test_asgi_websocket_refusal_as_a_response_is_saved(sessions: Sessions, run: Any) -> None:
    start = {**START, "type": "websocket.http.response.start", "status": 403}
    body = {"type": "websocket.http.response.body", "body": b"no"}
    started, ended = run(sessions.asgi(make_app(sessions, start, body)), type="websocket")
    assert (started["status"], len(list_set_cookies(started)), ended["body"]) == (403, 1, b"no")


def test_asgi_websocket_write_after_accept_raises(sessions: Sessions, run: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        session = sessions.get(scope)
        session["n"] = 1
        await send({"type": "websocket.accept"})
        session["n"] = 2

    with pytest.raises(RuntimeError, match="changed after its response headers"):
        run(sessions.asgi(app), type="websocket")


# Scope headers that can be read once

ONCE = {
    "generator": lambda fields: (field for field in fields),
    "iterator": iter,
    "map": lambda fields: map(tuple, fields),
}


@pytest.mark.parametrize("make", ONCE.values(), ids=ONCE)
@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("wrappers", [1, 2], ids=["one wrapper", "two wrappers"])
def test_asgi_headers_that_can_be_read_once_reach_session_and_application(
    sessions: Sessions, asgi_harness: Any, make: Any, kind: str, wrappers: int
) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend([list(scope["headers"]), sessions.get(scope)["user"], list(scope["headers"])])
        await send(START if kind == "http" else {"type": "websocket.accept"})

    scope = asgi_harness.stack.make_request((sessions.mint({"user": "ada"}).header,), type=kind)
    fields = scope["headers"]
    wrapped = app
    for _ in range(wrappers):
        wrapped = sessions.asgi(wrapped)
    asgi_harness.stack.exchange_messages(wrapped, {**scope, "headers": make(fields)})
    assert seen == [fields, "ada", fields]


@pytest.mark.parametrize("make", [list, tuple])
def test_asgi_headers_that_can_be_read_again_stay_the_object_they_are(
    sessions: Sessions, asgi_harness: Any, make: Any
) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["headers"])

    given = make([(b"accept", b"*/*")])
    asyncio.run(sessions.asgi(app)({**asgi_harness.stack.make_request(), "headers": given}, None, None))
    assert seen[0] is given


# A commit that fails


def test_asgi_commit_that_fails_answers_a_plain_500_and_swallows_the_rest(
    sessions: Sessions, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        sessions.get(scope)["blob"] = "x" * 4000
        for message in (START, BODY, BODY):
            await send(message)

    length = (b"content-length", b"21")
    assert run(sessions.asgi(app)) == [
        {"type": "http.response.start", "status": 500, "headers": [(b"content-type", b"text/plain"), length]},
        {"type": "http.response.body", "body": ERROR_BODY},
    ]
    assert "SessionTooLargeError" in caplog.text


def test_asgi_commit_that_fails_closes_a_websocket_with_1011(sessions: Sessions, run: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        sessions.get(scope)["blob"] = "x" * 4000
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "secret"})

    assert run(sessions.asgi(app), type="websocket") == [{"type": "websocket.close", "code": 1011}]


def test_asgi_commit_that_fails_refuses_a_websocket_with_a_plain_500(sessions: Sessions, run: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        sessions.get(scope)["blob"] = "x" * 4000
        await send({**START, "type": "websocket.http.response.start", "status": 403})
        await send({"type": "websocket.http.response.body", "body": b"secret"})

    start, body = run(sessions.asgi(app), type="websocket")
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 500)
    assert body == {"type": "websocket.http.response.body", "body": ERROR_BODY}


# Around it


def test_asgi_class_takes_sessions_by_keyword(sessions: Sessions, run: Any) -> None:
    (message,) = run(SessionMiddleware(make_app(sessions, START), sessions=sessions))
    assert len(list_set_cookies(message)) == 1


@pytest.mark.parametrize("publishes", [True, False])
def test_asgi_publishes_in_the_scope(make_sessions: Make, run: Any, clock: Any, publishes: bool) -> None:
    sessions = make_sessions(publish=publishes)
    seen: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope.get("session") is sessions.get(scope))

    run(sessions.asgi(app))
    assert seen == [publishes]


def test_asgi_inner_wrapper_shares_the_session_and_sets_no_cookie_of_its_own(sessions: Sessions, run: Any) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend([scope["session"], sessions.get(scope)])
        scope["session"]["n"] = 1
        await send(START)

    (message,) = run(sessions.asgi(sessions.asgi(app)))
    assert len(list_set_cookies(message)) == 1
    assert seen[0] is seen[1]


def test_asgi_exchange_of_an_outer_environ_is_found(sessions: Sessions, run: Any, asgi_harness: Any) -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["session"])

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["session"])
        mounted = {**asgi_harness.stack.make_request(path="/other"), "wsgi_environ": {PLACE: scope[PLACE]}}
        await sessions.asgi(inner)(mounted, receive, send)

    run(sessions.asgi(outer))
    assert seen[0] is seen[1]


def test_asgi_exchange_ends_with_the_application(
    sessions: Sessions, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        session = sessions.get(scope)
        session["cart"] = []
        await send(START)
        session["cart"].append("late")
        await send(BODY)

    with caplog.at_level(logging.ERROR, "cookiejar_session"):
        run(sessions.asgi(app))
    assert "the change is lost" in caplog.text


@pytest.mark.parametrize("raised_by", ["application", "log filter"])
def test_an_error_leaves_the_context_as_it_was(sessions: Sessions, asgi_harness: Any, raised_by: str) -> None:
    before: Any = (None, {})
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(current.get())
        if raised_by == "application":
            raise LookupError("no such page")
        # A change without a response is logged when the request ends.
        sessions.get(scope)["late"] = 1

    def fail(record: logging.LogRecord) -> bool:
        raise LookupError("no such file")

    async def serve() -> Any:
        current.set(before)
        with pytest.raises(LookupError):
            await sessions.asgi(app)(asgi_harness.stack.make_request(), None, None)
        return current.get()

    log.addFilter(fail)
    try:
        assert asyncio.run(serve()) is before
    finally:
        log.removeFilter(fail)
    assert seen == [[]]  # emptied


# Litestar puts its own things into scope["session"]


class Litestars(enum.Enum):
    EMPTY = 0


@pytest.fixture
def replace_session(sessions: Sessions, run: Any) -> Callable[[object], Messages]:
    """A Litestar application, as far as the wrapper can see, with a session {"old": 1} that it replaces."""
    cookie = sessions.mint({"old": 1}).header

    def replace(content: object) -> Messages:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope["litestar_app"] = object()
            scope["session"] = content
            await send(START)

        messages: Messages = run(sessions.asgi(app), cookies=(cookie,))
        return messages

    return replace


def test_asgi_litestar_set_session_is_honoured(sessions: Sessions, replace_session: Any) -> None:
    (message,) = replace_session({"new": 2})
    (set_cookie,) = list_set_cookies(message)
    assert dict(sessions.read(set_cookie.decode().split(";")[0]).session) == {"new": 2}


@pytest.mark.parametrize("empty", [None, Litestars.EMPTY], ids=["none", "empty-enum"])
def test_asgi_litestar_clear_session_is_honoured(replace_session: Any, empty: object) -> None:
    (message,) = replace_session(empty)
    (set_cookie,) = list_set_cookies(message)
    assert set_cookie.startswith(b"__Host-session=; ")


def test_asgi_litestar_session_that_cannot_be_sealed_answers_a_plain_500(replace_session: Any) -> None:
    start, _ = replace_session({"new": object()})
    assert (start["status"], list_set_cookies(start)) == (500, [])


def test_asgi_litestar_set_session_inside_a_second_wrapper_is_honoured(sessions: Sessions, run: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["litestar_app"] = object()
        scope["session"] = {"new": 2}
        await send(START)

    (message,) = run(sessions.asgi(sessions.asgi(app)), cookies=(sessions.mint({"old": 1}).header,))
    (set_cookie,) = list_set_cookies(message)
    assert dict(sessions.read(set_cookie.decode().split(";")[0]).session) == {"new": 2}


def test_asgi_litestar_session_of_another_middleware_is_left_alone_without_publishing(
    make_sessions: Make, run: Any, clock: Any
) -> None:
    sessions = make_sessions(publish=False)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["litestar_app"] = object()
        scope["session"] = {"of": "another"}
        assert sessions.get(scope)["old"] == 1
        await send(START)

    (message,) = run(sessions.asgi(app), cookies=(sessions.mint({"old": 1}).header,))
    assert list_set_cookies(message) == []


def test_asgi_inner_wrapper_without_publishing_publishes_nothing(
    make_sessions: Make, sessions: Sessions, run: Any, clock: Any
) -> None:
    quiet = make_sessions(publish=False)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert "session" not in scope
        assert quiet.get(scope)["old"] == 1
        await send(START)

    async def take_out(scope: Any, receive: Any, send: Any) -> None:
        session = scope.pop("session")
        await quiet.asgi(app)(scope, receive, send)
        assert session["old"] == 1

    run(sessions.asgi(take_out), cookies=(sessions.mint({"old": 1}).header,))


class Frozen(Mapping[str, Any]):
    """A mapping that is no dict."""

    def __getitem__(self, key: str) -> Any:
        return {"new": 2}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(["new"])

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize("content", [{"new": 2}, {}, Frozen()], ids=["dict", "empty dict", "mapping"])
@pytest.mark.parametrize("message", ["http.response.start", "websocket.accept", "websocket.http.response.start"])
def test_asgi_mapping_at_the_place_of_the_session_is_left_alone_and_warned_about_once(
    sessions: Sessions, run: Any, content: Mapping[str, Any], message: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert sessions.get(scope)["old"] == 1
        scope["session"] = content
        await send({"type": message, "status": 200})

    kind = message.partition(".")[0]
    for _ in range(2):
        (started,) = run(sessions.asgi(app), type=kind, cookies=(sessions.mint({"old": 1}).header,))
        assert list_set_cookies(started) == []
    assert [record.levelname for record in caplog.records if "was replaced by a mapping" in record.message] == [
        "WARNING"
    ]


@pytest.mark.parametrize("content", [{"old": 2}, {}, Frozen(), 5], ids=["dict", "empty dict", "mapping", "int"])
def test_asgi_session_of_a_middleware_around_the_wrapper_is_left_in_its_place(
    sessions: Sessions, run: Any, content: object, caplog: pytest.LogCaptureFixture
) -> None:
    """Starlette's would write the content of ours into its own cookie, which is not encrypted."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["session"] is content
        sessions.get(scope)["old"] += 1
        await send(START)

    async def other_middleware(scope: Any, receive: Any, send: Any) -> None:
        scope["session"] = content
        await sessions.asgi(app)(scope, receive, send)
        assert scope["session"] is content

    for _ in range(2):
        (message,) = run(other_middleware, cookies=(sessions.mint({"old": 1}).header,))
        (cookie,) = list_set_cookies(message)
        assert sessions.read(cookie.decode()).session == {"old": 2}
    assert [record.levelname for record in caplog.records if "is around this one" in record.message] == ["WARNING"]


@pytest.mark.parametrize("content", [None, 5, Litestars.EMPTY], ids=["none", "int", "enum"])
def test_asgi_other_things_at_the_place_of_the_session_are_left_alone(
    sessions: Sessions, run: Any, content: object
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"] = content
        await send(START)

    (message,) = run(sessions.asgi(app), cookies=(sessions.mint({"old": 1}).header,))
    assert list_set_cookies(message) == []


def test_asgi_session_that_is_removed_from_the_scope_is_saved_all_the_same(sessions: Sessions, run: Any) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope.pop("session")["n"] = 1
        await send(START)

    (message,) = run(sessions.asgi(app))
    assert len(list_set_cookies(message)) == 1


def test_asgi_session_of_another_configuration_is_not_taken_over(make_sessions: Make, run: Any, clock: Any) -> None:
    outer, inner = make_sessions(), make_sessions(cookie=CookieAttributes(name="__Host-prefs"))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["session"] is inner.get(scope)
        scope["session"]["theme"] = "dark"
        await send(START)

    (message,) = run(outer.asgi(inner.asgi(app)), cookies=(outer.mint({"user": "alice"}).header,))
    (set_cookie,) = list_set_cookies(message)
    assert dict(inner.read(set_cookie.decode().split(";")[0]).session) == {"theme": "dark"}


def test_asgi_litestar_finds_its_session_open(sessions: Sessions, run: Any) -> None:
    seen: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["session"].is_accessed)
        await send(START)

    async def litestar(scope: Any, receive: Any, send: Any) -> None:
        scope["litestar_app"] = object()
        await sessions.asgi(app)(scope, receive, send)

    (message,) = run(litestar)
    run(sessions.asgi(app))
    assert seen == [True, False]
    assert (b"vary", b"Cookie") in message["headers"]


@pytest.mark.parametrize("touch", [None, "n"], ids=["untouched", "written"])
@pytest.mark.parametrize("fails", [False, True], ids=["answers", "raises"])
def test_asgi_request_leaves_nothing_for_the_garbage_collector(
    sessions: Sessions, asgi_harness: Any, touch: str | None, fails: bool
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if touch is not None:
            sessions.get(scope)[touch] = 1
        await send(START)
        if fails:
            raise LookupError
        await send(BODY)

    async def send(message: Any) -> None:
        pass

    def serve() -> None:
        # Nothing here waits. So no event loop is needed, which would leave cycles of its own.
        with contextlib.suppress(LookupError, StopIteration):
            wrapped(asgi_harness.stack.make_request(), None, send).send(None)

    wrapped = sessions.asgi(app)
    assert name_garbage(serve) == []


def test_asgi_streamed_chunks_are_not_gathered(sessions: Sessions, asgi_harness: Any) -> None:
    order: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in (START, {**BODY, "more_body": True}, BODY):
            await send(message)
            order.append("app")

    async def send(message: Any) -> None:
        order.append("server")

    asyncio.run(sessions.asgi(app)(asgi_harness.stack.make_request(), None, send))
    assert order == ["server", "app"] * 3


def test_asgi_scope_and_its_mark_are_current_in_the_application(sessions: Sessions, asgi_harness: Any) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((tuple(current.get() or ()), scope))

    request = asgi_harness.stack.make_request()
    method = request["method"]
    asyncio.run(sessions.asgi(app)(request, None, None))
    (mark, scope), inner = seen
    assert scope is inner
    assert mark is inner["method"]
    assert mark is not method


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "ÄÖ", "M", "", None])
def test_asgi_mark_is_an_equal_method_that_only_this_scope_has(
    sessions: Sessions, asgi_harness: Any, method: str | None
) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((tuple(current.get() or ()), scope))

    request = asgi_harness.stack.make_request()
    del request["method"]
    request |= {} if method is None else {"method": method}
    asyncio.run(sessions.asgi(app)(request, None, None))
    (mark, _), scope = seen
    assert scope.get("method") == method
    # All strings of one character are one object.
    assert mark is (scope["method"] if len(method or "") > 1 else None)
    assert mark is not method or mark is None


def test_asgi_coroutine_that_is_closed_in_another_context_ends_quietly(sessions: Sessions, asgi_harness: Any) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await asyncio.Event().wait()

    async def serve() -> None:
        coroutine = sessions.asgi(app)(asgi_harness.stack.make_request(), None, None)
        copy_context().run(coroutine.send, None)
        copy_context().run(coroutine.close)

    asyncio.run(serve())
    assert seen[0][PLACE][0].is_finished
