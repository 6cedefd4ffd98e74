"""Timing: competitors in interleaved turns, so that noise of the machine affects all alike. Knows no statistics."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Mapping
from itertools import repeat
from time import perf_counter_ns
from typing import NamedTuple

Action = Callable[[], object]


class Effort(NamedTuple):
    """How long to measure: the number of rounds, and the seconds of a turn, as the mean of all competitors."""

    rounds: int
    turn: float


# Many short rounds: a disturbance that lasts longer than a round affects all competitors of the round. But turns must
# not be too short, because the first calls of a turn are slow: the processor's caches hold the data of the turn before.
FULL = Effort(rounds=151, turn=0.01)
QUICK = Effort(rounds=41, turn=0.001)

Timings = dict[str, list[float]]


def time_actions(actions: Mapping[str, Action], *, effort: Effort) -> Timings:
    """Measure the nanoseconds of one call, by competitor and round. The same index is the same round.

    Each round gives every competitor one turn of the same number of calls. Each round starts with another competitor,
    and every second round runs backwards, so that no competitor always follows the same one. Garbage collection is off
    in a turn and runs between rounds.
    """
    names = list(actions)
    calls = _count_calls(actions.values(), seconds=effort.turn)
    timings: Timings = {name: [] for name in names}
    # Without the objects that exist now, a collection between rounds is quick.
    gc.collect()
    gc.freeze()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for number in range(effort.rounds):
            step = 1 if number % 2 == 0 else -1
            for place in range(len(names)):
                name = names[(number + step * place) % len(names)]
                timings[name].append(time_loop(actions[name], calls) / calls)
            gc.collect()
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
    return timings


def _count_calls(actions: Collection[Action], *, seconds: float) -> int:
    """Return how many calls of each action make turns of ``seconds`` in the mean. Warms the actions up.

    Slow and quick actions get the same number of calls. With fewer calls in a turn, the slow ones would be measured
    with colder caches.
    """
    wanted = seconds * len(actions) * 1e9
    calls = 1
    # The quicker one of two runs, because a disturbance in one of them would give too few calls.
    while (spent := min(_time_all(actions, calls), _time_all(actions, calls))) < wanted / 4:
        calls *= 2
    return max(1, round(calls * wanted / spent))


def _time_all(actions: Collection[Action], calls: int) -> int:
    return sum(time_loop(action, calls) for action in actions)


def time_loop(action: Action, loops: int) -> int:
    """Return the nanoseconds of ``loops`` calls."""
    turns = repeat(None, loops)
    started = perf_counter_ns()
    for _ in turns:
        action()
    return perf_counter_ns() - started
