from __future__ import annotations

from contextvars import copy_context
from types import SimpleNamespace
from typing import Any

import pytest

from cookiejar_session.published import EXCHANGES, current, drop_finished, list_exchanges

IDENTITY = ("session", "session")


def begin() -> Any:
    """An exchange, of which nothing matters here but whether it is finished."""
    return SimpleNamespace(is_finished=False)


def list_in(mark: object, exchanges: Any, environ: dict[str, Any]) -> Any:
    """What a WSGI application finds with ``environ`` while an ASGI request of that mark is current."""

    def find() -> Any:
        current.set((mark, exchanges))
        return list_exchanges(environ)

    return copy_context().run(find)


# Made of two, so that no other string of the program is the same object.
MARK = "".join(["PO", "ST"])


def test_published_exchanges_are_found() -> None:
    published = {IDENTITY: begin()}
    assert list_exchanges({EXCHANGES: published}) is published
    assert list_exchanges({"asgi.scope": {EXCHANGES: published}}) is published


def test_what_was_published_empty_is_nothing() -> None:
    assert list_exchanges({EXCHANGES: {}, "asgi.scope": {}}) == {}


def test_without_any_nothing_is_found() -> None:
    assert list_exchanges({}) == {}


def test_current_exchanges_are_found_where_the_environ_has_the_mark_of_the_scope() -> None:
    exchanges = {IDENTITY: begin()}
    assert list_in(MARK, exchanges, {"REQUEST_METHOD": MARK}) is exchanges


@pytest.mark.parametrize(
    ("mark", "environ"),
    [(MARK, {"REQUEST_METHOD": "".join(["P", "OST"])}), (MARK, {}), (None, {}), (None, {"REQUEST_METHOD": MARK})],
    ids=["an-equal-method", "no-method", "neither-has-one", "no-mark"],
)
def test_current_exchanges_are_not_taken_for_another_request(mark: object, environ: dict[str, Any]) -> None:
    assert list_in(mark, {IDENTITY: begin()}, environ) == {}


def test_finished_exchanges_serve_no_further_request() -> None:
    exchange, over = begin(), begin()
    over.is_finished = True
    assert drop_finished({("a", "a"): exchange, ("b", "b"): over}) == {("a", "a"): exchange}
