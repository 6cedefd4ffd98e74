"""base64url.py: octets as text and back, against the standard library, and that each value has one spelling."""

from __future__ import annotations

import traceback
from base64 import urlsafe_b64decode, urlsafe_b64encode
from string import ascii_letters, digits

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cookiejar_session import base64url

ALPHABET = ascii_letters + digits + "-_"


def decode_or_none(text: str) -> bytes | None:
    try:
        return base64url.decode(text)
    except ValueError:
        return None


def decode_by_the_library(text: str) -> bytes | None:
    """Return the octets of the one spelling that the standard library gives them; no code is shared with the module."""
    if not text or not set(text) <= set(ALPHABET) or len(text) % 4 == 1:
        return None
    octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return octets if urlsafe_b64encode(octets).decode().rstrip("=") == text else None


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"f", "Zg"),
        (b"fo", "Zm8"),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg"),
        (b"fooba", "Zm9vYmE"),
        (b"foobar", "Zm9vYmFy"),
        (b"\xfb\xff\xfe", "-__-"),
    ],
)
def test_octets_are_written_as_in_rfc_4648_without_padding(octets: bytes, text: str) -> None:
    assert (base64url.encode(octets), base64url.decode(text)) == (text, octets)


def test_no_octets_are_written_as_no_text() -> None:
    assert base64url.encode(b"") == ""


@given(octets=st.binary(min_size=1, max_size=100))
@settings(max_examples=200, deadline=None)
def test_text_is_that_of_the_standard_library_and_gives_the_octets_back(octets: bytes) -> None:
    text = base64url.encode(octets)
    assert text == urlsafe_b64encode(octets).decode().rstrip("=")
    assert base64url.decode(text) == octets


@given(text=st.text(st.sampled_from(ALPHABET), max_size=10) | st.text(st.sampled_from("AB9-_+/= \n\0é"), max_size=10))
@example("A")
@example("AAAAA")
@example("AB")
@example("AAB")
@settings(max_examples=300, deadline=None)
def test_only_the_one_spelling_of_octets_is_accepted(text: str) -> None:
    assert decode_or_none(text) == decode_by_the_library(text)


@pytest.mark.parametrize("spare", [digit for digit in ALPHABET if digit not in "AQgw"])
def test_four_spare_bits_must_be_zero(spare: str) -> None:
    assert decode_or_none(f"A{spare}") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Zg==",
        "Zg=",
        "+__-",
        "-//-",
        "Zm9v\n",
        " Zm9v",
        "Zm 9v",
        "Zm9v.",
        "Zm9\x00",
        "Zm9é",
        "Zm9\u0661",
        "Zm9\ud800",
        "Z",
        "Zm9vY",
    ],
    ids=ascii,
)
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not base64url$"):
        base64url.decode(text)


@pytest.mark.parametrize("text", ["secret-text.", "secret-text\ud800", "secret-tex"], ids=ascii)
def test_an_error_does_not_refer_to_the_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not base64url$") as caught:
        base64url.decode(text)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert "secret" not in "".join(traceback.format_exception(caught.value))
