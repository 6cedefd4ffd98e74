"""What a cookie is made of, for a page that shows it. Knows nothing of HTML; never holds a key.

It looks below the public interface on purpose: what no application needs to know is what the page is about.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..cookie_sessions import CookieSessions
from ..keys.ring import Ring
from ..session.choosing import Accepted, read_cookies
from ..wire.envelope import Envelope, count_octets_by_key, decode_envelope
from ..wire.sealing import KEY_ID_OCTETS, NONCE_OCTETS, PREFIX, count_encoded_octets, find_box, open_box
from ..wire.time_rules import expires_at, is_reseal_due

# SPEC 2.1: secretbox puts it before the ciphertext.
TAG_OCTETS = 16

PRIMARY, RETIRED, PENDING, ENDED = "primary", "retired", "pending", "ended"


class Piece(NamedTuple):
    """A piece of a token, in their order; base64url needs four characters for three octets."""

    name: str
    octets: int
    characters: float


class KeyState(NamedTuple):
    """A key of the ring and what it may do now; ``sealed_it`` marks the one that sealed the cookie."""

    key_id: str
    state: str
    sealed_it: bool


class Moment(NamedTuple):
    """A point on the line of time, in Unix seconds."""

    name: str
    time: int


class Anatomy(NamedTuple):
    """One cookie at one moment.

    ``is_sample``: none came that could be used, and this is one like the first that the response sets. ``used`` octets
    of ``limit`` are taken; ``octets_by_key`` says by what, None standing for all flash messages. ``reseals`` says
    whether an unwritten session is sealed again because of its key, ``renews`` from when on because of its age.
    """

    envelope: Envelope
    characters: int
    limit_characters: int
    used: int
    limit: int
    octets_by_key: dict[str | None, int]
    keys: tuple[KeyState, ...]
    now: int
    renews: int
    reseals: bool
    is_sample: bool

    @property
    def key(self) -> KeyState:
        """The key that sealed the cookie."""
        return next(key for key in self.keys if key.sealed_it)

    @property
    def primary_key_id(self) -> str:
        """The key that seals now."""
        return next(key.key_id for key in self.keys if key.state == PRIMARY)

    @property
    def expires(self) -> int:
        return expires_at(self.envelope)

    @property
    def frame_octets(self) -> int:
        """What the envelope takes beside data and flash messages: sid, times and the lengths of things."""
        return self.used - sum(self.octets_by_key.values())

    def list_pieces(self) -> list[Piece]:
        """The pieces of the token; their characters add up to its length."""
        body = (self.characters - len(PREFIX)) * 3 // 4
        known = {"key id": KEY_ID_OCTETS, "nonce": NONCE_OCTETS, "tag": TAG_OCTETS}
        octets = known | {"ciphertext": body - sum(known.values())}
        prefix = Piece("prefix", len(PREFIX), len(PREFIX))
        return [prefix, *(Piece(name, count, count * 4 / 3) for name, count in octets.items())]

    def list_moments(self) -> list[Moment]:
        """The line of time in its order; of equal times, as they come about."""
        envelope = self.envelope
        moments = [
            Moment("created", envelope.created),
            Moment("issued", envelope.issued),
            Moment("now", max(self.now, envelope.issued)),
            Moment("renews", self.renews),
            Moment("expires", self.expires),
            Moment("until", envelope.until),
        ]
        return sorted(moments, key=lambda moment: moment.time)


def examine_cookie(cookies: str, *, sessions: CookieSessions[Any], now: int) -> Anatomy:
    """The anatomy of the cookie that ``sessions`` accepts of a Cookie field value, or of a sample if there is none."""
    settings = sessions.settings
    accepted = read_cookies(cookies, settings, now).accepted
    is_sample = accepted is None
    if accepted is None:
        accepted = _make_sample(sessions, now)
    envelope, ring = accepted.envelope, settings.keyring.ring(now)
    keys = tuple(_list_keys(ring, accepted, now))
    # SPEC 9.5
    pause = max(1, min(settings.rules.renew_after, envelope.idle // 10))
    behind = accepted.entry.position > ring.primary(now).position
    return Anatomy(
        envelope=envelope,
        characters=accepted.characters,
        limit_characters=settings.max_token_characters,
        used=len(accepted.encoded),
        limit=count_encoded_octets(settings.max_token_characters),
        octets_by_key=count_octets_by_key(envelope.data, envelope.flash),
        keys=keys,
        now=now,
        renews=min(envelope.issued + pause, expires_at(envelope)),
        reseals=is_reseal_due(envelope, now, behind_primary=behind),
        is_sample=is_sample,
    )


def _make_sample(sessions: CookieSessions[Any], now: int) -> Accepted:
    settings, token = sessions.settings, sessions.mint(now=now).token
    box = find_box(token, settings.keyring, now)
    encoded = open_box(box, settings.purpose)
    return Accepted(decode_envelope(encoded), encoded, box[1], len(token), settings.cookie)


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
