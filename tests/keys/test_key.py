"""key.py: what is derived from a key, which material is refused, and that nothing shows the material."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cookiejar_session import ConfigError, Key
from cookiejar_session.keys.derivation import derive

MATERIAL = bytes(range(32))
BASE = bytes(range(64))
KEY_TEXT = "cjk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9fqcvo"
FIX = 'make one with "cookiejar-session keygen"'
# Material whose base64 holds both characters in which the two alphabets differ.
SLASHES = bytes.fromhex("fbfffe") + bytes(range(29))


def test_key_id_is_that_of_the_specification() -> None:
    assert Key(MATERIAL).key_id.hex() == "6fc7081d3e766c36"


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


@pytest.mark.parametrize("purpose", ["\ud800", "a\udfffb"], ids=ascii)
def test_a_purpose_with_a_lone_surrogate_is_refused(purpose: str) -> None:
    with pytest.raises(ConfigError, match=r"^purpose has a lone surrogate; use well-formed text$"):
        Key(MATERIAL).box_key(purpose)


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


def test_key_text_gives_back_the_key() -> None:
    assert Key.parse(Key(MATERIAL).to_text()) == Key(MATERIAL)


def test_a_generated_key_is_new_each_time() -> None:
    assert len({Key.generate().key_id for _ in range(8)}) == 8


def test_equal_keys_have_the_same_material_and_hash() -> None:
    assert {Key(MATERIAL), Key(bytearray(MATERIAL)), Key(SLASHES)} == {Key(SLASHES), Key(MATERIAL)}


@pytest.mark.parametrize("other", [MATERIAL, KEY_TEXT, None, Key(SLASHES)])
def test_a_key_equals_nothing_else(other: object) -> None:
    assert Key(MATERIAL) != other


def test_keys_of_one_key_id_and_different_material_are_not_equal() -> None:
    forged = Key(SLASHES)
    forged.key_id = Key(MATERIAL).key_id
    assert forged != Key(MATERIAL)


WEAK = bytes(range(15)) + bytes(17)


def show_failure(run: Callable[[Any], object], argument: object) -> str:
    """Return the traceback with all local variables, except those of this function."""
    with pytest.raises(ConfigError) as caught:
        run(argument)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


@pytest.mark.parametrize(("run", "argument"), [(Key, WEAK), (Key.parse, "hex:" + WEAK.hex())])
def test_no_traceback_of_a_weak_key_shows_its_material(run: Callable[[Any], object], argument: object) -> None:
    shown = show_failure(run, argument)
    assert [text for text in (repr(WEAK)[2:20], WEAK.hex()[:20]) if text in shown] == []


@pytest.mark.parametrize(
    ("material", "message"),
    [
        (b"", f"key must be 32 bytes, got 0; {FIX}"),
        (MATERIAL[:31], f"key must be 32 bytes, got 31; {FIX}"),
        (MATERIAL + b" ", f"key must be 32 bytes, got 33; {FIX}"),
        (BASE, f"key must be 32 bytes, got 64; {FIX}"),
        (bytes(32), f"key has 1 distinct bytes, at least 16 are wanted: it is not random; {FIX}"),
        (WEAK, f"key has 15 distinct bytes, at least 16 are wanted: it is not random; {FIX}"),
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
        (Key.parse, None, "key text must be a str, got NoneType"),
        (Key.parse, [KEY_TEXT], "key text must be a str, got list"),
        (Key, KEY_TEXT, "key material must be bytes or bytearray, got str; write Key.parse(text) for key text"),
        (Key, list(MATERIAL), "key material must be bytes or bytearray, got list; write Key.parse(text) for key text"),
    ],
    ids=["text-bytes", "text-none", "text-list", "material-str", "material-list"],
)
def test_a_key_of_another_type_is_refused_and_not_shown(
    run: Callable[[Any], object], argument: Any, message: str
) -> None:
    shown = show_failure(run, argument)
    assert shown.endswith(f"ConfigError: {message}\n")
    assert KEY_TEXT[6:26] not in shown
    assert repr(list(MATERIAL))[:40] not in shown


def test_material_may_be_a_bytearray_and_is_copied() -> None:
    material = bytearray(MATERIAL)
    key = Key(material)
    material[:] = bytes(32)
    assert key == Key(MATERIAL)


@pytest.mark.parametrize("show", [repr, str, format])
def test_a_key_shows_its_key_id_alone(show: Callable[[Key], str]) -> None:
    assert show(Key(MATERIAL)) == "<Key 6fc7081d3e766c36>"


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_is_neither_pickled_nor_copied(leak: Callable[[Key], object]) -> None:
    with pytest.raises(TypeError, match=r"^a Key cannot be pickled.*; pass the key text to each process$"):
        leak(Key(MATERIAL))


@pytest.mark.parametrize("leak", [json.dumps, vars, msgspec.json.encode, msgspec.msgpack.encode])
def test_no_serializer_finds_a_way_into_a_key(leak: Callable[[Key], object]) -> None:
    with pytest.raises(TypeError):
        leak(Key(MATERIAL))
