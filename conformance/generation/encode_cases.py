"""Envelope to plaintext: the one encoding, and what a writer must refuse."""

from __future__ import annotations

from typing import Any

from .cases import Case, accept, refuse
from .messagepack import write_envelope
from .plaintexts import nest_value
from .samples import encode_sample, list_samples
from .values import (
    CREATED,
    EMPTY,
    GOLDEN_HOST,
    GOLDEN_PREFS,
    GOLDEN_PREFS_NEEDS,
    array,
    binary,
    envelope,
    integer,
    mapping,
)

# id, clause, comment, envelope, flags, needs
Row = tuple[str, str, str, dict[str, Any], tuple[str, ...], tuple[str, ...]]


def list_cases() -> list[Case]:
    golden = [
        _accept("encode-golden-host-session", ("18.2", "5.1", "6.1"), "the worked example", GOLDEN_HOST, ("golden",), ()),
        _accept("encode-golden-prefs", ("18.3", "5.1", "6.1"), "the worked example", GOLDEN_PREFS, ("golden",), GOLDEN_PREFS_NEEDS),
    ]  # fmt: skip
    samples = [
        Case(
            id=f"encode-{sample[0]}",
            clauses=sample[2],
            comment=sample[1],
            input={"envelope": sample[3]},
            expect=accept(plaintext=encode_sample(sample).hex()),
            flags=sample[4],
            needs=sample[5],
        )
        for sample in list_samples()
    ]
    sorting = [
        _accept(f"encode-sorts-{name}", ("6.4", "6.3 item 8"), comment, envelope(data=mapping(*((key, integer(number)) for number, key in enumerate(keys)))), ("order", *flags), ())
        for name, comment, keys, flags in (
            ("letters", "the order of putting in is not kept", ("c", "a", "b"), ()),
            ("prefixes", "a prefix before what it begins", ("ab", "abc", "a", ""), ()),
            ("digits", "keys of digits are text: 10 before 2", ("2", "10", "1"), ()),
            ("capitals", "capitals before small letters", ("a", "B", "A", "b"), ()),
            ("beyond-ascii", "as unsigned octets, not by a language's rules", ("z", "é", "e", "ß"), ("unicode",)),
            ("beyond-utf-16", "U+1F600 is a surrogate pair in UTF-16 and sorts behind U+FFEE here", ("\U0001f600", "\uffee", "\ud7ff"), ("unicode",)),
            ("sixteen", "also in a map with a length of two octets", tuple(f"{i:02}" for i in range(20, 0, -1)), ()),
        )
    ]  # fmt: skip
    sorting.append(
        _accept("encode-sorts-inner-maps", ("6.4",), "every map is sorted, in arrays and in flash too", envelope(data=mapping(("v", array(mapping(("b", None), ("a", mapping(("d", None), ("c", None)))))),), flash=[["k", mapping(("b", None), ("a", None))]]), ("order",), ())
    )  # fmt: skip
    refused = [
        Case(
            id=f"encode-refuse-{name}",
            clauses=(clause, "1.9"),
            comment=comment,
            input={"envelope": given},
            expect=refuse(),
            flags=flags,
            needs=needs,
        )
        for name, clause, comment, given, flags, needs in _list_refused()
    ]
    long = envelope(data=mapping(("v", binary(bytes(3000)))))
    longer = _accept("encode-longer-than-a-token", ("2.5", "6.1"), "only sealing has a limit of 2,927 octets", long, ("length",), ())  # fmt: skip
    return [*golden, *samples, *sorting, longer, *refused]


def _accept(
    case_id: str,
    clauses: tuple[str, ...],
    comment: str,
    given: dict[str, Any],
    flags: tuple[str, ...],
    needs: tuple[str, ...],
) -> Case:
    plaintext = write_envelope(given).hex()
    return Case(case_id, clauses, comment, {"envelope": given}, accept(plaintext=plaintext), flags, needs)


def _data(value: Any) -> dict[str, Any]:
    return envelope(data=mapping(("v", value)))


def _list_refused() -> list[Row]:
    big, other, twice, untyped = ("big-integers",), ("other-keys",), ("duplicate-keys",), ("untyped",)
    surrogates, ill_formed, dates = ("lone-surrogates",), ("ill-formed-text",), ("dates",)
    nan = {"float": "7ff8000000000000"}
    return [
        ("integer-2-to-63", "6.5 item 1", "2^63", _data(integer(1 << 63)), ("number", "edge"), big),
        ("integer-2-to-64", "6.5 item 1", "2^64", _data(integer(1 << 64)), ("number",), big),
        ("integer-below", "6.5 item 1", "-2^63 - 1", _data(integer(-(1 << 63) - 1)), ("number", "edge"), big),
        ("nan", "6.5 item 1", "a NaN", _data(nan), ("number",), ()),
        ("nan-in-flash", "6.5 item 1", "a NaN in a flash value", envelope(flash=[["k", array(nan)]]), ("number",), ()),
        ("nan-in-an-inner-map", "6.5 item 1", "a NaN two maps down", _data(mapping(("a", mapping(("b", nan))))), ("number",), ()),
        ("infinity", "6.5 item 1", "an infinity", _data({"float": "7ff0000000000000"}), ("number",), ()),
        ("infinity-negative", "6.5 item 1", "a negative infinity", _data({"float": "fff0000000000000"}), ("number",), ()),
        ("date", "6.5 item 1", "a date", _data({"date": "2026-01-01T00:00:00Z"}), ("type",), dates),
        ("date-in-an-array", "6.5 item 1", "a date in an array", _data(array({"date": "2026-01-01T00:00:00Z"})), ("type",), dates),
        ("high-surrogate", "6.5 item 1", "text that ends with a high surrogate", _data({"utf16": "0061d83d"}), ("utf-8",), surrogates),
        ("low-surrogate", "6.5 item 1", "text that begins with a low surrogate", _data({"utf16": "de000061"}), ("utf-8",), surrogates),
        ("surrogates-reversed", "6.5 item 1", "a low surrogate before a high one", _data({"utf16": "de00d83d"}), ("utf-8",), surrogates),
        ("surrogate-in-a-key", "6.5 item 1", "a map key with a lone surrogate", envelope(data=mapping(({"utf16": "d83d"}, None))), ("utf-8",), surrogates),
        ("surrogate-in-a-category", "6.5 item 1", "a flash category with a lone surrogate", envelope(flash=[[{"utf16": "d83d"}, None]]), ("utf-8",), surrogates),
        ("ill-formed-text", "6.5 item 1", "text of an octet 0xff", _data({"utf8": "ff"}), ("utf-8",), ill_formed),
        ("ill-formed-surrogate", "6.5 item 1", "text of the octets of U+D800", _data({"utf8": "eda080"}), ("utf-8",), ill_formed),
        ("ill-formed-overlong", "6.5 item 1", "text of an overlong solidus", _data({"utf8": "c0af"}), ("utf-8",), ill_formed),
        ("ill-formed-cut", "6.5 item 1", "text cut within a character", _data({"utf8": "61e282"}), ("utf-8",), ill_formed),
        ("ill-formed-key", "6.5 item 1", "a map key that is not UTF-8", envelope(data=mapping(({"utf8": "ff"}, None))), ("utf-8",), ill_formed),
        ("ill-formed-category", "6.5 item 1", "a flash category that is not UTF-8", envelope(flash=[[{"utf8": "ff"}, None]]), ("utf-8",), ill_formed),
        ("key-integer", "6.5 item 2", "a map key that is an integer", _data(mapping((integer(1), None))), ("type",), other),
        ("key-nil", "6.5 item 2", "a map key that is nil", _data(mapping((None, None))), ("type",), other),
        ("key-bin", "6.5 item 2", "a map key that is bin", _data(mapping((binary(b"v"), None))), ("type",), other),
        ("key-integer-in-data", "6.5 item 2", "a key of data that is an integer", envelope(data=mapping((integer(1), None))), ("type",), other),
        ("key-twice", "6.5 item 2", "a map key that is there twice", _data(mapping(("a", None), ("a", True))), ("order",), twice),
        ("key-proto", "6.5 item 2", "the key __proto__ in data", envelope(data=mapping(("__proto__", None))), ("type",), ()),
        ("key-proto-in-an-inner-map", "6.5 item 2", "the key __proto__ in a map in an array", _data(array(mapping(("__proto__", EMPTY)))), ("type",), ()),
        ("key-proto-in-flash", "6.5 item 2", "the key __proto__ in a flash value", envelope(flash=[["k", mapping(("__proto__", None))]]), ("type",), ()),
        ("level-17-array", "6.5 item 3", "an empty array at level 17", _data(nest_value(17)), ("depth", "edge"), ()),
        ("level-17-map", "6.5 item 3", "an empty map at level 17", _data(_wrap(EMPTY, 15)), ("depth", "edge"), ()),
        ("level-17-in-flash", "6.5 item 3", "an empty array at level 17 in a flash value", envelope(flash=[["k", _wrap(array(), 14)]]), ("depth", "edge"), ()),
        ("level-64", "6.5 item 3", "sixty-four arrays in one another", _data(nest_value(64)), ("depth",), ()),
        ("text-of-2-to-16", "6.5 item 1", "text of 65,536 octets: there are no lengths of 4 octets", _data("x" * (1 << 16)), ("length", "edge"), ()),
        ("bin-of-2-to-16", "6.5 item 1", "bin of 65,536 octets", _data(binary(bytes(1 << 16))), ("length", "edge"), ()),
        ("text-of-2-to-16-in-flash", "6.5 item 1", "text of 65,536 octets in a flash value", envelope(flash=[["k", array("x" * (1 << 16))]]), ("length", "edge"), ()),
        ("sid-of-15", "5.3", "a sid of 15 octets", envelope(sid="a0" * 15), ("length", "edge"), ()),
        ("sid-of-17", "5.3", "a sid of 17 octets", envelope(sid="a0" * 17), ("length", "edge"), ()),
        ("sid-empty", "5.3", "an empty sid", envelope(sid=""), ("length",), ()),
        ("created-negative", "5.3", "created is -1", envelope(created=-1), ("number", "edge"), ()),
        ("until-2-to-48", "5.3", "until is 2^48", envelope(until=1 << 48), ("number", "edge"), ()),
        ("idle-0", "5.3", "idle is 0", envelope(idle=0), ("number", "edge"), ()),
        ("idle-negative", "5.3", "idle is -1", envelope(idle=-1), ("number",), ()),
        ("idle-2-to-32", "5.3", "idle is 2^32", envelope(idle=1 << 32), ("number", "edge"), ()),
        ("issued-before-created", "5.3", "issued is one second before created", envelope(issued=CREATED - 1), ("time", "edge"), ()),
        ("until-is-issued", "5.3", "until is the second of issued", envelope(until=CREATED), ("time", "edge"), ()),
        ("flash-of-33", "5.3", "33 flash entries", envelope(flash=[["k", integer(i)] for i in range(33)]), ("length", "edge"), ()),
        ("created-float", "5.3", "created is a whole float", envelope(created={"float": "41da556e40000000"}), ("type",), untyped),
        ("persistent-integer", "5.3", "persistent is 1", envelope(persistent=integer(1)), ("type",), untyped),
        ("persistent-nil", "5.3", "persistent is nil", envelope(persistent=None), ("type",), untyped),
        ("data-array", "5.3", "data is an array", envelope(data=array()), ("type",), untyped),
        ("data-nil", "5.3", "data is nil", envelope(data=None), ("type",), untyped),
    ]  # fmt: skip


def _wrap(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = array(value)
    return value
