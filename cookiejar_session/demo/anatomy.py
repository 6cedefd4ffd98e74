"""Decode a session cookie into its pieces, sizes, times and key. Knows nothing of HTML, and never holds a key.

This module uses private modules of the package, since the page shows details that no application needs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..cookie_sessions import CookieSessions
from ..keys.rotation import Ring
from ..session.cookie_choice import Accepted, read_cookies
from ..wire.envelope import Envelope
from ..wire.layout import KEY_ID_OCTETS, NONCE_OCTETS, PREFIX, count_encoded_octets
from ..wire.sealing import count_octets_by_key
from ..wire.time_rules import expires_at, may_reseal

# SPEC 2.1: the authentication tag of secretbox, before the ciphertext.
TAG_OCTETS = 16

PRIMARY, RETIRED, PENDING, ENDED = "primary", "retired", "pending", "ended"


class Piece(NamedTuple):
    """One piece of a token.

    ``characters`` can be a fraction, since base64url encodes three octets as four characters.
    """

    name: str
    octets: int
    characters: float


class KeyState(NamedTuple):
    """A key of the keyring and its present state. ``sealed_it`` is True for the key that sealed the cookie.

    A primary key seals and opens, a retired or pending key only opens, and an ended key does neither.
    """

    key_id: str
    state: str
    sealed_it: bool


class Moment(NamedTuple):
    """A named time in the life of a session, in Unix seconds."""

    name: str
    time: int


class Anatomy(NamedTuple):
    """The decoded contents of one session cookie at the time ``now``.

    - ``is_sample``: the request had no valid cookie, so this is a cookie like the one that the response sets.
    - ``used_octets``, ``limit_octets``: the size of the encoded envelope and its limit.
    - ``octets_by_key``: the size of each value in the session; None stands for all flash messages.
    - ``renewable_from``: from this time on, a request that reads the session renews it.
    - ``is_resealed``: a request that reads the session reseals it now, since a retired key sealed the cookie.
    """

    envelope: Envelope
    characters: int
    limit_characters: int
    used_octets: int
    limit_octets: int
    octets_by_key: dict[str | None, int]
    keys: tuple[KeyState, ...]
    now: int
    renewable_from: int
    is_resealed: bool
    is_sample: bool

    @property
    def key(self) -> KeyState:
        """The state of the key that sealed the cookie."""
        return next(key for key in self.keys if key.sealed_it)

    @property
    def primary_key_id(self) -> str:
        """The id of the key that seals new cookies."""
        return next(key.key_id for key in self.keys if key.state == PRIMARY)

    @property
    def expires(self) -> int:
        """When the session expires if no request renews it, in Unix seconds."""
        return expires_at(self.envelope)

    @property
    def overhead_octets(self) -> int:
        """The size of the envelope without data and flash messages: the sid, the times and the encoding."""
        return self.used_octets - sum(self.octets_by_key.values())

    def list_pieces(self) -> list[Piece]:
        """List the pieces of the token in their order. The sum of their characters is the length of the token."""
        body = (self.characters - len(PREFIX)) * 3 // 4
        known = {"key id": KEY_ID_OCTETS, "nonce": NONCE_OCTETS, "tag": TAG_OCTETS}
        octets = known | {"ciphertext": body - sum(known.values())}
        prefix = Piece("prefix", len(PREFIX), len(PREFIX))
        return [prefix, *(Piece(name, count, count * 4 / 3) for name, count in octets.items())]

    def list_moments(self) -> list[Moment]:
        """List the times of the session, the earliest first. Equal times keep the order of this list."""
        envelope = self.envelope
        moments = [
            Moment("created", envelope.created),
            Moment("issued", envelope.issued),
            Moment("now", max(self.now, envelope.issued)),
            Moment("renews", self.renewable_from),
            Moment("expires", self.expires),
            Moment("until", envelope.until),
        ]
        return sorted(moments, key=lambda moment: moment.time)


def examine_cookie(cookies: str, *, sessions: CookieSessions[Any], now: int) -> Anatomy:
    """Decode the session cookie in ``cookies``, a Cookie header value. Without a valid one, decode a new sample."""
    settings = sessions.settings
    accepted = read_cookies(cookies, settings=settings, now=now).accepted
    is_sample = accepted is None
    if accepted is None:
        accepted = read_cookies(sessions.mint(now=now).header, settings=settings, now=now).accepted
        assert accepted is not None  # noqa: S101 - a minted cookie is valid at that moment
    envelope, ring = accepted.envelope, settings.keyring.ring(now)
    keys = tuple(_list_keys(ring, accepted, now))
    # SPEC 9.5
    renewal_interval = max(1, min(settings.rules.renew_after, envelope.idle // 10))
    behind = accepted.entry.position > ring.primary(now).position
    return Anatomy(
        envelope=envelope,
        characters=accepted.characters,
        limit_characters=settings.max_token_characters,
        used_octets=len(accepted.encoded),
        limit_octets=count_encoded_octets(settings.max_token_characters),
        octets_by_key=count_octets_by_key(envelope.data, envelope.flash),
        keys=keys,
        now=now,
        renewable_from=min(envelope.issued + renewal_interval, expires_at(envelope)),
        is_resealed=behind and may_reseal(envelope, now=now),
        is_sample=is_sample,
    )


def _list_keys(ring: Ring, accepted: Accepted, now: int) -> list[KeyState]:
    primary = ring.primary(now)
    states: list[KeyState] = []
    for entry in ring.entries:
        if entry is primary:
            state = PRIMARY
        elif now >= entry.until:
            state = ENDED
        else:
            state = PENDING if entry.position < primary.position else RETIRED
        states.append(KeyState(entry.key.key_id.hex(), state, entry.key == accepted.entry.key))
    return states
