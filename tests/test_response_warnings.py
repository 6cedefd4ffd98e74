"""Warnings about a response that contradicts its session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieAttributes, CookieSessions
from cookiejar_session.headers.response import ResponseFields
from cookiejar_session.response_warnings import warn_about_logout, warn_about_other_cookies, warn_about_response
from cookiejar_session.session.cookie_choice import Reading, read_cookies

Make = Callable[..., CookieSessions[Any]]

HTTPS = {"wsgi.url_scheme": "https", "REQUEST_METHOD": "GET", "PATH_INFO": "/"}
HTTP = {**HTTPS, "wsgi.url_scheme": "http", "HTTP_HOST": "example.com"}
SHARED = [("cache-control", "public")]
SIGNED = "session=eyJ1IjoxfQ.aSsXzw.c2lnbmF0dXJl; Path=/; HttpOnly"


@pytest.mark.parametrize(
    ("headers", "removed", "carrier", "shown"),
    [
        ([], [], HTTPS, []),
        ([], [], None, []),
        (SHARED, [], HTTPS, ["made private: removed cache-control: public or s-maxage"]),
        ([], ["surrogate-control"], HTTPS, ["made private: removed surrogate-control"]),
        (SHARED, ["edge-control"], HTTPS, ["removed cache-control: public or s-maxage, edge-control"]),
        ([], [], HTTP, ["is Secure but is sent over plain http"]),
        (SHARED, [], HTTP, ["made private", "plain http"]),
    ],
)
def test_response_that_must_not_carry_the_cookie_like_this(
    make_sessions: Make,
    caplog: pytest.LogCaptureFixture,
    headers: list[tuple[str, str]],
    removed: list[str],
    carrier: dict[str, str] | None,
    shown: list[str],
) -> None:
    warn_about_response(make_sessions().settings, ResponseFields(headers), removed, carrier)
    assert len(caplog.records) == len(shown)
    assert all(text in record.getMessage() for text, record in zip(shown, caplog.records, strict=True))


def test_cookie_without_secure_may_be_sent_over_plain_http(
    make_sessions: Make, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = make_sessions(cookie=CookieAttributes(name="s", secure=False))
    warn_about_response(sessions.settings, ResponseFields([]), [], HTTP)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("cookie", "is_set", "shown"),
    [
        ("other=1", True, None),
        ("s=1; Path=/", False, None),
        ("s=1; Path=/", True, "is set twice in one response"),
        ("s=; Max-Age=0", True, "call session.discard() instead"),
        ("s=; Max-Age=0", False, "call session.discard() instead"),
        (SIGNED, False, "Flask's or Starlette's own session"),
    ],
)
def test_other_cookies_of_the_response(
    make_sessions: Make, caplog: pytest.LogCaptureFixture, cookie: str, is_set: bool, shown: str | None
) -> None:
    settings = make_sessions(cookie=CookieAttributes(name="s")).settings
    warn_about_other_cookies(settings, ResponseFields([("set-cookie", cookie)]), HTTPS, is_set=is_set)
    assert len(caplog.records) == (shown is not None)
    assert (shown or "") in caplog.text


def test_deletion_by_a_wrapper_inside_is_not_the_applications(
    make_sessions: Make, caplog: pytest.LogCaptureFixture
) -> None:
    settings = make_sessions().settings
    fields = ResponseFields([("set-cookie", settings.cookie.render_deletion())])
    warn_about_other_cookies(settings, fields, HTTPS, is_set=False)
    assert caplog.records == []


@pytest.mark.parametrize(("count", "previous", "is_shown"), [(1, (), False), (2, (), True), (2, ("/app",), False)])
def test_logout_that_leaves_a_valid_cookie(
    make_sessions: Make, caplog: pytest.LogCaptureFixture, count: int, previous: tuple[str, ...], is_shown: bool
) -> None:
    cookie = CookieAttributes(name="s")
    sessions = make_sessions(cookie=cookie, previous=[CookieAttributes(name="s", path=path) for path in previous])
    header = "; ".join(sessions.mint({"user": "ada"}, now=NOW - age).header for age in range(count))
    warn_about_logout(sessions.settings, read_cookies(header, settings=sessions.settings, now=NOW), HTTPS)
    assert ("the visitor may still be signed in" in caplog.text) == is_shown


def test_logout_without_a_session(make_sessions: Make, caplog: pytest.LogCaptureFixture) -> None:
    warn_about_logout(make_sessions().settings, Reading(), HTTPS)
    assert caplog.records == []
