"""How much of the limit a session uses, and where it is too large (SPEC 13.8, 15)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from cookiejar_session import Envelope, SessionTooLargeError, UnsupportedValueError
from cookiejar_session.session.size import measure, refuse_too_large

EMPTY = Envelope(bytes(16), 1767225600, 1767225600, 1209600, 1775001600, True, {}, [])
# The octets of an envelope before its content: 1 + 18 + 5 + 5 + 5 + 5 + 1.
HEAD_OCTETS = 40


def make(data: dict[str, Any], *flash: tuple[str, Any]) -> Envelope:
    return replace(EMPTY, data=data, flash=list(flash))


def test_size_counts_octets_used_left_and_by_key() -> None:
    # 2660 characters hold 1943 octets (SPEC 15).
    used = HEAD_OCTETS + 1 + 13 + 10
    size = measure(make({"a": "x" * 10}, ("info", "hi")), limit=2660)
    assert size == (used, 1943 - used, {"a": 13, None: 10})


def test_size_of_an_empty_session_has_no_keys() -> None:
    size = measure(EMPTY, limit=2660)
    assert (size.used, size.by_key) == (HEAD_OCTETS + 2, {})


def test_size_of_what_is_too_large_is_told() -> None:
    assert measure(make({"a": "x" * 3000}), limit=2660).left < 0


def test_size_of_what_cannot_be_sealed_names_it() -> None:
    with pytest.raises(UnsupportedValueError, match=r"^cart\[1\]: object; "):
        measure(make({"cart": [1, object()]}), limit=2660)


@pytest.mark.parametrize(("octets", "limit"), [(95, 196), (96, 228), (1943, 2660), (1944, 2692)])
def test_a_token_as_long_as_the_limit_is_not_too_large(octets: int, limit: int) -> None:
    refuse_too_large(EMPTY, octets, limit=limit)


@pytest.mark.parametrize(("octets", "limit"), [(96, 196), (1944, 2660)])
def test_what_is_too_large_is_told_by_key(octets: int, limit: int) -> None:
    with pytest.raises(SessionTooLargeError) as caught:
        refuse_too_large(make({"a": 1}, ("info", "hi")), octets, limit=limit)
    assert (caught.value.characters, caught.value.limit) == (limit + 32, limit)
    assert caught.value.octets_by_key == {"a": 3, None: 10}
