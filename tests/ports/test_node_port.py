"""One live session shared by a Flask app, a FastAPI app and a Node server in its three ways, in every direction.

The Node server is conformance/ports/node/test/server.js: the session over header text, over Astro's cookies, and by
Astro's middleware. The one cookie of a visitor goes from application to application. Without node, or the port's
node_modules, the tests are skipped, but in continuous integration (CI=true) they fail.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI, Request
from flask import Flask, jsonify
from flask import request as flask_request
from node_program import NODE_PORT, find_installed_node
from starlette.testclient import TestClient
from werkzeug.test import Client

from cookiejar_session import CookieSessions, Keyring, Session
from cookiejar_session.keys.key import Key

COOKIE = "__Host-session"
APPS = ("flask", "fastapi", "node-header", "node-jar", "node-middleware")
DIRECTIONS = [pytest.param(*pair, id="-to-".join(pair)) for pair in permutations(APPS, 2)]

Sessions = CookieSessions[Any]
# The fields and the body of the answer to a GET of a path with this Cookie header.
Get = Callable[[str, str], tuple[list[tuple[str, str]], bytes]]


def act(session: Session[Any], query: Any) -> object:
    """What the visitor asks for, as test/server.js does it."""
    do, key, value = query["do"], query.get("key"), json.loads(query.get("value", "null"))
    if do == "set":
        session[key] = value
    elif do == "flash":
        session.flash.add(key, value)
    elif do == "login":
        session.regenerate()
    elif do == "logout":
        session.discard()
    elif do == "delete":
        session.pop(key, None)
    else:
        return {
            "get": lambda: session.get(key),
            "read-flash": lambda: session.flash.get(key),
            "csrf-token": session.csrf_token,
            "check-csrf": lambda: session.check_csrf_token(value),
            "log-id": lambda: session.log_id,
        }[do]()
    return None


def make_flask(sessions: Sessions) -> Get:
    app = Flask("shared")
    app.add_url_rule("/", view_func=lambda: jsonify(act(sessions.get(flask_request), flask_request.args)))
    client = Client(sessions.wsgi(app), use_cookies=False)

    def get(query: str, cookie: str) -> tuple[list[tuple[str, str]], bytes]:
        response = client.get(f"/?{query}", headers={"Cookie": cookie}, base_url="https://testserver")
        return list(response.headers), response.data

    return get


def make_fastapi(sessions: Sessions) -> Get:
    app = FastAPI()

    @app.get("/")
    def show(request: Request) -> object:
        return act(sessions.get(request), request.query_params)

    wrapped = sessions.asgi(app)

    def get(query: str, cookie: str) -> tuple[list[tuple[str, str]], bytes]:
        # A client of its own each time: it would keep the cookie.
        response = TestClient(wrapped, base_url="https://testserver").get(f"/?{query}", headers={"Cookie": cookie})
        return response.headers.multi_items(), response.content

    return get


def make_node(port: int, way: str) -> Get:
    def get(query: str, cookie: str) -> tuple[list[tuple[str, str]], bytes]:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", f"/{way}?{query}", headers={"Cookie": cookie})
            response = connection.getresponse()
            return response.getheaders(), response.read()
        finally:
            connection.close()

    return get


@pytest.fixture(scope="module")
def key_text() -> str:
    return Key.generate().to_text()


@pytest.fixture(scope="module")
def node_port(key_text: str) -> Iterator[int]:
    """Where a Node process serves, with the keyring that the Python applications have."""
    node = find_installed_node()
    environment = {**os.environ, "COOKIEJAR_SESSION_KEYS": key_text}
    with subprocess.Popen(
        [node, str(NODE_PORT / "test" / "server.js")], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        # The server ends with its standard input, which Popen closes.
        yield int(process.stdout.readline())


@pytest.fixture(scope="module")
def apps(node_port: int, key_text: str) -> dict[str, Get]:
    sessions = CookieSessions[Any](Keyring.parse(key_text))
    nodes = {f"node-{way}": make_node(node_port, way) for way in ("header", "jar", "middleware")}
    return {"flask": make_flask(sessions), "fastapi": make_fastapi(sessions), **nodes}


class Visitor:
    """A browser that has at most one cookie, whoever set it."""

    def __init__(self, apps: dict[str, Get]) -> None:
        self._apps = apps
        self.token = ""

    def ask(self, app: str, do: str, key: str = "", value: object = None) -> Any:
        query = urlencode({"do": do, "key": key, "value": json.dumps(value)})
        fields, body = self._apps[app](query, f"theme=dark; {COOKIE}={self.token}" if self.token else "theme=dark")
        for cookie in list_set_cookies(fields):
            name, _, rest = cookie.partition("=")
            assert name == COOKIE
            self.token = rest.partition(";")[0]
        return json.loads(body)


def list_set_cookies(fields: Iterable[tuple[str, str]]) -> list[str]:
    return [value for name, value in fields if name.lower() == "set-cookie"]


@pytest.fixture
def visitor(apps: dict[str, Get]) -> Visitor:
    return Visitor(apps)


@pytest.mark.parametrize("writer", APPS)
def test_all_read_what_one_wrote(visitor: Visitor, writer: str) -> None:
    written = {"name": "é\ufeff", "roles": ["admin", None, True], "counts": {"10": -1, "2": 0.5, "ﾮ": 2**40}}
    visitor.ask(writer, "set", "user", written)
    assert {app: visitor.ask(app, "get", "user") for app in APPS} == dict.fromkeys(APPS, written)
    assert len({visitor.ask(app, "log-id") for app in APPS}) == 1


@pytest.mark.parametrize(("first", "second"), DIRECTIONS)
def test_each_adds_to_what_the_other_wrote(visitor: Visitor, first: str, second: str) -> None:
    visitor.ask(first, "set", "a", 1)
    visitor.ask(second, "set", "b", 2)
    visitor.ask(first, "delete", "a")
    assert [visitor.ask(second, "get", key) for key in "ab"] == [None, 2]


@pytest.mark.parametrize(("writer", "reader"), DIRECTIONS)
def test_flash_is_read_once_in_the_other(visitor: Visitor, writer: str, reader: str) -> None:
    visitor.ask(writer, "set", "user", 7)
    visitor.ask(writer, "flash", "notice", "hello")
    visitor.ask(writer, "flash", "notice", ["again"])
    assert visitor.ask(reader, "read-flash", "notice") == ["hello", ["again"]]
    assert visitor.ask(writer, "read-flash", "notice") == visitor.ask(reader, "read-flash", "notice") == []
    assert visitor.ask(writer, "get", "user") == 7


@pytest.mark.parametrize(("one", "other"), DIRECTIONS)
def test_login_and_logout_in_one_hold_in_the_other(visitor: Visitor, one: str, other: str) -> None:
    visitor.ask(one, "set", "user", 7)
    before = visitor.ask(other, "log-id")
    visitor.ask(other, "login")
    assert visitor.ask(one, "log-id") != before
    assert visitor.ask(one, "get", "user") == 7
    visitor.ask(one, "logout")
    assert visitor.token == ""
    assert visitor.ask(other, "get", "user") is None


@pytest.mark.parametrize(("maker", "checker"), DIRECTIONS)
def test_csrf_token_of_one_holds_in_the_other(visitor: Visitor, maker: str, checker: str) -> None:
    token = visitor.ask(maker, "csrf-token")
    assert visitor.ask(checker, "check-csrf", value=token) is True
    assert visitor.ask(checker, "check-csrf", value=token[:-4] + "AAAA") is False


@pytest.mark.parametrize("way", [app for app in APPS if app.startswith("node")])
def test_what_javascript_cannot_say_comes_back_unchanged(
    apps: dict[str, Get], visitor: Visitor, key_text: str, way: str
) -> None:
    # 1.0 and integers beyond 2^53 would be lost in plain numbers (SPEC 6.6).
    sessions = CookieSessions[Any](Keyring.parse(key_text))
    data = {"whole": 1.0, "minus-zero": -0.0, "wide": 2**53 + 1, "least": -(2**63), "octets": b"\x00\xff"}
    visitor.token = sessions.mint(data).token
    visitor.ask(way, "set", "seen", True)
    opened = sessions.read(visitor.token).session
    assert opened is not None
    assert repr(dict(opened)) == repr(dict(sorted({**data, "seen": True}.items())))
