"""wire/envelope.py against SPEC 5 and 6: every way to break them, and the reference reader, whose answers it gives."""

from __future__ import annotations

import copy
import pickle
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shared_values import SID
from unsupported_values import (
    ONLY,
    STORED_AS_BASE,
    TOO_DEEP,
    UNSUPPORTED,
    UNSUPPORTED_FLASH,
    UNSUPPORTED_KEYS,
    Hiding,
    Pair,
    Word,
    nest_value,
    unsupported,
)
from werkzeug.datastructures import MultiDict

from cookiejar_session import Envelope, TokenError, UnsupportedValueError
from cookiejar_session.wire import messagepack
from cookiejar_session.wire.envelope import check_data, check_flash, decode_envelope, encode_envelope

# The reference reader of the format, which does not use the package.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "conformance"))

from reference import message_pack
from reference.envelope import check_envelope
from reference.refusal import Refused

PARTS = {
    "sid": "c410" + SID.hex(),
    "created": "ce6955b900",
    "issued": "ce6955b900",
    "idle": "ce00127500",
    "until": "ce69cc6000",
    "persistent": "c3",
    "data": "80",
    "flash": "90",
}
ENVELOPE = Envelope(SID, 1767225600, 1767225600, 1209600, 1775001600, True, {}, [])
HOST_SESSION = "98" + "".join({**PARTS, "data": "82a4726f6c65a561646d696ea37569642a"}.values())
PREFS = (
    "98c410a0a1a2a3a4a5a6a7a8a9aaabacadaeafce6955b900ce6955c710cd0384ce69570a80c285a161c40200ffa16299c0c3ffd0dfcf002000000"
    "0000001d38000000000000000cb3ff0000000000000cb8000000000000000cb3fb999999999999aa2c3a990a3efbfaea4efbbbf78a4f09f988080"
    "9292a4696e666fa2686992a46361727481a16e02"
)
PREFS_DATA = {
    "b": [None, True, -1, -33, 2**53 + 1, -(2**63), 1.0, -0.0, 0.1],
    "a": b"\x00\xff",
    "\uffee": "\ufeffx",
    "\U0001f600": {},
    "\u00e9": [],
}
PREFS_ENVELOPE = Envelope(
    SID, 1767225600, 1767229200, 900, 1767312000, False, PREFS_DATA, [("info", "hi"), ("cart", {"n": 2})]
)


def join(**parts: str) -> bytes:
    """Return the plaintext of an envelope; ``parts`` replaces some of its eight elements, in hex."""
    return bytes.fromhex("98" + "".join({**PARTS, **parts}.values()))


def make(**changes: Any) -> Envelope:
    return msgspec.structs.replace(ENVELOPE, **changes)


def decode_value(hexadecimal: str) -> Any:
    """Return the value that is encoded as ``hexadecimal``, read as the only value of data."""
    return decode_envelope(join(data="81a161" + hexadecimal)).data["a"]


def encode_value(value: Any) -> str:
    return encode_envelope(make(data={"a": value})).hex().removeprefix(join(data="81a161").hex()[:-2])[:-2]


def refusal(encoded: bytes) -> str:
    with pytest.raises(TokenError) as caught:
        decode_envelope(encoded)
    return caught.value.reason


def exact(value: Any) -> object:
    """Return ``value`` in a form in which 1, 1.0 and True differ, 0.0 and -0.0 differ, and a tuple equals a list."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [exact(item) for item in value]
    return type(value).__name__, struct.pack(">d", value) if type(value) is float else value


def exact_fields(envelope: Envelope) -> object:
    return exact(msgspec.structs.astuple(envelope))


def judge_strictly(encoded: bytes) -> object:
    """Return what the reference reader of conformance/ reads in ``encoded``, or its reason to refuse it."""
    try:
        value = message_pack.decode(encoded)
        check_envelope(value)
    except Refused as refusal:
        return refusal.reason
    return exact(value)


def judge(encoded: bytes) -> object:
    try:
        return exact_fields(decode_envelope(encoded))
    except TokenError as exc:
        return exc.reason.value


# The golden envelopes


@pytest.mark.parametrize(
    ("envelope", "encoded"),
    [(make(data={"uid": 42, "role": "admin"}), HOST_SESSION), (PREFS_ENVELOPE, PREFS)],
    ids=["host-session", "prefs"],
)
def test_golden_envelopes_are_written_octet_for_octet(envelope: Envelope, encoded: str) -> None:
    assert encode_envelope(envelope).hex() == encoded


@pytest.mark.parametrize(
    ("envelope", "encoded"),
    [(make(data={"uid": 42, "role": "admin"}), HOST_SESSION), (PREFS_ENVELOPE, PREFS)],
    ids=["host-session", "prefs"],
)
def test_golden_envelopes_are_read_exactly(envelope: Envelope, encoded: str) -> None:
    assert exact_fields(decode_envelope(bytes.fromhex(encoded))) == exact_fields(envelope)


def test_flash_is_read_as_pairs_in_order() -> None:
    assert decode_envelope(bytes.fromhex(PREFS)).flash == [("info", "hi"), ("cart", {"n": 2})]


# SPEC 6.1: the one form of each value

FORMS = {
    "nil": (None, "c0"),
    "false": (False, "c2"),
    "true": (True, "c3"),
    "0": (0, "00"),
    "127": (127, "7f"),
    "128": (128, "cc80"),
    "255": (255, "ccff"),
    "256": (256, "cd0100"),
    "65535": (65535, "cdffff"),
    "65536": (65536, "ce00010000"),
    "2^32-1": (2**32 - 1, "ceffffffff"),
    "2^32": (2**32, "cf0000000100000000"),
    "2^53+1": (2**53 + 1, "cf0020000000000001"),
    "2^63-1": (2**63 - 1, "cf7fffffffffffffff"),
    "-1": (-1, "ff"),
    "-32": (-32, "e0"),
    "-33": (-33, "d0df"),
    "-128": (-128, "d080"),
    "-129": (-129, "d1ff7f"),
    "-32768": (-32768, "d18000"),
    "-32769": (-32769, "d2ffff7fff"),
    "-2^31": (-(2**31), "d280000000"),
    "-2^31-1": (-(2**31) - 1, "d3ffffffff7fffffff"),
    "-2^63": (-(2**63), "d38000000000000000"),
    "0.0": (0.0, "cb0000000000000000"),
    "-0.0": (-0.0, "cb8000000000000000"),
    "1.0": (1.0, "cb3ff0000000000000"),
    "0.1": (0.1, "cb3fb999999999999a"),
    "least-subnormal": (5e-324, "cb0000000000000001"),
    "greatest-float": (1.7976931348623157e308, "cb7fefffffffffffff"),
    "least-float": (-1.7976931348623157e308, "cbffefffffffffffff"),
    "empty-str": ("", "a0"),
    "str-31": ("x" * 31, "bf" + "78" * 31),
    "str-32": ("x" * 32, "d920" + "78" * 32),
    "str-255": ("x" * 255, "d9ff" + "78" * 255),
    "str-256": ("x" * 256, "da0100" + "78" * 256),
    "str-counts-octets": ("\u00e9" * 16, "d920" + "c3a9" * 16),
    "str-with-bom": ("\ufeffx", "a4efbbbf78"),
    "str-bom-alone": ("\ufeff", "a3efbbbf"),
    "str-nul": ("\x00", "a100"),
    "str-noncharacter": ("\uffff\U0010ffff", "a7efbfbff48fbfbf"),
    "str-proto": ("__proto__", "a9" + b"__proto__".hex()),
    "str-that-looks-like-ext": ("\u0547\u0548", "a4d587d588"),
    "empty-bin": (b"", "c400"),
    "bin-255": (b"\xc7" * 255, "c4ff" + "c7" * 255),
    "bin-256": (b"\x00" * 256, "c50100" + "00" * 256),
    "bin-that-looks-like-nan": (b"\xcb\x7f\xf8" + bytes(6), "c409cb7ff8000000000000"),
    "empty-array": ([], "90"),
    "array-15": ([None] * 15, "9f" + "c0" * 15),
    "array-16": ([None] * 16, "dc0010" + "c0" * 16),
    "empty-map": ({}, "80"),
    "map-15": ({chr(97 + n): 1 for n in range(15)}, "8f" + "".join(f"a1{97 + n:02x}01" for n in range(15))),
    "map-16": ({chr(97 + n): 1 for n in range(16)}, "de0010" + "".join(f"a1{97 + n:02x}01" for n in range(16))),
    "map-prefix-first": ({"ab": 1, "a": 2, "": 3}, "83a003a16102a2616201"),
    "map-by-octets-not-utf-16": ({"\U0001f600": 1, "\uffee": 2}, "82a3efbfae02a4f09f988001"),
    "map-by-octets-not-length": ({"b": 1, "aa": 2}, "82a2616102a16201"),
    "map-proto-like-keys": ({"__proto": 1, "__proto___": 2}, "82a75f5f70726f746f01aa5f5f70726f746f5f5f5f02"),
}


@pytest.mark.parametrize(("value", "encoded"), FORMS.values(), ids=FORMS)
def test_a_value_is_written_in_its_one_form(value: object, encoded: str) -> None:
    assert encode_value(value) == encoded


@pytest.mark.parametrize(("value", "encoded"), FORMS.values(), ids=FORMS)
def test_a_value_is_read_from_its_one_form(value: object, encoded: str) -> None:
    assert exact(decode_value(encoded)) == exact(value)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [((1, 2), "920102"), (OrderedDict(b=1, a=2), "82a16102a16201"), ({"a": ({"b": ()},)}, "81a1619181a16290")],
)
def test_tuples_and_ordered_dicts_are_written_as_array_and_map(value: object, encoded: str) -> None:
    assert encode_value(value) == encoded


# SPEC 6.3: every way to break the encoding

BAD_VALUES = {
    # 6.3 item 2
    "never-used": "c1",
    "bin32": "c600000000",
    "str32": "db00000000",
    "array32": "dd00000000",
    "map32": "df00000000",
    "bin32-huge": "c6ffffffff",
    "str32-huge": "dbffffffff",
    "array32-huge": "ddffffffff",
    "map32-huge": "dfffffffff",
    "array16-huge": "dcffff",
    "map16-huge": "deffff",
    "bin16-huge": "c5ffff",
    "str16-huge": "daffff",
    "float32": "ca3f800000",
    "float32-nan": "ca7fc00000",
    "ext8": "c7010500",
    "ext8-empty": "c70005",
    "ext16": "c800010500",
    "ext32": "c9000000010500",
    "fixext1": "d40500",
    "fixext2": "d5050000",
    "fixext4": "d60500000000",
    "fixext8": "d7050000000000000000",
    "fixext16": "d805" + "00" * 16,
    "timestamp32": "d6ff6955b900",
    "timestamp64": "d7ff000000006955b900",
    "timestamp64-bad-nanoseconds": "d7ffffffffffffffffff",
    "timestamp96": "c70cff00000000000000006955b900",
    "timestamp96-before-year-1": "c70cff00000000ffffff0000000000",
    "timestamp96-bad-nanoseconds": "c70cff3b9aca000000000000000000",
    "timestamp-of-another-length": "c703ff000000",
    "timestamp-as-fixext16": "d8ff" + "00" * 16,
    "timestamp-empty": "c700ff",
    # item 3
    "uint8-of-0": "cc00",
    "uint8-of-127": "cc7f",
    "uint16-of-255": "cd00ff",
    "uint32-of-65535": "ce0000ffff",
    "uint64-of-2^32-1": "cf00000000ffffffff",
    "int8-of-0": "d000",
    "int8-of-127": "d07f",
    "int8-of--1": "d0ff",
    "int8-of--32": "d0e0",
    "int16-of-128": "d10080",
    "int16-of-32767": "d17fff",
    "int16-of--128": "d1ff80",
    "int32-of-65536": "d200010000",
    "int32-of--32768": "d2ffff8000",
    "int64-of-2^63-1": "d37fffffffffffffff",
    "int64-of--2^31": "d3ffffffff80000000",
    "int64-of-0": "d30000000000000000",
    "str8-of-31": "d91f" + "78" * 31,
    "str8-of-0": "d900",
    "str16-of-255": "da00ff" + "78" * 255,
    "bin16-of-255": "c500ff" + "78" * 255,
    "bin16-of-0": "c50000",
    "array16-of-15": "dc000f" + "c0" * 15,
    "array16-of-0": "dc0000",
    "map16-of-0": "de0000",
    "map16-of-1": "de0001a16101",
    # item 4
    "uint64-of-2^63": "cf8000000000000000",
    "uint64-of-2^64-1": "cfffffffffffffffff",
    # item 5
    "infinity": "cb7ff0000000000000",
    "minus-infinity": "cbfff0000000000000",
    "quiet-nan": "cb7ff8000000000000",
    "signalling-nan": "cb7ff0000000000001",
    "minus-nan": "cbffffffffffffffff",
    # item 6
    "utf-8-lone-continuation": "a180",
    "utf-8-never-used": "a1ff",
    "utf-8-overlong-nul": "a2c080",
    "utf-8-overlong-slash": "a3e080af",
    "utf-8-overlong-4": "a4f0808080",
    "utf-8-high-surrogate": "a3eda080",
    "utf-8-low-surrogate": "a3edbfbf",
    "utf-8-surrogate-pair": "a6eda0bdedb880",
    "utf-8-above-10ffff": "a4f4908080",
    "utf-8-cut": "a2e282",
    "utf-8-cut-by-ascii": "a3e28241",
    "utf-8-in-str8": "d920" + "78" * 31 + "ff",
    "utf-8-in-key": "81a1ff01",
    # item 7
    "key-nil": "81c001",
    "key-bool": "81c301",
    "key-int": "810101",
    "key-negative": "81ff01",
    "key-float": "81cb3ff000000000000001",
    "key-bin": "81c4016101",
    "key-array": "819001",
    "key-array-of-str": "8191a16101",
    "key-map": "818001",
    "key-array-of-map": "81918001",
    "key-ext": "81d4050001",
    "key-timestamp": "81d6ff0000000001",
    "key-second-not-str": "82a161010201",
    "key-before-str": "820201a16101",
    # item 8
    "keys-equal": "82a16101a16101",
    "keys-equal-empty": "82a001a001",
    "keys-descending": "82a16201a16101",
    "keys-in-utf-16-order": "82a4f09f988001a3efbfae02",
    "keys-by-length": "82a16201a2616102",
    "keys-prefix-last": "82a2616101a16102",
    "keys-equal-behind-others": "83a16101a16201a16202",
    # item 9
    "proto": "81a9" + b"__proto__".hex() + "01",
    "proto-behind-others": "82a15f01a9" + b"__proto__".hex() + "01",
}


@pytest.mark.parametrize("encoded", BAD_VALUES.values(), ids=BAD_VALUES)
@pytest.mark.parametrize(
    "parts",
    [
        {"data": "81a161{}"},
        {"data": "81a16191{}"},
        {"data": "82a161{}a16201"},
        {"flash": "9192a161{}"},
        {"sid": "{}"},
        {"idle": "{}"},
        {"data": "{}"},
        {"sid": "c400", "created": "00", "issued": "00", "idle": "01", "until": "02", "data": "81a161{}"},
    ],
    ids=["in-data", "in-array", "amid-map", "in-flash", "for-sid", "for-idle", "for-data", "behind-short-sid"],
)
def test_a_broken_encoding_is_refused_wherever_it_stands(parts: dict[str, str], encoded: str) -> None:
    assert refusal(join(**{name: text.format(encoded) for name, text in parts.items()})) == "bad-encoding"


WHOLE = bytes.fromhex(PREFS)


@pytest.mark.parametrize("encoded", BAD_VALUES.values(), ids=BAD_VALUES)
def test_a_broken_encoding_is_refused_as_the_whole_plaintext(encoded: str) -> None:
    assert refusal(bytes.fromhex(encoded)) == "bad-encoding"


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_a_plaintext_that_ends_early_is_refused(length: int) -> None:
    assert refusal(WHOLE[:length]) == "bad-encoding"


@pytest.mark.parametrize("trailing", ["00", "c0", "c1", "80", "90", HOST_SESSION])
@pytest.mark.parametrize("plaintext", [HOST_SESSION, PREFS, "c0", "80"])
def test_octets_behind_the_end_are_refused(plaintext: str, trailing: str) -> None:
    assert refusal(bytes.fromhex(plaintext + trailing)) == "bad-encoding"


@pytest.mark.parametrize("count", [17, 100, 2000, 2926])
@pytest.mark.parametrize("opening", ["91", "81a0", "dc0001", "9291"])
def test_deep_nesting_is_refused_and_does_no_harm(opening: str, count: int) -> None:
    assert refusal((bytes.fromhex(opening) * count)[:2926] + b"\x90") == "bad-encoding"


def nest(levels: int, innermost: str = "c0") -> str:
    """Return the hex of a value inside ``levels`` arrays, one inside the other."""
    return "91" * levels + innermost


# The values in data begin at level 2, those in flash at level 3.
SIXTEEN_LEVELS = {
    "arrays": {"data": "81a161" + nest(15)},
    "maps": {"data": "81a161" + "81a0" * 14 + "80"},
    "empty-array": {"data": "81a161" + nest(14, "90")},
    "twice": {"data": "82a161" + nest(15) + "a162" + nest(15)},
    "flash": {"flash": "9192a161" + nest(14)},
    "flash-twice": {"flash": "9292a161" + nest(14) + "92a161" + nest(13, "80")},
}
SEVENTEEN_LEVELS = {
    "arrays": {"data": "81a161" + nest(16)},
    "maps": {"data": "81a161" + "81a0" * 15 + "80"},
    "empty-array": {"data": "81a161" + nest(15, "90")},
    "empty-map": {"data": "81a161" + nest(15, "80")},
    "second": {"data": "82a161" + nest(15) + "a162" + nest(16)},
    "last-of-many": {"data": "81a161" + "92c0" * 15 + "90"},
    "flash": {"flash": "9192a161" + nest(15)},
    "flash-second": {"flash": "9292a161" + nest(14) + "92a161" + nest(14, "80")},
    "sid": {"sid": nest(16, "90")},
}


@pytest.mark.parametrize("parts", SIXTEEN_LEVELS.values(), ids=SIXTEEN_LEVELS)
def test_sixteen_levels_are_read(parts: dict[str, str]) -> None:
    assert encode_envelope(decode_envelope(join(**parts))) == join(**parts)


@pytest.mark.parametrize("parts", SEVENTEEN_LEVELS.values(), ids=SEVENTEEN_LEVELS)
def test_a_seventeenth_level_is_refused(parts: dict[str, str]) -> None:
    assert refusal(join(**parts)) == "bad-encoding"


@pytest.mark.parametrize(("levels", "reason"), [(17, "bad-envelope"), (18, "bad-encoding")])
def test_the_outermost_array_is_level_0(levels: int, reason: str) -> None:
    assert refusal(bytes.fromhex(nest(levels))) == reason


# SPEC 5.2: a valid encoding of something else than an envelope

TOO_MANY_FLASHES = "dc0021" + "92a161c0" * 33
BAD_ENVELOPES = {
    "seven": "97" + "".join(list(PARTS.values())[:7]),
    "nine": "99" + "".join(PARTS.values()) + "c0",
    "none": "90",
    "sixteen": "dc0010" + "".join(PARTS.values()) * 2,
    "map": "80",
    "map-of-eight": "88" + "".join(f"a1{97 + index:02x}{part}" for index, part in enumerate(PARTS.values())),
    "map-of-names": "88"
    + "".join(
        bytes([0xA0 + len(name)]).hex() + name.encode().hex() + PARTS[name]
        for name in sorted(PARTS, key=lambda name: name.encode())
    ),
    "nil": "c0",
    "integer": "08",
    "bin": "c408" + "00" * 8,
    "text": "a0",
}
BAD_PARTS = {
    "sid-str": {"sid": "b0" + "61" * 16},
    "sid-nil": {"sid": "c0"},
    "sid-integer": {"sid": "01"},
    "sid-array": {"sid": "dc0010" + "01" * 16},
    "sid-empty": {"sid": "c400"},
    "sid-15": {"sid": "c40f" + "00" * 15},
    "sid-17": {"sid": "c411" + "00" * 17},
    "sid-256": {"sid": "c50100" + "00" * 256},
    "created-float": {"created": "cb41da556e40000000"},
    "created-nil": {"created": "c0"},
    "created-bool": {"created": "c2"},
    "created-str": {"created": "a130"},
    "created-negative": {"created": "ff"},
    "created-2^48": {"created": "cf0001000000000000", "issued": "cf0001000000000000", "until": "cf0001000000000001"},
    "created-behind-issued": {"created": "ce6955b901"},
    "issued-float": {"issued": "cb41da556e40000000"},
    "issued-nil": {"issued": "c0"},
    "issued-bool": {"issued": "c3", "created": "00"},
    "issued-negative": {"created": "e0", "issued": "ff"},
    "issued-before-created": {"issued": "ce6955b8ff"},
    "issued-at-until": {"until": "ce6955b900"},
    "issued-behind-until": {"until": "ce6955b8ff"},
    "idle-float": {"idle": "cb4050000000000000"},
    "idle-nil": {"idle": "c0"},
    "idle-bool": {"idle": "c3"},
    "idle-0": {"idle": "00"},
    "idle-negative": {"idle": "ff"},
    "idle-2^32": {"idle": "cf0000000100000000"},
    "until-float": {"until": "cb41da730e40000000"},
    "until-nil": {"until": "c0"},
    "until-negative": {"created": "e0", "issued": "e1", "until": "e2"},
    "until-2^48": {"until": "cf0001000000000000"},
    "until-2^63-1": {"until": "cf7fffffffffffffff"},
    "persistent-nil": {"persistent": "c0"},
    "persistent-0": {"persistent": "00"},
    "persistent-1": {"persistent": "01"},
    "data-array": {"data": "90"},
    "data-nil": {"data": "c0"},
    "data-str": {"data": "a0"},
    "data-bin": {"data": "c400"},
    "flash-map": {"flash": "80"},
    "flash-nil": {"flash": "c0"},
    "flash-str": {"flash": "a0"},
    "flash-33": {"flash": TOO_MANY_FLASHES},
    "flash-entry-nil": {"flash": "91c0"},
    "flash-entry-str": {"flash": "91a26162"},
    "flash-entry-map": {"flash": "9182a16101a16201"},
    "flash-entry-empty": {"flash": "9190"},
    "flash-entry-of-one": {"flash": "9191a161"},
    "flash-entry-of-three": {"flash": "9193a161a162a163"},
    "flash-second-entry": {"flash": "9292a161c091a161"},
    "category-nil": {"flash": "9192c0c0"},
    "category-integer": {"flash": "919201c0"},
    "category-bin": {"flash": "9192c40161c0"},
    "category-array": {"flash": "919290c0"},
}


@pytest.mark.parametrize("encoded", BAD_ENVELOPES.values(), ids=BAD_ENVELOPES)
def test_another_value_than_an_array_of_eight_is_a_bad_envelope(encoded: str) -> None:
    assert refusal(bytes.fromhex(encoded)) == "bad-envelope"


@pytest.mark.parametrize("parts", BAD_PARTS.values(), ids=BAD_PARTS)
def test_each_element_has_its_type_and_range(parts: dict[str, str]) -> None:
    assert refusal(join(**parts)) == "bad-envelope"


@pytest.mark.parametrize(
    "broken", ["c1", "cc01", "cb7ff8000000000000", "d6ff00000000", "81a9" + b"__proto__".hex() + "c0"]
)
@pytest.mark.parametrize("parts", BAD_PARTS.values(), ids=BAD_PARTS)
def test_a_broken_encoding_comes_before_a_bad_envelope(parts: dict[str, str], broken: str) -> None:
    content = "flash" if "data" in parts else "data"
    assert refusal(join(**{content: "81a161" + broken, **parts})) == "bad-encoding"


GOOD_PARTS = {
    "times-0": {"created": "00", "issued": "00", "until": "01"},
    "times-greatest": {
        "created": "cf0000fffffffffffe",
        "issued": "cf0000fffffffffffe",
        "until": "cf0000ffffffffffff",
    },
    "created-before-issued": {"created": "00"},
    "idle-1": {"idle": "01"},
    "idle-2^32-1": {"idle": "ceffffffff"},
    "until-just-behind": {"until": "ce6955b901"},
    "not-persistent": {"persistent": "c2"},
    "flash-32": {"flash": "dc0020" + "92a161c0" * 32},
    "category-empty": {"flash": "9192a0c0"},
    "flash-values": {"flash": "9592a161c092a161c292a161cb800000000000000092a1619092a161c400"},
    "sid-looks-like-ext": {"sid": "c410" + "d6ff" * 8},
}


@pytest.mark.parametrize("parts", GOOD_PARTS.values(), ids=GOOD_PARTS)
def test_the_ends_of_each_range_are_read(parts: dict[str, str]) -> None:
    assert judge(join(**parts)) == judge_strictly(join(**parts)) != "bad-envelope"


@pytest.mark.parametrize("parts", GOOD_PARTS.values(), ids=GOOD_PARTS)
def test_the_ends_of_each_range_are_written(parts: dict[str, str]) -> None:
    assert encode_envelope(decode_envelope(join(**parts))) == join(**parts)


def test_the_error_for_a_refused_encoding_has_no_cause_and_no_context() -> None:
    with pytest.raises(TokenError) as caught:
        decode_envelope(b"\xa1\xff")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


# Hypothesis: readers agree, writers are canonical

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from(
        [sign * 2**bits + step for bits in (5, 7, 8, 15, 16, 31, 32, 53, 62) for sign in (1, -1) for step in (-1, 0, 1)]
    ),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.binary(max_size=40),
)
TEXT_KEYS = st.text(max_size=10).filter(lambda key: key != "__proto__")
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=17) | st.dictionaries(TEXT_KEYS, inner, max_size=5),
    max_leaves=8,
)
DATA = st.dictionaries(TEXT_KEYS, VALUES, max_size=4)
FLASH = st.lists(st.tuples(st.text(max_size=10), VALUES), max_size=2)


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    times = sorted(draw(st.lists(st.integers(0, 2**48 - 1) | st.integers(0, 300), min_size=3, max_size=3, unique=True)))
    created = draw(st.sampled_from(times[:2]))
    idle = draw(st.integers(1, 2**32 - 1) | st.integers(1, 300))
    sid = draw(st.binary(min_size=16, max_size=16))
    return Envelope(sid, created, times[1], idle, times[2], draw(st.booleans()), draw(DATA), draw(FLASH))


@given(envelope=envelopes())
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back_exactly(envelope: Envelope) -> None:
    assert exact_fields(decode_envelope(encode_envelope(envelope))) == exact_fields(envelope)


@given(envelope=envelopes())
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_canonical_by_the_strict_reader(envelope: Envelope) -> None:
    assert judge_strictly(encode_envelope(envelope)) == exact_fields(envelope)


def header(kind: str, length: int, form: int) -> bytes:
    """The first octets of a str, bin, array or map in its shortest form (0) or in a longer one."""
    short = {"str": (0xA0, 31), "array": (0x90, 15), "map": (0x80, 15), "bin": (0, -1)}[kind]
    forms = {
        "str": (0xD9, 0xDA, 0xDB),
        "bin": (0xC4, 0xC5, 0xC6),
        "array": (None, 0xDC, 0xDD),
        "map": (None, 0xDE, 0xDF),
    }
    choices = [bytes([short[0] + length])] if length <= short[1] else []
    for first, count in zip(forms[kind], (1, 2, 4), strict=True):
        if first is not None and length < 1 << 8 * count:
            choices.append(bytes([first]) + length.to_bytes(count))
    return choices[min(form, len(choices) - 1)]


FORM = st.sampled_from([0] * 40 + [1, 2])
SLOPPY_TEXT = st.one_of(
    *[st.text(max_size=6).map(str.encode)] * 6, st.sampled_from([b"a", b"b", b"__proto__"]), st.binary(max_size=2)
)
SLOPPY_STR = st.builds(lambda octets, form: header("str", len(octets), form) + octets, SLOPPY_TEXT, FORM)
SLOPPY_BIN = st.builds(lambda octets, form: header("bin", len(octets), form) + octets, st.binary(max_size=40), FORM)
CANONICAL = SCALARS.map(messagepack.encode)
SLOPPY_SCALARS = st.one_of(
    *[CANONICAL] * 6,
    SLOPPY_STR,
    SLOPPY_BIN,
    st.builds(lambda first, rest: bytes([first]) + rest, st.integers(0xC0, 0xDF), st.binary(max_size=9)),
    st.sampled_from([bytes.fromhex(text) for text in BAD_VALUES.values()]),
)


def write_array(items: list[bytes], form: int) -> bytes:
    return header("array", len(items), form) + b"".join(items)


def write_map(pairs: list[tuple[bytes, bytes]], form: int, is_sorted: bool) -> bytes:
    if is_sorted:
        pairs = sorted({key[1:]: (key, value) for key, value in pairs}.values(), key=lambda pair: pair[0][1:])
    return header("map", len(pairs), form) + b"".join(key + value for key, value in pairs)


def write_maps(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    pairs = st.lists(st.tuples(st.one_of(*[SLOPPY_STR] * 9, inner), inner), max_size=4)
    return st.builds(write_map, pairs, FORM, st.sampled_from([True] * 5 + [False]))


SLOPPY_VALUES = st.recursive(
    SLOPPY_SCALARS,
    lambda inner: st.builds(write_array, st.lists(inner, max_size=17), FORM) | write_maps(inner),
    max_leaves=8,
)


@st.composite
def sloppy_envelopes(draw: st.DrawFn) -> bytes:
    """An array of mostly eight elements, each mostly as SPEC 5 wants it, in mostly shortest forms."""
    elements = [bytes.fromhex(part) for part in PARTS.values()]
    elements[0] = messagepack.encode(draw(st.binary(min_size=16, max_size=16)))
    elements[6] = draw(write_maps(SLOPPY_VALUES))
    entries = st.builds(lambda category, value: b"\x92" + category + value, SLOPPY_STR, SLOPPY_VALUES)
    elements[7] = write_array(draw(st.lists(entries, max_size=3)), draw(FORM))
    if draw(st.sampled_from([False, False, True])):
        elements[draw(st.integers(0, 7))] = draw(SLOPPY_VALUES)
    return write_array(elements + [b"\xc0"] * draw(st.sampled_from([0] * 9 + [1])), draw(FORM))


@given(encoded=sloppy_envelopes())
@settings(max_examples=200, deadline=None)
def test_the_reader_agrees_with_the_strict_one_on_sloppy_envelopes(encoded: bytes) -> None:
    assert judge(encoded) == judge_strictly(encoded)


@st.composite
def mutated_envelopes(draw: st.DrawFn) -> bytes:
    encoded = bytearray(encode_envelope(draw(envelopes())))
    at = draw(st.integers(19, len(encoded) - 1))
    if draw(st.sampled_from([True, True, False])):
        encoded[at] ^= 1 << draw(st.integers(0, 7))
    else:
        encoded[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
    return bytes(encoded)


@given(encoded=mutated_envelopes())
@settings(max_examples=200, deadline=None)
def test_the_reader_agrees_with_the_strict_one_on_altered_encodings(encoded: bytes) -> None:
    assert judge(encoded) == judge_strictly(encoded)


@given(encoded=st.binary(max_size=60) | st.binary(max_size=60).map(lambda octets: join()[:-2] + octets))
@settings(max_examples=200, deadline=None)
@example(encoded=b"\x98\xc4\x00\x01\x02\x03\x04\xc3\x81\xa1a\xd6\xff\x00\x00\x00\x01\x90")
def test_the_reader_agrees_with_the_strict_one_on_arbitrary_octets(encoded: bytes) -> None:
    assert judge(encoded) == judge_strictly(encoded)


# SPEC 5.3 and 6.5: what a writer refuses


@pytest.mark.parametrize(("value", "message"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_a_value_outside_the_profile_is_refused_by_path_and_type(value: object, message: str) -> None:
    assert unsupported(encode_envelope, make(data={"a": value})) == message
    assert unsupported(check_data, {"a": value}) == message


@pytest.mark.parametrize(("key", "message"), UNSUPPORTED_KEYS.values(), ids=UNSUPPORTED_KEYS)
def test_a_top_level_key_outside_the_profile_is_refused(key: Any, message: str) -> None:
    assert unsupported(encode_envelope, make(data={key: 1})) == message
    assert unsupported(check_data, {key: 1}) == message


@pytest.mark.parametrize(("flash", "message"), UNSUPPORTED_FLASH.values(), ids=UNSUPPORTED_FLASH)
def test_flash_outside_the_profile_is_refused_by_index(flash: Any, message: str) -> None:
    assert unsupported(encode_envelope, make(flash=flash)) == message
    assert unsupported(check_flash, flash) == message


@pytest.mark.parametrize(("data", "found"), [([], "list"), (None, "NoneType"), ("a", "str")])
def test_data_that_is_not_a_dict_is_refused(data: Any, found: str) -> None:
    assert unsupported(encode_envelope, make(data=data)) == f"session: {found}; data must be a dict"


@pytest.mark.parametrize("data", [Hiding(a=1), MultiDict([("a", 1), ("a", 2)])], ids=["hiding", "multi-dict"])
def test_data_that_shows_other_values_than_it_stores_is_refused(data: Any) -> None:
    assert unsupported(encode_envelope, make(data=data)) == f"session: {type(data).__name__}; {ONLY}"


@pytest.mark.parametrize(("value", "base"), STORED_AS_BASE.values(), ids=STORED_AS_BASE)
def test_a_value_of_a_subclass_is_written_as_its_base_value(value: Any, base: Any) -> None:
    for changes, plain in [
        ({"data": {"a": value}}, {"data": {"a": base}}),
        ({"data": OrderedDict(a=value)}, {"data": {"a": base}}),
        ({"flash": [(Word("info"), value)]}, {"flash": [("info", base)]}),
    ]:
        assert exact_fields(decode_envelope(encode_envelope(make(**changes)))) == exact_fields(make(**plain))


@pytest.mark.parametrize(
    "flash", [[["info", 1]], (("info", 1),), [Pair("info", 1)]], ids=["lists", "tuple", "named-tuple"]
)
def test_flash_may_be_any_list_or_tuple_of_pairs(flash: Any) -> None:
    assert check_flash(flash) == [("info", 1)]
    assert encode_envelope(make(flash=flash)) == encode_envelope(make(flash=[("info", 1)]))


def test_checked_data_and_flash_have_plain_types() -> None:
    data, flash = check_data(OrderedDict(a=(Word("x"),))), check_flash([(Word("info"), (Word("x"),))])
    assert (type(data), exact(data), type(data["a"])) == (dict, exact({"a": ["x"]}), list)
    assert (type(flash[0]), exact(flash)) == (tuple, exact([("info", ["x"])]))


@pytest.mark.parametrize(
    ("changes", "is_written"),
    [
        ({"data": {"a": nest_value(15)}}, True),
        ({"data": {"a": nest_value(16)}}, False),
        ({"flash": [("a", nest_value(14))]}, True),
        ({"flash": [("a", nest_value(15))]}, False),
    ],
    ids=["data-16", "data-17", "flash-16", "flash-17"],
)
def test_a_writer_nests_sixteen_levels_at_most(changes: dict[str, Any], is_written: bool) -> None:
    if is_written:
        assert decode_envelope(encode_envelope(make(**changes))) == make(**changes)
    else:
        assert unsupported(encode_envelope, make(**changes)).endswith(f": {TOO_DEEP}")


LONG = {
    "str": {"data": {"k": "x" * 65536}},
    "key": {"data": {"x" * 65536: 1}},
    "deep": {"data": {"k": [{"k": ("x" * 65536,)}]}},
    "flash": {"flash": [("info", bytes(65536))]},
    "category": {"flash": [("x" * 65536, 1)]},
    "data": {"data": dict.fromkeys(map(str, range(65536)))},
}


@pytest.mark.parametrize("changes", LONG.values(), ids=LONG)
def test_a_length_above_65535_is_not_written(changes: dict[str, Any]) -> None:
    assert unsupported(encode_envelope, make(**changes)) == (
        "a str, bytes, list or dict has a length above 65535; keep large things elsewhere"
    )


@pytest.mark.parametrize("changes", LONG.values(), ids=LONG)
def test_a_length_above_65535_is_not_read(changes: dict[str, Any]) -> None:
    assert refusal(messagepack.encode(make(**changes))) == "bad-encoding"


@pytest.mark.parametrize(
    "changes",
    [{"data": {"k": ["x" * 65535, bytes(65535)]}}, {"flash": [("x" * 65535, "x" * 65535)]}],
    ids=["data", "flash"],
)
def test_lengths_of_65535_are_written_and_read(changes: dict[str, Any]) -> None:
    assert decode_envelope(encode_envelope(make(**changes))) == make(**changes)


ILL_TYPED = {
    "sid-str": {"sid": "a" * 16},
    "sid-none": {"sid": None},
    "sid-bytearray": {"sid": bytearray(16)},
    "sid-short": {"sid": bytes(15)},
    "sid-long": {"sid": bytes(17)},
    "created-float": {"created": 1767225600.0},
    "created-bool": {"created": True},
    "created-str": {"created": "0"},
    "created-negative": {"created": -1},
    "created-behind-issued": {"created": 1767225601},
    "issued-float": {"issued": 1767225600.5},
    "issued-none": {"issued": None},
    "issued-before-created": {"issued": 1767225599},
    "idle-0": {"idle": 0},
    "idle-negative": {"idle": -1},
    "idle-2^32": {"idle": 2**32},
    "idle-float": {"idle": 1.0},
    "idle-bool": {"idle": True},
    "until-at-issued": {"until": 1767225600},
    "until-2^48": {"until": 2**48},
    "until-far-too-great": {"until": 2**64},
    "until-float": {"until": 1775001600.0},
    "persistent-1": {"persistent": 1},
    "persistent-none": {"persistent": None},
}


@pytest.mark.parametrize("changes", ILL_TYPED.values(), ids=ILL_TYPED)
def test_an_envelope_that_no_reader_accepts_is_not_written(changes: dict[str, Any]) -> None:
    assert unsupported(encode_envelope, make(**changes)) == (
        "envelope is out of range; see SPEC 5.1 for sid, times, idle and persistent"
    )


def test_the_error_for_a_refused_envelope_has_no_cause_and_no_context() -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        encode_envelope(make(sid=b"too short"))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


# Integers of every width stand before data


TIMES = [0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**48 - 3]


@pytest.mark.parametrize("idle", [1, 200, 40_000, 100_000])
@pytest.mark.parametrize("time", TIMES)
def test_a_float_that_is_not_finite_is_found_behind_integers_of_any_width(time: int, idle: int) -> None:
    envelope = make(created=time, issued=time, idle=idle, until=time + 2, data={"a": float("inf")})
    assert refusal(messagepack.encode(envelope)) == "bad-encoding"


# Octets of sids, times and texts that could be taken for a value that the profile forbids.


@pytest.mark.parametrize("octet", [0x80, 0xC4, 0xC7, 0xCB, 0xCF, 0xD4, 0xFF])
def test_any_octets_may_stand_in_sid_and_times(octet: int) -> None:
    time = int.from_bytes([octet] * 4, "big")
    envelope = make(sid=bytes([octet] * 16), created=time, issued=time, until=time + 0x10)
    assert decode_envelope(encode_envelope(envelope)) == envelope


DOUBTFUL_CONTENT = {
    "text-that-looks-like-extension-types": {"a": "\xd4\xc7" * 30, "b": [[]] * 20},
    "text-that-looks-like-infinity": {"a": "\u02ff\uffff", "b": 1.5},
    "bytes-that-look-like-infinity": {"a": bytes.fromhex("cb7ff0000000000000"), "b": 1.5},
    "the-forbidden-key-as-text": {"a": "__proto__", "b": ["x__proto__x"], "c__proto__": 1},
    "the-forbidden-key-as-bytes": {"a": b"__proto__"},
    "bytes-deep-inside": {"a": [[[[[[b"x"]]]]]]},
    "more-levels-than-the-types-of-the-quick-way": {"a": nest_value(15)},
    "every-kind": {"a": [None, True, -1, 1.5, "x", b"x", [], {}], "b": {"c": [{}] * 20}},
}


@pytest.mark.parametrize("data", DOUBTFUL_CONTENT.values(), ids=DOUBTFUL_CONTENT)
def test_content_that_only_resembles_a_forbidden_value_is_read(data: dict[str, Any]) -> None:
    envelope = make(data=data, flash=[("info", data["a"][0] if type(data["a"]) is list else data["a"])])
    assert exact_fields(decode_envelope(encode_envelope(envelope))) == exact_fields(envelope)


def test_an_envelope_shows_neither_sid_nor_content() -> None:
    shown = "<Envelope created=1767225600 issued=1767229200 idle=900 until=1767312000>"
    assert (repr(PREFS_ENVELOPE), str(PREFS_ENVELOPE)) == (shown, shown)


def test_rich_is_shown_the_creation_time_only() -> None:
    assert list(PREFS_ENVELOPE.__rich_repr__()) == [("created", 1767225600)]


@pytest.mark.parametrize("leak", [pickle.dumps, copy.deepcopy])
def test_an_envelope_cannot_be_pickled(leak: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        leak(PREFS_ENVELOPE)
    assert str(caught.value) == (
        "an Envelope holds a sid and session data, so it cannot be pickled; seal it with seal_token()"
    )


def test_an_envelope_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        PREFS_ENVELOPE.idle = 1  # type: ignore[misc]
