"""Whether a call of a function runs its body, or only returns an object that runs the body later.

This module is separate from argument_checks.py because importing inspect takes long, and the command line does not need
inspect.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial


def is_async(function: object) -> bool:
    """Whether a call of ``function`` returns a coroutine or an asynchronous generator, whose body has not run yet.

    ``function`` is a function, a method, a partial of one, or an object whose class has ``__call__``.
    """
    return _has_kind(function, inspect.iscoroutinefunction, inspect.isasyncgenfunction)


def is_deferred(function: object) -> bool:
    """Whether a call of ``function`` does not run its body: it is async, or a generator function."""
    return is_async(function) or _has_kind(function, inspect.isgeneratorfunction)


def _has_kind(function: object, *kinds: Callable[[object], bool]) -> bool:
    while isinstance(function, partial):
        function = function.func
    # A call of an object runs the __call__ of its type. The type of a class is its metaclass.
    called = getattr(type(function), "__call__", None)  # noqa: B004 - the method itself is examined
    return any(is_kind(each) for each in (function, called) for is_kind in kinds)
