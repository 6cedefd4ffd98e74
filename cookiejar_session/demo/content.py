"""What the demonstration keeps in a session, read with care. Knows nothing of forms and pages.

Under keys from the environment another application may have written the session: what is found need not be ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, TypeVar, get_args

import msgspec

T = TypeVar("T")

Item = Literal["Shortbread", "Ginger nut", "Macaron"]
# What the cart is filled with.
GOODS: tuple[Item, ...] = get_args(Item)


class Line(TypedDict):
    """How many of one item are in the cart."""

    item: Item
    quantity: int


class Cart(TypedDict):
    """What is in the cart, in the order in which it came there."""

    lines: list[Line]


def read_user(session: Mapping[str, Any]) -> str | None:
    """Who is signed in."""
    return _read(session, "user", str)


def read_counts(session: Mapping[str, Any]) -> dict[str, int]:
    """How often each part counted."""
    return _read(session, "counts", dict[str, int]) or {}


def read_cart(session: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What is in the cart, and how many of each; nothing unless all of it is ours."""
    cart = _read(session, "cart", Cart)
    return [] if cart is None else [(line["item"], line["quantity"]) for line in cart["lines"]]


def has_cargo(session: Mapping[str, Any]) -> bool:
    """Whether the session was filled up."""
    return "cargo" in session


def _read(session: Mapping[str, Any], key: str, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(session.get(key), kind)
    except msgspec.ValidationError:
        return None
