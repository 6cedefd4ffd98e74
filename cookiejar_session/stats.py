"""Statistics: what one CookieSessions object did in this process since it began to count, as a snapshot and as JSON.

docs/how-to/monitoring.md describes each number. A snapshot holds key ids, and no key, sid or data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Reason

# The name and the version of the JSON form. The version grows when a field changes its meaning or is removed.
JSON_FORMAT = "cookiejar-session-stats/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStats:
    """What was done with one key.

    ``key_id`` is in hex. ``version`` is the wire version of the tokens. ``is_in_keyring`` says whether the keyring had
    the key when the snapshot was taken. ``opened`` counts the requests, and calls of ``sessions.read``, whose accepted
    token was sealed with the key. ``committed``, ``renewed``, ``resealed`` and ``moved`` count the tokens that were
    sealed with it. ``last_opened_at`` and ``last_sealed_at`` are the times of the latest of these requests, in Unix
    seconds; None if there was none.
    """

    key_id: str
    version: int
    is_in_keyring: bool
    opened: int = 0
    last_opened_at: int | None = None
    committed: int = 0
    renewed: int = 0
    resealed: int = 0
    moved: int = 0
    last_sealed_at: int | None = None

    @property
    def sealed(self) -> int:
        """How many tokens were sealed with the key."""
        return self.committed + self.renewed + self.resealed + self.moved


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownKeyStats:
    """The refused tokens with one key id that the keyring did not have. A visitor can choose this key id."""

    key_id: str
    refused: int
    last_refused_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSizes:
    """The lengths, in characters, of the tokens that were sealed.

    ``counts`` has a number for each bound of ``bounds``: how many tokens were not longer than this bound, and longer
    than the bound before. No token is longer than the last bound. ``largest`` is 0 if none was sealed.
    """

    bounds: tuple[int, ...]
    counts: tuple[int, ...]
    count: int
    sum: int
    largest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStats:
    """What one CookieSessions object did in this process, from ``started_at`` to ``taken_at`` (Unix seconds).

    ``cookie`` is the cookie's name and ``pid`` the process id. ``keys`` has the keyring's keys in their order, then
    keys that it had before. ``refused`` counts refused tokens, for every Reason. ``unknown_keys`` has the first 64
    unknown key ids, and ``other_unknown_keys`` counts the refused tokens with any other unknown key id. ``discarded``
    counts responses that deleted the cookie, ``late_writes`` requests whose session was changed after the response
    headers, or that had no response, and ``too_large`` sessions that could not be saved. ``max_token_characters`` is
    the length of the longest token that these sessions may have. ``idle_timeout`` is the idle timeout of new sessions,
    in seconds. ``keyring_problem`` says why the key file, or what the key function returned, is ignored, so that the
    previous keys are in use; None if it is not.
    """

    cookie: str
    pid: int
    started_at: int
    taken_at: int
    keys: tuple[KeyStats, ...]
    refused: Mapping[Reason, int]
    unknown_keys: tuple[UnknownKeyStats, ...]
    other_unknown_keys: int
    discarded: int
    late_writes: int
    too_large: int
    token_sizes: TokenSizes
    max_token_characters: int
    idle_timeout: int
    keyring_problem: str | None

    @property
    def opened(self) -> int:
        """How many tokens were accepted."""
        return sum(key.opened for key in self.keys)

    @property
    def committed(self) -> int:
        """How many tokens were sealed for a session that the application changed."""
        return sum(key.committed for key in self.keys)

    @property
    def renewed(self) -> int:
        """How many tokens were sealed to restart the idle timeout."""
        return sum(key.renewed for key in self.keys)

    @property
    def resealed(self) -> int:
        """How many tokens were sealed because the token of the request was sealed with an older key."""
        return sum(key.resealed for key in self.keys)

    @property
    def moved(self) -> int:
        """How many tokens were sealed because the session came in a cookie with a previous name."""
        return sum(key.moved for key in self.keys)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form as a dict: its ``format``, and the fields of this object by their names."""
        return {
            "format": JSON_FORMAT,
            "cookie": self.cookie,
            "pid": self.pid,
            "started_at": self.started_at,
            "taken_at": self.taken_at,
            "keys": [_list_fields(key) for key in self.keys],
            "refused": {str(reason): count for reason, count in self.refused.items()},
            "unknown_keys": [_list_fields(key) for key in self.unknown_keys],
            "other_unknown_keys": self.other_unknown_keys,
            "discarded": self.discarded,
            "late_writes": self.late_writes,
            "too_large": self.too_large,
            "token_sizes": _list_fields(self.token_sizes),
            "max_token_characters": self.max_token_characters,
            "idle_timeout": self.idle_timeout,
            "keyring_problem": self.keyring_problem,
        }

    def to_json(self) -> str:
        """Return the JSON form as one line."""
        return json.dumps(self.to_dict())


def _list_fields(part: KeyStats | UnknownKeyStats | TokenSizes) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__dataclass_fields__}
