"""Examining a token, even one that is refused. Without a key, only the parts that are not encrypted can be read."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import Reason, TokenError
from ..keys.keyring import Keyring
from ..keys.stages import find_state
from ..wire.envelope import Envelope, decode_envelope
from ..wire.opening import find_candidate
from ..wire.secretbox import open_box
from ..wire.time_rules import NO_CEILINGS


class Examination(NamedTuple):
    """The result of examining a token.

    ``key_id`` (hex) is None if it cannot be read from the token. ``key_state`` is the state of this key in the ring:
    ``unknown`` if the ring does not have the key, None if there is no key id or no ring is given. ``reason`` says why
    the token is refused. It is None if the token is accepted, or if this cannot be known because no ring is given.
    ``envelope`` is None if the token cannot be opened.
    """

    characters: int
    key_id: str | None
    key_state: str | None
    reason: Reason | None
    envelope: Envelope | None

    def __repr__(self) -> str:
        return "<Examination>"


def examine_token(token: str, *, keyring: Keyring | None, purpose: str, now: int) -> Examination:
    """Examine a token at ``now`` (Unix seconds). Never raises for a bad token."""
    # If no keyring is given, use a new random one. It does not have the token's key, so only the checks that need no
    # key are made.
    tested = Keyring.generate() if keyring is None else keyring
    try:
        candidate = find_candidate(token, keyring=tested, now=now)
    except TokenError as exc:
        key_id = None if exc.key_id is None else exc.key_id.hex()
        state = None if keyring is None or key_id is None else _find_key_state(keyring, key_id, now)
        reason = None if keyring is None and exc.reason is Reason.UNKNOWN_KEY else exc.reason
        return Examination(len(token), key_id, state, reason, None)
    key = candidate.entry.key
    state = _find_key_state(tested, key.key_id.hex(), now)
    envelope, reason = None, None
    try:
        envelope = decode_envelope(open_box(candidate.box, nonce=candidate.nonce, box_key=key.box_key(purpose)))
        NO_CEILINGS.judge(envelope, now=now)
    except TokenError as exc:
        reason = exc.reason
    return Examination(len(token), key.key_id.hex(), state, reason, envelope)


def _find_key_state(keyring: Keyring, key_id: str, now: int) -> str:
    ring = keyring.ring(now)
    states = (find_state(ring, entry, now).value for entry in ring.entries if entry.key.key_id.hex() == key_id)
    return next(states, "unknown")
