"""The session as a dependency of FastAPI, with and without required=, in requests, websockets and OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import Depends, FastAPI, Request, WebSocket
from missing_frameworks import reload_without
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Keyring, Session
from cookiejar_session.integrations import fastapi as integration
from cookiejar_session.integrations.fastapi import add_error_handlers, session_dependency

SITE = "https://testserver"
KEYRING = Keyring.generate()
Required = str | Callable[[Session[Any]], object] | None


@dataclass
class Visitor:
    user_id: int


def make_app(sessions: CookieSessions[Any], required: Required = None) -> FastAPI:
    app = FastAPI()
    app.add_middleware(sessions.asgi)  # type: ignore[arg-type, unused-ignore]
    dependency = Depends(session_dependency(sessions, required=required))

    # In defaults: FastAPI cannot see the local names of annotations that are text.
    @app.get("/")
    def show(session: Any = dependency) -> Any:
        return session.get("user")

    @app.post("/login")
    def sign_in(request: Request, session: Any = dependency) -> bool:
        session["user"] = "ada"
        return session is sessions.get(request) is request.session

    @app.get("/untouched")
    def leave(session: Any = dependency) -> None:
        return None

    @app.websocket("/feed")
    async def feed(websocket: WebSocket, session: Any = dependency) -> None:
        await websocket.accept()
        await websocket.send_json(session.get("user"))
        await websocket.close()

    return app


def make_client(sessions: CookieSessions[Any], required: Required = None, data: Any = None) -> TestClient:
    client = TestClient(make_app(sessions, required), base_url=SITE)
    if data is not None:
        client.headers["Cookie"] = sessions.mint(data).header
    return client


@pytest.fixture
def sessions() -> CookieSessions[None]:
    return CookieSessions(KEYRING)


def test_session_of_the_dependency_is_the_session_of_the_request(sessions: CookieSessions[None]) -> None:
    client = make_client(sessions)
    assert client.post("/login").json() is True
    assert client.get("/").json() == "ada"


def test_dependency_alone_does_not_touch_the_session(sessions: CookieSessions[None]) -> None:
    assert "vary" not in make_client(sessions, data={"user": "ada"}).get("/untouched").headers


def test_websocket_has_the_session(sessions: CookieSessions[None]) -> None:
    client = make_client(sessions, data={"user": "ada"})
    with client.websocket_connect("wss://testserver/feed") as websocket:
        assert websocket.receive_json() == "ada"


SIGNED_IN: list[tuple[Required, dict[str, Any], bool]] = [
    ("user", {"user": "ada"}, True),
    ("user", {}, False),
    ("user", {"name": "ada"}, False),
    # What applications write when somebody signs out.
    ("user", {"user": None}, False),
    ("user", {"user": ""}, False),
    (lambda session: session.get("user") == "ada", {"user": "ada"}, True),
    (lambda session: session.get("user") == "ada", {"user": "bob"}, False),
]


@pytest.mark.parametrize(("required", "data", "is_signed_in"), SIGNED_IN)
def test_visitor_who_is_not_signed_in_gets_401(
    sessions: CookieSessions[None], required: Required, data: dict[str, Any], is_signed_in: bool
) -> None:
    response = make_client(sessions, required, data).get("/")
    if is_signed_in:
        assert (response.status_code, response.json()) == (200, data["user"])
    else:
        assert (response.status_code, response.json()) == (401, {"detail": "Not authenticated"})
        assert response.headers["www-authenticate"] == "APIKey"
    # Neither answer may be shown to another visitor.
    assert response.headers["vary"] == "Cookie"


@pytest.mark.parametrize(("required", "data", "is_signed_in"), SIGNED_IN)
def test_websocket_of_a_visitor_who_is_not_signed_in_is_refused(
    sessions: CookieSessions[None], required: Required, data: dict[str, Any], is_signed_in: bool
) -> None:
    client = make_client(sessions, required, data)
    if is_signed_in:
        with client.websocket_connect("wss://testserver/feed") as websocket:
            assert websocket.receive_json() == data["user"]
        return
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("wss://testserver/feed"):
        pass
    assert caught.value.code == 1008


def test_typed_session_is_required_by_a_function() -> None:
    sessions = CookieSessions(KEYRING, data_type=Visitor)
    statuses = [
        make_client(sessions, lambda session: session.data is not None, data).get("/").status_code
        for data in (Visitor(7), {"theme": "dark"})
    ]
    assert statuses == [200, 401]


@dataclass
class Guest:
    """Its data is never None, since each field has a default."""

    user: str | None = None
    nickname: str = ""
    theme: str = "light"


def test_required_key_of_the_data_type_is_refused() -> None:
    sessions = CookieSessions(KEYRING, data_type=Visitor)
    with pytest.raises(
        ConfigError, match=r"required='user_id' is a key of Visitor; write a function, such as required"
    ):
        session_dependency(sessions, required="user_id")
    assert session_dependency(sessions, required="user")


@pytest.mark.parametrize(
    ("data_type", "key", "signed_in"),
    [(Visitor, "user_id", Visitor(7)), (Guest, "user", Guest("ada")), (Guest, "nickname", Guest(nickname="ada"))],
)
def test_function_that_the_error_suggests_lets_only_visitors_in_who_signed_in(
    data_type: Any, key: str, signed_in: Any
) -> None:
    sessions = CookieSessions(KEYRING, data_type=data_type)
    with pytest.raises(ConfigError) as caught:
        session_dependency(sessions, required=key)
    suggested = eval(str(caught.value).rpartition("such as required=")[2])  # noqa: S307
    assert make_client(sessions, suggested).get("/untouched").status_code == 401
    assert make_client(sessions, suggested, {"other": "app"}).get("/untouched").status_code == 401
    assert make_client(sessions, suggested, signed_in).get("/untouched").status_code == 200


@pytest.mark.parametrize(
    "required",
    [lambda session: session.data is not None, lambda session: session.data.theme, lambda session: True],
    ids=["data", "default", "true"],
)
def test_required_that_lets_every_visitor_in_is_refused(required: Any) -> None:
    sessions = CookieSessions(KEYRING, data_type=Guest)
    with pytest.raises(ConfigError, match="required is true for a new, empty session, so every visitor counts as"):
        session_dependency(sessions, required=required)


def test_required_that_raises_for_an_empty_session_lets_nobody_in_without_a_login() -> None:
    sessions = CookieSessions(KEYRING, data_type=Visitor)

    def is_seven(session: Session[Any]) -> bool:
        return bool(session.data.user_id == 7)

    assert make_client(sessions, is_seven, Visitor(7)).get("/untouched").status_code == 200
    assert make_client(sessions, is_seven, Visitor(8)).get("/untouched").status_code == 401
    with pytest.raises(AttributeError):
        make_client(sessions, is_seven).get("/untouched")


async def is_ada(session: Session[Any]) -> bool:
    return session.get("user") == "ada"


@pytest.mark.parametrize("required", [is_ada, 7, b"user"], ids=["async", "int", "bytes"])
def test_required_that_cannot_work_is_refused(sessions: CookieSessions[None], required: Any) -> None:
    with pytest.raises(ConfigError, match="required must be a key of the session or a function"):
        session_dependency(sessions, required=required)


def test_required_that_returns_a_coroutine_signs_nobody_in(sessions: CookieSessions[None]) -> None:
    coroutine = is_ada(sessions.read("").session)
    with pytest.raises(TypeError, match="required returned an awaitable"):
        make_client(sessions, lambda session: coroutine).get("/")
    coroutine.close()


@pytest.mark.parametrize(("name", "scheme"), [("__Host-session", "__Host-session"), ("shop$session", "shop_session")])
def test_cookie_is_a_security_scheme_of_openapi(name: str, scheme: str) -> None:
    document = make_app(CookieSessions(KEYRING, cookie=CookieAttributes(name=name))).openapi()
    assert document["components"]["securitySchemes"] == {scheme: {"type": "apiKey", "in": "cookie", "name": name}}
    assert document["paths"]["/"]["get"]["security"] == [{scheme: []}]
    assert "parameters" not in document["paths"]["/"]["get"]


def test_request_without_a_wrapper_names_the_line(sessions: CookieSessions[None]) -> None:
    app = make_app(sessions)
    app.user_middleware.clear()
    with pytest.raises(ConfigError, match=r"app\.add_middleware\(SessionMiddleware, sessions=sessions\)"):
        TestClient(app, base_url=SITE).get("/")


def test_anything_but_sessions_is_refused() -> None:
    with pytest.raises(ConfigError, match="sessions must be CookieSessions, got Keyring"):
        session_dependency(KEYRING)  # type: ignore[arg-type]


def test_depends_on_sessions_get_fails_where_the_route_is_declared(sessions: CookieSessions[None]) -> None:
    app, depends = FastAPI(), Depends(sessions.get)
    line = "Depends(session_dependency(sessions)), with from cookiejar_session.integrations.fastapi import"
    with pytest.raises(TypeError, match=re.escape(line)):

        @app.get("/")
        def show(session: Any = depends) -> None: ...

    with pytest.raises(TypeError, match=re.escape(line)):

        @app.websocket("/feed")
        async def feed(session: Any = depends) -> None: ...


def test_error_handlers_answer_json(sessions: CookieSessions[None]) -> None:
    app = make_app(sessions)
    add_error_handlers(app, sessions)

    @app.get("/much")
    def put_too_much(request: Request) -> None:
        session = sessions.get(request)
        session["cart"] = "x" * 3000
        session.check()

    @app.get("/set")
    def put_a_set(request: Request) -> None:
        sessions.get(request)["tags"] = {1}

    client = TestClient(app, base_url=SITE)
    responses = [client.get(path) for path in ("/much", "/set")]
    assert [(response.status_code, response.json()) for response in responses] == [
        (413, {"detail": "session too large"}),
        (500, {"detail": "session cannot be saved"}),
    ]


@pytest.mark.parametrize(
    ("missing", "problem"),
    [("fastapi.responses", "fastapi.responses"), ("fastapi", r'pip install "cookiejar-session\[fastapi\]"')],
)
def test_missing_framework_names_the_extra(missing: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModuleNotFoundError, match=problem):
        reload_without(missing, integration, monkeypatch)
