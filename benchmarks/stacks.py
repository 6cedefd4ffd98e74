"""Stacks: a session library around one small application, and what that does with its session. Knows no library."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple, TypeVar

from .timing import Action

T = TypeVar("T")
# Names and values, as bytes from ASGI and as str from WSGI.
Headers = list[tuple[Any, Any]]


class Touch(NamedTuple):
    """What the application does with its session, and whether that is a change which has to be saved."""

    act: Callable[[Any], object]
    writes: bool = False


class Request(NamedTuple):
    """A request that can be made again and again, and the header fields of the last answer."""

    run: Action
    headers: Headers


class Stack(NamedTuple):
    """A session library around an application.

    ``prepare``: the request with this Cookie field value whose application touches its session so, or not at all.
    ``prepare_bare``: the same without the library; the application touches a plain dict.
    """

    prepare: Callable[[Touch | None, str | None], Request]
    prepare_bare: Callable[[Touch | None, str | None], Request]


def make_all(makers: Mapping[str, Callable[[], T]]) -> tuple[dict[str, T], dict[str, str]]:
    """What can be made here, and why all else cannot, by name."""
    made: dict[str, T] = {}
    absent: dict[str, str] = {}
    for name, make in makers.items():
        try:
            made[name] = make()
        except Exception as exc:  # whatever the import or construction of a peer raises is told in the table
            absent[name] = f"{type(exc).__name__}: {exc}"
    return made, absent


def run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise RuntimeError("it waits for something; it cannot be measured without an event loop")
