"""key_text.py: the four forms of key text, what is wrong with a damaged one, and that no message shows any of it."""

from __future__ import annotations

import re
import traceback
from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiejar_session import ConfigError, Key

MATERIAL = bytes(range(32))
BASE = bytes(range(64))
KEY_TEXT = "cjk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9fqcvo"
FIX = 'make one with "cookiejar-session keygen"'
# Material whose base64 holds both characters in which the two alphabets differ.
SLASHES = bytes.fromhex("fbfffe") + bytes(range(29))
MATERIALS = st.binary(min_size=32, max_size=32).filter(lambda octets: len(set(octets)) >= 16)


@pytest.mark.parametrize(
    "text",
    [
        KEY_TEXT,
        "hex:" + MATERIAL.hex(),
        "hex:" + MATERIAL.hex().upper(),
        "b64:" + b64encode(MATERIAL).decode(),
        "b64:" + b64encode(MATERIAL).decode().rstrip("="),
    ],
)
def test_each_form_gives_the_same_key(text: str) -> None:
    assert Key.parse(text) == Key(MATERIAL)


@pytest.mark.parametrize(
    "text",
    [
        "b64:" + b64encode(SLASHES).decode(),
        "b64:" + urlsafe_b64encode(SLASHES).decode(),
        "b64:" + b64encode(SLASHES).decode().replace("+", "-", 1),
    ],
)
def test_base64_may_use_either_alphabet_or_both(text: str) -> None:
    assert Key.parse(text) == Key(SLASHES)


@pytest.mark.parametrize("digits", [BASE.hex(), BASE.hex().upper()])
def test_a_secret_key_base_gives_the_derived_key(digits: str) -> None:
    derived = bytes.fromhex("c167e2bd4c217b9e0e7ef5fbabded7bce038e55d09e86499343ba8209afc2ae1")
    assert Key.parse("skb:" + digits) == Key(derived)


def test_key_id_of_a_secret_key_base_is_that_of_the_specification() -> None:
    assert Key.parse("skb:" + BASE.hex()).key_id.hex() == "2cdd01d42e6dbf7f"


def test_key_text_is_that_of_the_specification() -> None:
    assert Key(MATERIAL).to_text() == KEY_TEXT


def test_key_text_is_base64url() -> None:
    assert re.fullmatch(r"cjk1_-__-[A-Za-z0-9_-]{44}", Key(SLASHES).to_text())


@given(material=MATERIALS)
@settings(max_examples=100, deadline=None)
def test_key_text_gives_back_the_key(material: bytes) -> None:
    assert Key.parse(Key(material).to_text()) == Key(material)


WEAK = bytes(range(15)) + bytes(17)
EDGE = bytes(range(16)) + bytes(16)
OTHER_FORM = 'key must begin with "cjk1_", "hex:", "b64:" or "skb:"'
REFUSED = {
    "hex-short": ("hex:" + MATERIAL.hex()[:-2], f"key must be 32 bytes, got 31; {FIX}"),
    "hex-long": ("hex:" + MATERIAL.hex() + "20", f"key must be 32 bytes, got 33; {FIX}"),
    "hex-odd": ("hex:" + MATERIAL.hex()[:-1], f"key must be 32 bytes, got 63 hex digits; {FIX}"),
    "hex-empty": ("hex:", f"key must be 32 bytes, got 0; {FIX}"),
    "hex-of-a-secret-key-base": ("hex:" + BASE.hex(), f"key must be 32 bytes, got 64; {FIX}"),
    "hex-not-hex": (
        "hex:" + MATERIAL.hex()[:-1] + "g",
        f"key holds a character that is not a hex digit; write 64 hex digits, or {FIX}",
    ),
    "hex-blank": (
        "hex:" + MATERIAL.hex()[:-1] + " ",
        f"key holds a character that is not a hex digit; write 64 hex digits, or {FIX}",
    ),
    "hex-newline": (
        "hex:" + MATERIAL.hex() + "\n",
        f"key holds a character that is not a hex digit; write 64 hex digits, or {FIX}",
    ),
    "hex-digits-of-other-scripts": (
        "hex:" + MATERIAL.hex()[:-1] + "\u0661",
        f"key holds a character that is not a hex digit; write 64 hex digits, or {FIX}",
    ),
    "hex-prefix-in-capitals": ("HEX:" + MATERIAL.hex(), f"{OTHER_FORM}, found 68 characters of another form; {FIX}"),
    "skb-short": ("skb:" + BASE.hex()[:-2], f"key must be 64 bytes, got 63; {FIX}"),
    "skb-of-a-key": ("skb:" + MATERIAL.hex(), f"key must be 64 bytes, got 32; {FIX}"),
    "skb-not-hex": (
        "skb:" + BASE.hex()[:-1] + "-",
        f"key holds a character that is not a hex digit; write 128 hex digits, or {FIX}",
    ),
    "b64-short": ("b64:" + b64encode(MATERIAL[:31]).decode().rstrip("="), f"key must be 32 bytes, got 31; {FIX}"),
    "b64-long": ("b64:" + b64encode(MATERIAL + b" ").decode(), f"key must be 32 bytes, got 33; {FIX}"),
    "b64-two-paddings": (
        "b64:" + b64encode(MATERIAL).decode() + "=",
        f"key holds a character that is not base64; write 43 or 44 base64 characters, or {FIX}",
    ),
    "b64-not-base64": (
        "b64:" + b64encode(MATERIAL).decode()[:-2] + "*=",
        f"key holds a character that is not base64; write 43 or 44 base64 characters, or {FIX}",
    ),
    "b64-padding-for-a-digit": (
        "b64:" + b64encode(MATERIAL).decode()[:-2] + "=",
        f"key holds a character that is not base64; write 43 or 44 base64 characters, or {FIX}",
    ),
    "b64-spare-bit-1": (
        "b64:" + b64encode(MATERIAL).decode()[:-2] + "9",
        f"key is not canonical base64: its last character has spare bits set; {FIX}",
    ),
    "b64-spare-bit-2": (
        "b64:" + b64encode(MATERIAL).decode()[:-2] + "-=",
        f"key is not canonical base64: its last character has spare bits set; {FIX}",
    ),
    "text-cut": (KEY_TEXT[:-1], f"key text must be 53 characters, got 52; copy it whole, or {FIX}"),
    "text-long": (KEY_TEXT + "A", f"key text must be 53 characters, got 54; copy it whole, or {FIX}"),
    "text-checksum": (
        KEY_TEXT[:-1] + "p",
        f"the checksum does not match, so the key text was damaged on the way; copy it again, or {FIX}",
    ),
    "text-damaged": (
        KEY_TEXT.replace("AAEC", "AAED"),
        f"the checksum does not match, so the key text was damaged on the way; copy it again, or {FIX}",
    ),
    "text-standard-alphabet": (
        "cjk1_" + "+" + KEY_TEXT[6:],
        f"key text holds a character that is not base64url; copy it again, or {FIX}",
    ),
    "text-newline": (
        KEY_TEXT[:-1] + "\n",
        f"key text holds a character that is not base64url; copy it again, or {FIX}",
    ),
    "text-in-capitals": ("CJK1_" + KEY_TEXT[5:], f"{OTHER_FORM}, found 53 characters of another form; {FIX}"),
    "bare-hex-key": (MATERIAL.hex(), f'{OTHER_FORM}, found 64 bare hex digits: write "hex:" before them; {FIX}'),
    "bare-secret-key-base": (
        BASE.hex().upper(),
        f'{OTHER_FORM}, found 128 bare hex digits: write "skb:" before them; {FIX}',
    ),
    "bare-base64": (
        b64encode(MATERIAL).decode(),
        f'{OTHER_FORM}, found 44 bare base64 characters: write "b64:" before them; {FIX}',
    ),
    "bare-base64-without-padding": (
        urlsafe_b64encode(SLASHES).decode()[:-1],
        f'{OTHER_FORM}, found 43 bare base64 characters: write "b64:" before them; {FIX}',
    ),
    "another-form": ("correct horse battery", f"{OTHER_FORM}, found 21 characters of another form; {FIX}"),
    "nothing": ("", f"{OTHER_FORM}, found 0 characters of another form; {FIX}"),
    "weak-hex": ("hex:" + WEAK.hex(), f"key has 15 distinct bytes, at least 16 are wanted: it is not random; {FIX}"),
    "weak-b64": (
        "b64:" + b64encode(WEAK).decode(),
        f"key has 15 distinct bytes, at least 16 are wanted: it is not random; {FIX}",
    ),
    "weak-skb": (
        "skb:" + (WEAK * 2).hex(),
        f"key has 15 distinct bytes, at least 16 are wanted: it is not random; {FIX}",
    ),
    "zeroed-skb": (
        "skb:" + "00" * 64,
        f"key has 1 distinct bytes, at least 16 are wanted: it is not random; {FIX}",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_key_text_is_refused_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Key.parse(text)
    assert str(caught.value) == message


def show_failure(text: str) -> str:
    """Return the traceback with all local variables, except those of this function."""
    with pytest.raises(ConfigError) as caught:
        Key.parse(text)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


@pytest.mark.parametrize("name", [name for name, (text, _) in REFUSED.items() if len(text) > 24])
def test_no_traceback_of_a_refused_key_text_shows_any_of_it(name: str) -> None:
    text, _ = REFUSED[name]
    shown = show_failure(text)
    assert [text[start : start + 8] for start in range(5, len(text) - 7) if text[start : start + 8] in shown] == []


@pytest.mark.parametrize("text", ["hex:" + EDGE.hex(), "skb:" + (EDGE * 2).hex()])
def test_sixteen_distinct_octets_are_enough(text: str) -> None:
    assert Key.parse(text).to_text().startswith("cjk1_")


@given(
    text=st.one_of(
        st.text(max_size=60),
        st.builds(str.__add__, st.sampled_from(["cjk1_", "hex:", "b64:", "skb:"]), st.text(max_size=130)),
    )
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_key_or_a_config_error(text: str) -> None:
    with suppress(ConfigError):
        assert len(Key.parse(text).key_id) == 8
