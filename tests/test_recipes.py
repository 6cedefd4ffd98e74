"""Run every example of docs/how-to/recipes.md."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from documents import Page
from fastapi import FastAPI, Request, WebSocket
from flask import Flask, render_template_string, request
from flask import session as flask_session
from starlette.testclient import TestClient

from cookiejar_session import ConfigError, CookieSessions, Event, Keyring, Policy
from cookiejar_session.asgi import SessionMiddleware

PAGE = Page("docs/how-to/recipes.md")
run_example = PAGE.run_example
SITE = "https://testserver"
COOKIE = "__Host-session"


@pytest.fixture
def sessions() -> CookieSessions[None]:
    return CookieSessions(Keyring.generate())


@pytest.fixture
def flask_names(sessions: CookieSessions[None]) -> dict[str, Any]:
    """What an example for Flask finds: the application, its sessions and the request."""
    app = Flask(__name__)
    app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]
    return {"app": app, "sessions": sessions, "request": request}


@pytest.fixture
def fastapi_names(sessions: CookieSessions[None]) -> dict[str, Any]:
    """What an example for FastAPI finds, with a page that signs in."""
    app = FastAPI()
    app.add_middleware(SessionMiddleware, sessions=sessions)

    @app.post("/login")
    def login(request: Request) -> None:
        sessions.get(request)["user"] = "ada"

    return {"app": app, "sessions": sessions, "Request": Request}


def add_middleware(app: FastAPI, sessions: CookieSessions[None]) -> Any:
    app.add_middleware(SessionMiddleware, sessions=sessions)
    return app


def wrap(app: FastAPI, sessions: CookieSessions[None]) -> Any:
    return sessions.asgi(app)


Place = Callable[[FastAPI, CookieSessions[None]], Any]


@pytest.mark.parametrize(("place", "is_saved"), [(add_middleware, False), (wrap, True)])
def test_change_before_an_error_is_saved_by_sessions_asgi_alone(
    sessions: CookieSessions[None], place: Place, is_saved: bool
) -> None:
    assert "the change of the session is lost, and logged | the change is saved with the page" in PAGE.prose
    app = FastAPI()

    @app.get("/")
    def fail(request: Request) -> None:
        sessions.get(request)["user"] = "ada"
        raise RuntimeError

    response = TestClient(place(app, sessions), base_url=SITE, raise_server_exceptions=False).get("/")
    assert response.status_code == 500
    assert ("set-cookie" in response.headers) is is_saved


@pytest.mark.parametrize(("place", "has_session"), [(add_middleware, False), (wrap, True)])
def test_middleware_that_is_added_later_has_the_session_inside_sessions_asgi_alone(
    sessions: CookieSessions[None], place: Place, has_session: bool
) -> None:
    app = FastAPI()
    outermost = place(app, sessions)
    found: list[bool] = []

    @app.middleware("http")
    async def look(request: Request, call_next: Any) -> Any:
        try:
            sessions.get(request)
        except ConfigError:
            found.append(False)
        else:
            found.append(True)
        return await call_next(request)

    TestClient(outermost, base_url=SITE).get("/")
    assert found == [has_session]


def test_websocket_has_the_session_and_its_test_needs_wss(fastapi_names: dict[str, Any]) -> None:
    run_example("@app.websocket", **fastapi_names, WebSocket=WebSocket)
    client = TestClient(fastapi_names["app"], base_url=SITE)
    client.post("/login")
    run_example("wss://", client=client)
    with client.websocket_connect("/feed") as websocket:
        assert websocket.receive_json() == {"user": None}


@pytest.mark.parametrize(("has_processor", "user"), [(False, "flask"), (True, "ada")])
def test_template_has_our_session_after_the_context_processor(
    flask_names: dict[str, Any], has_processor: bool, user: str
) -> None:
    app = flask_names["app"]
    app.secret_key = "Flask's own"
    if has_processor:
        run_example("@app.context_processor", **flask_names)

    @app.get("/")
    def show() -> str:
        flask_session["user"] = "flask"
        return render_template_string('{{ session["user"] }}')

    header = flask_names["sessions"].mint({"user": "ada"}).header
    # A client with cookies of its own would drop the header.
    client = app.test_client(use_cookies=False)
    assert client.get("/", headers={"Cookie": header}, base_url=SITE).text == user


@pytest.fixture
def due_header(sessions: CookieSessions[None]) -> dict[str, str]:
    """The Cookie header field of a session that is due for renewal: half of its idle timeout has passed."""
    issued_at = int(time.time()) - Policy().idle_timeout // timedelta(seconds=2)
    return {"Cookie": sessions.mint({"user": "ada"}, now=issued_at).header}


def test_poll_shows_the_time_left_and_renews_nothing(fastapi_names: dict[str, Any], due_header: dict[str, str]) -> None:
    run_example("/time-left", **fastapi_names)
    response = TestClient(fastapi_names["app"], base_url=SITE).get("/time-left", headers=due_header)
    assert 0 < response.json()["seconds"] <= Policy().idle_timeout / timedelta(seconds=2)
    assert "set-cookie" not in response.headers


def test_log_of_visitors_leaves_session_and_response_as_they_are(
    sessions: CookieSessions[None], due_header: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    events: list[Event] = []
    sessions = CookieSessions(sessions.settings.keyring, on_event=events.append)
    app = FastAPI()
    app.add_middleware(SessionMiddleware, sessions=sessions)
    run_example("log_visitor", app=app, sessions=sessions, Request=Request)
    response = TestClient(app, base_url=SITE).get("/picture", headers=due_header)
    assert ("visits", logging.WARNING, "/picture: ada") in caplog.record_tuples
    assert {"vary", "set-cookie", "cache-control"}.isdisjoint(response.headers)
    assert events == []
