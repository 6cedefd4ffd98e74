"""Checks of argument types, and a decorator for public functions that keeps secrets out of tracebacks."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import UnionType
from typing import ParamSpec, TypeVar

from .errors import ConfigError

P = ParamSpec("P")
R = TypeVar("R")

Expected = type | UnionType

# For types for which users often pass something else by mistake: how to write the right value.
_HINTS = {
    "Keyring": "write Keyring.parse(text)",
    "CookieAttributes": "write CookieAttributes(name=...)",
    "Policy": "write Policy(idle_timeout=...)",
    "timedelta": "write timedelta(seconds=...)",
    "datetime": "write datetime(..., tzinfo=UTC)",
    "bool": "write True or False",
    "bytes": "write Key.parse(text) for key text",
}


def check_types(**arguments: tuple[object, Expected]) -> None:
    """Raise ConfigError for the first of ``name=(value, type)`` whose value has another type.

    ``type`` is a class or a union such as ``str | None``. A bool is not accepted as an int. The message names types
    only, never the value.
    """
    for name, (value, expected) in arguments.items():
        is_wrong_bool = type(value) is bool and expected in (int, int | None)
        if isinstance(value, expected) and not is_wrong_bool:
            continue
        kinds: tuple[type, ...] = expected.__args__ if isinstance(expected, UnionType) else (expected,)
        names = [kind.__name__ for kind in kinds if kind is not type(None)]
        wanted = " or ".join(names)
        article = "" if names[0].endswith("s") else "an " if wanted[0] in "aeiou" else "a "
        hint = next((f"; {_HINTS[name]}" for name in names if name in _HINTS), "")
        if str in kinds and isinstance(value, bytes | bytearray):
            hint = "; decode it first"
        raise ConfigError(f"{name} must be {article}{wanted}, got {type(value).__name__}{hint}")


def hide_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a public function so that the traceback of a ConfigError does not contain the function's arguments.

    The arguments may hold key text. The error is raised again from a frame without arguments, so that tools that print
    the local variables of a traceback find no secret.
    """

    @wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ConfigError as exc:
            kind, problem = type(exc), str(exc)
        del args, kwargs
        raise kind(problem)

    return door
