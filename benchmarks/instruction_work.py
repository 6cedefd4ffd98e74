"""The work whose instructions callgrind counts: ``python -m benchmarks.instruction_work 300 seal open``.

It tells callgrind to write a count before and after each work, so that the start and the end of Python are in no count.
It imports only what it needs, because Python is slow under callgrind.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from . import asgi_stacks
from .codec import make_actions, make_bare_actions
from .codec_peers import make_ours
from .contents import TYPICAL
from .middleware import CASES, prepare_bare_case, prepare_case
from .stacks import Stack
from .timing import Action, time_loop


def _make_seal() -> Action:
    return make_actions(make_ours(), TYPICAL)[0]


def _make_open() -> Action:
    return make_actions(make_ours(), TYPICAL)[1]


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
# The work that the budget limits. The other work is there for comparison.
BUDGETED = (SEAL, OPEN, *(f"ours, {case}" for case in CASES))
WORK: dict[str, Callable[[], Action]] = {
    SEAL: _make_seal,
    OPEN: _make_open,
    BARE_PAIR: _make_bare_pair,
    **{f"bare, {case}": partial(_make_bare_request, case) for case in CASES},
    **{f"ours, {case}": partial(_make_request, asgi_stacks.make_ours, case) for case in CASES},
    **{f"Starlette, {case}": partial(_make_request, asgi_stacks.make_starlette, case) for case in CASES},
}

# The name of the count of a request for a count alone.
OVERHEAD = "overhead"
# Repetitions that fill the caches of Python and of the package.
WARM_UP = 20
# The clock stands still, so that the counts do not depend on the time of day. One time stamp in fifty contains an octet
# that opening must check twice, which takes about 2,500 instructions. These two times and the times 90 days later
# contain none. There are two times because the second in which a cookie changes is rarely the second that made it.
MADE, COUNTED = 1_700_000_000.0, 1_700_000_005.0
_read_clock = time.time


def main(repetitions: int, names: Sequence[str]) -> None:
    """Do each work ``repetitions`` times. After each, callgrind writes a count under the name of the work."""
    _stop_clock(MADE)
    actions = {name: WORK[name]() for name in names}
    _stop_clock(COUNTED)
    for action in actions.values():
        time_loop(action, WARM_UP)
    # Collections during the count must not walk over the objects that exist now.
    gc.collect()
    gc.freeze()
    _tell_callgrind("instrumentation", "on")
    _tell_callgrind("dump", "start")
    _tell_callgrind("dump", OVERHEAD)
    for name, action in actions.items():
        time_loop(action, repetitions)
        _tell_callgrind("dump", name)


def _stop_clock(moment: float) -> None:
    # The real clock is read too, so that its instructions are counted. The Python call around it adds about 340.
    def read_stopped_clock() -> float:
        _read_clock()
        return moment

    time.time = read_stopped_clock


def _tell_callgrind(*command: str) -> None:
    # vgdb comes with valgrind. Its output does not matter. An error is in its exit status.
    words = ["vgdb", f"--pid={os.getpid()}", *command]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
