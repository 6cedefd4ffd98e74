"""profile.py against SPEC 6: values that may be sealed, and those that may not."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, defaultdict
from typing import Any

import pytest
from unsupported_values import UNSUPPORTED, UNSUPPORTED_FLASH, UNSUPPORTED_KEYS, Word, nest_value, unsupported

from cookiejar_session import UnsupportedValueError
from cookiejar_session.wire.profile import (
    check_content,
    check_item,
    check_value,
    has_plain_types,
    is_container,
    is_flat,
    is_within,
)


@pytest.mark.parametrize(("value", "message"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_a_value_outside_the_profile_is_refused_by_path_and_type(value: object, message: str) -> None:
    assert unsupported(check_value, value, "a") == message


@pytest.mark.parametrize(("value", "message"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_content_is_checked_with_the_same_words(value: object, message: str) -> None:
    assert unsupported(check_content, {"ok": 1, "a": value}, []) == message


@pytest.mark.parametrize(("value", "message"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_an_item_is_checked_with_the_same_words(value: object, message: str) -> None:
    assert unsupported(check_item, "a", value) == message


@pytest.mark.parametrize("key", ["a" * 100, "b"])
def test_the_path_to_deep_nesting_is_cut(key: str) -> None:
    assert unsupported(check_content, {key: nest_value(16)}, []) == (
        f"{(key + '[0]' * 15)[:80]}: nests deeper than 16; flatten it, or break the cycle"
    )


@pytest.mark.parametrize(("depth", "is_refused"), [(16, False), (17, True)])
def test_depth_counts_containers_and_no_scalars(depth: int, is_refused: bool) -> None:
    check_value(0, "a", depth)
    if is_refused:
        assert unsupported(check_value, [], "a", depth) == "a: nests deeper than 16; flatten it, or break the cycle"
    else:
        check_value([0], "a", depth)
        check_value({"k": 0}, "a", depth)


def test_an_item_is_taken_to_lie_in_data_itself() -> None:
    check_item("a", nest_value(15))
    assert unsupported(check_item, "a", nest_value(16)).startswith("a[0][0]")


def test_a_value_is_taken_to_lie_in_data_itself() -> None:
    check_value(nest_value(15), "a")
    assert unsupported(check_value, nest_value(16), "a").startswith("a[0][0]")


@pytest.mark.parametrize("value", [OrderedDict(b=1, a=2), defaultdict(list, a=[1]), Counter("aab"), (1, (2,))])
def test_the_standard_library_s_own_maps_and_tuples_are_taken(value: Any) -> None:
    check_value(value, "a")


def test_values_of_every_kind_pass_one_by_one() -> None:
    check_value([None, True, b"x", "é", 1, 1.5, {"a": []}], "a")
    check_content({"a": [None]}, [("info", 1)])


def test_refusing_a_surrogate_keeps_no_cause_that_holds_the_text() -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        check_value("secret\ud800", "a")
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(("key", "message"), UNSUPPORTED_KEYS)
def test_a_top_level_key_outside_the_profile_is_refused(key: Any, message: str) -> None:
    assert unsupported(check_item, key, 1) == message


@pytest.mark.parametrize(("flash", "message"), UNSUPPORTED_FLASH)
def test_flash_outside_the_profile_is_refused_by_index(flash: Any, message: str) -> None:
    assert unsupported(check_content, {}, flash) == message


def test_text_beyond_ascii_is_taken() -> None:
    check_item("Zoë", "Ærøskøbing")


# Without words: whether all is within the profile


CLEAN = [None, True, 1, -(2**63), 2**63 - 1, 1.5, "é", b"\xff", [], {}, (1, [2]), {"a": [{"b": (None, 0.5)}]}]
UNCLEAN = [
    2**63,
    -(2**63) - 1,
    math.inf,
    math.nan,
    Word("x"),
    OrderedDict(a=1),
    object(),
    [1, [Word("x")]],
    (2**64,),
    {1: 2},
    {"__proto__": 1},
    {"a": {"b": {Word("c"): 1}}},
]


@pytest.mark.parametrize("value", CLEAN, ids=repr)
def test_what_is_within_the_profile_is_within(value: Any) -> None:
    assert is_within(value)
    assert has_plain_types({"a": value}, [("info", value)])


@pytest.mark.parametrize("value", UNCLEAN, ids=repr)
def test_what_is_outside_the_profile_is_not_within(value: Any) -> None:
    assert not is_within(value)
    assert not is_within({"a": [value]})


@pytest.mark.parametrize("value", [Word("x"), OrderedDict(a=1), {"a": [Word("x")]}, [{Word("a"): 1}]], ids=repr)
def test_other_types_are_not_plain_wherever_they_stand(value: Any) -> None:
    assert not has_plain_types({"a": value}, [])
    assert not has_plain_types({}, [("info", value)])


def test_the_forbidden_key_is_not_plain() -> None:
    assert not has_plain_types({"__proto__": 1}, [])
    assert not has_plain_types({"a": [{"__proto__": 1}]}, [])


@pytest.mark.parametrize(
    ("value", "container"),
    [
        *((scalar, False) for scalar in (None, True, 1, 1.5, "a", b"a")),
        *((container, True) for container in ([], (), {}, OrderedDict())),
    ],
)
def test_what_can_be_changed_where_it_is_is_a_container(value: Any, container: bool) -> None:
    assert is_container(value) == container


@pytest.mark.parametrize("category", [1, b"info", Word("info")])
def test_a_category_that_is_no_str_is_not_plain(category: Any) -> None:
    assert not has_plain_types({}, [("info", 1), (category, 1)])


@pytest.mark.parametrize("number", [2**63, math.inf])
def test_of_a_number_only_its_type_is_asked(number: float) -> None:
    assert has_plain_types({"a": number, "b": [number]}, [])


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: (value,), lambda value: {"a": value}])
@pytest.mark.parametrize("judge", [is_within, is_flat])
def test_the_outermost_value_is_level_0(judge: Any, wrap: Any) -> None:
    assert judge(wrap(nest_value(16)))
    assert not judge(wrap(nest_value(17)))


def test_of_what_is_flat_nothing_but_the_depth_is_asked() -> None:
    assert is_flat([math.inf, {"__proto__": [Word("x"), {}]}, (2**64, object())])


def test_a_map_in_level_17_is_not_within() -> None:
    value: Any = {}
    for _ in range(17):
        value = {"a": value}
    assert not is_within(value)
