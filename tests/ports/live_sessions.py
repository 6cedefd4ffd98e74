"""The configured sessions of the live tests: with lifetimes and a previous cookie that no port has by default."""

from datetime import timedelta
from typing import Any

from cookiejar_session import CookieAttributes, CookieSessions, Keyring, Policy


def make_sessions(keyring: Keyring | None = None) -> CookieSessions[Any]:
    """Return the sessions; the keys are those of the environment if no keyring is given."""
    return CookieSessions(
        keyring,
        cookie=CookieAttributes(name="__Host-live", samesite="Strict"),
        policy=Policy(idle_timeout=timedelta(hours=1), absolute_lifetime=timedelta(hours=5)),
        previous=[CookieAttributes(name="__Host-before")],
    )


def __getattr__(name: str) -> Any:
    # Tests import make_sessions only. The application imports sessions, and has the keys in its environment.
    if name == "sessions":
        return make_sessions()
    raise AttributeError(name)
