from __future__ import annotations

from contextvars import copy_context
from types import SimpleNamespace
from typing import Any

import pytest

from cookiejar_session.published import LAST, current, drop_finished, find_exchange, mark_method

IDENTITY = "cookiejar_session.exchange session session"


def begin(*, is_finished: bool = False) -> Any:
    """An exchange, of which nothing matters here but whether it is finished."""
    return SimpleNamespace(is_finished=is_finished)


def find_in(mark: object, scope: dict[str, Any], environ: dict[str, Any]) -> Any:
    """What a WSGI application finds with ``environ`` while an ASGI request of that mark is current."""

    def find() -> Any:
        current.set((mark, scope))
        return find_exchange(environ, IDENTITY)

    return copy_context().run(find)


# Made of two, so that no other string of the program is the same object.
MARK = "".join(["PO", "ST"])


def test_published_exchange_is_found() -> None:
    exchange = begin()
    assert find_exchange({IDENTITY: exchange}, IDENTITY) is exchange
    assert find_exchange({"asgi.scope": {IDENTITY: exchange}}, IDENTITY) is exchange
    assert find_exchange({"asgi.scope": {"wsgi_environ": {IDENTITY: exchange}}}, IDENTITY) is exchange


@pytest.mark.parametrize("environ", [{}, {"asgi.scope": {}}, {"cookiejar_session.exchange other other": begin()}])
def test_without_one_nothing_is_found(environ: dict[str, Any]) -> None:
    assert find_exchange(environ, IDENTITY) is None


def test_current_exchange_is_found_where_the_environ_has_the_mark_of_the_scope() -> None:
    exchange = begin()
    assert find_in(MARK, {IDENTITY: exchange}, {"REQUEST_METHOD": MARK}) is exchange
    assert find_in(MARK, {"wsgi_environ": {IDENTITY: exchange}}, {"REQUEST_METHOD": MARK}) is exchange
    assert find_in(MARK, {}, {"REQUEST_METHOD": MARK}) is None


@pytest.mark.parametrize(
    ("mark", "environ"),
    [(MARK, {"REQUEST_METHOD": "".join(["P", "OST"])}), (MARK, {}), (None, {}), (None, {"REQUEST_METHOD": MARK})],
    ids=["an-equal-method", "no-method", "neither-has-one", "no-mark"],
)
def test_current_exchange_is_not_taken_for_another_request(mark: object, environ: dict[str, Any]) -> None:
    assert find_in(mark, {IDENTITY: begin()}, environ) is None


@pytest.mark.parametrize("method", ["GET", "PROPFIND", "ÄÖ"])
def test_method_stays_equal_and_becomes_an_object_of_this_scope_alone(method: str) -> None:
    scope = {"method": method}
    mark = mark_method(scope)
    assert scope == {"method": method}
    assert mark is scope["method"]
    assert mark is not method


@pytest.mark.parametrize("scope", [{}, {"method": ""}, {"method": "M"}])
def test_method_that_cannot_be_an_object_of_one_scope_is_no_mark(scope: dict[str, Any]) -> None:
    before = dict(scope)
    assert mark_method(scope) is None
    assert scope == before


@pytest.mark.parametrize("last_is_finished", [True, False])
def test_what_is_finished_is_dropped_once_the_last_is_finished(last_is_finished: bool) -> None:
    first, last = begin(is_finished=True), begin(is_finished=last_is_finished)
    alive = begin()
    carrier = {"path": "/", IDENTITY: first, f"{IDENTITY}2": last, f"{IDENTITY}3": alive, LAST: last}
    before = dict(carrier)
    drop_finished(carrier)
    assert carrier == ({"path": "/", f"{IDENTITY}3": alive, LAST: last} if last_is_finished else before)


def test_of_a_carrier_that_holds_nothing_nothing_is_dropped() -> None:
    carrier: dict[str, Any] = {"path": "/"}
    drop_finished(carrier)
    assert carrier == {"path": "/"}
