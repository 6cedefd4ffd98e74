"""Stacks: a session library around one small application. Knows no library."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple, TypeVar

from .timing import Action

T = TypeVar("T")
# Names and values: bytes in ASGI, str in WSGI.
Headers = list[tuple[Any, Any]]


class Touch(NamedTuple):
    """What the application does with its session, and whether this is a change that must be saved."""

    act: Callable[[Any], object]
    writes: bool = False


class Request(NamedTuple):
    """A request that can be run any number of times, and the header fields of its last response."""

    run: Action
    headers: Headers


class Stack(NamedTuple):
    """A session library around an application.

    ``prepare`` takes what the application does with its session, or None, and the Cookie field value, or None. It
    returns the request. ``prepare_bare`` does the same without the library; the application gets a plain dict.
    """

    prepare: Callable[[Touch | None, str | None], Request]
    prepare_bare: Callable[[Touch | None, str | None], Request]


def make_all(makers: Mapping[str, Callable[[], T]]) -> tuple[dict[str, T], dict[str, str]]:
    """Call all ``makers``. Return what they made and, for those that failed, the reason, by name."""
    made: dict[str, T] = {}
    absent: dict[str, str] = {}
    for name, make in makers.items():
        try:
            made[name] = make()
        except Exception as exc:  # the table gives the reason, whatever a peer raises
            absent[name] = f"{type(exc).__name__}: {exc}"
    return made, absent


def run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that waits for nothing. Needs no event loop."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise RuntimeError("the coroutine waits for something; it cannot be measured without an event loop")
