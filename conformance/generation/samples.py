"""Envelopes that every port must be able to write and read."""

from __future__ import annotations

from typing import Any

from .messagepack import write_envelope
from .plaintexts import nest_value
from .values import UNTIL, array, binary, envelope, float64, integer, mapping

# id, comment, clauses, envelope, flags, needs.
Sample = tuple[str, str, tuple[str, ...], dict[str, Any], tuple[str, ...], tuple[str, ...]]


def _data(value: Any) -> dict[str, Any]:
    return envelope(data=mapping(("v", value)))


def list_samples() -> list[Sample]:
    wide, whole = ("wide-integers",), ("whole-floats",)
    integers = (
        0, 1, 127, 128, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 63) - 1,
        -1, -32, -33, -128, -129, -32768, -32769, -(1 << 31), -(1 << 31) - 1, -(1 << 53) + 1, -(1 << 53) - 1, -(1 << 63),
    )  # fmt: skip
    floats = (
        ("one", 1.0, whole), ("minus-one", -1.0, whole), ("zero", 0.0, whole), ("minus-zero", -0.0, ()), ("tenth", 0.1, ()), ("half", 1.5, ()),
        ("greatest", 1.7976931348623157e308, ()), ("least-normal", 2.2250738585072014e-308, ()), ("least-subnormal", 5e-324, ()),
        ("least-subnormal-negative", -5e-324, ()), ("two-to-53", float(1 << 53), whole), ("two-to-63", float(1 << 63), ()), ("two-to-64", float(1 << 64), ()),
        ("thousand", 1000.0, whole),
    )  # fmt: skip
    texts = (
        ("empty", "the empty text", ""),
        ("of-31-octets", "the longest in one octet of header", "x" * 31),
        ("of-32-octets", "the first in the form d9", "x" * 32),
        ("of-255-octets", "the longest in the form d9", "x" * 255),
        ("of-256-octets", "the first in the form da", "x" * 256),
        ("of-16-characters-in-32-octets", "lengths count octets, not characters", "é" * 16),
        ("leading-bom", "U+FEFF at the beginning is kept", "\ufeffx"),
        ("bom-alone", "U+FEFF alone is kept", "\ufeff"),
        ("nul", "U+0000 is kept", "a\0b"),
        ("noncharacters", "U+FFFE, U+FFFF and U+10FFFF are well formed", "\ufffe\uffff\U0010ffff"),
        ("delete", "U+007F, the last of one octet", "\x7f"),
        ("first-of-three-octets", "U+0800, the first of three octets", "\u0800"),
        ("around-the-surrogates", "U+D7FF and U+E000, next to what is no text", "\ud7ff\ue000"),
        ("beyond-utf-16-unit", "U+10000, the first of four octets", "\U00010000"),
        ("decomposed", "e and U+0301 are not joined to U+00E9", "e\u0301"),
        ("line-separators", "U+2028, U+2029 and U+0085 are kept", "\u2028\u2029\x85"),
        ("blanks", "blanks at the ends are kept", " \t x \r\n"),
        ("proto", "__proto__ as a value is text like any other", "__proto__"),
        ("like-an-extension", "text whose octets look like forbidden forms", "\u07c7\u07d4"),
    )
    return [
        ("nil", "nil", ("6.1",), _data(None), (), ()),
        ("false", "false", ("6.1",), _data(False), (), ()),
        ("true", "true", ("6.1",), _data(True), (), ()),
        *(
            (f"integer-{number}".replace("--", "-minus-"), f"the integer {number} in its shortest form", ("6.1",), _data(integer(number)), ("number",), wide if abs(number) >= 1 << 53 else ())
            for number in integers
        ),
        *((f"float-{name}", f"the float {number!r} keeps its type and bits", ("6.1", "6.2"), _data(float64(number)), ("number",), needs) for name, number, needs in floats),
        *((f"text-{name}", comment, ("6.1", "1.4"), _data(text), ("unicode",), ()) for name, comment, text in texts),
        *(
            (f"bin-of-{size}", f"{size} octets that are no text", ("6.1",), _data(binary(bytes(range(256))[::-1][:size] if size <= 256 else bytes(size))), (), ())
            for size in (0, 1, 255, 256)
        ),
        *((f"array-of-{size}", f"an array of {size}", ("6.1",), _data(array(*[None] * size)), (), ()) for size in (0, 1, 15, 16, 300)),
        *(
            (f"map-of-{size}", f"a map of {size}", ("6.1",), _data(mapping(*((f"{i:03}", None) for i in range(size)))), (), ())
            for size in (0, 1, 15, 16, 300)
        ),
        ("level-16-array", "an empty array at level 16", ("6.1", "6.3 item 10"), _data(nest_value(16)), ("depth", "edge"), ()),
        ("level-16-map", "an empty map at level 16", ("6.1", "6.3 item 10"), _data(_nest_around(mapping(), 14)), ("depth", "edge"), ()),
        ("level-16-scalar", "at level 17 a scalar may stand: only arrays and maps count", ("6.3 item 10",), _data(_nest_around(None, 15)), ("depth", "edge"), ()),
        ("level-16-in-flash", "a flash value is level 3", ("6.3 item 10",), envelope(flash=[["k", _nest_around(array(), 13)]]), ("depth", "edge"), ()),
        ("many-containers", "many arrays side by side are not deep", ("6.3 item 10",), _data(array(*(array() for _ in range(40)))), ("depth",), ()),
        ("keys-of-all-kinds", "keys in the order of their UTF-8 octets, a prefix first", ("6.4", "6.3 item 8"), envelope(data=mapping(("", None), ("\0", None), (" ", None), ("1", None), ("10", None), ("2", None), ("A", None), ("a", None), ("aa", None), ("b", None), ("é", None), ("\uffee", None), ("\U0001f600", None))), ("order", "unicode"), ()),
        ("key-constructor", "keys that JavaScript objects inherit are keys like any other", ("6.1",), envelope(data=mapping(("constructor", None), ("hasOwnProperty", True), ("toString", "x"))), ("type",), ()),
        ("key-of-300-octets", "a key in the form da", ("6.1",), envelope(data=mapping(("k" * 300, None))), (), ()),
        ("key-proto-like", "keys that only resemble __proto__", ("6.1",), envelope(data=mapping(("__proto", None), ("__proto__ ", None), ("proto", None))), ("type",), ()),
        ("flash-in-order", "flash keeps its order and its duplicates", ("5.1",), envelope(flash=[["b", "2"], ["a", "1"], ["b", "2"]]), ("order",), ()),
        ("flash-of-32", "32 flash entries, the most that may be", ("5.1",), envelope(flash=[["k", integer(i)] for i in range(32)]), ("edge",), ()),
        ("flash-of-all-kinds", "a flash value may be anything, a category any text", ("5.1",), envelope(flash=[["", None], ["é", array(binary(b"\0"), mapping(("k", True)))]]), (), ()),
        ("sid-of-zeros", "a sid may be any 16 octets", ("5.1",), envelope(sid="00" * 16), (), ()),
        ("sid-like-an-extension", "octets of the sid that look like forbidden forms", ("5.1",), envelope(sid="d4c7cfffcb7ff0d8c9" + "5f5f70726f746f"), (), ()),
        ("created-0", "the first second of all", ("5.1", "1.8"), envelope(created=0, issued=0, until=1), ("edge", "time"), ()),
        ("until-2-to-48-minus-1", "the last second of all", ("5.1", "1.8"), envelope(until=(1 << 48) - 1), ("edge", "time"), ()),
        ("all-times-at-the-end", "the latest session there can be", ("5.1",), envelope(created=(1 << 48) - 2, issued=(1 << 48) - 2, until=(1 << 48) - 1), ("edge", "time"), ()),
        ("idle-1", "the shortest idle timeout", ("5.1",), envelope(idle=1), ("edge", "time"), ()),
        ("idle-2-to-32-minus-1", "the longest idle timeout", ("5.1",), envelope(idle=(1 << 32) - 1), ("edge", "time"), ()),
        ("not-persistent", "a session that ends with the browser", ("5.1",), envelope(persistent=False), (), ()),
        ("issued-is-until-minus-1", "the last second at which it can be issued", ("5.1",), envelope(issued=UNTIL - 1), ("edge", "time"), ()),
    ]  # fmt: skip


def _nest_around(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = array(value)
    return value


def encode_sample(sample: Sample) -> bytes:
    return write_envelope(sample[3])
