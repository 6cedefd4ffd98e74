"""Walks over dicts that another thread may change meanwhile. Knows nothing of what is in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")

MAX_WALKS = 100


def repeat_walk(walk: Callable[[], R]) -> R:
    """What ``walk`` returns, once no other thread changes a dict under it; that thread is soon done."""
    for _ in range(MAX_WALKS):
        try:
            return walk()
        except RuntimeError:
            continue
    return walk()
