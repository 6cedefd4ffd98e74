"""One key as ring text writes it (SPEC 4.1 and 4.3). Knows nothing of other keys or of time."""

from __future__ import annotations

from . import base64url
from .derivation import compute_checksum, derive_key_of_base
from .refusal import Refused

HEX_DIGITS = "0123456789ABCDEFabcdef"


def read_key(text: str) -> bytes:
    """The 32 octets of K."""
    if text.startswith("cjk1_"):
        return check_material(read_key_text(text[5:]))  # SPEC 4.2 item 2
    if text.startswith("hex:"):
        return check_material(read_hex(text[4:], digits=64))  # SPEC 4.2 item 2
    if text.startswith("b64:"):
        return check_material(read_base64(text[4:]))  # SPEC 4.2 item 2
    if text.startswith("skb:"):
        return derive_key_of_base(check_material(read_hex(text[4:], digits=128)))  # SPEC 4.2 item 2
    raise Refused("refused")  # SPEC 4.2 item 2


def check_material(material: bytes) -> bytes:
    if len(set(material)) < 16:
        raise Refused("refused")  # SPEC 4.2 item 9
    return material


def read_key_text(text: str) -> bytes:
    if len(text) > 48:  # what is shorter has no checksum at its end
        raise Refused("refused")  # SPEC 4.2 item 2
    octets = base64url.decode(read_characters(text))
    if octets[32:] != compute_checksum(octets[0:32]):
        raise Refused("refused")  # SPEC 4.2 item 7, 4.3.2
    return octets[0:32]


def read_hex(text: str, *, digits: int) -> bytes:
    if len(text) != digits:
        raise Refused("refused")  # SPEC 4.2 item 2
    for digit in text:
        if digit not in HEX_DIGITS:
            raise Refused("refused")  # SPEC 4.2 item 2
    return bytes.fromhex(text)


def read_base64(text: str) -> bytes:
    if text.endswith("="):
        text = text[:-1]  # SPEC 4.2 item 2
    if len(text) != 43:
        raise Refused("refused")  # SPEC 4.2 item 2
    characters = read_characters(text.replace("+", "-").replace("/", "_"))
    if base64url.read_spare_bits(characters) != 0:
        raise Refused("refused")  # SPEC 4.2 item 8
    return base64url.decode(characters)


def read_characters(text: str) -> bytes:
    characters = text.encode()
    for character in characters:
        if character not in base64url.ALPHABET:
            raise Refused("refused")  # SPEC 4.2 item 2
    return characters
