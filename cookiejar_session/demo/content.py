"""Read the demonstration's data from a session: the user, the counters and the cart.

Each function checks the type of what it reads. With keys from the environment, another application may have written the
session, and a value may have any type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, TypeVar, get_args

import msgspec

T = TypeVar("T")

Item = Literal["Shortbread", "Ginger nut", "Macaron"]
ITEMS: tuple[Item, ...] = get_args(Item)


class CartLine(TypedDict):
    """An item in the cart and its quantity."""

    item: Item
    quantity: int


class Cart(TypedDict):
    """The cart. Its lines are in the order in which the items were added."""

    lines: list[CartLine]


def read_user(session: Mapping[str, Any]) -> str | None:
    """Return the name of the signed-in user, or None."""
    return _read(session, "user", str)


def read_origin(session: Mapping[str, Any]) -> str | None:
    """Return the name of the application through which the user signed in, or None."""
    return _read(session, "signed_in_through", str)


def read_counts(session: Mapping[str, Any]) -> dict[str, int]:
    """Return the counter of each application, by the name of the application."""
    return _read(session, "counts", dict[str, int]) or {}


def read_cart(session: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the items in the cart and their quantities. An invalid cart counts as empty."""
    cart = _read(session, "cart", Cart)
    return [] if cart is None else [(line["item"], line["quantity"]) for line in cart["lines"]]


def has_filler(session: Mapping[str, Any]) -> bool:
    """Return whether the session holds the filler that the form "fill" adds."""
    return "filler" in session


def _read(session: Mapping[str, Any], key: str, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(session.get(key), kind)
    except msgspec.ValidationError:
        return None
