"""wire/messagepack.py against SPEC 6: which values can be stored, and which encodings are accepted."""

from __future__ import annotations

import math
import traceback
from typing import Any

import pytest
from unsupported_values import (
    STORED_AS_BASE,
    SURROGATE,
    TOO_DEEP,
    UNSUPPORTED,
    UNSUPPORTED_KEYS,
    Word,
    nest_value,
    unsupported,
)

from cookiejar_session import TokenError, UnsupportedValueError
from cookiejar_session.wire import messagepack
from cookiejar_session.wire.messagepack import check, decode, encode, find_infinite, has_long_value


def refusal(encoded: bytes) -> str:
    with pytest.raises(TokenError) as caught:
        decode(encoded)
    return caught.value.reason


def show_types(value: Any) -> object:
    """Return ``value`` so that a comparison tells types, and 0.0 from -0.0."""
    if isinstance(value, dict):
        return type(value), {show_types(key): show_types(item) for key, item in value.items()}
    if isinstance(value, list):
        return type(value), [show_types(item) for item in value]
    return type(value), repr(value)


# Checking values


@pytest.mark.parametrize(("value", "message"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_a_value_outside_the_profile_is_refused_by_path_and_type(value: object, message: str) -> None:
    assert unsupported(check, value, "a") == message


@pytest.mark.parametrize(("value", "message"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_data_with_such_a_value_is_refused_with_the_same_message(value: object, message: str) -> None:
    assert unsupported(check, {"ok": 1, "a": value}, "", level=1) == message


@pytest.mark.parametrize(("key", "message"), UNSUPPORTED_KEYS.values(), ids=UNSUPPORTED_KEYS)
def test_a_top_level_key_outside_the_profile_is_refused(key: Any, message: str) -> None:
    assert unsupported(check, {key: 1}, "", level=1) == message


@pytest.mark.parametrize(("value", "base"), STORED_AS_BASE.values(), ids=STORED_AS_BASE)
def test_a_value_of_a_subclass_becomes_its_equal_base_value(value: Any, base: Any) -> None:
    assert show_types(check(value, "a")) == show_types(base)
    assert show_types(check([{"k": value}], "a")) == show_types([{"k": base}])


PLAIN = [
    *(None, True, False, 0, -1, -(2**63), 2**63 - 1, 1.5, -0.0, "", "é", "\ufeff\uffff\U0010ffff", b"", b"\xff"),
    *([], {}, [[], {}], {"é": {"a": [{"b": [None, 0.5]}]}}, {"__proto": 1, "__proto___": 2}, "__proto__"),
]


@pytest.mark.parametrize("value", PLAIN, ids=ascii)
def test_a_plain_value_comes_back_as_it_is(value: Any) -> None:
    assert show_types(check(value, "a")) == show_types(value)


def test_containers_come_back_as_copies() -> None:
    inner: list[Any] = []
    checked = check({"a": inner}, "a")
    checked["a"].append(1)
    assert inner == []


@pytest.mark.parametrize("value", [[0], {"k": 0}, (0,), Word("x")], ids=["list", "dict", "tuple", "str-subclass"])
def test_level_16_is_the_last_that_holds_a_container(value: Any) -> None:
    check(value, "a", level=16)
    assert check(0, "a", level=17) == 0
    if isinstance(value, str):
        assert check(value, "a", level=17) == "x"
    else:
        assert unsupported(check, value, "a", level=17) == f"a: {TOO_DEEP}"


def test_a_value_is_at_level_2_where_no_level_is_given() -> None:
    check(nest_value(15), "a")
    assert unsupported(check, nest_value(16), "a") == f"a{'[0]' * 15}: {TOO_DEEP}"


def test_a_long_path_is_cut_to_200_characters() -> None:
    value: Any = object()
    for _ in range(14):
        value = {"k" * 40: value}
    path, _, problem = unsupported(check, value, "a").partition(": ")
    assert path == ("a" + ("." + "k" * 40) * 14)[:200]
    assert problem.startswith("object; ")


def test_a_value_that_changes_while_it_is_checked_cannot_break_the_check() -> None:
    data: dict[str, Any] = {}
    rows: list[Any] = []

    class Growing(str):
        """A str that adds to the containers around it whenever it is compared."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            return str.__eq__(self, other)

        def __ne__(self, other: object) -> bool:
            data[f"k{len(data)}"] = 1
            rows.append(1)
            return str.__ne__(self, other)

    data["a"] = Growing("x")
    rows += [Growing("x"), 2]
    assert check(data, "a") == {"a": "x"}
    assert check(rows, "a") == ["x", 2, 1]


@pytest.mark.parametrize("value", ["secret\ud800", {"k": ["secret\ud800"]}, {"k": {"x": Word("secret\ud800")}}])
def test_the_error_for_a_surrogate_leads_to_no_text(value: Any) -> None:
    with pytest.raises(UnsupportedValueError, match="lone surrogate") as caught:
        check(value, "a")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    del value
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("key", "plain"), [("a", "a"), ("é", "é"), (Word("é"), "é"), ("", "")])
def test_a_key_comes_back_as_a_plain_str(key: str, plain: str) -> None:
    (checked,) = check({key: 1}, "", level=1)
    assert (type(checked), checked) == (str, plain)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (1, "session: key of type int; keys must be str"),
        (None, "session: key of type NoneType; keys must be str"),
        (b"a", "session: key of type bytes; keys must be str"),
        ("__proto__", 'session: key "__proto__"; use another name'),
        (Word("__proto__"), 'session: key "__proto__"; use another name'),
        ("\ud83d", f"session: key: {SURROGATE}"),
    ],
)
def test_a_key_outside_the_profile_is_refused(key: Any, message: str) -> None:
    assert unsupported(lambda value: check(value, "", level=1), {key: 1}) == message
    assert unsupported(lambda value: check(value, "a"), {key: 1}) == message.replace("session", "a", 1)


# Lengths of more than two octets

LONG: dict[str, Any] = {
    "str": "x" * 65536,
    "str-of-two-octets-each": "é" * 32768,
    "bytes": bytes(65536),
    "list": [None] * 65536,
    "tuple": (None,) * 65536,
    "dict": dict.fromkeys(map(str, range(65536))),
    "key": {"x" * 65536: 1},
}
SHORT: dict[str, Any] = {
    "str": "x" * 65535,
    "str-of-two-octets-each": "é" * 32767,
    "bytes": bytes(65535),
    "list": [None] * 65535,
    "dict": dict.fromkeys(map(str, range(65535))),
    "key": {"x" * 65535: 1},
    "scalars": [None, True, 1, 1.5],
}


@pytest.mark.parametrize("value", LONG.values(), ids=LONG)
def test_a_length_above_65535_is_found_at_any_depth(value: Any) -> None:
    for whole in (value, [1, {"k": (value,)}]):
        assert has_long_value(whole, encode(whole))


@pytest.mark.parametrize("value", SHORT.values(), ids=SHORT)
def test_a_length_of_65535_is_not_long(value: Any) -> None:
    # The text makes the encoding of each long enough to be searched.
    whole = {"k": [value, "x" * 65535]}
    assert not has_long_value(whole, encode(whole))


@pytest.mark.parametrize("value", LONG.values(), ids=LONG)
def test_the_encoding_of_a_long_value_is_refused(value: Any) -> None:
    assert refusal(encode([value])) == "bad-encoding"


@pytest.mark.parametrize("value", SHORT.values(), ids=SHORT)
def test_the_encoding_of_a_value_of_65535_is_accepted(value: Any) -> None:
    assert decode(encode([value, "x" * 65535])) == [value, "x" * 65535]


# Encoding and decoding


@pytest.mark.parametrize("value", PLAIN, ids=ascii)
def test_a_plain_value_is_decoded_from_its_encoding(value: Any) -> None:
    assert show_types(decode(encode(value))) == show_types(value)


def test_map_keys_are_sorted_by_their_octets() -> None:
    assert encode({"\U0001f600": 1, "\uffee": 2, "b": 3, "aa": 4}).hex() == "84a2616104a16203a3efbfae02a4f09f988001"


@pytest.mark.parametrize("value", [object(), {object(): 1}, 2**64, nest_value(100_000), "\ud800", {1: 1, "a": 2}])
def test_what_cannot_be_encoded_raises_one_of_the_listed_errors(value: Any) -> None:
    with pytest.raises(messagepack.UNENCODABLE):
        encode(value)


@pytest.mark.parametrize(
    "encoded",
    [
        "",  # nothing
        "c1",  # an octet that MessagePack does not use
        "a2c3",  # ends early
        "0000",  # more behind the end
        "cc01",  # not the shortest form
        "82a16201a16101",  # keys in another order
        "82a16101a16101",  # one key twice
        "810101",  # a key that is not a str
        "819001",  # a key that has no hash
        "a1ff",  # not UTF-8
        "d40500",  # an extension type
        "d6ff6955b900",  # a timestamp
        "cf8000000000000000",  # 2^63
        "cb7ff0000000000000",  # infinity
        "81a95f5f70726f746f5f5f01",  # the key __proto__
        "91" * 17 + "90",  # level 17
        "91" * 100_000 + "90",
    ],
    ids=lambda encoded: encoded[:24],
)
def test_any_other_encoding_is_bad_encoding(encoded: str) -> None:
    assert refusal(bytes.fromhex(encoded)) == "bad-encoding"


def test_the_outermost_value_is_at_level_0() -> None:
    assert decode(bytes.fromhex("91" * 17 + "00")) == nest_value(17)
    assert refusal(bytes.fromhex("91" * 18 + "00")) == "bad-encoding"


def test_a_refused_encoding_has_no_cause_that_could_show_it() -> None:
    with pytest.raises(TokenError) as caught:
        decode(b"\xa1\xff")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, -math.nan])
def test_a_float_that_is_not_finite_is_found_in_octets(number: float) -> None:
    assert find_infinite(encode([1, number]))


@pytest.mark.parametrize("number", [0.0, -0.0, 1.5, 1.7976931348623157e308, -1.7976931348623157e308, 5e-324])
def test_a_finite_float_is_not_found_in_octets(number: float) -> None:
    assert not find_infinite(encode(number))


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("price", ".price"),
        ("a b", "['a b']"),
        ("", "['']"),
        ("x\n2026 CRITICAL", "['x\\n2026 CRITICAL']"),
        ("\x1b[2J", "['\\x1b[2J']"),
        ("\u2028", "['\\u2028']"),
        ("ü", "['\\xfc']"),
        ("y" * 41, f"['{'y' * 40}'...]"),
    ],
)
def test_a_key_in_a_path_is_quoted_and_cut(key: str, step: str) -> None:
    assert messagepack.render_step(key) == step


# A top-level key and its value


def test_an_item_is_checked_as_the_value_of_a_top_level_key() -> None:
    assert show_types(messagepack.check_item("cart", (1, [Word("x")]))) == show_types([1, ["x"]])
    with pytest.raises(UnsupportedValueError, match=r"^cart\[0\]: object; "):
        messagepack.check_item("cart", [object()])
    with pytest.raises(UnsupportedValueError, match=r"^\['a b'\]: float that is not finite"):
        messagepack.check_item("a b", math.inf)


def test_an_item_may_nest_as_deep_as_in_its_session() -> None:
    deepest = nest_value(14)
    assert messagepack.check_item("a", deepest) == check({"a": deepest}, "", level=1)["a"]
    with pytest.raises(UnsupportedValueError, match=r"nests deeper than 16 levels"):
        messagepack.check_item("a", nest_value(16))


def test_a_key_is_returned_as_a_plain_str() -> None:
    assert show_types(messagepack.check_key(Word("a"))) == show_types("a")


@pytest.mark.parametrize(
    ("key", "problem"), [(1, "key of type int"), ("__proto__", 'key "__proto__"'), ("\ud800", "key: str with a lone")]
)
def test_a_key_that_a_session_cannot_hold_is_refused(key: Any, problem: str) -> None:
    with pytest.raises(UnsupportedValueError, match=f"^session: {problem}"):
        messagepack.check_key(key)
