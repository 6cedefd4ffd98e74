"""Durations as an operator writes them, such as ``90d`` or ``1h``, and as messages show them."""

from __future__ import annotations

import re

from ..errors import ConfigError, quote

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def parse_duration(text: str) -> int:
    """Return the seconds of a duration: up to 6 digits and one of the letters d, h, m and s. Raises ConfigError."""
    found = re.fullmatch("([0-9]{1,6})([dhms])", text)
    if found is None:
        raise ConfigError(f"{quote(text)} is not a duration; write a number and d, h, m or s, such as 90d or 1h")
    return int(found[1]) * _UNITS[found[2]]


def render_duration(seconds: int) -> str:
    """Return a duration as :func:`parse_duration` reads it, in the largest unit that needs no fraction."""
    letter, unit = next(each for each in _UNITS.items() if each[1] == 1 or (seconds and seconds % each[1] == 0))
    return f"{seconds // unit}{letter}"
