"""Decode a session cookie into its pieces, sizes, times and the states of the keys. Knows nothing of HTML.

The result holds key ids, but no keys.

This module uses private modules of the package, since the page shows details that no application needs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..cookie_sessions import CookieSessions
from ..headers.cookie_header import scan_cookies
from ..keys.ring_text import MAX_ENTRIES
from ..keys.rotation import Ring
from ..session.cookie_choice import Accepted, read_cookies
from ..session.session import Session
from ..wire.envelope import Envelope
from ..wire.layout import KEY_ID_OCTETS, NONCE_OCTETS, PREFIX, count_encoded_octets
from ..wire.opening import render_log_id
from ..wire.size import count_octets_by_key
from ..wire.time_rules import expires_at, may_reseal

PRIMARY, RETIRED, PENDING, ENDED = "primary", "retired", "pending", "ended"


class Piece(NamedTuple):
    """One piece of a token: its name and its characters."""

    name: str
    text: str


class KeyState(NamedTuple):
    """A key of the keyring and its present state. ``sealed_it`` is True for the key that sealed the cookie.

    A primary key seals and opens, a retired or pending key only opens, and an ended key does neither.
    """

    key_id: str
    state: str
    sealed_it: bool


class Anatomy(NamedTuple):
    """The decoded contents of one session cookie at the time ``now``.

    - ``is_sample``: the request had no valid cookie, so this is a cookie like the one that the response sets.
    - ``used_octets``, ``limit_octets``: the size of the encoded envelope and its limit.
    - ``octets_by_key``: the size of each key with its value; the key None stands for all flash messages.
    - ``renewable_from``: from this time on, a request that reads the session renews it.
    - ``is_resealed``: a request that reads the session reseals it now, since a retired key sealed the cookie.
    """

    cookie_name: str
    token: str
    envelope: Envelope
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
    def is_ring_full(self) -> bool:
        """Whether the keyring holds as many keys as it can."""
        return len(self.keys) == MAX_ENTRIES

    @property
    def expires(self) -> int:
        """When the session expires if no request renews it, in Unix seconds."""
        return expires_at(self.envelope)

    def list_pieces(self) -> list[Piece]:
        """List the pieces of the token in their order. Together, their texts are the token.

        A base64url character holds 6 bits, so one character holds the end of the key id and the beginning of the nonce.
        Such a character counts as part of the piece that has more bits in it. The same is true between the nonce and
        the sealed text.
        """
        start = len(PREFIX)
        nonce = start + round(KEY_ID_OCTETS * 4 / 3)
        sealed = start + round((KEY_ID_OCTETS + NONCE_OCTETS) * 4 / 3)
        return [
            Piece("prefix", self.token[:start]),
            Piece("key id", self.token[start:nonce]),
            Piece("nonce", self.token[nonce:sealed]),
            Piece("sealed text", self.token[sealed:]),
        ]


def examine_cookie(cookies: str, *, sessions: CookieSessions[Any], now: int) -> Anatomy:
    """Decode the session cookie in ``cookies``, a Cookie header value. Without a valid one, decode a new sample."""
    settings = sessions.settings
    accepted = read_cookies(cookies, settings=settings, now=now).accepted
    is_sample = accepted is None
    if accepted is None:
        cookies = sessions.mint(now=now).header
        accepted = read_cookies(cookies, settings=settings, now=now).accepted
        assert accepted is not None  # noqa: S101 - a minted cookie is valid at that moment
    envelope, ring = accepted.envelope, settings.keyring.ring(now)
    # SPEC 9.5
    renewal_interval = max(1, min(settings.rules.renew_after, envelope.idle // 10))
    behind = accepted.entry.position > ring.primary(now).position
    return Anatomy(
        cookie_name=settings.cookie.name,
        token=_find_token(cookies, envelope, sessions, now),
        envelope=envelope,
        used_octets=len(accepted.encoded),
        limit_octets=count_encoded_octets(settings.max_token_characters),
        octets_by_key=count_octets_by_key(envelope.data, envelope.flash),
        keys=tuple(_list_keys(ring, accepted, now)),
        now=now,
        renewable_from=min(envelope.issued + renewal_interval, expires_at(envelope)),
        is_resealed=behind and may_reseal(envelope, now=now),
        is_sample=is_sample,
    )


def _find_token(cookies: str, envelope: Envelope, sessions: CookieSessions[Any], now: int) -> str:
    """Return the token that holds ``envelope``. A request can have several cookies of one name."""
    wanted = render_log_id(envelope.sid), envelope.issued
    tokens = scan_cookies(cookies, sessions.settings.cookie.name)
    return next(token for token in tokens if _identify(sessions.read(token, now=now).session) == wanted)


def _identify(session: Session[Any]) -> tuple[str, int]:
    return session.log_id, 0 if session.issued_at is None else int(session.issued_at.timestamp())


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
