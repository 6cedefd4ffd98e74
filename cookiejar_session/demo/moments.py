"""Format times and durations for people, such as "in 14 days"."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def render_moment(time: int, *, now: int) -> str:
    """Render Unix seconds as HTML: the distance from ``now``, then the exact time in parentheses.

    A time after the year 9999 has no exact time, since datetime cannot hold it.
    """
    distance = describe_distance(time, now=now)
    try:
        moment = datetime.fromtimestamp(time, UTC)
    except (ValueError, OverflowError):
        return f"{distance} (after the year 9999)"
    exact = f"{moment.day} {moment:%b %Y, %H:%M:%S} UTC"
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{distance} <span class="note">({exact})</span></time>'


def describe_duration(seconds: int) -> str:
    """Describe a duration in one unit, rounded, such as ``14 days``, ``1 hour`` or ``0 seconds``."""
    name, unit = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    count = (seconds + unit // 2) // unit
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def describe_distance(time: int, *, now: int) -> str:
    """Describe ``time`` relative to ``now``, both in Unix seconds: ``in 14 days``, ``20 seconds ago`` or ``now``."""
    if time == now:
        return "now"
    return f"in {describe_duration(time - now)}" if time > now else f"{describe_duration(now - time)} ago"
