"""Run every example of docs/how-to/fastapi.md: the app for Starlette's own session works before and after its diff."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from documents import Page
from fastapi import Depends, FastAPI, Request
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient

from cookiejar_session import CookieAttributes, CookieSessions, Key, Policy
from cookiejar_session.integrations import starlette
from cookiejar_session.integrations.fastapi import session_dependency

PAGE = Page("docs/how-to/fastapi.md")
run_example = PAGE.run_example
SITE = "https://testserver"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())


@pytest.fixture
def names() -> dict[str, Any]:
    """What the first example defines, which the later ones use."""
    return run_example('@app.websocket("/feed")')


def open_client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=SITE)


def test_visitor_signs_in_and_is_known_in_requests_and_websockets(names: dict[str, Any]) -> None:
    client = open_client(names["app"])
    assert client.get("/whoami").json() == {"user": None}
    client.post("/login", params={"name": "ada"})
    assert client.get("/whoami").json() == {"user": "ada"}
    with client.websocket_connect("wss://testserver/feed") as websocket:
        assert websocket.receive_json() == {"user": "ada"}


def test_pages_for_visitors_who_have_signed_in(names: dict[str, Any]) -> None:
    names = run_example("APIRouter(", **names)
    run_example("find_user", **names)
    client = open_client(names["app"])
    paths = ("/account", "/orders", "/profile")
    assert [client.get(path).status_code for path in paths] == [401, 401, 401]
    refused = client.get("/account")
    assert f"with `{refused.text}` and `WWW-Authenticate: {refused.headers['www-authenticate']}`" in PAGE.prose
    client.post("/login", params={"name": "ada"})
    answers = [client.get(path).json() for path in paths]
    assert answers == [{"user": "ada"}, [], {"name": "Ada Lovelace"}]
    client.post("/login", params={"name": "bob"})
    assert [client.get(path).status_code for path in paths] == [200, 200, 401]


def test_openapi_protects_each_route_with_the_session_and_lists_the_401_of_the_router(names: dict[str, Any]) -> None:
    names = run_example("APIRouter(", **names)

    @names["app"].get("/public")
    def show_user(request: Request) -> Any:
        return names["sessions"].get(request).get("user")

    paths = names["app"].openapi()["paths"]
    assert [path for path, methods in paths.items() if "security" not in next(iter(methods.values()))] == ["/public"]
    assert [path for path, methods in paths.items() if "401" in next(iter(methods.values()))["responses"]] == [
        "/orders"
    ]


def test_session_with_types_is_changed_through_the_visitor(names: dict[str, Any]) -> None:
    names = run_example("def get_visitor", **names)
    client = open_client(names["shop"])
    assert client.put("/theme", params={"theme": "dark"}).status_code == 401
    assert client.post("/login", params={"name": "ada"}).status_code == 200
    assert client.put("/theme", params={"theme": "dark"}).status_code == 200
    cookie = client.cookies["__Host-session"]
    assert names["typed_sessions"].read(cookie).session.data == names["Visitor"]("ada", "dark")


def test_errors_are_answered(names: dict[str, Any]) -> None:
    run_example('@app.put("/cart")', **names)
    client = open_client(names["app"])
    assert client.put("/cart", json=["pen"]).status_code == 200
    response = client.put("/cart", json=["x" * 3000])
    assert (response.status_code, response.json()) == (413, {"detail": "session too large"})
    assert names["sessions"].read(client.cookies["__Host-session"]).session == {"cart": ["pen"]}


@pytest.mark.skipif("scope" not in inspect.signature(Depends).parameters, reason="needs FastAPI 0.121")
def test_dependency_of_the_whole_app_checks_every_session_that_was_touched(names: dict[str, Any]) -> None:
    checked = run_example("def check_session", **run_example('@app.put("/cart")', **names))["checked"]

    @checked.get("/public")
    def show_public() -> str:
        return "hello"

    client = open_client(checked)
    assert client.put("/notes", json=["short"]).status_code == 200
    refused = client.put("/notes", json=["x" * 3000])
    assert (refused.status_code, refused.json()) == (413, {"detail": "session too large"})
    assert names["sessions"].read(client.cookies["__Host-session"]).session == {"notes": ["short"]}
    assert "vary" not in client.get("/public").headers


def test_handlers_of_starlette_answer_in_a_fastapi_app_as_it_likes(names: dict[str, Any]) -> None:
    starlette.add_error_handlers(
        names["app"], names["sessions"], respond=lambda text, status: HTMLResponse(f"<p>{text}", status)
    )

    @names["app"].get("/much")
    def put_too_much(request: Request) -> None:
        session = names["sessions"].get(request)
        session["cart"] = "x" * 3000
        session.check()

    response = open_client(names["app"]).get("/much")
    assert (response.status_code, response.text) == (413, "<p>session too large")


def apply_diff(code: str) -> str:
    """Return ``code`` with each line that the page's diff removes replaced by the line that it adds."""
    (diff,) = Page("docs/how-to/fastapi.md").take_blocks("diff", 1)
    lines = diff.splitlines()
    assert [line[0] for line in lines] == ["-", "+"] * 2
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        assert code.count(f"{old[1:]}\n") == 1
        code = code.replace(old[1:], new[1:])
    return code


@pytest.mark.parametrize(
    ("change", "cookie"), [(str, "session"), (apply_diff, "__Host-session")], ids=["before", "after"]
)
def test_app_for_starlettes_session_works_before_and_after_the_diff(change: Callable[[str], str], cookie: str) -> None:
    names: dict[str, Any] = {"__name__": "sample"}
    exec(change(PAGE.find_example("async def show_home")), names)  # noqa: S102
    client = TestClient(names["app"], base_url=SITE)

    def sign_in(token: str) -> int:
        return client.post("/login", params={"name": "ada", "csrf": token}, follow_redirects=False).status_code

    assert [client.get("/").text for _ in range(2)] == ["visit 1: ", "visit 2: "]
    assert client.get("/account").status_code == 401
    assert [sign_in("guess"), sign_in(client.get("/form").text)] == [400, 303]
    assert [client.get(path).text for path in ("/", "/", "/account")] == ["visit 3: welcome", "visit 4: ", "ada"]
    assert list(client.cookies) == [cookie]
    client.post("/logout")
    assert client.get("/account").status_code == 401
    assert client.get("/").text == "visit 2: "


def test_expressions_of_the_table_make_sessions() -> None:
    table = PAGE.text.split("| argument of Starlette's middleware |")[1]
    expressions = re.findall(r"`(Cookie\w+[.(].*?\))`(?= \||;| for)", table)
    names = {
        "CookieSessions": CookieSessions,
        "CookieAttributes": CookieAttributes,
        "Policy": Policy,
        "timedelta": timedelta,
    }
    assert len(expressions) == 7
    for expression in expressions:
        eval(expression, names)  # noqa: S307


@dataclass
class Visitor:
    user_id: int


@dataclass
class Guest:
    user: str | None = None


def test_values_of_required_in_the_table_know_who_has_signed_in() -> None:
    values = re.findall(r"\| `(\"\w+\"|lambda .*?)` \|", PAGE.text)
    signed_in: list[tuple[Any, Any]] = [
        (None, {"user": "ada"}),
        (None, {"_user_id": "7"}),
        (None, {"_auth_user_id": "7"}),
        (Visitor, Visitor(7)),
        (Guest, Guest("ada")),
        (None, {"role": "admin"}),
    ]
    for value, (data_type, data) in zip(values, signed_in, strict=True):
        sessions = CookieSessions[Any](data_type=data_type)
        app = FastAPI()
        app.add_middleware(sessions.asgi)
        depends = Depends(session_dependency(sessions, required=eval(value)))  # noqa: S307
        app.add_api_route("/", lambda: "shown", dependencies=[depends])
        client = open_client(app)
        assert client.get("/").status_code == 401
        assert client.get("/", headers={"Cookie": sessions.mint(data).header}).status_code == 200
