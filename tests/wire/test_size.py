"""The size of a session: how much of the limit it uses (SPEC 13.8, 15)."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup
from msgspec.structs import replace

from cookiejar_session import Envelope, SessionTooLargeError, UnsupportedValueError
from cookiejar_session.wire import messagepack
from cookiejar_session.wire.size import check_size, count_octets_by_key, measure_session

EMPTY = Envelope(bytes(16), 1767225600, 1767225600, 1209600, 1775001600, True, {}, [])
# The octets of an envelope before its content: 1 + 18 + 5 + 5 + 5 + 5 + 1.
HEAD_OCTETS = 40


def make(data: dict[str, Any], *flash: tuple[str, Any]) -> Envelope:
    return replace(EMPTY, data=data, flash=list(flash))


def test_size_counts_octets_used_left_and_by_key() -> None:
    # 2660 characters hold 1943 octets (SPEC 15).
    used = HEAD_OCTETS + 1 + 13 + 10
    size = measure_session(make({"a": "x" * 10}, ("info", "hi")), limit=2660)
    assert size == (used, 1943 - used, {"a": 13, None: 10})


def test_size_of_an_empty_session_has_no_keys() -> None:
    size = measure_session(EMPTY, limit=2660)
    assert (size.used, size.by_key) == (HEAD_OCTETS + 2, {})


def test_session_that_is_too_large_has_less_than_nothing_left() -> None:
    assert measure_session(make({"a": "x" * 3000}), limit=2660).left < 0


@pytest.mark.parametrize("value", ["x" * 65_536, b"x" * 65_536, list(range(65_536))], ids=["str", "bytes", "list"])
def test_value_that_is_longer_than_the_format_allows_is_measured(value: Any) -> None:
    """A form may bring a value of any length, so the size must not be an error where a shorter value has one."""
    for envelope in (make({"a": value}), make({}, ("info", value))):
        assert measure_session(envelope, limit=2660).left < -60_000


@pytest.mark.parametrize("octets", [0, 1])
def test_nothing_is_left_of_the_longest_session_within_the_limit(octets: int) -> None:
    # A str of 256 octets or more has 3 more, its key has 2, and the two empty collections have 2.
    text = "x" * (1943 - HEAD_OCTETS - 2 - 2 - 3 + octets)
    assert measure_session(make({"a": text}), limit=2660).left == -octets


def test_instances_of_subclasses_are_measured_as_what_is_stored() -> None:
    plain = measure_session(make({"a": "x", "b": ["y"]}, ("info", "z")), limit=2660)
    assert measure_session(make({"a": Markup("x"), "b": (Markup("y"),)}, ("info", Markup("z"))), limit=2660) == plain


@pytest.mark.parametrize(
    ("data", "flash", "path"),
    [({"cart": [1, object()]}, [], r"cart\[1\]"), ({}, [("info", object())], r"flash\[0\]")],
)
def test_value_that_cannot_be_sealed_is_named(data: dict[str, Any], flash: list[Any], path: str) -> None:
    with pytest.raises(UnsupportedValueError, match=rf"^{path}: object; "):
        measure_session(make(data, *flash), limit=2660)


# The limit and the size of each key


def test_a_token_of_exactly_the_limit_is_allowed() -> None:
    check_size(164, {"a": 1}, [], limit=164)


@pytest.mark.parametrize(("characters", "limit"), [(165, 164), (4004, 3972)])
def test_a_token_above_the_limit_is_refused_with_the_octets_of_each_key(characters: int, limit: int) -> None:
    with pytest.raises(SessionTooLargeError) as caught:
        check_size(characters, {"a": 1}, [("info", "hi")], limit=limit)
    found = caught.value.characters, caught.value.limit, caught.value.octets_by_key
    assert found == (characters, limit, {"a": 3, None: 10})


def test_octets_are_counted_by_key_and_for_all_flashes() -> None:
    data = {"a": 1, "name": "Zoë", "": None}
    assert count_octets_by_key(data, [("info", "hi"), ("x", 1)]) == {"a": 3, "name": 10, "": 2, None: 14}


def test_octets_by_key_add_up_to_data_and_flash() -> None:
    data, flash = {"a": b"\x00\xff", "b": [None, -33, 0.1], "\u00e9": {}}, [("info", "hi"), ("cart", {"n": 2})]
    counted = count_octets_by_key(data, flash)
    # One more octet is the header of data.
    assert sum(counted.values()) + 1 == len(messagepack.encode(data) + messagepack.encode(flash))


def test_without_flashes_there_is_no_entry_for_them() -> None:
    assert count_octets_by_key({"a": 1}, []) == {"a": 3}
