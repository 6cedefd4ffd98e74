"""Every error of the package, by whose fault it is. Knows nothing of how they come about.

``CookiejarError`` is the root. ``ConfigError`` is the operator's, ``UnsupportedValueError``, ``SessionTooLargeError``
and ``SessionCommittedError`` are the application's, ``TokenError`` is the client's.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any


class Reason(StrEnum):
    """Why a token was refused, in the order in which the tests are made (SPEC 10)."""

    UNKNOWN_VERSION = "unknown-version"
    MALFORMED = "malformed"
    TOO_LONG = "too-long"
    UNKNOWN_KEY = "unknown-key"
    NOT_AUTHENTIC = "not-authentic"
    BAD_PADDING = "bad-padding"
    BAD_ENCODING = "bad-encoding"
    BAD_ENVELOPE = "bad-envelope"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNFIT_DATA = "unfit-data"


class CookiejarError(Exception):
    """The root of every error this package raises on purpose."""


class ConfigError(CookiejarError, ValueError):
    """The configuration cannot work: what was found, what is wanted, what mends it. Never holds key text."""


class UnsupportedValueError(CookiejarError, ValueError):
    """A value that the MessagePack profile (SPEC 6) cannot say; the message names its path and type, not the value."""


class SessionCommittedError(CookiejarError, RuntimeError):
    """The session was written after its response headers were sent, or is read-only."""


# Why a session takes no more writes.
WRITTEN_LATE = (
    "session written after its response headers were sent, so the change cannot be saved; "
    "write before the response starts"
)
READ_ONLY = "session is read-only: it was opened with read(); use mint() to make another token"


class SessionTooLargeError(CookiejarError, ValueError):
    """The token would exceed the limit.

    ``characters`` is what the token would need, ``limit`` what is allowed, and ``octets_by_key`` the encoded octets of
    each top-level key (``None`` stands for all flash messages).
    """

    def __init__(self, *, characters: int, limit: int, octets_by_key: Mapping[str | None, int]) -> None:
        self.characters = characters
        self.limit = limit
        self.octets_by_key: dict[str | None, int] = dict(octets_by_key)
        largest = sorted(self.octets_by_key.items(), key=lambda item: -item[1])
        listed = ", ".join(f"{'flash' if key is None else repr(key)} {octets}" for key, octets in largest[:8])
        more = f" and {len(largest) - 8} more" if len(largest) > 8 else ""
        super().__init__(
            f"session needs a token of {characters} characters, the limit is {limit}; octets by key: {listed}{more}; "
            "keep large things on the server and their ids in the session"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is else copied by calling its class with its message.
        make = partial(type(self), characters=self.characters, limit=self.limit, octets_by_key=self.octets_by_key)
        return make, (), self.__dict__


class TokenError(CookiejarError):
    """A token was refused; ``reason`` says at which test (SPEC 8), ``key_id`` (8 octets) which key is unknown.

    Made of these two. Holds nothing else of the token.
    """

    # Refusing costs a server, not a client: no constructor of Python's, and no text until somebody reads it.
    if TYPE_CHECKING:

        def __init__(self, reason: Reason, key_id: bytes | None = None, /) -> None: ...

    @property
    def reason(self) -> Reason:
        reason: Reason = self.args[0]
        return reason

    @property
    def key_id(self) -> bytes | None:
        return self.args[1] if len(self.args) > 1 else None

    def __str__(self) -> str:
        return f"token refused: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({self.reason!r})"
