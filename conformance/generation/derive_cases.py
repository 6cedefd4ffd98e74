"""Key and purpose to key id, box key and key text; sid to log id (SPEC 3 and 14.5)."""

from __future__ import annotations

from . import octets
from .cases import Case, accept, refuse
from .keys import KEYS, SECRET_KEY_BASE, SIXTEEN_DISTINCT, SKB, A, B
from .octets import SID

_BOX = ("3.3", "3.4", "3.5")


def list_cases() -> list[Case]:
    return [*_list_keys(), *_list_purposes(), *_list_refused()]


def list_log_id_cases() -> list[Case]:
    rows = [
        ("golden", "the worked example", SID, ("golden",)),
        ("sid-of-zeros", "a sid of zeros is a sid", bytes(16), ()),
        ("sid-of-ones", "octets above 0x7f", b"\xff" * 16, ()),
        ("sid-ascending", "another sid, another log id", bytes(range(16)), ()),
    ]
    return [
        Case(f"log-id-{name}", ("3.2", "3.3", "14.5"), comment, {"sid": sid.hex()}, accept(log_id=octets.log_id(sid)), flags)
        for name, comment, sid, flags in rows
    ]  # fmt: skip


def _derive(
    case_id: str,
    clauses: tuple[str, ...],
    comment: str,
    purpose: str,
    *,
    key: bytes = A,
    secret_key_base: bytes | None = None,
    flags: tuple[str, ...] = (),
) -> Case:
    material = {"key": key.hex()} if secret_key_base is None else {"secret_key_base": secret_key_base.hex()}
    result = accept(
        key_id=octets.key_id(key).hex(), box_key=octets.box_key(key, purpose).hex(), key_text=octets.key_text(key)
    )
    return Case(f"derive-{case_id}", clauses, comment, {**material, "purpose": purpose}, result, flags)


def _list_keys() -> list[Case]:
    key_and_text = ("3.3", "3.4", "3.6", "4.3", "4.3.1")
    return [
        _derive("golden-host-session", ("18.1", "18.2", *key_and_text), "the worked example", "__Host-session", flags=("golden",)),
        _derive("golden-prefs", ("18.3", *_BOX), "the worked example: another purpose, another box key", "prefs", flags=("golden",)),
        _derive("golden-secret-key-base", ("18.1", "3.4", "4.3.3"), "the K of a SECRET_KEY_BASE, and what is derived from it", "__Host-session", key=SKB, secret_key_base=SECRET_KEY_BASE, flags=("golden",)),
        _derive("other-key", key_and_text, "another key; its key text has - and _", "__Host-session", key=KEYS["l"]),
        _derive("sixteen-distinct", key_and_text, "a key of only 16 distinct octets", "__Host-session", key=SIXTEEN_DISTINCT, flags=("edge",)),
        _derive("secret-key-base-without-purpose", ("3.4", "3.5", "4.3.3"), "a SECRET_KEY_BASE and an empty purpose", "", key=SKB, secret_key_base=SECRET_KEY_BASE),
    ]  # fmt: skip


def _list_purposes() -> list[Case]:
    rows = [
        ("empty", _BOX, "a purpose may be empty; it is still a piece", ""),
        ("one-space", (*_BOX, "1.4"), "nothing is trimmed to nothing", " "),
        ("blanks-around", (*_BOX, "1.4"), "nothing is trimmed", " prefs\t"),
        ("capitals", (*_BOX, "1.4"), "nothing is folded", "PREFS"),
        ("composed", (*_BOX, "1.4"), "U+00E9 stays one character", "\u00e9"),
        ("decomposed", (*_BOX, "1.4"), "U+0065 U+0301 is not normalized to U+00E9", "e\u0301"),
        ("compatibility", (*_BOX, "1.4"), "U+FB01 is not made f and i", "\ufb01"),
        ("byte-order-mark", (*_BOX, "1.4"), "U+FEFF is text like any other", "\ufeffprefs"),
        ("nul-inside", _BOX, "U+0000 does not end a purpose", "a\0b"),
        ("line-ends", (*_BOX, "1.4"), "CR LF stays CR LF", "a\r\nb"),
        ("beyond-bmp", _BOX, "four octets of UTF-8, not two surrogates of three", "\U0001f600"),
        ("noncharacter", _BOX, "U+FFFF is text", "\uffff"),
        ("another-label", ("3.1", *_BOX), "a purpose that reads like a label", "cookiejar-session/v1/key-id"),
        ("one-block", ("3.2", *_BOX), "80 octets: the message fills one block of BLAKE2b", "p" * 80),
        ("one-block-and-one", ("3.2", *_BOX), "81 octets: it takes one octet of the next", "p" * 81),
        ("lengths-in-octets", ("3.1", *_BOX), "41 characters of 82 octets: PAE counts octets", "\u00e9" * 41),
        ("length-of-two-octets", ("3.1", *_BOX), "300 octets: the length is little-endian in 8 octets", "p" * 300),
    ]  # fmt: skip
    cases = [
        _derive(f"purpose-{name}", clauses, comment, purpose, flags=("unicode",) if not purpose.isascii() else ())
        for name, clauses, comment, purpose in rows
    ]
    return [*cases, _derive("purpose-other-key", _BOX, "the same purpose under another key", "prefs", key=B)]


def _list_refused() -> list[Case]:
    rows = [
        ("high-surrogate", "a purpose that ends with a high surrogate, the first of all surrogates", {"utf16": "0061d800"}),
        ("low-surrogate", "a purpose that begins with a low surrogate, the last of all surrogates", {"utf16": "dfff0061"}),
        ("surrogates-reversed", "a low surrogate before a high one is no pair", {"utf16": "de00d83d"}),
    ]  # fmt: skip
    return [
        Case(f"derive-refuse-purpose-{name}", ("3.5",), comment, {"key": A.hex(), "purpose": purpose}, refuse(), ("utf-8",), ("lone-surrogates",))
        for name, comment, purpose in rows
    ]  # fmt: skip
