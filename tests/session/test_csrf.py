"""CSRF tokens (SPEC 14), against the golden values of SPEC 18.4."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_values import SID

from cookiejar_session import UnsupportedValueError
from cookiejar_session.session.csrf import MASK_OCTETS, is_csrf_token, make_csrf_token

MASK = bytes(range(0xC0, 0xE0))
GOLDEN = {
    "": "wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t_1TV4dRb1QxECWCv4WmAe4pc9n1y_aEozNHiCKjZ7Zqw",
    "/pay/é": "wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t_V0818U-F-Hutp9lAGtA7u6gTMKoYRFvCYzjL9P-BjSQ",
}
TOKEN = GOLDEN[""]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("form", GOLDEN)
def test_golden_token_is_made(form: str) -> None:
    assert make_csrf_token(SID, form=form, mask=MASK) == GOLDEN[form]


@pytest.mark.parametrize("form", GOLDEN)
def test_golden_token_is_accepted(form: str) -> None:
    assert is_csrf_token(GOLDEN[form], sid=SID, form=form)


def test_mask_has_32_octets() -> None:
    assert MASK_OCTETS == 32


@given(sid=st.binary(min_size=16, max_size=16), mask=st.binary(min_size=32, max_size=32), form=st.text())
@settings(max_examples=100, deadline=None)
def test_every_token_is_accepted_for_its_sid_and_form(sid: bytes, mask: bytes, form: str) -> None:
    assert is_csrf_token(make_csrf_token(sid, form=form, mask=mask), sid=sid, form=form)


def test_another_mask_makes_another_token() -> None:
    assert make_csrf_token(SID, form="", mask=bytes(32)) != TOKEN


def test_token_has_86_characters_whatever_the_octets() -> None:
    assert len(make_csrf_token(SID, form="", mask=b"\xff" * 32)) == 86


@pytest.mark.parametrize("form", ["a", " ", "/pay/e\u0301", "\0"])
def test_token_of_another_form_is_refused(form: str) -> None:
    assert not is_csrf_token(TOKEN, sid=SID, form=form)


def test_token_of_another_sid_is_refused() -> None:
    assert not is_csrf_token(TOKEN, sid=bytes(16), form="")


@given(index=st.integers(0, 511))
@settings(max_examples=200, deadline=None)
def test_one_flipped_bit_is_refused(index: int) -> None:
    octets = bytearray(urlsafe_b64decode(TOKEN + "=="))
    octets[index // 8] ^= 1 << index % 8
    assert not is_csrf_token(urlsafe_b64encode(octets).decode().rstrip("="), sid=SID, form="")


def test_token_with_mask_and_masked_secret_exchanged_is_accepted() -> None:
    # SPEC 14.3 combines the two with xor, whose result does not depend on their order.
    octets = urlsafe_b64decode(TOKEN + "==")
    assert is_csrf_token(urlsafe_b64encode(octets[32:] + octets[:32]).decode().rstrip("="), sid=SID, form="")


@pytest.mark.parametrize("bits", range(1, 16))
def test_spare_bits_other_than_zero_are_refused(bits: int) -> None:
    spelling = TOKEN[:-1] + ALPHABET[ALPHABET.index(TOKEN[-1]) + bits]
    assert urlsafe_b64decode(spelling + "==") == urlsafe_b64decode(TOKEN + "==")
    assert not is_csrf_token(spelling, sid=SID, form="")


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "A", TOKEN + "==", TOKEN[:85] + "=", TOKEN[:84] + "=="])
def test_another_length_is_refused(token: str) -> None:
    assert not is_csrf_token(token, sid=SID, form="")


@pytest.mark.parametrize("character", ["+", "/", "=", "*", " ", "\n", ".", "\0", "\x7f", "é", "А", "\ud800"])
@pytest.mark.parametrize("place", [0, 40, 85])
def test_a_character_outside_base64url_is_refused(character: str, place: int) -> None:
    assert not is_csrf_token(TOKEN[:place] + character + TOKEN[place + 1 :], sid=SID, form="")


def test_the_standard_alphabet_is_refused() -> None:
    # The same octets, as standard base64 would spell them.
    mask = b"\xfb\xff" * 16
    token = make_csrf_token(SID, form="", mask=mask)
    assert is_csrf_token(token, sid=SID, form="")
    assert not is_csrf_token(token.replace("-", "+").replace("_", "/"), sid=SID, form="")


@pytest.mark.parametrize("token", [None, 5, True, 1.5, TOKEN.encode(), [TOKEN], {"token": TOKEN}, list(TOKEN)])
def test_value_that_is_not_a_str_is_refused(token: object) -> None:
    assert not is_csrf_token(token, sid=SID, form="")


@given(token=st.text(max_size=100) | st.text("Aa-_", min_size=86, max_size=86))
@settings(max_examples=200, deadline=None)
def test_any_text_is_refused_without_an_error(token: str) -> None:
    assert not is_csrf_token(token, sid=SID, form="")


@pytest.mark.parametrize(
    "use",
    [
        lambda form: make_csrf_token(SID, form=form, mask=MASK),
        lambda form: is_csrf_token(TOKEN, sid=SID, form=form),
    ],
    ids=["make", "check"],
)
def test_form_with_a_lone_surrogate_is_an_error_that_does_not_show_it(use: Callable[[str], object]) -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        use("secret\ud800")
    assert str(caught.value) == "form has a lone surrogate; use well-formed text"
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
