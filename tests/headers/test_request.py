"""What is read from a WSGI environ or an ASGI scope. Both views of one request say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cookiejar_session.headers.request import EnvironRequest, Request, ScopeRequest


def make_scope(scheme: str | None = "http", headers: Iterable[tuple[str, str]] = (), **more: Any) -> dict[str, Any]:
    scope = {"type": "http", "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers], **more}
    return scope if scheme is None else {**scope, "scheme": scheme}


def from_scope(scheme: str | None = "http", headers: Iterable[tuple[str, str]] = ()) -> Request:
    return ScopeRequest(make_scope(scheme, headers))


def from_environ(scheme: str | None = "http", headers: Iterable[tuple[str, str]] = ()) -> Request:
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers}
    return EnvironRequest(environ if scheme is None else {**environ, "wsgi.url_scheme": scheme})


Make = Callable[..., Request]
both = pytest.mark.parametrize("make", [from_scope, from_environ])


# Cookies


@both
def test_cookie_field_is_read_as_it_is(make: Make) -> None:
    assert make(headers=[("cookie", 'a="x, y"; s=\xe9\x85;;')]).read_cookies() == 'a="x, y"; s=\xe9\x85;;'


@both
def test_no_cookie_field_reads_as_nothing(make: Make) -> None:
    assert make(headers=[("host", "example.com")]).read_cookies() == ""


def test_several_cookie_fields_of_a_scope_are_joined_in_order() -> None:
    headers = [("cookie", "a=1"), ("host", "x"), ("Cookie", "b=2"), ("cookie2", "no"), ("COOKIE", "c=3")]
    assert from_scope(headers=headers).read_cookies() == "a=1; b=2; c=3"


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_names_and_values_of_a_scope_may_be_of_another_type_of_octets(kind: Any) -> None:
    headers = [(kind(b"host"), kind(b"x")), (kind(b"Cookie"), kind(b"a=1")), (kind(b"cookie"), kind(b"b=2"))]
    assert ScopeRequest({"type": "http", "headers": headers[:2]}).read_cookies() == "a=1"
    assert ScopeRequest({"type": "http", "headers": headers}).read_cookies() == "a=1; b=2"


def test_a_scope_without_headers_has_no_cookies() -> None:
    assert ScopeRequest({"type": "http"}).read_cookies() == ""


def test_an_environ_from_an_adapter_reads_the_original_cookie_fields() -> None:
    scope = make_scope(headers=[("cookie", "a=1"), ("cookie", "s=2")])
    assert EnvironRequest({"HTTP_COOKIE": "a=1,s=2", "asgi.scope": scope}).read_cookies() == "a=1; s=2"


# Plain http


@both
@pytest.mark.parametrize("host", ["example.com", "example.com:80", "192.168.0.1", "testserver", "[::2]", ""])
def test_plain_http_to_another_host_is_insecure(make: Make, host: str) -> None:
    assert make(headers=[("host", host)]).is_insecure()


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
def test_plain_http_to_a_local_host_is_not_insecure(make: Make, host: str) -> None:
    assert not make(headers=[("host", host)]).is_insecure()


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
def test_a_host_that_resembles_a_local_one_is_not_local(make: Make, host: str) -> None:
    assert make(headers=[("host", host)]).is_insecure()


@both
def test_a_request_without_a_host_is_not_warned_of(make: Make) -> None:
    assert not make().is_insecure()


@both
def test_https_is_not_insecure(make: Make) -> None:
    assert not make("https", [("host", "example.com")]).is_insecure()


def test_wss_is_not_insecure() -> None:
    assert not from_scope("wss", [("host", "example.com")]).is_insecure()


def test_ws_is_insecure() -> None:
    assert from_scope("ws", [("host", "example.com")]).is_insecure()


@both
def test_a_missing_scheme_is_plain_http(make: Make) -> None:
    assert make(None, [("host", "example.com")]).is_insecure()


@both
@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-proto", "x-forwarded-ssl", "x-forwarded-scheme"])
def test_a_forwarded_header_is_a_proxy_that_may_have_come_over_https(make: Make, name: str) -> None:
    assert not make(headers=[("host", "example.com"), (name, "https")]).is_insecure()


@both
@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-proto", "x-forwarded-ssl", "x-forwarded-scheme"])
def test_an_empty_forwarded_header_says_nothing(make: Make, name: str) -> None:
    assert make(headers=[("host", "example.com"), (name, "")]).is_insecure()


@both
def test_x_forwarded_for_says_nothing_of_the_scheme(make: Make) -> None:
    assert make(headers=[("host", "example.com"), ("x-forwarded-for", "10.0.0.1")]).is_insecure()
