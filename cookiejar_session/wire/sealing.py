"""Sealing: an envelope becomes a token (SPEC 7)."""

from __future__ import annotations

import math
from os import urandom

from .. import base64url
from ..argument_checks import hide_arguments
from ..errors import UnsupportedValueError
from ..keys.key import Key
from ..keys.keyring import Keyring
from .envelope import MAX_TIME, Envelope, encode_envelope
from .layout import MAX_TOKEN_CHARACTERS, NONCE_OCTETS, PREFIX, count_token_characters
from .secretbox import seal_box
from .size import check_size
from .time_rules import stamp_issued


@hide_arguments
def seal_token(envelope: Envelope, *, keyring: Keyring, purpose: str, now: float) -> str:
    """Return the token of ``envelope``, issued at ``now`` (Unix seconds, rounded down) under the primary key (SPEC 7).

    Raises UnsupportedValueError for an envelope that no reader accepts, and SessionTooLargeError if the token would
    have more than 3972 characters.
    """
    moment = math.floor(now) if type(now) is float and math.isfinite(now) else now
    # SPEC 7.2 step 2
    for name, time in {"now": moment, "created": envelope.created, "issued": envelope.issued}.items():
        if type(time) is not int or not 0 <= time <= MAX_TIME:
            raise UnsupportedValueError(f"{name} must be whole Unix seconds below 2^48; use int(time.time())")
    now = int(moment)
    encoded = encode_envelope(stamp_issued(envelope, now=now))
    check_size(count_token_characters(len(encoded)), envelope.data, envelope.flash, limit=MAX_TOKEN_CHARACTERS)
    return seal_encoded(encoded, key=keyring.ring(now).primary(now).key, purpose=purpose)


def seal_encoded(encoded: bytes, *, key: Key, purpose: str) -> str:
    """Return the token of an encoded envelope under ``key``, with a nonce from the operating system (SPEC 7.2)."""
    nonce = urandom(NONCE_OCTETS)
    return PREFIX + base64url.encode(key.key_id + nonce + seal_box(encoded, nonce=nonce, box_key=key.box_key(purpose)))
