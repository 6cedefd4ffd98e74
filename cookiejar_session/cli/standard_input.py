"""Reading the standard input of a command."""

from __future__ import annotations

import sys

from ..errors import ConfigError


def read_standard_input(max_octets: int) -> bytes:
    """Return the octets of standard input. Raises ConfigError for more than ``max_octets``, or if none can be read."""
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
        # Standard input was closed before Python started.
        raise ConfigError("standard input is closed; give a file or a pipe")
    try:
        octets = sys.stdin.buffer.read(max_octets + 1)
    except OSError as exc:
        raise ConfigError(f"standard input: {exc.strerror or exc}; give a file or a pipe") from None
    if len(octets) > max_octets:
        raise ConfigError(f"standard input is longer than {max_octets} bytes; give the right file")
    return octets
