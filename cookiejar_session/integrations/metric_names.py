"""The cookie name as the label by which metrics tell several CookieSessions objects apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..cookie_sessions import CookieSessions
from ..errors import ConfigError


def check_names(sessions: Iterable[CookieSessions[Any]]) -> None:
    """Raise ConfigError if two of the objects have the same cookie name."""
    names = [each.settings.cookie.name for each in sessions]
    if len(set(names)) < len(names):
        raise ConfigError(
            f"two of the sessions have the cookie name {max(names, key=names.count)}, and metrics tell sessions apart "
            "by that name; pass one of the two"
        )
