"""A token part by part, opened where a ring and a purpose are given. Knows nothing of cases."""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64decode
from hashlib import blake2b

from .envelope_faults import note_envelope_faults
from .plaintext_tree import read_nodes
from .secretbox import open_secretbox

PREFIX = b"cj1."
BLOCK = 24
ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

_is_other_version = re.compile(rb"cj[0-9]{1,9}[a-z]?\.").match


def show_token(value: bytes, *, ring: str | None = None, purposes: list[str] | None = None) -> list[str]:
    """Lines on a value: its parts with their offsets, or why it is no token."""
    lines = [f"value of {len(value)} characters"]
    faults = _find_faults(value)
    if faults:
        return [*lines, *(f"  <- {fault}" for fault in faults), f"  {_show_octets(value[:160])}"]
    raw = urlsafe_b64decode(value[len(PREFIX) :])
    key_id, nonce, box = raw[:8], raw[8:32], raw[32:]
    keys = {} if ring is None else read_ring(ring)
    place = list(keys).index(key_id) + 1 if key_id in keys else None
    known = "not in the ring" if place is None else f"entry {place} of the ring"
    lines += [
        f"  prefix      {_show_octets(PREFIX)}",
        f"  raw         {len(raw)} octets, {(len(raw) - 48) // BLOCK} blocks",
        f"     0  key_id  {key_id.hex()}  {known}",
        f"     8  nonce   {nonce.hex()}",
        f"    32  tag     {box[:16].hex()}",
    ]
    for start in range(48, len(raw), BLOCK):
        lines.append(f"  {start:4}  block   {raw[start : start + BLOCK].hex()}")
    if key_id not in keys or not purposes:
        return lines
    for purpose in purposes:
        padded, is_authentic = open_secretbox(box, nonce=nonce, key=derive(keys[key_id], "box", purpose.encode()))
        if is_authentic:
            return [*lines, f"  opens for the purpose {purpose!a}", *_show_padded(padded)]
    shown = " or ".join(map(ascii, purposes))
    return [*lines, f"  <- 8.2 step 8: does not authenticate under that key for the purpose {shown}"]


def show_plaintext(plaintext: bytes) -> list[str]:
    """A line for each value, deeper ones indented; faults stand behind "<-"."""
    nodes = read_nodes(plaintext)
    # SPEC 6.3: section 5 is looked at where section 6 is kept.
    if not any(node.faults for node in nodes):
        note_envelope_faults(nodes[0])
    return [node.render() for node in nodes]


def derive(key: bytes, label: str, *pieces: bytes) -> bytes:
    """H of SPEC 3.2 over PAE of a label and pieces (3.1)."""
    pieces = (f"cookiejar-session/v1/{label}".encode(), *pieces)
    message = len(pieces).to_bytes(8, "little")
    for piece in pieces:
        message += len(piece).to_bytes(8, "little") + piece
    return blake2b(message, key=key, digest_size=32).digest()


def read_ring(text: str) -> dict[bytes, bytes]:
    """The keys of a ring text by key id, in order; an entry that is none is passed over."""
    keys = {}
    for entry in re.split(r"[ \t\r\n,]+", text):
        key = _read_key(entry.partition("@")[0])
        if key is not None:
            keys[derive(key, "key-id")[:8]] = key
    return keys


def _read_key(text: str) -> bytes | None:
    form, _, rest = text.partition(":")
    try:
        if text.startswith("cjk1_"):
            return urlsafe_b64decode(text[5:])[:32]
        if form == "hex":
            return bytes.fromhex(rest)
        if form == "skb":
            return derive(bytes.fromhex(rest), "skb")
        if form == "b64":
            return b64decode(rest.rstrip("=").translate(str.maketrans("-_", "+/")) + "=")
    except ValueError:
        pass
    return None


def _find_faults(value: bytes) -> list[str]:
    if not value.startswith(PREFIX):
        if _is_other_version(value):
            return ["8.2 step 1: begins like a token of another version"]
        return ["8.2 step 2: does not begin with cj1."]
    faults = []
    if len(value) > 3972:
        faults.append("8.2 step 3: more than 3,972 characters")
    elif len(value) < 132 or (len(value) - 68) % 32:
        below = (len(value) - 68) // 32 * 32 + 68
        faults.append(f"8.2 step 4: not 68 + 32 * k characters; the nearest are {max(below, 100)} and {below + 32}")
    for place, character in enumerate(value[len(PREFIX) :], start=len(PREFIX)):
        if character not in ALPHABET:
            faults.append(f"8.2 step 5: character {place} is {_show_octets(bytes([character]))}")
            break
    return faults


def _show_padded(padded: bytes) -> list[str]:
    stripped = padded.rstrip(b"\0")
    zeros = len(padded) - len(stripped)
    if not stripped:
        return [f"  <- 2.4: padded is {zeros} zeros and nothing else"]
    if stripped[-1] != 0x80:
        return [f"  padded ends with {padded[-BLOCK:].hex()}", "  <- 2.4: the last octet that is not 00 is not 80"]
    lines = [f"  padding     80 and {zeros} zeros"]
    if zeros >= BLOCK:
        lines.append("  <- 2.4: more than 23 zeros")
    plaintext = stripped[:-1]
    return [*lines, f"  plaintext   {len(plaintext)} octets", *(f"  {line}" for line in show_plaintext(plaintext))]


def _show_octets(octets: bytes) -> str:
    return ascii(octets)[1:]
