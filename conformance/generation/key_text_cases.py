"""Ring text of one key in each of its forms, and every way in which a key is written wrongly (SPEC 4.1 to 4.3)."""

from __future__ import annotations

from hashlib import blake2b

from .cases import Case
from .keys import FIFTEEN_DISTINCT, KEYS, PUBLISHED, SECRET_KEY_BASE, SIXTEEN_DISTINCT, SKB, A, B, hex_key
from .octets import base64url, key_text, pae
from .ring_questions import NOW, refuse_ring, take_ring

# The base64 of key l has characters in which the two alphabets differ: one "-", two "_".
_L = KEYS["l"]
_L_URL = base64url(_L)
_L_STANDARD = _L_URL.replace("-", "+").replace("_", "/")
_L_TEXT = key_text(_L)
_B_TEXT = key_text(B)
_B_URL = base64url(B)
_SKB_DIGITS = SECRET_KEY_BASE.hex()
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def list_cases() -> list[Case]:
    return [
        *_list_accepted(),
        *_list_key_text_faults(),
        *_list_checksum_faults(),
        *_list_hex_faults(),
        *_list_base64_faults(),
        *_list_secret_key_base_faults(),
        *_list_other_forms(),
        *_list_weak(),
        *_list_published(),
    ]


def _list_accepted() -> list[Case]:
    grammar = ("4.1", "4.2")
    rows = [
        ("key-text-golden", (*grammar, "4.3.2", "18.1"), "the worked example", key_text(A), "a", ("golden",)),
        ("key-text-with-minus-and-underscore", (*grammar, "4.3.2", "1.5"), "all of the base64url alphabet", _L_TEXT, "l", ()),
        ("hex-golden", (*grammar, "4.3.3", "18.1"), "the worked example", hex_key(A), "a", ("golden",)),
        ("hex-in-capitals", (*grammar, "4.3.3"), "hex digits in either case", f"hex:{B.hex().upper()}", "b", ()),
        ("hex-in-both-cases", (*grammar, "4.3.3"), "hex digits in either case, mixed", f"hex:{B.hex()[:32]}{B.hex()[32:].upper()}", "b", ()),
        ("base64-golden", (*grammar, "4.3.3", "18.1"), "the worked example, with its =", f"b64:{base64url(A)}=", "a", ("golden",)),
        ("base64-without-padding", (*grammar, "4.3.3"), "the = may be left out", f"b64:{_B_URL}", "b", ()),
        ("base64-url-alphabet", (*grammar, "4.3.3"), "- and _", f"b64:{_L_URL}=", "l", ()),
        ("base64-standard-alphabet", (*grammar, "4.3.3"), "+ and /", f"b64:{_L_STANDARD}=", "l", ()),
        ("base64-standard-without-padding", (*grammar, "4.3.3"), "+ and /, and no =", f"b64:{_L_STANDARD}", "l", ()),
        ("base64-mixed-alphabets", (*grammar, "4.3.3"), "+ and _ in one key", f"b64:{_L_URL.replace('-', '+')}", "l", ()),
        ("secret-key-base-golden", (*grammar, "4.3.3", "3.4", "18.1"), "the worked example", f"skb:{_SKB_DIGITS}", "skb", ("golden",)),
        ("secret-key-base-in-capitals", (*grammar, "4.3.3"), "the same 64 octets", f"skb:{_SKB_DIGITS.upper()}", "skb", ()),
        ("derived-key-as-hex", (*grammar, "4.3.3"), "the K of a SECRET_KEY_BASE may stand as it is", hex_key(SKB), "skb", ()),
        ("sixteen-distinct-octets", ("4.2 item 9",), "16 distinct octets are enough", hex_key(SIXTEEN_DISTINCT), "sixteen-distinct", ("edge",)),
        ("sixteen-distinct-octets-as-key-text", ("4.2 item 9",), "the checksum's octets do not count, and need not", key_text(SIXTEEN_DISTINCT), "sixteen-distinct", ("edge",)),
    ]  # fmt: skip
    return [
        take_ring(f"key-{name}", clauses, comment, text, (NOW, f"{opens}*"), flags=flags)
        for name, clauses, comment, text, opens, flags in rows
    ]


def _refuse(rows: list[tuple[str, str, str]], item: str, *flags: str) -> list[Case]:
    return [refuse_ring(f"key-{name}", (item,), comment, text, flags=flags) for name, comment, text in rows]


def _list_key_text_faults() -> list[Case]:
    lengths = [
        ("text-cut-by-one", "52 characters", _B_TEXT[:-1]),
        ("text-cut-by-four", "49 characters: 33 octets, 1 of the checksum", _B_TEXT[:-4]),
        ("text-longer-by-one", "54 characters", f"{_B_TEXT}A"),
        ("text-longer-by-four", "57 characters: 39 octets", f"{_B_TEXT}AAAA"),
        ("text-without-checksum", "K alone in base64url, 43 characters", f"cjk1_{_B_URL}"),
        ("text-padded", "base64url has no =", f"{_B_TEXT}="),
        ("text-empty", "nothing after the prefix", "cjk1_"),
        ("text-in-two-words", "broken over two lines, as by an editor", f"{_B_TEXT[:30]}\n{_B_TEXT[30:]}"),
    ]
    characters = [
        ("text-with-plus", "the other base64 alphabet, all else right", _L_TEXT.replace("-", "+")),
        ("text-with-slash", "the other base64 alphabet, all else right", _L_TEXT.replace("_", "/").replace("cjk1/", "cjk1_")),
        ("text-with-a-dot", "a character of neither alphabet", f"{_B_TEXT[:20]}.{_B_TEXT[21:]}"),
        ("text-with-a-junk-octet", "a character that lenient decoders drop, in excess", f"{_B_TEXT[:20]}!{_B_TEXT[20:]}"),
        ("text-with-an-equals-sign", "= for the last character", f"{_B_TEXT[:-1]}="),
        ("text-quoted-percent", "%5F for _", _L_TEXT[:5] + _L_TEXT[5:].replace("_", "%5F")),
    ]  # fmt: skip
    return [*_refuse(lengths, "4.2 item 2", "length"), *_refuse(characters, "4.2 item 2", "alphabet")]


def _list_checksum_faults() -> list[Case]:
    checksum = blake2b(pae(b"cookiejar-session/v1/key-text", B), digest_size=32).digest()[:4]

    def write(key: bytes, checked: bytes) -> str:
        return f"cjk1_{base64url(key + checked)}"

    def flip(octets: bytes, index: int, bit: int) -> bytes:
        return octets[:index] + bytes([octets[index] ^ bit]) + octets[index + 1 :]

    label = b"cookiejar-session/v1/key-text"
    rows = [
        ("first-bit-of-the-checksum", "one bit of the checksum differs", write(B, flip(checksum, 0, 0x80))),
        ("last-bit-of-the-checksum", "the last bit of the checksum differs", write(B, flip(checksum, 3, 1))),
        ("first-bit-of-k", "one bit of K differs", write(flip(B, 0, 0x80), checksum)),
        ("last-bit-of-k", "the last bit of K differs", write(flip(B, 31, 1), checksum)),
        ("checksum-of-zeros", "no checksum", write(B, bytes(4))),
        ("checksum-of-another", "the checksum of another key", write(B, blake2b(pae(label, A), digest_size=32).digest()[:4])),
        ("checksum-turned", "the checksum from its other end", write(B, checksum[::-1])),
        ("checksum-without-label", "a hash of K alone", write(B, blake2b(B, digest_size=32).digest()[:4])),
        ("checksum-without-lengths", "a hash of label and K, not of their PAE", write(B, blake2b(label + B, digest_size=32).digest()[:4])),
        ("checksum-of-a-short-hash", "a BLAKE2b of 4 octets, not cut from 32", write(B, blake2b(pae(label, B), digest_size=4).digest())),
        ("checksum-last-octets", "the last 4 octets of the hash", write(B, blake2b(pae(label, B), digest_size=32).digest()[28:])),
    ]  # fmt: skip
    return [
        refuse_ring(f"key-text-{name}", ("4.2 item 7", "4.3.2"), comment, text, flags=("altered",))
        for name, comment, text in rows
    ]


def _list_hex_faults() -> list[Case]:
    digits = B.hex()
    lengths = [
        ("hex-of-62-digits", "31 octets", f"hex:{digits[:-2]}"),
        ("hex-of-63-digits", "half an octet too few", f"hex:{digits[:-1]}"),
        ("hex-of-65-digits", "half an octet too many", f"hex:{digits}0"),
        ("hex-of-66-digits", "33 octets", f"hex:{digits}00"),
        ("hex-of-128-digits", "64 octets are no K", f"hex:{_SKB_DIGITS}"),
        ("hex-empty", "nothing after the prefix", "hex:"),
    ]
    characters = [
        ("hex-with-a-g", "g is no hex digit", f"hex:{digits[:-1]}g"),
        ("hex-with-0x", "a prefix within", f"hex:0x{digits[2:]}"),
        ("hex-with-a-minus", "a sign that some readers of numbers take", f"hex:-{digits[1:]}"),
        ("hex-with-an-underscore", "a digit separator", f"hex:{digits[:31]}_{digits[32:]}"),
        ("hex-with-colons", "octets with : between", f"hex:{B.hex(':')}"),
    ]
    return [*_refuse(lengths, "4.2 item 2", "length"), *_refuse(characters, "4.2 item 2", "alphabet")]


def _list_base64_faults() -> list[Case]:
    lengths = [
        ("base64-of-40-characters", "30 octets", f"b64:{_B_URL[:-3]}"),
        ("base64-of-31-octets", "42 characters, the spare bits of the last zero", f"b64:{base64url(B[:31])}"),
        ("base64-of-42-characters", "31 octets", f"b64:{_B_URL[:-1]}"),
        ("base64-of-42-characters-padded", "31 octets and a =", f"b64:{_B_URL[:-1]}="),
        ("base64-of-44-characters", "33 octets", f"b64:{_B_URL}A"),
        ("base64-with-two-equals-signs", "at most one =", f"b64:{_B_URL}=="),
        ("base64-empty", "nothing after the prefix", "b64:"),
        ("base64-of-64-octets", "a SECRET_KEY_BASE is written with skb:", f"b64:{base64url(SECRET_KEY_BASE)}"),
    ]
    characters = [
        ("base64-with-a-dot", "a character of neither alphabet", f"b64:{_B_URL[:20]}.{_B_URL[21:]}"),
        ("base64-with-a-junk-octet", "a character that lenient decoders drop, in excess", f"b64:{_B_URL[:20]}!{_B_URL[20:]}"),
        ("base64-equals-sign-within", "= before the end", f"b64:{_B_URL[:20]}={_B_URL[21:]}"),
        ("base64-equals-sign-first", "= at the wrong end", f"b64:={_B_URL}"),
    ]  # fmt: skip
    # The last of 43 characters has two bits that no octet needs.
    last = _ALPHABET.index(_B_URL[-1])
    spare = [
        (f"base64-spare-bits-{bits:02b}", "spare bits that are not zero", f"b64:{_B_URL[:-1]}{_ALPHABET[last + bits]}")
        for bits in (1, 2, 3)
    ]
    return [
        *_refuse(lengths, "4.2 item 2", "length"),
        *_refuse(characters, "4.2 item 2", "alphabet"),
        *_refuse([*spare, ("base64-spare-bits-padded", "the same before a =", f"{spare[0][2]}=")], "4.2 item 8"),
    ]


def _list_secret_key_base_faults() -> list[Case]:
    digits = _SKB_DIGITS
    lengths = [
        ("secret-key-base-of-126-digits", "63 octets", f"skb:{digits[:-2]}"),
        ("secret-key-base-of-127-digits", "half an octet too few", f"skb:{digits[:-1]}"),
        ("secret-key-base-of-129-digits", "half an octet too many", f"skb:{digits}0"),
        ("secret-key-base-of-130-digits", "65 octets", f"skb:{digits}00"),
        ("secret-key-base-of-64-digits", "32 octets are no SECRET_KEY_BASE", f"skb:{B.hex()}"),
        ("secret-key-base-empty", "nothing after the prefix", "skb:"),
    ]
    characters = [("secret-key-base-with-a-g", "g is no hex digit", f"skb:g{digits[1:]}")]
    return [*_refuse(lengths, "4.2 item 2", "length"), *_refuse(characters, "4.2 item 2", "alphabet")]


def _list_other_forms() -> list[Case]:
    rows = [
        ("prefix-in-capitals", "the prefix cjk1_ in capitals", f"CJK1_{_B_TEXT[5:]}"),
        ("prefix-of-another-version", "cjk2_ is not cjk1_", f"cjk2_{_B_TEXT[5:]}"),
        ("prefix-without-underscore", "cjk1 and 48 characters", f"cjk1{_B_TEXT[5:]}"),
        ("prefix-hex-in-capitals", "HEX: is not hex:", f"HEX:{B.hex()}"),
        ("prefix-base64-in-capitals", "B64: is not b64:", f"B64:{_B_URL}"),
        ("prefix-secret-key-base-in-capitals", "SKB: is not skb:", f"SKB:{_SKB_DIGITS}"),
        ("prefix-unknown", "a form that there is not", f"raw:{B.hex()}"),
        ("prefix-twice", "two prefixes", f"hex:hex:{B.hex()}"),
        ("bare-hex", "64 hex digits without their prefix", B.hex()),
        ("bare-base64", "base64 without its prefix", f"{_B_URL}="),
        ("bare-base64-without-padding", "base64 without its prefix and without its =", _B_URL),
        ("bare-128-hex-digits", "128 hex digits without their prefix", _SKB_DIGITS),
        ("blank-after-prefix", "a blank ends an entry", f"hex: {B.hex()}"),
        ("in-double-quotes", "quotation marks left by a shell", f'"{_B_TEXT}"'),
        ("in-single-quotes", "quotation marks left by a .env file", f"'{_B_TEXT}'"),
        ("with-a-semicolon", "something behind the key", f"{_B_TEXT};"),
        ("with-its-variable", "the name of the variable before the key", f"COOKIEJAR_SESSION_KEYS={_B_TEXT}"),
    ]  # fmt: skip
    return _refuse(rows, "4.2 item 2")


def _list_weak() -> list[Case]:
    rows = [
        ("fifteen-distinct-octets", "15 distinct octets", hex_key(FIFTEEN_DISTINCT), ("edge",)),
        ("fifteen-distinct-octets-as-base64", "15 distinct octets", f"b64:{base64url(FIFTEEN_DISTINCT)}", ("edge",)),
        ("fifteen-distinct-octets-as-key-text", "15 distinct octets, and others in the checksum", key_text(FIFTEEN_DISTINCT), ("edge",)),
        ("fifteen-distinct-octets-of-64", "it is the 64 octets that count, not the K derived from them", f"skb:{(FIFTEEN_DISTINCT * 2).hex()}", ("edge",)),
        ("of-zeros", "a key of zeros", hex_key(bytes(32)), ()),
        ("sixteen-distinct-digits", "octets count, not hex digits", f"hex:{'0123456789abcdef' * 4}", ()),
    ]  # fmt: skip
    return [
        refuse_ring(f"key-{name}", ("4.2 item 9",), comment, text, flags=flags) for name, comment, text, flags in rows
    ]


def _list_published() -> list[Case]:
    rows = [
        ("a", "the key of SPEC 18", hex_key(A)),
        ("a-as-key-text", "the key of SPEC 18, written otherwise", key_text(A)),
        ("a-as-base64", "the key of SPEC 18, written otherwise", f"b64:{base64url(A)}="),
        ("secret-key-base", "the SECRET_KEY_BASE of SPEC 18", f"skb:{_SKB_DIGITS}"),
        ("derived", "the K of that SECRET_KEY_BASE: key ids are compared, not texts", hex_key(SKB)),
        ("b", "a key of this suite", _B_TEXT),
        ("q", "a key of this suite", hex_key(KEYS["q"])),
        ("sixteen-distinct", "a key of this suite", hex_key(SIXTEEN_DISTINCT)),
    ]
    named = {name for name, _, _ in rows} | {"skb"}
    rows += [(name, "a key of this suite", hex_key(key)) for name, key in PUBLISHED.items() if name not in named]
    return [
        refuse_ring(f"key-published-{name}", ("4.2 item 12", "4.6.1"), comment, text, allow_published=False)
        for name, comment, text in rows
    ]
