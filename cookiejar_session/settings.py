"""What all exchanges of one configured object share. Knows nothing of any one request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .events import EventSink
from .headers.cookies import CookieAttributes, SetCookieTemplate
from .keys.keyring import Keyring
from .typed.data_type import DataType, Migration
from .wire.envelope import EMPTY_CONTENT
from .wire.sealing import count_encoded_octets
from .wire.time_rules import TimeRules

# SPEC 13.8: what proxies and servers carry at their defaults; the format's own limit is wire.MAX_TOKEN_CHARACTERS.
DEFAULT_TOKEN_CHARACTERS = 2660


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousCookie:
    """A cookie that is still read, then deleted: its attributes and the purpose its tokens were sealed for."""

    attributes: CookieAttributes
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One validated configuration.

    ``random_octets(n)`` gives n octets fit for a sid; ``empty_content`` is the encoded data and flash of a session that
    holds nothing but the defaults of its data type. Two with one ``identity`` (cookie name and purpose) share one
    session in one request.
    """

    keyring: Keyring = field(repr=False)
    cookie: CookieAttributes
    purpose: str
    rules: TimeRules
    events: EventSink
    random_octets: Callable[[int], bytes]
    data_type: DataType[Any] | None = None
    migrate: Migration | None = None
    previous: tuple[PreviousCookie, ...] = ()
    empty_content: bytes = EMPTY_CONTENT
    max_token_characters: int = DEFAULT_TOKEN_CHARACTERS
    warned: set[object] = field(default_factory=set[object], repr=False)
    set_cookie: SetCookieTemplate = field(init=False, repr=False)
    max_encoded_octets: int = field(init=False, repr=False)
    identity: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "set_cookie", SetCookieTemplate(self.cookie))
        object.__setattr__(self, "max_encoded_octets", count_encoded_octets(self.max_token_characters))
        # No cookie name holds a blank.
        object.__setattr__(self, "identity", f"{self.cookie.name} {self.purpose}")

    def warns_first(self, subject: object) -> bool:
        """Whether ``subject`` has not been warned of yet in this process; remembers it. At most 256 subjects."""
        if subject in self.warned or len(self.warned) >= 256:
            return False
        self.warned.add(subject)
        return True
