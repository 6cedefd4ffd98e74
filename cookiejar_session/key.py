"""One key: its text, its material, what is derived from it. Knows nothing of other keys or of time."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from binascii import a2b_base64
from hashlib import blake2b
from hmac import compare_digest
from typing import NoReturn

from .derivation import derive, encode_pieces
from .errors import ConfigError

KEY_OCTETS = 32
SECRET_KEY_BASE_OCTETS = 64
# Random octets practically never repeat so much; typed-in and zeroed keys do (SPEC 4.2 item 9).
MIN_DISTINCT_OCTETS = 16
MEND = 'make one with "cookiejar-session keygen"'

_TO_STANDARD = str.maketrans("-_", "+/")
_TO_URL = str.maketrans("+/", "-_")


class Key:
    """32 octets of key material and what SPEC 3 derives from them.

    ``key_id`` is 8 octets and public. The material is reachable only through :meth:`to_text`; ``repr`` shows the key
    id. Raises ConfigError for material that is not 32 octets or has fewer than 16 distinct ones.
    """

    __slots__ = ("_box_keys", "_material", "key_id")

    def __init__(self, material: bytes) -> None:
        if not _is_any(material, bytes, bytearray):
            kind = type(material).__qualname__
            del material  # a traceback that shows locals must not show key material
            raise ConfigError(f"key material must be bytes, got {kind}; write Key.parse(text) for key text")
        octets, distinct = len(material), len(set(material))
        if octets != KEY_OCTETS or distinct < MIN_DISTINCT_OCTETS:
            del material
            raise ConfigError(_describe_weakness(octets, distinct))
        self._material = bytes(material)
        self._box_keys: dict[str, bytes] = {}
        self.key_id: bytes = derive(self._material, "key-id")[:8]

    @classmethod
    def generate(cls) -> Key:
        """A key of 32 octets from the operating system's random source."""
        return cls(secrets.token_bytes(KEY_OCTETS))

    @classmethod
    def parse(cls, text: str) -> Key:
        """A key from its text in one of the four forms of SPEC 4.1; raises ConfigError, which never holds the text."""
        material = _describe_other_type(text) or decode_key_text(text)
        del text
        if isinstance(material, str):
            raise ConfigError(material)
        return cls(material)

    def to_text(self) -> str:
        """The key text, ``cjk1_`` and 48 base64url characters (SPEC 4.3). It is the secret itself."""
        return "cjk1_" + b64encode(self._material + _checksum(self._material)).decode().translate(_TO_URL)

    def box_key(self, purpose: str) -> bytes:
        """The secretbox key for ``purpose`` (SPEC 3.3); derived once per key and purpose."""
        try:
            return self._box_keys[purpose]
        except KeyError:
            pass
        try:
            box_key = self._box_keys[purpose] = derive(self._material, "box", purpose.encode())
        except UnicodeEncodeError:
            # SPEC 3.5
            raise ConfigError("purpose has a lone surrogate; use well-formed text") from None
        return box_key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and compare_digest(self._material, other._material)

    def __hash__(self) -> int:
        return hash(self.key_id)

    def __repr__(self) -> str:
        # A key that was refused has no id yet, and may stand in a traceback that shows locals.
        return f"<Key {getattr(self, 'key_id', b'').hex()}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Key is not pickled, so that key material stays where it is; hand the key text to each process"
        )


def resembles_key(text: str) -> bool:
    """Whether ``text``, where a path is wanted, is key text or a ring of it: shown to nobody, whatever is wrong."""
    bare = text.strip(" \t\r\n,\"'`")
    return bool(re.match(r"cjk1_|hex:|b64:|skb:|([0-9A-Fa-f]{64}){1,2}$", bare))


def decode_key_text(text: str) -> bytes | str:
    """The key material that ``text`` holds, or, as a str, what is wrong with the text without any part of it."""
    if text.startswith("cjk1_"):
        material = _decode_checked(text)
    elif text.startswith("hex:"):
        material = _decode_hex(text[4:], KEY_OCTETS)
    elif text.startswith("b64:"):
        material = _decode_base64(text[4:])
    elif text.startswith("skb:"):
        material = _decode_hex(text[4:], SECRET_KEY_BASE_OCTETS)
    else:
        material = f"{_describe_unknown_form(text)}; {MEND}"
    if isinstance(material, str):
        return material
    if len(set(material)) < MIN_DISTINCT_OCTETS:
        return _describe_weakness(KEY_OCTETS, len(set(material)))
    return derive(material, "skb") if len(material) == SECRET_KEY_BASE_OCTETS else material


def _is_any(value: object, *kinds: type) -> bool:
    return isinstance(value, kinds)


def _describe_other_type(text: object) -> str | None:
    return None if isinstance(text, str) else f"key text must be a str, got {type(text).__qualname__}; decode it first"


def _decode_checked(text: str) -> bytes | str:
    if len(text) != 53:
        return f"key text must be 53 characters, got {len(text)}; copy it whole, or {MEND}"
    if not re.fullmatch(r"[A-Za-z0-9_-]{48}", text[5:]):
        return f"key text holds a character that is not base64url; copy it again, or {MEND}"
    octets = a2b_base64(text[5:].translate(_TO_STANDARD))
    if octets[KEY_OCTETS:] != _checksum(octets[:KEY_OCTETS]):
        return f"the checksum does not match, so the key text was damaged on the way; copy it again, or {MEND}"
    return octets[:KEY_OCTETS]


def _decode_hex(digits: str, octets: int) -> bytes | str:
    if not re.fullmatch(r"[0-9A-Fa-f]*", digits):
        return f"key holds a character that is not a hex digit; write {octets * 2} hex digits, or {MEND}"
    if len(digits) != octets * 2:
        found = f"{len(digits) // 2}" if len(digits) % 2 == 0 else f"{len(digits)} hex digits"
        return f"key must be {octets} bytes, got {found}; {MEND}"
    return bytes.fromhex(digits)


def _decode_base64(text: str) -> bytes | str:
    digits = text.removesuffix("=") if len(text) == 44 else text
    if not re.fullmatch(r"[A-Za-z0-9+/_-]*", digits):
        return f"key holds a character that is not base64; write 43 or 44 base64 characters, or {MEND}"
    if len(digits) != 43:
        return f"key must be 32 bytes, got {len(digits) * 6 // 8}; {MEND}"
    octets = a2b_base64(digits.translate(_TO_STANDARD) + "=")
    if b64encode(octets).decode()[:43] != digits.translate(_TO_STANDARD):
        return f"key is not canonical base64: its last character has spare bits set; {MEND}"
    return octets


def _describe_unknown_form(text: str) -> str:
    wanted = 'key must begin with "cjk1_", "hex:", "b64:" or "skb:"'
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return f'{wanted}, found 64 bare hex digits: write "hex:" before them'
    if re.fullmatch(r"[0-9A-Fa-f]{128}", text):
        return f'{wanted}, found 128 bare hex digits: write "skb:" before them'
    if re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text):
        return f'{wanted}, found {len(text)} bare base64 characters: write "b64:" before them'
    return f"{wanted}, found {len(text)} characters of another form"


def _describe_weakness(octets: int, distinct: int) -> str:
    if octets != KEY_OCTETS:
        return f"key must be {KEY_OCTETS} bytes, got {octets}; {MEND}"
    return f"key has {distinct} distinct bytes, at least {MIN_DISTINCT_OCTETS} are wanted: it is not random; {MEND}"


def _checksum(material: bytes) -> bytes:
    return blake2b(encode_pieces(b"cookiejar-session/v1/key-text", material), digest_size=32).digest()[:4]
