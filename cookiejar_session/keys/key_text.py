"""Key text: the four forms in which a key is written (SPEC 4.1 and 4.3), and the errors for invalid text.

No message shows any part of the text.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from .. import base64url
from ..errors import ConfigError
from .derivation import LABEL_PREFIX, derive, encode_pieces
from .resemblance import resembles_bare_base64

KEY_OCTETS = 32
SECRET_KEY_BASE_OCTETS = 64
# Random keys almost never have fewer distinct octets than this. Keys that were typed by hand or set to zero do
# (SPEC 4.2 item 9).
MIN_DISTINCT_OCTETS = 16
MAKE_A_KEY = 'make one with "cookiejar-session keygen"'

_KEY_TEXT_CHARACTERS = 53


def render_key_text(material: bytes) -> str:
    """Return ``cjk1_`` and 48 base64url characters: the key and its checksum (SPEC 4.3)."""
    return "cjk1_" + base64url.encode(material + _compute_checksum(material))


def parse_key_text(text: str) -> bytes:
    """Return the 32 octets of key material that ``text`` holds. Raises ConfigError."""
    if text.startswith("cjk1_"):
        material = _parse_checked(text)
    elif text.startswith("hex:"):
        material = _parse_hex(text[4:], octets=KEY_OCTETS)
    elif text.startswith("b64:"):
        material = _parse_base64(text[4:])
    elif text.startswith("skb:"):
        material = _parse_hex(text[4:], octets=SECRET_KEY_BASE_OCTETS)
    else:
        raise ConfigError(f"{_describe_unknown_form(text)}; {MAKE_A_KEY}")
    check_randomness(material)
    return derive(material, "skb") if len(material) == SECRET_KEY_BASE_OCTETS else material


def check_randomness(material: bytes) -> None:
    """Raise ConfigError for key material with fewer than 16 distinct octets (SPEC 4.2 item 9)."""
    distinct = len(set(material))
    if distinct < MIN_DISTINCT_OCTETS:
        raise ConfigError(
            f"key has {distinct} distinct bytes, at least {MIN_DISTINCT_OCTETS} are wanted: it is not random; "
            f"{MAKE_A_KEY}"
        )


def _parse_checked(text: str) -> bytes:
    if len(text) != _KEY_TEXT_CHARACTERS:
        raise ConfigError(
            f"key text must be {_KEY_TEXT_CHARACTERS} characters, got {len(text)}; copy it whole, or {MAKE_A_KEY}"
        )
    try:
        octets = base64url.decode(text[5:])
    except ValueError:
        octets = b""
    if not octets:
        raise ConfigError(f"key text holds a character that is not base64url; copy it again, or {MAKE_A_KEY}")
    if octets[KEY_OCTETS:] != _compute_checksum(octets[:KEY_OCTETS]):
        raise ConfigError(
            f"the checksum does not match, so the key text was damaged on the way; copy it again, or {MAKE_A_KEY}"
        )
    return octets[:KEY_OCTETS]


def _parse_hex(digits: str, *, octets: int) -> bytes:
    if not re.fullmatch(r"[0-9A-Fa-f]*", digits):
        raise ConfigError(
            f"key holds a character that is not a hex digit; write {octets * 2} hex digits, or {MAKE_A_KEY}"
        )
    if len(digits) != octets * 2:
        found = f"{len(digits) // 2}" if len(digits) % 2 == 0 else f"{len(digits)} hex digits"
        raise ConfigError(f"key must be {octets} bytes, got {found}; {MAKE_A_KEY}")
    return bytes.fromhex(digits)


def _parse_base64(text: str) -> bytes:
    # The base64 and base64url alphabets are accepted, even mixed, with or without "=" at the end (SPEC 4.1).
    digits = text.removesuffix("=") if len(text) == 44 else text
    if not re.fullmatch(r"[A-Za-z0-9+/_-]*", digits):
        raise ConfigError(
            f"key holds a character that is not base64; write 43 or 44 base64 characters, or {MAKE_A_KEY}"
        )
    if len(digits) != 43:
        raise ConfigError(f"key must be 32 bytes, got {len(digits) * 6 // 8}; {MAKE_A_KEY}")
    try:
        octets = base64url.decode(digits.replace("+", "-").replace("/", "_"))
    except ValueError:
        octets = b""
    if not octets:
        raise ConfigError(f"key is not canonical base64: its last character has spare bits set; {MAKE_A_KEY}")
    return octets


def _describe_unknown_form(text: str) -> str:
    wanted = 'key must begin with "cjk1_", "hex:", "b64:" or "skb:"'
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return f'{wanted}, found 64 bare hex digits: write "hex:" before them'
    if re.fullmatch(r"[0-9A-Fa-f]{128}", text):
        return f'{wanted}, found 128 bare hex digits: write "skb:" before them'
    if resembles_bare_base64(text):
        return f'{wanted}, found {len(text)} bare base64 characters: write "b64:" before them'
    return f"{wanted}, found {len(text)} characters of another form"


def _compute_checksum(material: bytes) -> bytes:
    # The checksum is the only hash in SPEC 3.3 that has no key.
    message = encode_pieces((LABEL_PREFIX + "key-text").encode(), material)
    return blake2b(message, digest_size=32).digest()[:4]
