"""Token octets: seal and open (SPEC 7 and 8). Knows nothing of sessions or HTTP.

The only importer of PyNaCl.
"""

from __future__ import annotations

import re
from os import urandom
from typing import TypeAlias

import msgspec
from nacl.bindings import crypto_secretbox_easy, crypto_secretbox_open
from nacl.exceptions import CryptoError

from ..errors import Reason, SessionTooLargeError, TokenError, UnsupportedValueError
from ..keys.key import Key
from ..keys.keyring import Keyring
from ..keys.ring import RingEntry
from .envelope import MAX_TIME, TIME_BITS, Envelope, count_octets_by_key, decode_envelope, encode_envelope
from .time_rules import judge_times, stamp_issued

PREFIX = "cj1."
# SPEC 2.2: 68 + 32 k characters for k = 2 to 122 blocks of 24 octets.
BLOCK_OCTETS = 24
BLOCK_CHARACTERS = 32
FRAME_CHARACTERS = 68
MIN_TOKEN_CHARACTERS = FRAME_CHARACTERS + 2 * BLOCK_CHARACTERS
MAX_TOKEN_CHARACTERS = FRAME_CHARACTERS + 122 * BLOCK_CHARACTERS
_LEGAL_LENGTHS = frozenset(range(MIN_TOKEN_CHARACTERS, MAX_TOKEN_CHARACTERS + 1, BLOCK_CHARACTERS))
MAX_ENCODED_OCTETS = 122 * BLOCK_OCTETS - 1
KEY_ID_OCTETS = 8
NONCE_OCTETS = 24
_BOX = KEY_ID_OCTETS + NONCE_OCTETS

_match_other_version = re.compile(r"cj[0-9]{1,9}[a-z]?\.").match

# SPEC 2.3: 0x80 and zeros up to the next multiple of 24, by the octets that stand over the last whole block.
_PADDINGS = tuple(b"\x80".ljust(BLOCK_OCTETS - over, b"\0") for over in range(BLOCK_OCTETS))

# A well-formed token under a known key, not yet opened: its octets and the ring entry with its key id.
Box: TypeAlias = tuple[bytes, RingEntry]


def seal_token(envelope: Envelope, *, keyring: Keyring, purpose: str, now: int) -> str:
    """The token for ``envelope``, issued at ``now`` (Unix seconds) under the primary key (SPEC 7).

    Raises UnsupportedValueError for an envelope that no reader would accept and SessionTooLargeError past 3972
    characters.
    """
    # SPEC 7.2 step 2: a negative time would vanish in the greatest of the three.
    created, issued = envelope.created, envelope.issued
    # None of them is negative or too great if all that is above their bits, signs included, is nothing.
    if not (type(now) is type(created) is type(issued) is int and (now | created | issued) >> TIME_BITS == 0):
        name = "now" if not _is_time(now) else "created" if not _is_time(created) else "issued"
        raise UnsupportedValueError(f"{name} must be whole Unix seconds below 2^48; write int(time.time())")
    encoded = encode_envelope(stamp_issued(envelope, now))
    if len(encoded) > MAX_ENCODED_OCTETS:
        raise SessionTooLargeError(
            characters=count_token_characters(len(encoded)),
            limit=MAX_TOKEN_CHARACTERS,
            octets_by_key=count_octets_by_key(envelope.data, envelope.flash),
        )
    return seal_octets(encoded, keyring.ring(now).primary(now).key, purpose)


def open_token(token: str, *, keyring: Keyring, purpose: str, now: int) -> Envelope:
    """The envelope in ``token`` at ``now`` (Unix seconds). Raises TokenError with the reason (SPEC 8)."""
    envelope = decode_envelope(open_box(find_box(token, keyring, now), purpose))
    reason = judge_times(envelope, now, 0)
    if reason is not None:
        raise TokenError(reason)
    return envelope


def count_token_characters(encoded_octets: int) -> int:
    """How many characters a token needs for an encoded envelope of this many octets (SPEC 2)."""
    return FRAME_CHARACTERS + BLOCK_CHARACTERS * (encoded_octets // BLOCK_OCTETS + 1)


def count_encoded_octets(token_characters: int) -> int:
    """The longest encoded envelope, in octets, for which a token of this many characters is enough (SPEC 2)."""
    return (token_characters - FRAME_CHARACTERS) // BLOCK_CHARACTERS * BLOCK_OCTETS - 1


def seal_octets(encoded: bytes, key: Key, purpose: str) -> str:
    """The token that holds an encoded envelope, under ``key``, with a nonce from the operating system (SPEC 7)."""
    nonce = urandom(NONCE_OCTETS)
    padded = encoded + _PADDINGS[len(encoded) % BLOCK_OCTETS]
    box = crypto_secretbox_easy(padded, nonce, key.box_key(purpose))
    # Where octets are to be text, msgspec writes base64 (RFC 4648 4).
    text: str = msgspec.to_builtins(key.key_id + nonce + box)
    return PREFIX + text.replace("+", "-").replace("/", "_")


def find_box(token: str, keyring: Keyring, now: int) -> Box:
    """The tests that need no cryptography, SPEC 8.2 steps 1 to 7, in order; raises TokenError."""
    if not token.startswith(PREFIX):
        raise TokenError(Reason.UNKNOWN_VERSION if _match_other_version(token) else Reason.MALFORMED)
    if len(token) not in _LEGAL_LENGTHS:
        raise TokenError(Reason.TOO_LONG if len(token) > MAX_TOKEN_CHARACTERS else Reason.MALFORMED)
    if "+" in token or "/" in token or "=" in token:
        raise TokenError(Reason.MALFORMED)
    try:
        # A token of legal length leaves no spare bits.
        octets = msgspec.convert(token[4:].replace("-", "+").replace("_", "/"), bytes)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        octets = b""
    # Not raised above, for the error of text that cannot be encoded shows the token.
    if not octets:
        raise TokenError(Reason.MALFORMED)
    key_id = octets[:KEY_ID_OCTETS]
    entry = keyring.ring(now).find(key_id, now)
    if entry is None:
        entry = keyring.ring_for_unknown_key(now).find(key_id, now)
        if entry is None:
            raise TokenError(Reason.UNKNOWN_KEY, key_id)
    return octets, entry


def open_box(box: Box, purpose: str) -> bytes:
    """The encoded envelope in ``box``, SPEC 8.2 steps 8 and 9; raises TokenError."""
    octets, entry = box
    try:
        padded = crypto_secretbox_open(octets[_BOX:], octets[KEY_ID_OCTETS:_BOX], entry.key.box_key(purpose))
    except CryptoError:
        padded = b""
    # Raised here, not above, so that no traceback leads to a frame that holds the box key.
    if not padded:
        raise TokenError(Reason.NOT_AUTHENTIC)
    stripped = padded.rstrip(b"\0")
    if not stripped.endswith(b"\x80") or len(padded) - len(stripped) >= BLOCK_OCTETS:
        raise TokenError(Reason.BAD_PADDING)
    return stripped[:-1]


def _is_time(time: object) -> bool:
    return type(time) is int and 0 <= time <= MAX_TIME
