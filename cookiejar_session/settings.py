"""The settings of one configured object, which all its requests share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import quote
from .headers.cookie_header import scan_cookies
from .headers.set_cookie import CookieAttributes
from .keys.keyring import Keyring
from .telemetry import Telemetry
from .typed.data_type import DataType, Migration
from .wire.time_rules import TimeRules

# SPEC 13.8: servers and proxies accept a token of this length with their default settings. The format allows
# layout.MAX_TOKEN_CHARACTERS.
DEFAULT_TOKEN_CHARACTERS = 2660


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousCookie:
    """A cookie that is still read and then deleted: its attributes, and the purpose of its tokens."""

    attributes: CookieAttributes
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One validated configuration.

    ``random_octets(n)`` returns n octets from the operating system's random source. ``publishes`` says whether the
    session is also put where frameworks look for one.
    """

    keyring: Keyring = field(repr=False)
    cookie: CookieAttributes
    purpose: str
    rules: TimeRules
    telemetry: Telemetry
    random_octets: Callable[[int], bytes]
    data_type: DataType[Any] | None = None
    migrate: Migration | None = None
    previous: tuple[PreviousCookie, ...] = ()
    max_token_characters: int = DEFAULT_TOKEN_CHARACTERS
    publishes: bool = True

    def finds_cookie_in(self, header: str) -> bool:
        """Whether a Cookie field value has the session cookie or a previous one, valid or not (SPEC 11.1)."""
        names = [self.cookie.name, *(each.attributes.name for each in self.previous)]
        return any(scan_cookies(header, name, limit=1) for name in names)

    def shares_sessions_with(self, other: Settings, *, now: int) -> bool:
        """Whether two configurations share one session in one request (SPEC 17.14).

        They need the same cookie name and purpose, and a key that both can open with at ``now`` (Unix seconds).
        Otherwise an application with its own keys would get the session of the application around it.
        """
        if self.cookie.name != other.cookie.name or self.purpose != other.purpose:
            return False
        if self.keyring is other.keyring:
            return True
        # Key ids are compared, not box keys, so that a request that does not touch its session derives no key. Keyrings
        # may have been reloaded since the last request.
        theirs = other.keyring.ring(now)
        ours = (entry for entry in self.keyring.ring(now).entries if now < entry.until)
        return any(theirs.find(entry.key.key_id, now) is not None for entry in ours)

    def describe_difference(self, other: Settings) -> str:
        """Return how ``other``, which does not share a session with this configuration, differs from it."""
        if self.cookie.name != other.cookie.name:
            return f"with the cookie {other.cookie.name}"
        if self.purpose != other.purpose:
            return f"with the same cookie but the purpose {quote(other.purpose)} instead of {quote(self.purpose)}"
        return "with the same cookie but no key in common"


def normalize_attribute(name: str, value: Any) -> Any:
    """Return the value of the field ``name`` of CookieAttributes in a form that can be compared.

    Browsers ignore the case of a Domain, a leading dot in it, and the case of SameSite (RFC 6265bis 5.6). A value that
    is not a str is returned as it is.
    """
    if not isinstance(value, str):
        return value
    if name == "domain":
        return value.lower().removeprefix(".")
    return value.capitalize() if name == "samesite" else value


class HasSettings(Protocol):
    """An object with settings. The wrappers use only this attribute of CookieSessions."""

    @property
    def settings(self) -> Settings: ...
