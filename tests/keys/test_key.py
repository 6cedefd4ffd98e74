"""key.py: the four forms of key text, what is derived, and that nothing shows the material."""

from __future__ import annotations

import copy
import json
import pickle
import re
import traceback
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiejar_session import ConfigError, Key
from cookiejar_session.keys.derivation import derive
from cookiejar_session.keys.key import resembles_key

MATERIAL = bytes(range(32))
BASE = bytes(range(64))
KEY_TEXT = "cjk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9fqcvo"
MEND = 'make one with "cookiejar-session keygen"'
# Material whose base64 holds both characters in which the two alphabets differ.
SLASHES = bytes.fromhex("fbfffe") + bytes(range(29))


def strong(octets: bytes) -> bool:
    return len(set(octets)) >= 16


MATERIALS = st.binary(min_size=32, max_size=32).filter(strong)


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


def test_key_id_is_that_of_the_specification() -> None:
    assert Key(MATERIAL).key_id.hex() == "6fc7081d3e766c36"


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


@pytest.mark.parametrize(
    ("purpose", "box_key"),
    [
        ("__Host-session", "4f7f5f2d0dfd50a1e8ac9ddb3816f005ce53c2f6118207a54c8ad9b27a9f6106"),
        ("prefs", "1a8df674b268d513fc6c5212d16409c5f58c66ccaa03a1483467f943b28e64c4"),
    ],
)
def test_box_key_is_that_of_the_specification(purpose: str, box_key: str) -> None:
    assert Key(MATERIAL).box_key(purpose).hex() == box_key


@pytest.mark.parametrize("purpose", ["", "/pay/é", "\ufeff\U0001f600"])
def test_purpose_is_any_text_as_utf_8(purpose: str) -> None:
    assert Key(MATERIAL).box_key(purpose) == derive(MATERIAL, "box", purpose.encode())


def test_box_key_is_derived_once_per_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []

    def count(*arguments: Any) -> bytes:
        calls.append(arguments[1:])
        return derive(*arguments)

    monkeypatch.setattr("cookiejar_session.keys.key.derive", count)
    key = Key(MATERIAL)
    for purpose in ("a", "b", "a", "b"):
        assert len(key.box_key(purpose)) == 32
    assert calls == [("key-id",), ("box", b"a"), ("box", b"b")]


def test_a_generated_key_is_new_each_time() -> None:
    assert len({Key.generate().key_id for _ in range(8)}) == 8


def test_keys_are_equal_by_material_and_hash_alike() -> None:
    assert {Key(MATERIAL), Key(bytearray(MATERIAL)), Key(SLASHES)} == {Key(SLASHES), Key(MATERIAL)}


@pytest.mark.parametrize("other", [MATERIAL, KEY_TEXT, None, Key(SLASHES)])
def test_a_key_equals_nothing_else(other: object) -> None:
    assert Key(MATERIAL) != other


def test_keys_of_one_key_id_and_different_material_are_not_equal() -> None:
    forged = Key(SLASHES)
    forged.key_id = Key(MATERIAL).key_id
    assert forged != Key(MATERIAL)


WEAK = bytes(range(15)) + bytes(17)
EDGE = bytes(range(16)) + bytes(16)
OTHER_FORM = 'key must begin with "cjk1_", "hex:", "b64:" or "skb:"'
REFUSED = {
    "hex-short": ("hex:" + MATERIAL.hex()[:-2], f"key must be 32 bytes, got 31; {MEND}"),
    "hex-long": ("hex:" + MATERIAL.hex() + "20", f"key must be 32 bytes, got 33; {MEND}"),
    "hex-odd": ("hex:" + MATERIAL.hex()[:-1], f"key must be 32 bytes, got 63 hex digits; {MEND}"),
    "hex-empty": ("hex:", f"key must be 32 bytes, got 0; {MEND}"),
    "hex-of-a-secret-key-base": ("hex:" + BASE.hex(), f"key must be 32 bytes, got 64; {MEND}"),
    "hex-not-hex": (
        "hex:" + MATERIAL.hex()[:-1] + "g",
        f"key holds a character that is not a hex digit; write 64 hex digits, or {MEND}",
    ),
    "hex-blank": (
        "hex:" + MATERIAL.hex()[:-1] + " ",
        f"key holds a character that is not a hex digit; write 64 hex digits, or {MEND}",
    ),
    "hex-newline": (
        "hex:" + MATERIAL.hex() + "\n",
        f"key holds a character that is not a hex digit; write 64 hex digits, or {MEND}",
    ),
    "hex-digits-of-other-scripts": (
        "hex:" + MATERIAL.hex()[:-1] + "\u0661",
        f"key holds a character that is not a hex digit; write 64 hex digits, or {MEND}",
    ),
    "hex-prefix-in-capitals": ("HEX:" + MATERIAL.hex(), f"{OTHER_FORM}, found 68 characters of another form; {MEND}"),
    "skb-short": ("skb:" + BASE.hex()[:-2], f"key must be 64 bytes, got 63; {MEND}"),
    "skb-of-a-key": ("skb:" + MATERIAL.hex(), f"key must be 64 bytes, got 32; {MEND}"),
    "skb-not-hex": (
        "skb:" + BASE.hex()[:-1] + "-",
        f"key holds a character that is not a hex digit; write 128 hex digits, or {MEND}",
    ),
    "b64-short": ("b64:" + b64encode(MATERIAL[:31]).decode().rstrip("="), f"key must be 32 bytes, got 31; {MEND}"),
    "b64-long": ("b64:" + b64encode(MATERIAL + b" ").decode(), f"key must be 32 bytes, got 33; {MEND}"),
    "b64-two-paddings": (
        "b64:" + b64encode(MATERIAL).decode() + "=",
        f"key holds a character that is not base64; write 43 or 44 base64 characters, or {MEND}",
    ),
    "b64-not-base64": (
        "b64:" + b64encode(MATERIAL).decode()[:-2] + "*=",
        f"key holds a character that is not base64; write 43 or 44 base64 characters, or {MEND}",
    ),
    "b64-padding-for-a-digit": (
        "b64:" + b64encode(MATERIAL).decode()[:-2] + "=",
        f"key holds a character that is not base64; write 43 or 44 base64 characters, or {MEND}",
    ),
    "b64-spare-bit-1": (
        "b64:" + b64encode(MATERIAL).decode()[:-2] + "9",
        f"key is not canonical base64: its last character has spare bits set; {MEND}",
    ),
    "b64-spare-bit-2": (
        "b64:" + b64encode(MATERIAL).decode()[:-2] + "-=",
        f"key is not canonical base64: its last character has spare bits set; {MEND}",
    ),
    "text-cut": (KEY_TEXT[:-1], f"key text must be 53 characters, got 52; copy it whole, or {MEND}"),
    "text-long": (KEY_TEXT + "A", f"key text must be 53 characters, got 54; copy it whole, or {MEND}"),
    "text-checksum": (
        KEY_TEXT[:-1] + "p",
        f"the checksum does not match, so the key text was damaged on the way; copy it again, or {MEND}",
    ),
    "text-damaged": (
        KEY_TEXT.replace("AAEC", "AAED"),
        f"the checksum does not match, so the key text was damaged on the way; copy it again, or {MEND}",
    ),
    "text-standard-alphabet": (
        "cjk1_" + "+" + KEY_TEXT[6:],
        f"key text holds a character that is not base64url; copy it again, or {MEND}",
    ),
    "text-newline": (
        KEY_TEXT[:-1] + "\n",
        f"key text holds a character that is not base64url; copy it again, or {MEND}",
    ),
    "text-in-capitals": ("CJK1_" + KEY_TEXT[5:], f"{OTHER_FORM}, found 53 characters of another form; {MEND}"),
    "bare-hex-key": (MATERIAL.hex(), f'{OTHER_FORM}, found 64 bare hex digits: write "hex:" before them; {MEND}'),
    "bare-secret-key-base": (
        BASE.hex().upper(),
        f'{OTHER_FORM}, found 128 bare hex digits: write "skb:" before them; {MEND}',
    ),
    "bare-base64": (
        b64encode(MATERIAL).decode(),
        f'{OTHER_FORM}, found 44 bare base64 characters: write "b64:" before them; {MEND}',
    ),
    "bare-base64-without-padding": (
        urlsafe_b64encode(SLASHES).decode()[:-1],
        f'{OTHER_FORM}, found 43 bare base64 characters: write "b64:" before them; {MEND}',
    ),
    "another-form": ("correct horse battery", f"{OTHER_FORM}, found 21 characters of another form; {MEND}"),
    "nothing": ("", f"{OTHER_FORM}, found 0 characters of another form; {MEND}"),
    "weak-hex": ("hex:" + WEAK.hex(), f"key has 15 distinct bytes, at least 16 are wanted: it is not random; {MEND}"),
    "weak-b64": (
        "b64:" + b64encode(WEAK).decode(),
        f"key has 15 distinct bytes, at least 16 are wanted: it is not random; {MEND}",
    ),
    "weak-skb": (
        "skb:" + (WEAK * 2).hex(),
        f"key has 15 distinct bytes, at least 16 are wanted: it is not random; {MEND}",
    ),
    "zeroed-skb": (
        "skb:" + "00" * 64,
        f"key has 1 distinct bytes, at least 16 are wanted: it is not random; {MEND}",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_key_text_is_refused_with_the_mend(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Key.parse(text)
    assert str(caught.value) == message


def show_failure(run: Callable[[Any], object], argument: object) -> str:
    """The traceback with all local variables, but for those of this very function."""
    with pytest.raises(ConfigError) as caught:
        run(argument)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


@pytest.mark.parametrize("name", [name for name, (text, _) in REFUSED.items() if len(text) > 24])
def test_no_traceback_of_a_refused_key_text_shows_any_of_it(name: str) -> None:
    text, _ = REFUSED[name]
    shown = show_failure(Key.parse, text)
    assert [text[start : start + 8] for start in range(5, len(text) - 7) if text[start : start + 8] in shown] == []


@pytest.mark.parametrize(("run", "argument"), [(Key, WEAK), (Key.parse, "hex:" + WEAK.hex())])
def test_no_traceback_of_a_weak_key_shows_its_material(run: Callable[[Any], object], argument: object) -> None:
    assert repr(WEAK)[2:20] not in show_failure(run, argument)


@pytest.mark.parametrize(
    ("material", "message"),
    [
        (b"", f"key must be 32 bytes, got 0; {MEND}"),
        (MATERIAL[:31], f"key must be 32 bytes, got 31; {MEND}"),
        (MATERIAL + b" ", f"key must be 32 bytes, got 33; {MEND}"),
        (BASE, f"key must be 32 bytes, got 64; {MEND}"),
        (bytes(32), f"key has 1 distinct bytes, at least 16 are wanted: it is not random; {MEND}"),
        (WEAK, f"key has 15 distinct bytes, at least 16 are wanted: it is not random; {MEND}"),
    ],
)
def test_material_of_another_length_or_without_variety_is_refused(material: bytes, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Key(material)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("run", "argument", "message"),
    [
        (Key.parse, KEY_TEXT.encode(), "key text must be a str, got bytes; decode it first"),
        (Key.parse, None, "key text must be a str, got NoneType; decode it first"),
        (Key.parse, [KEY_TEXT], "key text must be a str, got list; decode it first"),
        (Key, KEY_TEXT, "key material must be bytes, got str; write Key.parse(text) for key text"),
        (Key, list(MATERIAL), "key material must be bytes, got list; write Key.parse(text) for key text"),
    ],
)
def test_a_key_of_another_type_is_refused_and_not_shown(
    run: Callable[[Any], object], argument: Any, message: str
) -> None:
    shown = show_failure(run, argument)
    assert shown.endswith(f"ConfigError: {message}\n")
    assert KEY_TEXT[6:26] not in shown
    assert repr(list(MATERIAL))[:40] not in shown


@pytest.mark.parametrize(
    "text",
    ["cjk1_", KEY_TEXT, f'"{KEY_TEXT}"', f" ,{KEY_TEXT}", "hex:", "b64:x", "skb:", MATERIAL.hex(), f"{BASE.hex()}\n"],
)
def test_key_text_is_told_from_a_path(text: str) -> None:
    assert resembles_key(text)


@pytest.mark.parametrize(
    "text",
    ["", "keys", "/run/secrets/hex:", "./cjk1_", "CJK1_", "cjk1-ring", MATERIAL.hex()[1:], f"{MATERIAL.hex()}.d"],
)
def test_a_path_is_told_from_key_text(text: str) -> None:
    assert not resembles_key(text)


def test_material_may_be_a_bytearray_and_is_copied() -> None:
    material = bytearray(MATERIAL)
    key = Key(material)
    material[:] = bytes(32)
    assert key == Key(MATERIAL)


@pytest.mark.parametrize("text", ["hex:" + EDGE.hex(), "skb:" + (EDGE * 2).hex()])
def test_sixteen_distinct_octets_are_enough(text: str) -> None:
    assert Key.parse(text).to_text().startswith("cjk1_")


@pytest.mark.parametrize("show", [repr, str, format])
def test_a_key_shows_its_key_id_alone(show: Callable[[Key], str]) -> None:
    assert show(Key(MATERIAL)) == "<Key 6fc7081d3e766c36>"


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_is_neither_pickled_nor_copied(leak: Callable[[Key], object]) -> None:
    with pytest.raises(TypeError, match=r"^a Key is not pickled.*; hand the key text to each process$"):
        leak(Key(MATERIAL))


@pytest.mark.parametrize("leak", [json.dumps, vars, msgspec.json.encode, msgspec.msgpack.encode])
def test_no_serializer_finds_a_way_into_a_key(leak: Callable[[Key], object]) -> None:
    with pytest.raises(TypeError):
        leak(Key(MATERIAL))


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
