from __future__ import annotations

from contextvars import copy_context
from types import SimpleNamespace
from typing import Any

import pytest

from cookiejar_session.published import PLACE, current, drop_finished, find_exchange, find_published

IDENTITY = "session session"


def begin(identity: str = IDENTITY, *, is_finished: bool = False) -> Any:
    """What matters here of an exchange."""
    return SimpleNamespace(settings=SimpleNamespace(identity=identity), is_finished=is_finished)


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
    assert find_exchange({PLACE: (exchange, None)}, IDENTITY) is exchange
    assert find_exchange({"asgi.scope": {PLACE: (exchange, None)}}, IDENTITY) is exchange
    assert find_exchange({"asgi.scope": {"wsgi_environ": {PLACE: (exchange, None)}}}, IDENTITY) is exchange


@pytest.mark.parametrize("environ", [{}, {"asgi.scope": {}}, {PLACE: (begin("other other"), None)}])
def test_without_one_nothing_is_found(environ: dict[str, Any]) -> None:
    assert find_exchange(environ, IDENTITY) is None


def test_current_exchange_is_found_where_the_environ_has_the_mark_of_the_scope() -> None:
    exchange = begin()
    assert find_in(MARK, {PLACE: (exchange, None)}, {"REQUEST_METHOD": MARK}) is exchange
    assert find_in(MARK, {"wsgi_environ": {PLACE: (exchange, None)}}, {"REQUEST_METHOD": MARK}) is exchange
    assert find_in(MARK, {}, {"REQUEST_METHOD": MARK}) is None


@pytest.mark.parametrize(
    ("mark", "environ"),
    [(MARK, {"REQUEST_METHOD": "".join(["P", "OST"])}), (MARK, {}), (None, {}), (None, {"REQUEST_METHOD": MARK})],
    ids=["an-equal-method", "no-method", "neither-has-one", "no-mark"],
)
def test_current_exchange_is_not_taken_for_another_request(mark: object, environ: dict[str, Any]) -> None:
    assert find_in(mark, {PLACE: (begin(), None)}, environ) is None


def test_of_several_published_with_one_request_each_is_found() -> None:
    first, second, last = begin("first first"), begin(), begin("last last")
    carrier = {PLACE: (last, (second, (first, None)))}
    found = [find_published(carrier, identity) for identity in ("last last", IDENTITY, "first first", "other other")]
    assert found == [last, second, first, None]


def test_of_two_with_one_identity_the_last_is_found() -> None:
    last = begin()
    assert find_published({PLACE: (last, (begin(is_finished=True), None))}, IDENTITY) is last


ALIVE, OVER = begin(), begin(is_finished=True)


@pytest.mark.parametrize(
    ("published", "left"),
    [
        ((ALIVE, None), (ALIVE, None)),
        ((OVER, None), None),
        ((OVER, (OVER, None)), None),
        ((OVER, (ALIVE, None)), (ALIVE, None)),
        ((OVER, (OVER, (ALIVE, (ALIVE, None)))), (ALIVE, (ALIVE, None))),
    ],
)
def test_what_is_finished_is_dropped_and_what_goes_on_stays(published: Any, left: Any) -> None:
    carrier = {"path": "/", PLACE: published}
    assert drop_finished(carrier) == left
    assert carrier == ({"path": "/"} if left is None else {"path": "/", PLACE: left})


def test_of_a_carrier_that_holds_nothing_nothing_is_dropped() -> None:
    carrier: dict[str, Any] = {"path": "/"}
    assert drop_finished(carrier) is None
    assert carrier == {"path": "/"}
