"""Quart applications with our sessions: requests, websockets, the test client, errors, mistakes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from missing_frameworks import reload_without
from quart import Quart, flash, get_flashed_messages, session, websocket

from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Keyring,
    Policy,
    SessionCommittedError,
    SessionTooLargeError,
)
from cookiejar_session.integrations import quart as integration
from cookiejar_session.integrations.quart import QuartSessions

Sessions = CookieSessions[Any]
Headers = list[tuple[bytes, bytes]]


@pytest.fixture
def sessions() -> Sessions:
    return CookieSessions(Keyring.generate(), policy=Policy(persistent=False))


@pytest.fixture
def app(sessions: Sessions) -> Quart:
    return make_app(sessions)


def make_app(sessions: Sessions | None, **config: Any) -> Quart:
    app = Quart("app")
    app.config.update({"TESTING": True} | config)
    QuartSessions(sessions).init_app(app)

    @app.route("/add/<value>")
    async def add(value: str) -> str:
        session["values"] = (*session.get("values", ()), value)
        await flash(value, "info")
        return "added"

    @app.route("/show")
    async def show() -> str:
        messages = get_flashed_messages(with_categories=True)
        return repr((dict(session), [tuple(message) for message in messages]))

    @app.route("/read")
    async def read() -> str:
        return repr(dict(session))

    @app.route("/untouched")
    async def leave() -> str:
        return "untouched"

    return app


async def get(client: Any, path: str) -> str:
    response = await client.get(path, scheme="https")
    return str(await response.get_data(as_text=True))


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def finish() -> Any:
        return await work()

    return asyncio.run(finish())


def test_the_session_and_flash_messages_last_over_requests(app: Quart) -> None:
    async def visit() -> list[str]:
        client = app.test_client()
        return [await get(client, path) for path in ("/add/a", "/show", "/show")]

    assert run(visit)[1:] == ["({'values': ('a',)}, [('info', 'a')])", "({'values': ('a',)}, [])"]


def test_an_untouched_request_has_no_fields_of_the_session(app: Quart) -> None:
    async def visit() -> Any:
        client = app.test_client()
        await get(client, "/add/a")
        return (await client.get("/untouched", scheme="https")).headers

    headers = run(visit)
    assert ("Vary" in headers, "Set-Cookie" in headers) == (False, False)


def test_session_transaction_reads_and_writes(app: Quart) -> None:
    async def visit() -> str:
        client = app.test_client()
        async with client.session_transaction(scheme="https") as opened:
            opened["values"] = ("a",)
        return await get(client, "/show")

    assert run(visit) == "({'values': ('a',)}, [])"


def test_setting_accessed_does_not_open_the_session(app: Quart) -> None:
    async def visit() -> tuple[bool, bool]:
        async with app.test_request_context("/"):
            opened: Any = session._get_current_object()  # type: ignore[attr-defined]
            opened.accessed = True
            before = opened.accessed
            opened.get("a")
            return before, opened.accessed

    assert run(visit) == (False, True)


@pytest.mark.parametrize("is_wrapped", [False, True], ids=["alone", "wrapped"])
def test_a_session_that_cannot_be_saved_reaches_the_error_handler(sessions: Sessions, *, is_wrapped: bool) -> None:
    app = make_app(sessions, TESTING=False)
    if is_wrapped:
        app.asgi_app = sessions.asgi(app.asgi_app)  # type: ignore[method-assign]

    @app.errorhandler(500)
    async def answer(error: Any) -> tuple[str, int]:
        return f"{type(error.original_exception).__name__} {dict(session)}", 500

    async def visit() -> str:
        return await get(app.test_client(), f"/add/{'x' * 3000}")

    assert run(visit) == "SessionTooLargeError {}"


async def connect(
    app: Any, cookie: str = "", *, answers: bool = False, leaves: asyncio.Event | None = None
) -> list[dict[str, Any]]:
    """Open a websocket and return what the application sent.

    The client waits until the application closes the websocket, or it closes the websocket itself when ``leaves`` is
    set.
    """
    leaves = leaves or asyncio.Event()
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "websocket",
        "asgi": {"spec_version": "2.3"},
        "scheme": "wss",
        "path": "/ws",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"cookie", cookie.encode())],
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}} if answers else {},
    }

    async def receive() -> Any:
        if received:
            await leaves.wait()
            return {"type": "websocket.disconnect", "code": 1001}
        received.append(True)
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "websocket.close" or not message.get("more_body", True):
            task.cancel()

    received: list[bool] = []
    task = asyncio.ensure_future(app(scope, receive, send))
    await asyncio.wait([task], timeout=60)
    return sent


def read_cookie(sessions: Sessions, message: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, str] = {name.decode().lower(): value.decode() for name, value in message["headers"]}
    return dict(sessions.read(fields["set-cookie"].partition(";")[0]).session)


@pytest.mark.parametrize("is_wrapped", [False, True], ids=["alone", "wrapped"])
def test_a_change_before_a_websocket_is_accepted_is_saved(app: Quart, sessions: Sessions, *, is_wrapped: bool) -> None:
    if is_wrapped:
        app.asgi_app = sessions.asgi(app.asgi_app)  # type: ignore[method-assign]
    refused: list[str] = []

    @app.websocket("/ws")
    async def talk() -> None:
        session["list"] = [*session["list"]]
        session["list"].append((2,))
        await websocket.accept(headers={"X-Own": "1"})
        await websocket.send("accepted")
        try:
            session["list"] = []
        except SessionCommittedError:
            refused.append("late")

    cookie = sessions.mint({"list": [1]}).header
    accepted, message, _ = run(lambda: connect(app, cookie))
    assert read_cookie(sessions, accepted) == {"list": [1, {" t": [2]}]}
    assert (b"x-own", b"1") in accepted["headers"]
    assert (message["text"], refused) == ("accepted", ["late"])


@pytest.mark.parametrize("is_wrapped", [False, True], ids=["alone", "wrapped"])
def test_a_session_first_read_after_a_websocket_was_accepted_is_not_warned_of(
    app: Quart, sessions: Sessions, caplog: pytest.LogCaptureFixture, *, is_wrapped: bool
) -> None:
    if is_wrapped:
        app.asgi_app = sessions.asgi(app.asgi_app)  # type: ignore[method-assign]

    @app.websocket("/ws")
    async def talk() -> None:
        await websocket.accept()
        await websocket.send(str(session["a"]))

    _, message, _ = run(lambda: connect(app, sessions.mint({"a": 1}).header))
    assert (message["text"], caplog.messages) == ("1", [])


def test_a_change_inside_a_value_after_a_websocket_was_accepted_is_logged(
    app: Quart, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    @app.websocket("/ws")
    async def talk() -> None:
        await websocket.accept()
        sessions.get(websocket)["list"].append(2)

    run(lambda: connect(app, sessions.mint({"list": [1]}).header))
    assert "session changed after its response headers were sent" in caplog.text


def test_a_websocket_is_accepted_by_its_first_message_too(app: Quart, sessions: Sessions) -> None:
    @app.websocket("/ws")
    async def talk() -> None:
        session["a"] = 1
        await websocket.send("first")
        await websocket.send("second")

    accepted, *messages = run(lambda: connect(app))
    assert (read_cookie(sessions, accepted), len(messages)) == ({"a": 1}, 3)


def test_a_refused_websocket_saves_the_session_into_its_response(app: Quart, sessions: Sessions) -> None:
    @app.websocket("/ws")
    async def refuse() -> tuple[str, int]:
        session["a"] = 1
        return "no", 403

    start, *_ = run(lambda: connect(app, answers=True))
    assert (start["status"], read_cookie(sessions, start)) == (403, {"a": 1})


def test_a_websocket_that_is_never_accepted_loses_its_change_with_a_log_line(
    app: Quart, caplog: pytest.LogCaptureFixture
) -> None:
    leaves = asyncio.Event()

    @app.websocket("/ws")
    async def end() -> None:
        session["a"] = 1
        leaves.set()

    assert run(lambda: connect(app, leaves=leaves)) == []
    assert "session changed after its response headers were sent, or without any" in caplog.text


def test_a_session_that_cannot_be_saved_raises_where_the_websocket_is_accepted(app: Quart) -> None:
    raised: list[type[Exception]] = []

    @app.websocket("/ws")
    async def talk() -> None:
        session["a"] = "x" * 3000
        try:
            await websocket.accept()
        except SessionTooLargeError as exc:
            raised.append(type(exc))
        await websocket.accept()

    accepted, *_ = run(lambda: connect(app))
    assert raised == [SessionTooLargeError]
    assert all(name.lower() != b"set-cookie" for name, _ in accepted["headers"])


def test_the_websocket_client_of_quart_works(app: Quart) -> None:
    @app.websocket("/ws")
    async def talk() -> None:
        await websocket.send(str(session["values"]))

    async def visit() -> Any:
        client = app.test_client()
        await get(client, "/add/a")
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookie_jar or ())
        async with client.websocket("/ws", headers={"Cookie": cookies}) as connection:
            return await connection.receive()

    assert run(visit) == "('a',)"


def test_without_keys_the_application_starts_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS", raising=False)
    app = make_app(None, TESTING=False)

    @app.errorhandler(500)
    async def answer(error: Any) -> tuple[str, int]:
        return str(error.original_exception), 500

    assert run(lambda: get(app.test_client(), "/read")) == "{}"
    said = run(lambda: get(app.test_client(), "/add/a"))
    assert said.startswith("the session is unavailable: COOKIEJAR_SESSION_KEYS is not set")


def test_another_application_is_refused(sessions: Sessions) -> None:
    with pytest.raises(ConfigError, match="init_app takes a Quart application, got str"):
        QuartSessions(sessions).init_app("app")  # type: ignore[arg-type]


def test_a_setting_that_contradicts_is_refused(sessions: Sessions) -> None:
    with pytest.raises(ConfigError, match="SESSION_COOKIE_NAME"):
        make_app(sessions, SESSION_COOKIE_NAME="sid")


def test_settings_that_differ_only_in_case_or_a_leading_dot_are_accepted() -> None:
    sessions = CookieSessions(Keyring.generate(), cookie=CookieAttributes.for_subdomains(".Example.com"))
    make_app(sessions, SESSION_COOKIE_DOMAIN=".example.com", SESSION_COOKIE_SAMESITE="lax")


def test_another_interface_that_takes_the_place_is_logged_once(app: Quart, caplog: pytest.LogCaptureFixture) -> None:
    app.secret_key, app.session_interface = "a", Quart.session_interface

    async def visit() -> None:
        for _ in range(2):
            await get(app.test_client(), "/untouched")

    run(visit)
    (message,) = [each.getMessage() for each in caplog.records if each.name == "cookiejar_session"]
    assert message.startswith("SecureCookieSessionInterface replaced the sessions of cookiejar-session")


@pytest.mark.parametrize(
    ("missing", "problem"),
    [("quart.sessions", "quart.sessions"), ("quart", r'pip install "cookiejar-session\[quart\]"')],
)
def test_missing_framework_names_the_extra(missing: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModuleNotFoundError, match=problem):
        reload_without(missing, integration, monkeypatch)


def test_remembering_ends_with_a_logout_and_with_the_next_login(app: Quart, sessions: Sessions) -> None:
    @app.route("/sign/<how>")
    async def sign(how: str) -> str:
        # The same as login_user() and logout_user() of Flask-Login.
        if how == "out":
            session.pop("_user_id")
        else:
            session["_user_id"] = "ada"
        if how == "remember":
            session["_remember"], session["_remember_seconds"] = "set", 60
        return "done"

    async def visit() -> list[tuple[float, bool]]:
        client, found = app.test_client(), []
        for path in ("/add/pen", "/sign/remember", "/sign/out", "/sign/remember", "/sign/in"):
            response = await client.get(path, scheme="https")
            token = response.headers["Set-Cookie"].partition(";")[0]
            read = sessions.read(token).session
            found.append((read.idle_timeout.total_seconds(), read.is_persistent))
        return found

    usual, remembered = (14 * 24 * 3600, False), (60, True)
    assert run(visit) == [usual, remembered, usual, remembered, usual]
