"""Values of arguments: a wrong value is an error of the command line, and the exit status is 2."""

from __future__ import annotations

import argparse

from ..errors import ConfigError
from ..keys.durations import parse_duration


class UsageError(ConfigError):
    """An argument is wrong, or two arguments exclude each other. The command ends with status 2."""


def duration(text: str) -> int:
    """Return the seconds of a duration such as ``90d``, for the ``type`` of an argument."""
    try:
        return parse_duration(text)
    except ConfigError as exc:
        # For a ValueError, such as ConfigError, argparse would not show the message.
        raise argparse.ArgumentTypeError(str(exc)) from None
