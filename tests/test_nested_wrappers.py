"""How wrappers around one request, and sessions.get, find the same exchange."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from types import SimpleNamespace
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieAttributes, CookieSessions, Keyring, SessionTooLargeError
from cookiejar_session.exchange import Exchange
from cookiejar_session.nested_wrappers import (
    PLACE,
    current,
    find_exchange,
    find_held_exchange,
    find_other_exchange,
    join_exchange,
    mark_scope,
)

Make = Callable[..., CookieSessions[Any]]
# Begins an exchange of the configuration whose cookie has this name.
Begin = Callable[..., Exchange[Any]]


@pytest.fixture
def begin(make_sessions: Make) -> Begin:
    made: dict[str, CookieSessions[Any]] = {}

    def begin_exchange(name: str = "session", *, is_finished: bool = False) -> Exchange[Any]:
        if name not in made:
            made[name] = make_sessions(cookie=CookieAttributes(name=name))
        exchange = made[name].begin("", now=NOW)
        exchange.is_finished = is_finished
        return exchange

    return begin_exchange


def find_in(exchange: Exchange[Any], mark: object, scope: dict[str, Any], environ: dict[str, Any]) -> Any:
    """What a WSGI application finds with ``environ`` while an ASGI request of that mark is current."""

    def find() -> Any:
        current.set([mark, scope])
        return find_exchange(environ, exchange.settings)

    return copy_context().run(find)


# Made of two, so that no other string of the program is the same object.
MARK = "".join(["PO", "ST"])


def test_exchange_is_found_in_a_carrier_and_in_those_around_it(begin: Begin) -> None:
    exchange = begin()
    settings, place = exchange.settings, {PLACE: (exchange, None)}
    assert find_exchange(place, settings) is exchange
    assert find_exchange({"asgi.scope": place}, settings) is exchange
    assert find_exchange({"asgi.scope": {"wsgi_environ": place}}, settings) is exchange
    assert find_exchange({"wsgi_environ": place}, settings) is exchange
    assert find_exchange({"wsgi_environ": {"asgi.scope": place}}, settings) is exchange


@pytest.mark.parametrize(
    "environ", [{}, {"asgi.scope": {}}, {"wsgi_environ": {}}], ids=["alone", "in a scope", "in an environ"]
)
def test_without_an_exchange_none_is_found(begin: Begin, environ: dict[str, Any]) -> None:
    assert find_exchange(environ, begin().settings) is None


def test_other_exchange_is_that_with_the_name_or_the_last(begin: Begin) -> None:
    exchanges = [begin(name) for name in ("first", "second", "third")]
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET"}
    assert find_other_exchange(environ, "first") is None
    for exchange in exchanges:
        environ[PLACE] = exchange, environ.get(PLACE)
    scope = {"type": "http", "wsgi_environ": environ}
    assert find_other_exchange(scope, "first") is exchanges[0]
    assert find_other_exchange(scope, "fourth") is exchanges[2]


def test_exchange_of_another_configuration_is_not_found(begin: Begin) -> None:
    carrier = {PLACE: (begin("other"), None)}
    assert find_exchange(carrier, begin().settings) is None
    assert find_exchange({"asgi.scope": carrier}, begin().settings) is None


def test_current_exchange_is_found_where_the_environ_has_the_mark_of_the_scope(begin: Begin) -> None:
    exchange = begin()
    place, environ = {PLACE: (exchange, None)}, {"REQUEST_METHOD": MARK}
    assert find_in(exchange, MARK, place, environ) is exchange
    assert find_in(exchange, MARK, {"wsgi_environ": place}, environ) is exchange
    assert find_in(exchange, MARK, {}, environ) is None


@pytest.mark.parametrize(
    ("mark", "environ"),
    [(MARK, {"REQUEST_METHOD": "".join(["P", "OST"])}), (MARK, {}), (None, {}), (None, {"REQUEST_METHOD": MARK})],
    ids=["an-equal-method", "no-method", "neither-has-one", "no-mark"],
)
def test_current_exchange_is_not_taken_for_another_request(begin: Begin, mark: object, environ: dict[str, Any]) -> None:
    exchange = begin()
    assert find_in(exchange, mark, {PLACE: (exchange, None)}, environ) is None


COOKIES = [(b"accept", b"*/*"), (b"cookie", b"a=1"), (b"Cookie", b"b=2")]


@pytest.mark.parametrize(
    ("fields", "text", "is_found"),
    [
        (COOKIES, "a=1,b=2", True),
        (COOKIES, "a=1; b=2", True),
        (COOKIES[:2], "a=1", True),
        ([(b"cookie", b"a=\xe9")], "a=\xe9", True),
        ([], "", True),
        (COOKIES, "a=1", False),
        (COOKIES, "", False),
        ([], "a=1", False),
    ],
    ids=["comma", "semicolon", "one", "latin-1", "none", "fewer", "none in the environ", "none in the scope"],
)
def test_current_exchange_is_found_where_the_environ_has_the_cookies_of_the_scope(
    begin: Begin, fields: list[Any], text: str, is_found: bool
) -> None:
    exchange = begin()
    environ = {"REQUEST_METHOD": MARK} | ({"HTTP_COOKIE": text} if text else {})
    found = find_in(exchange, MARK, {PLACE: (exchange, None), "headers": fields}, environ)
    assert found is (exchange if is_found else None)


def test_current_request_that_is_over_is_not_found(begin: Begin) -> None:
    exchange = begin()
    request: list[Any] = [MARK, {PLACE: (exchange, None)}]

    def find() -> Any:
        current.set(request)
        found = find_exchange({"REQUEST_METHOD": MARK}, exchange.settings)
        request.clear()
        return found, find_exchange({"REQUEST_METHOD": MARK}, exchange.settings)

    assert copy_context().run(find) == (exchange, None)


# Two configurations


@pytest.fixture
def others(make_sessions: Make) -> dict[str, CookieSessions[Any]]:
    """Configurations that have the cookie name of ``begin()``."""
    session = CookieAttributes(name="session")
    return {
        "alike": make_sessions(cookie=session),
        "other key": CookieSessions(Keyring.generate(), cookie=session),
        "other purpose": make_sessions(cookie=session, purpose="other"),
    }


@pytest.mark.parametrize(("other", "joins"), [("alike", True), ("other key", False), ("other purpose", False)])
def test_exchange_of_another_configuration_is_joined_if_they_share_their_sessions(
    begin: Begin, others: dict[str, CookieSessions[Any]], other: str, joins: bool, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = begin()
    for carrier in ({PLACE: (exchange, None)}, {"asgi.scope": {PLACE: (exchange, None)}}):
        carrier["path"] = "/panel"
        assert join_exchange(carrier, others[other].settings) is (exchange if joins else None)
        assert find_exchange(carrier, others[other].settings) is (exchange if joins else None)
    warned = [record.getMessage() for record in caplog.records]
    expected = [] if joins else ["two different sessions use the cookie name session in one request"]
    assert [text.partition(", and")[0] for text in warned] == expected


def test_other_session_that_is_finished_is_not_warned_of(
    begin: Begin, others: dict[str, CookieSessions[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    carrier = {"asgi.scope": {PLACE: (begin(is_finished=True), None)}}
    assert join_exchange(carrier, others["other key"].settings) is None
    assert caplog.records == []


def test_session_of_another_name_is_not_warned_of(begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    assert join_exchange({PLACE: (begin("other"), None)}, begin().settings) is None
    assert caplog.records == []


def test_without_a_current_request_none_is_found(begin: Begin) -> None:
    assert find_exchange({"REQUEST_METHOD": MARK}, begin().settings) is None


def test_each_of_several_exchanges_of_one_request_is_found(begin: Begin) -> None:
    first, second, last = begin("first"), begin(), begin("last")
    carrier = {PLACE: (last, (second, (first, None)))}
    found = [find_exchange(carrier, each.settings) for each in (last, second, first, begin("other"))]
    assert found == [last, second, first, None]


def test_of_two_with_one_identity_the_last_is_found(begin: Begin) -> None:
    last = begin()
    assert find_exchange({PLACE: (last, (begin(is_finished=True), None))}, last.settings) is last


# join_exchange


@pytest.mark.parametrize(
    "finished",
    [[False], [True], [True, True], [True, False], [True, True, False, False]],
    ids=["goes-on", "finished", "both-finished", "last-finished", "two-of-four-finished"],
)
def test_finished_exchanges_are_removed_and_the_rest_stays(begin: Begin, finished: list[bool]) -> None:
    carrier: dict[str, Any] = {"path": "/"}
    left: dict[str, Any] = {"path": "/"}
    for is_finished in reversed(finished):
        carrier[PLACE] = begin(is_finished=is_finished), carrier.get(PLACE)
        if not is_finished:
            left[PLACE] = carrier[PLACE]
    expected = left[PLACE][0] if PLACE in left else None
    assert join_exchange(carrier, begin().settings) is expected
    assert carrier == left


def test_nothing_is_removed_from_a_carrier_without_exchanges(begin: Begin) -> None:
    carrier: dict[str, Any] = {"path": "/"}
    assert join_exchange(carrier, begin().settings) is None
    assert carrier == {"path": "/"}


def test_finished_exchange_behind_one_that_goes_on_is_not_joined(begin: Begin) -> None:
    carrier = {PLACE: (begin("other"), (begin(is_finished=True), None))}
    assert join_exchange(carrier, begin().settings) is None


@pytest.mark.parametrize(("is_finished", "joins"), [(False, True), (True, False)], ids=["goes-on", "finished"])
def test_exchange_of_the_carrier_around_is_joined_until_it_is_finished(
    begin: Begin, is_finished: bool, joins: bool
) -> None:
    exchange = begin(is_finished=is_finished)
    joined = join_exchange({"asgi.scope": {PLACE: (exchange, None)}}, exchange.settings)
    assert joined is (exchange if joins else None)


# mark_scope


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "ÄÖ"])
def test_mark_is_an_equal_method_that_only_this_scope_has(method: str) -> None:
    scope: dict[str, Any] = {"method": method}
    mark = mark_scope(scope)
    assert scope["method"] == method
    assert mark is scope["method"]
    assert mark is not method
    assert mark_scope({"method": method}) is not mark


@pytest.mark.parametrize("scope", [{}, {"method": ""}, {"method": "M"}], ids=["none", "empty", "one-character"])
def test_scope_without_a_method_of_two_characters_gets_no_mark(scope: dict[str, Any]) -> None:
    before = dict(scope)
    assert mark_scope(scope) is None
    assert scope == before


# The exchange of an integration


TOKEN_FIELDS = {"vary", "cache-control", "set-cookie"}


def make_carrier(kind: str, cookie: str) -> dict[str, Any]:
    if kind == "wsgi":
        return {"REQUEST_METHOD": "GET", "HTTP_COOKIE": cookie}
    return {"type": "http", "headers": [(b"cookie", cookie.encode())]}


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_an_integrations_exchange_reads_the_carrier_and_is_found_in_it(make_sessions: Make, kind: str) -> None:
    sessions = make_sessions()
    carrier = make_carrier(kind, sessions.mint({"a": 1}, now=NOW).header)
    exchange = sessions.begin(carrier=carrier, now=NOW)
    assert sessions.get(carrier) is exchange.session
    assert exchange.session == {"a": 1}
    exchange.session["a"] = 2
    assert {name for name, _ in exchange.finish([])} == TOKEN_FIELDS
    exchange.end()
    assert exchange.is_finished


def test_a_request_that_is_begun_again_has_a_session_of_its_own(make_sessions: Make) -> None:
    sessions = make_sessions()
    carrier = make_carrier("wsgi", "")
    first = sessions.begin(carrier=carrier, now=NOW)
    second = sessions.begin(carrier=carrier, now=NOW)
    assert first.session is not second.session
    assert sessions.get(carrier) is second.session
    second.session["a"] = 1
    assert {name for name, _ in second.finish([])} == TOKEN_FIELDS


def test_a_wrapper_around_the_integration_saves_its_session(make_sessions: Make) -> None:
    sessions = make_sessions()
    carrier = make_carrier("wsgi", "")
    outer = Exchange(sessions.settings, "", NOW, carrier)
    carrier[PLACE] = outer, None
    for _ in range(2):
        inner = sessions.begin(carrier=carrier, now=NOW)
        assert inner.session is outer.session
        assert inner.finish([("a", "b")]) == [("a", "b")]
        inner.end()
        assert not outer.is_finished
    outer.session["a"] = 1
    assert inner.finish([("a", "b")]) == [("a", "b")]
    assert {name for name, _ in outer.finish([])} == TOKEN_FIELDS


def test_a_session_that_a_wrapper_cannot_save_is_refused_in_the_integration(make_sessions: Make) -> None:
    sessions = make_sessions()
    carrier = make_carrier("wsgi", "")
    carrier[PLACE] = Exchange(sessions.settings, "", NOW, carrier), None
    exchange = sessions.begin(carrier=carrier, now=NOW)
    exchange.session["a"] = "x" * 3000
    with pytest.raises(SessionTooLargeError):
        exchange.finish([])


def test_an_exchange_of_another_cookie_stays_in_the_carrier(make_sessions: Make) -> None:
    sessions, other = make_sessions(), make_sessions(cookie=CookieAttributes(name="other"))
    carrier = make_carrier("wsgi", "")
    carrier[PLACE] = (Exchange(other.settings, "", NOW, carrier), None)
    exchange = sessions.begin(carrier=carrier, now=NOW)
    assert sessions.get(carrier) is exchange.session is not other.get(carrier)


def test_a_cookie_header_beside_a_carrier_takes_the_place_of_the_carrier_s(make_sessions: Make) -> None:
    sessions = make_sessions()
    mints = {name: sessions.mint({"name": name}, now=NOW).header for name in ("ada", "eve")}
    carriers: list[dict[str, Any]] = [
        {"REQUEST_METHOD": "GET", "HTTP_COOKIE": mints["ada"]},
        {"type": "http", "headers": [(b"cookie", mints["ada"].encode())]},
    ]
    for carrier in carriers:
        assert sessions.begin(carrier=carrier, now=NOW).session == {"name": "ada"}
        assert sessions.begin(mints["eve"], carrier=carrier, now=NOW).session == {"name": "eve"}
        assert sessions.get(carrier) == {"name": "eve"}


def test_the_exchange_of_a_request_s_session_is_found(begin: Begin) -> None:
    exchange = begin()
    assert find_held_exchange(SimpleNamespace(session=SimpleNamespace(exchange=exchange))) is exchange


class Request:
    """A request like that of Starlette, whose property raises if no session middleware ran."""

    @property
    def session(self) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    "request_object",
    [
        None,
        Request(),
        SimpleNamespace(),
        SimpleNamespace(session=None),
        SimpleNamespace(session={"exchange": 1}),
        SimpleNamespace(session=SimpleNamespace(exchange="stock")),
    ],
    ids=["none", "property", "no session", "session is none", "dict", "another exchange"],
)
def test_a_session_of_other_software_has_no_exchange(request_object: object) -> None:
    assert find_held_exchange(request_object) is None
