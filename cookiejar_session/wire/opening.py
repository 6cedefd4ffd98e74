"""Opening: a token becomes an envelope, or is refused with a reason (SPEC 8)."""

from __future__ import annotations

import re

from .. import base64url
from ..argument_checks import hide_arguments, round_down
from ..errors import Reason, TokenError
from ..hidden_repr import Record
from ..keys.derivation import derive
from ..keys.keyring import Keyring
from ..keys.rotation import RingEntry
from . import messagepack
from .envelope import Envelope, decode_envelope
from .layout import (
    BLOCK_CHARACTERS,
    FRAME_CHARACTERS,
    KEY_ID_OCTETS,
    MAX_TOKEN_CHARACTERS,
    MIN_TOKEN_CHARACTERS,
    NONCE_OCTETS,
    PREFIX,
)
from .secretbox import open_box
from .time_rules import NO_CEILINGS, Ceilings

_match_version = re.compile(r"cj[0-9]{1,9}[a-z]?\.").match


class Candidate(Record, frozen=True, gc=False):
    """A token that is well-formed and has a known key, but is not opened yet."""

    entry: RingEntry
    nonce: bytes
    box: bytes
    characters: int


class Refusal(Record, frozen=True):
    """A refused token: the reason, and the key id and the session's log id if they are known."""

    reason: Reason
    key_id: bytes | None = None
    log_id: str | None = None


@hide_arguments
def open_token(token: str, *, keyring: Keyring, purpose: str, now: float) -> Envelope:
    """Return the envelope in ``token`` at ``now`` (Unix seconds, rounded down).

    Raises TokenError with the reason (SPEC 8).
    """
    now = round_down(now)
    envelope, _ = open_candidate(find_candidate(token, keyring=keyring, now=now), purpose=purpose, now=now)
    return envelope


def is_like_token(value: str) -> bool:
    """Whether a cookie's value begins like a token of any version: it matches the rule ``version`` in SPEC 8.2.

    Any other value belongs to other software, such as Flask's cookie ``session`` (SPEC 10.4).
    """
    return _match_version(value) is not None


def find_candidate(token: str, *, keyring: Keyring, now: int) -> Candidate:
    """Do the tests that need no cryptography (SPEC 8.2 steps 1 to 7), and find the key. Raises TokenError."""
    if not token.startswith(PREFIX):
        raise TokenError(Reason.UNKNOWN_VERSION if is_like_token(token) else Reason.MALFORMED)
    characters = len(token)
    if characters > MAX_TOKEN_CHARACTERS:
        raise TokenError(Reason.TOO_LONG)
    if characters < MIN_TOKEN_CHARACTERS or (characters - FRAME_CHARACTERS) % BLOCK_CHARACTERS:
        raise TokenError(Reason.MALFORMED)
    try:
        raw = base64url.decode(token[len(PREFIX) :])
    except ValueError:
        raw = b""
    # This error is raised here, since the traceback of the error above contains a frame that holds the token.
    if not raw:
        raise TokenError(Reason.MALFORMED)
    key_id, box_start = raw[:KEY_ID_OCTETS], KEY_ID_OCTETS + NONCE_OCTETS
    # Only the key id selects the key. No other key is tried (SPEC 4.4.4).
    entry = keyring.find(key_id, now)
    if entry is None:
        raise TokenError(Reason.UNKNOWN_KEY, key_id)
    return Candidate(entry, raw[KEY_ID_OCTETS:box_start], raw[box_start:], characters)


def open_candidate(
    candidate: Candidate, *, purpose: str, now: int, ceilings: Ceilings = NO_CEILINGS
) -> tuple[Envelope, bytes]:
    """Open a token whose key is known: SPEC 8.2 steps 8 to 16. Raises TokenError.

    Returns the envelope, with ``idle`` and ``until`` lowered to ``ceilings``, and the encoding of that envelope.
    """
    key = candidate.entry.key
    decoded = None
    try:
        encoded = open_box(candidate.box, nonce=candidate.nonce, box_key=key.box_key(purpose))
        decoded = decode_envelope(encoded)
        envelope = ceilings.judge(decoded, now=now)
    except TokenError as exc:
        reason = exc.reason
    else:
        return envelope, encoded if envelope is decoded else messagepack.encode(envelope)
    # This error is raised here, so that the traceback contains no frame that holds the box key.
    raise TokenError(reason, key.key_id, None if decoded is None else render_log_id(decoded.sid))


@hide_arguments
def render_log_id(sid: bytes) -> str:
    """Return what logs may show in place of a sid: 16 hex digits (SPEC 14.5)."""
    return derive(sid, "log-id")[:8].hex()
