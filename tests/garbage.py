"""What calls leave for Python's garbage collector: reference cycles, which a request must not leave behind."""

from __future__ import annotations

import gc
from collections.abc import Callable


def name_garbage(call: Callable[[], object], tries: int = 3) -> list[str]:
    """Return the types of the objects that the garbage collector finds after ``call``, sorted.

    A thread that an earlier test left may leave a cycle in the same moment. So the call is made up to ``tries`` times,
    and only what it leaves behind each time counts.
    """
    names: list[str] = []
    for _ in range(tries):
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            call()
            gc.collect()
            names = sorted(type(each).__qualname__ for each in gc.garbage)
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
        if not names:
            break
    return names
