"""Timing: what competitors take, interleaved so that the machine's noise falls on all alike. Knows no statistics."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from itertools import repeat
from time import perf_counter_ns
from typing import NamedTuple

Action = Callable[[], object]


class Effort(NamedTuple):
    """How long to measure: rounds, and the seconds of one competitor's turn in one round."""

    rounds: int
    turn: float


# Short turns in many rounds: what disturbs the machine for longer than a round falls on all competitors of it.
FULL = Effort(rounds=301, turn=0.002)
QUICK = Effort(rounds=41, turn=0.0005)

Timings = dict[str, list[float]]


def time_actions(actions: Mapping[str, Action], *, effort: Effort) -> Timings:
    """Nanoseconds of one call, by competitor and round: the same index is the same round.

    Each round gives every competitor one turn, beginning with another one each time, garbage collection off within.
    """
    names = list(actions)
    loops = {name: count_loops(actions[name], seconds=effort.turn) for name in names}
    timings: Timings = {name: [] for name in names}
    # What exists now is no garbage of the competitors: without it a collection between rounds is quick.
    gc.collect()
    gc.freeze()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for number in range(effort.rounds):
            shift = number % len(names)
            for name in names[shift:] + names[:shift]:
                timings[name].append(time_loop(actions[name], loops[name]) / loops[name])
            gc.collect()
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
    return timings


def count_loops(action: Action, *, seconds: float) -> int:
    """How many calls fill a turn; warms the action up on the way."""
    loops = 1
    while (spent := time_loop(action, loops)) < seconds * 1e9 / 4:
        loops *= 2
    return max(1, round(loops * seconds * 1e9 / spent))


def time_loop(action: Action, loops: int) -> int:
    """Nanoseconds of this many calls."""
    turns = repeat(None, loops)
    started = perf_counter_ns()
    for _ in turns:
        action()
    return perf_counter_ns() - started
