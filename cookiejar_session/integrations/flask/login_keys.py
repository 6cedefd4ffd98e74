"""The values that Flask-Login stores in the session: the user, and whether to remember the visitor.

Flask-Login remembers a visitor with a second cookie, which it signs with SECRET_KEY. Without SECRET_KEY, our session
remembers the visitor: its cookie stays when the browser is closed, for the duration that Flask-Login asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ...session.session import Session
from ...wire.time_rules import TimeRules

USER_ID = "_user_id"
REMEMBER, REMEMBER_SECONDS = "_remember", "_remember_seconds"
REMEMBER_KEYS = frozenset((REMEMBER, REMEMBER_SECONDS))
# The value of REMEMBER after a logout.
FORGET = "clear"


def keeps_signed_in(config: Mapping[str, Any]) -> bool:
    """Whether our session remembers the visitor, because Flask-Login's own cookie cannot."""
    return not config.get("SECRET_KEY")


def set_remembered_lifetime(
    session: Session[Any], rules: TimeRules, config: Mapping[str, Any], *, key: str, value: Any
) -> None:
    """Set the lifetime of the session from ``value``, which Flask-Login stores under ``key``.

    The value says to remember the visitor, to remember the visitor for a number of seconds, or to stop remembering. If
    the application sets no duration, the session keeps its limits.
    """
    if value == FORGET:
        restore_lifetime(session, rules, persistent=rules.persistent)
        return
    duration = value if key == REMEMBER_SECONDS else config.get("REMEMBER_COOKIE_DURATION")
    if duration is not None:
        seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
        duration = timedelta(seconds=int(seconds))
    session.set_lifetime(idle_timeout=duration, absolute_lifetime=duration, persistent=True)


def restore_lifetime(session: Session[Any], rules: TimeRules, *, persistent: bool) -> None:
    """Give the session the limits of the policy again, from now, unless it has them.

    A login and a logout call this function, so that nobody inherits the limits of a visitor who was remembered before.
    """
    idle, absolute = timedelta(seconds=rules.idle), timedelta(seconds=rules.absolute)
    if (session.idle_timeout, session.absolute_lifetime, session.is_persistent) != (idle, absolute, persistent):
        session.set_lifetime(idle_timeout=idle, absolute_lifetime=absolute, persistent=persistent)
