"""Reading the demonstration's data from a session of any application."""

from typing import Any

import pytest

from cookiejar_session.demo.content import has_filler, read_cart, read_counts, read_origin, read_user

LINE = {"item": "Macaron", "quantity": 2}


def test_user_is_read() -> None:
    assert read_user({"user": "Ada"}) == "Ada"


@pytest.mark.parametrize("content", [{}, {"user": None}, {"user": {"id": 42}}, {"user": b"Ada"}])
def test_user_of_another_kind_is_nobody(content: dict[str, Any]) -> None:
    assert read_user(content) is None


@pytest.mark.parametrize(("content", "name"), [({"signed_in_through": "WSGI app"}, "WSGI app"), ({}, None)])
def test_app_of_the_sign_in_is_read(content: dict[str, Any], name: str | None) -> None:
    assert read_origin(content) == name


def test_counts_are_read() -> None:
    assert read_counts({"counts": {"ASGI app": 2}}) == {"ASGI app": 2}


@pytest.mark.parametrize("counts", [None, 7, {"ASGI app": "2"}, {"WSGI app": True}])
def test_counts_of_another_kind_are_none(counts: Any) -> None:
    assert read_counts({"counts": counts}) == {}


def test_cart_is_read() -> None:
    assert read_cart({"cart": {"lines": [LINE]}}) == [("Macaron", 2)]


@pytest.mark.parametrize(
    "cart",
    [
        None,
        [LINE],
        {},
        {"lines": None},
        {"lines": ["Macaron"]},
        {"lines": [{"item": "Macaron"}]},
        {"lines": [{"item": "Tea", "quantity": 2}]},
        {"lines": [{"item": ["Macaron"], "quantity": 2}]},
        {"lines": [{"item": "Macaron", "quantity": 2.0}]},
        {"lines": [LINE, {}]},
    ],
)
def test_cart_of_another_kind_is_empty(cart: Any) -> None:
    assert read_cart({"cart": cart}) == []


@pytest.mark.parametrize("content", [{}, {"filler": ""}])
def test_filler_is_there_or_not(content: dict[str, Any]) -> None:
    assert has_filler(content) == ("filler" in content)
