"""Checks of arguments, and decorators for public functions that keep secrets out of tracebacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from types import UnionType
from typing import ParamSpec, TypeVar

from .errors import ConfigError

P = ParamSpec("P")
R = TypeVar("R")

Expected = type | UnionType

# How to write the right value, by type. Only types that users often get wrong are listed.
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
    """Raise ConfigError for the first of ``name=(value, type)`` whose value has a wrong type.

    ``type`` is a class or a union such as ``str | None``. A bool is not accepted as an int. The message names types
    only, never the value.
    """
    for name, (value, expected) in arguments.items():
        is_wrong_bool = type(value) is bool and expected in (int, int | None, int | float)
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


def round_down(now: float) -> int:
    """Return ``now``, such as ``time.time()``, rounded down to whole Unix seconds (SPEC 1.8).

    Raises ConfigError if ``now`` is not a finite number.
    """
    if type(now) is int:
        return now
    check_types(now=(now, int | float))
    if not math.isfinite(now):
        raise ConfigError("now must be a finite number of Unix seconds; write time.time()")
    return math.floor(now)


def hide_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that the traceback of an error does not contain the function's local variables.

    Its arguments and variables hold keys, sids, tokens or session data, and many tools print the local variables of a
    traceback. So the traceback and the cause of every error, even of a RecursionError, are removed, and the error is
    raised again from a frame without arguments.
    """

    @wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            # Most calls have no keyword arguments. Passing on an empty dict would double the cost of this function.
            return function(*args, **kwargs) if kwargs else function(*args)  # type: ignore[call-arg]
        except BaseException as exc:
            error = exc
        del args, kwargs
        error.__cause__ = error.__context__ = None
        # Assigning a cause makes tracebacks hide the context. The next line undoes this: if the caller is handling
        # another error, ``raise`` sets that error as the new context, and tracebacks must show it.
        error.__suppress_context__ = False
        try:
            raise error.with_traceback(None)
        finally:
            # The error refers to this frame, and this frame refers to the error. Break this cycle, so that nothing is
            # left for the garbage collector.
            del error

    return door


def refuse_other_arguments(init: Callable[P, None]) -> Callable[P, None]:
    """Decorate the constructor of a wrapper: a wrong argument raises TypeError, which shows the right call.

    Some users pass the arguments of Starlette's SessionMiddleware, such as ``secret_key``. The message and the
    traceback hold no value of an argument.
    """

    @wraps(init)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        other = sorted(kwargs.keys() - {"app", "sessions"})
        if len(args) <= 2 and not other and hasattr(kwargs.get("sessions"), "settings"):
            return init(*args, **kwargs)
        if other:
            problem = f"has no argument {', '.join(other)}"
        elif len(args) <= 2 and "sessions" in kwargs:
            problem = f"needs CookieSessions as sessions, got {type(kwargs['sessions']).__name__}"
        else:
            problem = "takes an application and, by its name, the argument sessions"
        del args, kwargs
        raise TypeError(
            f"SessionMiddleware {problem}; write SessionMiddleware(app, sessions=sessions) or "
            "app.add_middleware(SessionMiddleware, sessions=sessions), with sessions = CookieSessions(...), which has "
            "the keys (COOKIEJAR_SESSION_KEYS), the cookie's attributes and the lifetimes"
        )

    return checked
