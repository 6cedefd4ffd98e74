"""The error handlers for Starlette: what is answered, logged and kept."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from missing_frameworks import reload_without
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from cookiejar_session import ConfigError, CookieSessions, Keyring, UnsupportedValueError
from cookiejar_session.integrations import starlette as integration
from cookiejar_session.integrations.starlette import add_error_handlers

SITE = "https://testserver"
KEYRING = Keyring.generate()
LOGGED = ("cookiejar_session", logging.ERROR)


@pytest.fixture
def sessions() -> CookieSessions[None]:
    return CookieSessions(KEYRING)


async def put_too_much(request: Request) -> Response:
    request.session["cart"] = "x" * 3000
    request.session.check()  # type: ignore[attr-defined]
    return PlainTextResponse("saved")


async def put_a_set(request: Request) -> Response:
    request.session["cart"] = "pen"
    request.session["tags"] = {"secret value"}
    return PlainTextResponse("saved")


async def put_a_set_before_accept(websocket: WebSocket) -> None:
    websocket.session["tags"] = {1}


async def fail_after_accept(websocket: WebSocket) -> None:
    await websocket.accept()
    raise UnsupportedValueError("made up")


def make_client(sessions: CookieSessions[None], **options: Any) -> TestClient:
    routes = [
        Route("/much", put_too_much),
        Route("/set", put_a_set),
        WebSocketRoute("/set-before", put_a_set_before_accept),
        WebSocketRoute("/fail-after", fail_after_accept),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(sessions.asgi)  # type: ignore[arg-type, unused-ignore]
    add_error_handlers(app, sessions, **options)
    client = TestClient(app, base_url=SITE)
    client.headers["Cookie"] = sessions.mint({"user": "ada"}).header
    return client


@pytest.mark.parametrize(
    ("path", "status", "text"), [("/much", 413, "session too large"), ("/set", 500, "session cannot be saved")]
)
def test_error_is_answered_and_the_session_is_kept(
    sessions: CookieSessions[None], path: str, status: int, text: str
) -> None:
    response = make_client(sessions).get(path)
    assert (response.status_code, response.text) == (status, text)
    assert "set-cookie" not in response.headers


def test_errors_are_logged_without_data(sessions: CookieSessions[None], caplog: pytest.LogCaptureFixture) -> None:
    client = make_client(sessions)
    client.get("/much")
    client.get("/set?token=secret")
    large, unsupported = [text for name, level, text in caplog.record_tuples if (name, level) == LOGGED]
    assert large.startswith("SessionTooLargeError: session needs a token of")
    assert large.endswith("keep large things on the server and their ids in the session (request 'GET /much')")
    assert unsupported.startswith("UnsupportedValueError: tags: set;")
    assert unsupported.endswith("(request 'GET /set')")
    assert "secret" not in unsupported


def test_response_is_the_one_that_the_application_makes(sessions: CookieSessions[None]) -> None:
    client = make_client(sessions, respond=lambda text, status: JSONResponse({"error": text}, status))
    assert client.get("/much").json() == {"error": "session too large"}


@pytest.mark.parametrize("path", ["/set-before", "/fail-after"])
def test_websocket_is_closed(sessions: CookieSessions[None], path: str) -> None:
    client = make_client(sessions)
    with (
        pytest.raises(WebSocketDisconnect) as caught,
        client.websocket_connect(f"wss://testserver{path}") as websocket,
    ):
        websocket.receive_text()
    assert caught.value.code == 1011


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((None, CookieSessions(KEYRING)), "app must be a Starlette, got NoneType"),
        ((Starlette(), KEYRING), "sessions must be CookieSessions, got Keyring"),
    ],
    ids=["app", "sessions"],
)
def test_wrong_arguments_are_refused(arguments: Any, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        add_error_handlers(*arguments)


@pytest.mark.parametrize(
    ("missing", "problem"),
    [
        ("starlette.applications", "starlette.applications"),
        ("starlette", r'pip install "cookiejar-session\[starlette\]"'),
    ],
)
def test_missing_framework_names_the_extra(missing: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModuleNotFoundError, match=problem):
        reload_without(missing, integration, monkeypatch)
