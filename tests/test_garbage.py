"""garbage.py: a cycle is found if each call leaves it, and not if one call alone does."""

from __future__ import annotations

from garbage import name_garbage


def leave_cycle() -> None:
    cycle: list[object] = []
    cycle.append(cycle)


def test_a_cycle_is_named() -> None:
    assert name_garbage(leave_cycle) == ["list"]


def test_a_call_that_leaves_nothing() -> None:
    assert name_garbage(object) == []


def test_what_one_call_alone_leaves_does_not_count() -> None:
    calls = [leave_cycle]
    assert name_garbage(lambda: calls.pop()() if calls else None) == []
