"""The work whose instructions are counted: ``python -m benchmarks.instruction_work 300 seal open``, under callgrind.

Imports what it needs and no more: callgrind is slow. It has callgrind write a count before and after each work, so that
nothing of what Python does at its start or end is in any.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from . import asgi_stacks, least, tightest
from .codec import make_actions, make_bare_actions
from .codec_peers import Codec, make_ours
from .contents import TYPICAL
from .middleware import CASES, CHANGED, prepare_bare_case, prepare_case
from .stacks import Stack
from .timing import Action, time_loop


def _make_seal(make_codec: Callable[[], Codec]) -> Action:
    return make_actions(make_codec(), TYPICAL)[0]


def _make_open(make_codec: Callable[[], Codec]) -> Action:
    return make_actions(make_codec(), TYPICAL)[1]


def _make_bare_pair() -> Action:
    seal, open_ = make_bare_actions(len(make_ours().seal(TYPICAL)))

    def seal_and_open() -> None:
        seal()
        open_()

    return seal_and_open


def _make_request(make_stack: Callable[[], Stack], case: str) -> Action:
    return prepare_case(make_stack(), case).run


def _make_bare_request(case: str) -> Action:
    return prepare_bare_case(asgi_stacks.make_ours(), case).run


SEAL, OPEN, BARE_PAIR = "seal", "open", "bare pair"
# Named as in the table of targets.
FLOORS = {"the least": least, "and with tests": tightest}
# Those that the budget holds; the others are what they are compared with.
BUDGETED = (SEAL, OPEN, *(f"ours, {case}" for case in CASES))
WORK: dict[str, Callable[[], Action]] = {
    SEAL: partial(_make_seal, make_ours),
    OPEN: partial(_make_open, make_ours),
    BARE_PAIR: _make_bare_pair,
    **{f"bare, {case}": partial(_make_bare_request, case) for case in CASES},
    **{f"ours, {case}": partial(_make_request, asgi_stacks.make_ours, case) for case in CASES},
    **{f"Starlette, {case}": partial(_make_request, asgi_stacks.make_starlette, case) for case in CASES},
}
for _name, _floor in FLOORS.items():
    WORK[f"{_name}, {SEAL}"] = partial(_make_seal, _floor.make_codec)
    WORK[f"{_name}, {OPEN}"] = partial(_make_open, _floor.make_codec)
    WORK[f"{_name}, {CHANGED}"] = partial(_make_request, _floor.make_asgi_stack, CHANGED)


# The name of the count that holds nothing but asking for it.
OVERHEAD = "overhead"
# Enough for caches, ours and Python's, to be filled.
WARM_UP = 20
# Counts must not depend on the time of day, so the clock stands still: once while works are made, once for what is
# counted, as few cookies are of the second that changes them. Of the times in our tokens one in fifty has an octet that
# opening must look at twice, which takes about 2,500 instructions; these, and 90 days later, have none.
MADE, COUNTED = 1_700_000_000.0, 1_700_000_005.0
_read_clock = time.time


def main(repetitions: int, names: Sequence[str]) -> None:
    """Does each work so many times, and names the count that callgrind then writes after it."""
    _stop_clock(MADE)
    actions = {name: WORK[name]() for name in names}
    _stop_clock(COUNTED)
    for action in actions.values():
        time_loop(action, WARM_UP)
    # What exists by now is not to be walked over by collections whose number depends on the repetitions.
    gc.collect()
    gc.freeze()
    _tell_callgrind("instrumentation", "on")
    _tell_callgrind("dump", "start")
    _tell_callgrind("dump", OVERHEAD)
    for name, action in actions.items():
        time_loop(action, repetitions)
        _tell_callgrind("dump", name)


def _stop_clock(moment: float) -> None:
    # It is read all the same: reading it is counted, and a call of Python (some 340 instructions) with it.
    def read_stopped_clock() -> float:
        _read_clock()
        return moment

    time.time = read_stopped_clock


def _tell_callgrind(*command: str) -> None:
    # vgdb comes with valgrind. Its answer may hold anything but an error, which is its exit status.
    words = ["vgdb", f"--pid={os.getpid()}", *command]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
