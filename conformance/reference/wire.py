"""Token octets: open (SPEC 8). Knows nothing of cookies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nacl.bindings import crypto_secretbox_open
from nacl.exceptions import CryptoError

from . import base64url, message_pack
from .derivation import derive_box_key
from .envelope import Envelope, check_envelope
from .refusal import Refused
from .ring import Entry, find_by_id, may_open
from .time_rules import Ceilings, judge, lower


@dataclass(frozen=True, slots=True)
class Box:
    """A well-formed token under a known key, not yet opened."""

    entry: Entry
    nonce: bytes
    box: bytes


def open_value(value: bytes, entries: Sequence[Entry], purpose: str, now: int, ceilings: Ceilings) -> Envelope:
    return open_box(find_box(value, entries, now), purpose, now, ceilings)


def find_box(value: bytes, entries: Sequence[Entry], now: int) -> Box:
    """Steps 1 to 7."""
    blocks, rest = divmod(len(value) - 68, 32)  # SPEC 8.2 step 4
    if is_of_a_version(value) and not value.startswith(b"cj1."):
        raise Refused("unknown-version")  # SPEC 8.2 step 1, 16.3
    if not value.startswith(b"cj1."):
        raise Refused("malformed")  # SPEC 8.2 step 2
    if len(value) > 3972:
        raise Refused("too-long")  # SPEC 8.2 step 3
    if rest:
        raise Refused("malformed")  # SPEC 8.2 step 4
    if blocks < 2:
        raise Refused("malformed")  # SPEC 8.2 step 4
    for character in value[4:]:
        if character not in base64url.ALPHABET:
            raise Refused("malformed")  # SPEC 8.2 step 5
    raw = base64url.decode(value[4:])
    key_id, nonce, box = raw[0:8], raw[8:32], raw[32:]  # SPEC 8.2 step 6
    entry = find_by_id(entries, key_id)
    if entry is None:
        raise Refused("unknown-key")  # SPEC 8.2 step 7
    if not may_open(entry, now):
        raise Refused("unknown-key")  # SPEC 8.2 step 7, 4.4.2
    return Box(entry, nonce, box)


def open_box(box: Box, purpose: str, now: int, ceilings: Ceilings) -> Envelope:
    """Steps 8 to 16."""
    padded = open_secretbox(box.box, box.nonce, derive_box_key(box.entry.key, purpose))
    if padded is None:
        raise Refused("not-authentic")  # SPEC 8.2 step 8
    plaintext = remove_padding(padded)  # SPEC 8.2 step 9
    value = message_pack.decode(plaintext)  # SPEC 8.2 step 10
    envelope = check_envelope(value)  # SPEC 8.2 step 11
    envelope = lower(envelope, ceilings)  # SPEC 8.2 step 12, 9.4
    judge(envelope, now, ceilings)
    return envelope  # SPEC 8.2 step 16


def is_of_a_version(value: bytes) -> bool:
    """Whether ``value`` matches ``version`` of SPEC 8.2."""
    if value[0:2] != b"cj":
        return False  # SPEC 8.2 step 1
    rest = value[2:].lstrip(b"0123456789")
    digits = len(value) - 2 - len(rest)
    if digits < 1:
        return False  # SPEC 8.2 step 1
    if digits > 9:
        return False  # SPEC 8.2 step 1
    if b"a" <= rest[0:1] <= b"z":
        rest = rest[1:]  # SPEC 8.2 step 1
    return rest[0:1] == b"."  # SPEC 8.2 step 1


def open_secretbox(box: bytes, nonce: bytes, key: bytes) -> bytes | None:
    try:
        return crypto_secretbox_open(box, nonce, key)
    except CryptoError:
        return None


def remove_padding(padded: bytes) -> bytes:
    stripped = padded.rstrip(b"\0")
    # Where nothing is left there were more than 23, since a box holds two blocks at least (step 4).
    if len(padded) - len(stripped) > 23:
        raise Refused("bad-padding")  # SPEC 2.4
    if stripped[-1] != 0x80:
        raise Refused("bad-padding")  # SPEC 2.4
    return stripped[:-1]
