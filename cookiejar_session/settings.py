"""The settings of one configured object, which all its requests share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

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

    ``random_octets(n)`` returns n octets from the operating system's random source. Two configurations with the same
    ``identity`` (cookie name and purpose) share one session in one request. ``publishes`` says whether the session is
    also put where frameworks look for one.
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

    identity: tuple[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "identity", (self.cookie.name, self.purpose))


class HasSettings(Protocol):
    """An object with settings: the wrappers use nothing else of CookieSessions."""

    @property
    def settings(self) -> Settings: ...
