"""Times and durations as people read them. Knows no clock."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def render_time(time: int) -> str:
    """Unix seconds as an HTML time element, such as 1 January 2026, 00:00:00 UTC."""
    try:
        moment = datetime.fromtimestamp(time, UTC)
    except (ValueError, OverflowError):  # an envelope's times reach further than Python's calendar
        return f"second {time}"
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment.day} {moment:%b %Y, %H:%M:%S} UTC</time>'


def describe_duration(seconds: int) -> str:
    """A duration in the largest unit of which there is at least one, rounded: 14 days, 1 hour, 0 seconds."""
    name, unit = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    count = (seconds + unit // 2) // unit
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def describe_distance(time: int, *, now: int) -> str:
    """How far ``time`` is from ``now``, both in Unix seconds: in 14 days, 20 seconds ago, now."""
    if time == now:
        return "now"
    return f"in {describe_duration(time - now)}" if time > now else f"{describe_duration(now - time)} ago"
