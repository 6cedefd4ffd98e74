"""request.py: whether a request came over plain http; an environ and a scope of one request give the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cookiejar_session.headers.request import is_insecure, name_request


def ask_scope(scheme: str | None = "http", headers: Iterable[tuple[str, str]] = ()) -> bool:
    scope = {"type": "http", "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers]}
    return is_insecure(scope if scheme is None else {**scope, "scheme": scheme})


def ask_environ(scheme: str | None = "http", headers: Iterable[tuple[str, str]] = ()) -> bool:
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers}
    return is_insecure(environ if scheme is None else {**environ, "wsgi.url_scheme": scheme})


Ask = Callable[..., bool]
both = pytest.mark.parametrize("ask", [ask_scope, ask_environ])


@both
@pytest.mark.parametrize("host", ["example.com", "example.com:80", "192.168.0.1", "testserver", "[::2]", ""])
def test_plain_http_to_another_host_is_insecure(ask: Ask, host: str) -> None:
    assert ask(headers=[("host", host)])


@both
@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost",
        "localhost:8000",
        "localhost:",
        "app.localhost",
        "a.b.localhost:8000",
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.255.3.4",
        "[::1]",
        "[::1]:8000",
    ],
)
def test_plain_http_to_a_local_host_is_not_insecure(ask: Ask, host: str) -> None:
    assert not ask(headers=[("host", host)])


@both
@pytest.mark.parametrize(
    "host",
    [
        "notlocalhost",
        "localhost.example.com",
        "localhost8000",
        "127.0.0.1.example.com",
        "127.0.0",
        "128.0.0.1",
        "1127.0.0.1",
        "::1",
        "[::1]x",
        "evil.com:80.localhost",
        "localhost:8000.evil.com",
    ],
)
def test_a_host_that_resembles_a_local_one_is_not_local(ask: Ask, host: str) -> None:
    assert ask(headers=[("host", host)])


@both
def test_a_request_without_a_host_is_not_insecure(ask: Ask) -> None:
    assert not ask()


@both
def test_https_is_not_insecure(ask: Ask) -> None:
    assert not ask("https", [("host", "example.com")])


def test_wss_is_not_insecure() -> None:
    assert not ask_scope("wss", [("host", "example.com")])


def test_ws_is_insecure() -> None:
    assert ask_scope("ws", [("host", "example.com")])


@both
def test_a_missing_scheme_is_plain_http(ask: Ask) -> None:
    assert ask(None, [("host", "example.com")])


@both
@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-proto", "x-forwarded-ssl", "x-forwarded-scheme"])
def test_behind_a_proxy_that_received_https_plain_http_is_not_insecure(ask: Ask, name: str) -> None:
    assert not ask(headers=[("host", "example.com"), (name, "https")])


@both
@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-proto", "x-forwarded-ssl", "x-forwarded-scheme"])
def test_an_empty_forwarded_header_is_ignored(ask: Ask, name: str) -> None:
    assert ask(headers=[("host", "example.com"), (name, "")])


@both
def test_x_forwarded_for_is_ignored(ask: Ask) -> None:
    assert ask(headers=[("host", "example.com"), ("x-forwarded-for", "10.0.0.1")])


def test_a_scope_without_headers_is_not_insecure() -> None:
    assert not is_insecure({"type": "http", "scheme": "http"})


@pytest.mark.parametrize("name", ["Host", "HOST"])
def test_names_of_a_scope_match_in_any_case(name: str) -> None:
    assert ask_scope(headers=[(name, "example.com")])


def test_the_first_of_two_hosts_counts() -> None:
    assert ask_scope(headers=[("host", "example.com"), ("host", "localhost")])
    assert not ask_scope(headers=[("host", "localhost"), ("host", "example.com")])


# The name of a request in a log line

FORGED = "/\r\nERROR root: all keys were stolen\x1b[31m"


@pytest.mark.parametrize(
    ("carrier", "name"),
    [
        (None, ""),
        ({"REQUEST_METHOD": "POST", "PATH_INFO": "/cart", "QUERY_STRING": "token=x"}, " (request 'POST /cart')"),
        ({"REQUEST_METHOD": "GET", "SCRIPT_NAME": "/shop", "PATH_INFO": "/cart"}, " (request 'GET /shop/cart')"),
        ({"REQUEST_METHOD": "GET"}, " (request 'GET ')"),
        ({"type": "http", "method": "POST", "path": "/cart", "query_string": b"token=x"}, " (request 'POST /cart')"),
        ({"type": "websocket", "path": "/live"}, " (request 'websocket /live')"),
        ({"type": "http", "method": "GET", "path": "/caf\xe9"}, r" (request 'GET /caf\xe9')"),
        ({"type": "http", "method": "GET", "path": "/" * 99}, f" (request 'GET {'/' * 36}'...)"),
        ({"type": "http", "method": "M" * 99, "path": "/"}, f" (request '{'M' * 40}'...)"),
        (
            {"type": "http", "method": "GET", "path": FORGED},
            r" (request 'GET /\r\nERROR root: all keys were stolen\x1b'...)",
        ),
        (
            {"REQUEST_METHOD": FORGED, "PATH_INFO": "/"},
            r" (request '/\r\nERROR root: all keys were stolen\x1b[31m'...)",
        ),
    ],
)
def test_request_is_named_by_method_and_path(carrier: dict[str, Any] | None, name: str) -> None:
    assert name_request(carrier) == name
