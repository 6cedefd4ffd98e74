"""resemblance.py: which text looks like a key, and which like a path."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode

import pytest

from cookiejar_session.keys.resemblance import resembles_bare_base64, resembles_key, resembles_path

MATERIAL = bytes(range(32))
BASE = bytes(range(64))
KEY_TEXT = "cjk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9fqcvo"


@pytest.mark.parametrize(
    "text",
    ["cjk1_", KEY_TEXT, f'"{KEY_TEXT}"', f" ,{KEY_TEXT}", "hex:", "b64:x", "skb:", MATERIAL.hex(), f"{BASE.hex()}\n"],
)
def test_key_text_is_recognized(text: str) -> None:
    assert resembles_key(text)


@pytest.mark.parametrize(
    "text",
    ["", "keys", "/run/secrets/hex:", "./cjk1_", "CJK1_", "cjk1-ring", MATERIAL.hex()[1:], f"{MATERIAL.hex()}.d"],
)
def test_a_path_is_not_taken_for_key_text(text: str) -> None:
    assert not resembles_key(text)


@pytest.mark.parametrize(
    ("text", "resembles"),
    [
        (b64encode(MATERIAL).decode(), True),
        (urlsafe_b64encode(MATERIAL).decode().rstrip("="), True),
        ("k" * 42, False),
        ("k" * 44, False),
        ("." * 43, False),
    ],
)
def test_bare_base64_is_known_by_length_and_characters(text: str, resembles: bool) -> None:
    assert resembles_bare_base64(text) is resembles


@pytest.mark.parametrize(
    ("text", "resembles"),
    [
        ("/run/secrets/keys", True),
        ("./keys", True),
        ("../keys", True),
        ("~/keys", True),
        (r"\\server\keys", True),
        ("D:/keys", True),
        ("keys", False),
        ("", False),
        (KEY_TEXT, False),
        ("hex:/", False),
        ("/" + "k" * 42, False),
    ],
)
def test_a_path_is_known_by_its_beginning(text: str, resembles: bool) -> None:
    assert resembles_path(text) is resembles
