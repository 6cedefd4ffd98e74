"""Timing: what competitors take, interleaved so that the machine's noise falls on all alike. Knows no statistics."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Mapping
from itertools import repeat
from time import perf_counter_ns
from typing import NamedTuple

Action = Callable[[], object]


class Effort(NamedTuple):
    """How long to measure: rounds, and the seconds of a turn in one round, the mean of all competitors."""

    rounds: int
    turn: float


# Short turns in many rounds: what disturbs the machine for longer than a round falls on all competitors of it. But the
# first calls of a turn find the processor's caches full of the turn before, and must not be most of it.
FULL = Effort(rounds=151, turn=0.01)
QUICK = Effort(rounds=41, turn=0.001)

Timings = dict[str, list[float]]


def time_actions(actions: Mapping[str, Action], *, effort: Effort) -> Timings:
    """Nanoseconds of one call, by competitor and round: the same index is the same round.

    Each round gives every competitor one turn of equally many calls, beginning with another competitor each time,
    garbage collection off within.
    """
    names = list(actions)
    calls = _count_calls(actions.values(), seconds=effort.turn)
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
                timings[name].append(time_loop(actions[name], calls) / calls)
            gc.collect()
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
    return timings


def _count_calls(actions: Collection[Action], *, seconds: float) -> int:
    """How many calls of each make turns of ``seconds`` in the mean; warms the actions up on the way.

    As many for the slow as for the quick: with fewer, the slow ones would be measured with colder caches.
    """
    wanted = seconds * len(actions) * 1e9
    calls = 1
    # The better of two: what disturbs one of them is not to be taken for the speed of all.
    while (spent := min(_time_all(actions, calls), _time_all(actions, calls))) < wanted / 4:
        calls *= 2
    return max(1, round(calls * wanted / spent))


def _time_all(actions: Collection[Action], calls: int) -> int:
    return sum(time_loop(action, calls) for action in actions)


def time_loop(action: Action, loops: int) -> int:
    """Nanoseconds of this many calls."""
    turns = repeat(None, loops)
    started = perf_counter_ns()
    for _ in turns:
        action()
    return perf_counter_ns() - started
