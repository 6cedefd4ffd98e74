"""The size of a session: how much of the limit it uses (SPEC 13.8, 15)."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup
from msgspec.structs import replace

from cookiejar_session import Envelope, UnsupportedValueError
from cookiejar_session.session.size import measure_session

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
