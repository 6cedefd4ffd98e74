"""The life of a session in one exchange (SPEC 12.7, 12.8, 13), from its parts."""

from __future__ import annotations

from . import (
    life_cycle_call_cases,
    life_cycle_emptied_cases,
    life_cycle_headers_cases,
    life_cycle_limit_cases,
    life_cycle_previous_cases,
    life_cycle_reseal_cases,
    life_cycle_time_cases,
    life_cycle_unreadable_cases,
    life_cycle_write_cases,
)
from .cases import Case


def list_cases() -> list[Case]:
    return [
        *life_cycle_write_cases.list_cases(),
        *life_cycle_call_cases.list_cases(),
        *life_cycle_emptied_cases.list_cases(),
        *life_cycle_unreadable_cases.list_cases(),
        *life_cycle_reseal_cases.list_cases(),
        *life_cycle_time_cases.list_cases(),
        *life_cycle_previous_cases.list_cases(),
        *life_cycle_headers_cases.list_cases(),
        *life_cycle_limit_cases.list_cases(),
    ]
