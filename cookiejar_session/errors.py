"""Every error of the package, grouped by who is at fault.

``ConfigError`` is the operator's fault. ``UnsupportedValueError``, ``SessionTooLargeError`` and
``SessionCommittedError`` are the application's. ``TokenError`` is the client's. ``CookiejarError`` is the root.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Any

# The end of the message of SessionTooLargeError. The log line of a handler that has called revert() leaves it out.
REVERT_ADVICE = "; an error handler calls session.revert() before it answers"


class Reason(StrEnum):
    """Why a token was refused, in the order of the tests (SPEC 8.2 and 10)."""

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
    """The root of every error that this package raises on purpose."""


class ConfigError(CookiejarError, ValueError):
    """The configuration cannot work. The message says what was found, what is expected and how to fix it.

    The message never holds key text.
    """


class MissingKeysError(ConfigError):
    """The environment has no keys.

    The integrations for Flask and Quart start even without keys, so that commands that need no session can run.
    """


class UnsupportedValueError(CookiejarError, TypeError):
    """A session cannot hold this value (SPEC 6). The message names the value's path and type, never the value."""


class SessionCommittedError(CookiejarError, RuntimeError):
    """The session was changed after its response headers were sent, or it is read-only."""


class SessionTooLargeError(CookiejarError, ValueError):
    """The token of the session would be longer than the limit.

    ``characters`` is the length that the token would need, ``limit`` the length that is allowed. ``octets_by_key``
    says how many octets each top-level key takes with its value; the key None stands for all flash messages.
    """

    def __init__(self, *, characters: int, limit: int, octets_by_key: Mapping[str | None, int]) -> None:
        self.characters = characters
        self.limit = limit
        self.octets_by_key: dict[str | None, int] = dict(octets_by_key)
        largest = sorted(self.octets_by_key.items(), key=lambda item: -item[1])
        listed = ", ".join(f"{'flash' if key is None else quote(key)} {octets}" for key, octets in largest[:8])
        more = f" and {len(largest) - 8} more" if len(largest) > 8 else ""
        super().__init__(
            f"session needs a token of {characters} characters, the limit is {limit}; octets by key: {listed}{more}; "
            f"keep large things on the server and their ids in the session{REVERT_ADVICE}"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # copy and pickle call the class with the message only, but this constructor takes other arguments.
        make = partial(type(self), characters=self.characters, limit=self.limit, octets_by_key=self.octets_by_key)
        return make, (), self.__dict__


class TokenError(CookiejarError):
    """A token was refused.

    ``reason`` says which test failed (SPEC 8.2). ``key_id`` is the key id of the token, 8 octets, and ``log_id`` the
    log id of its session, where they are known. The error holds nothing else of the token.
    """

    def __init__(self, reason: Reason, key_id: bytes | None = None, log_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.key_id: bytes | None = key_id
        self.log_id: str | None = log_id

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.key_id, self.log_id), self.__dict__

    def __str__(self) -> str:
        return f"token refused: {self.reason}"


def quote(text: str) -> str:
    """Return ``text`` for a message: quoted, escaped and cut to 40 characters, since a visitor may have chosen it."""
    return ascii(text) if len(text) <= 40 else f"{text[:40]!a}..."
