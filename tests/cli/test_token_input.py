"""cli/token_input.py: the tokens in what people paste."""

from __future__ import annotations

import argparse
import io
import sys
from types import SimpleNamespace

import pytest
from shared_values import GOLDEN_PREFS_TOKEN, GOLDEN_TOKEN

from cookiejar_session import ConfigError
from cookiejar_session.cli.token_input import FoundToken, add_token_argument, find_tokens, read_input, read_tokens

JAR = f"""# Netscape HTTP Cookie File
#HttpOnly_example.com\tFALSE\t/\tTRUE\t1700000000\t__Host-session\t{GOLDEN_TOKEN}
example.com\tFALSE\t/\tTRUE\t0\ttheme\tdark
"""
TEXTS = {
    "token": (GOLDEN_TOKEN, [None]),
    "token-and-line-end": (f"{GOLDEN_TOKEN}\n", [None]),
    "cookie-header": (f"Cookie: a=b; __Host-session={GOLDEN_TOKEN}; c=d", ["__Host-session"]),
    "cookie-field-value": (f"a=b; s={GOLDEN_TOKEN}", ["s"]),
    "set-cookie-header": (f"Set-Cookie: __Host-session={GOLDEN_TOKEN}; Path=/; Secure; Max-Age=1", ["__Host-session"]),
    "quoted": (f's="{GOLDEN_TOKEN}"', ["s"]),
    "curl": (f"curl -H 'Cookie: s={GOLDEN_TOKEN}' https://x", ["s"]),
    "expired-in-a-jar": (JAR, ["__Host-session"]),
}


def give_input(octets: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(octets)))


@pytest.mark.parametrize(("text", "names"), TEXTS.values(), ids=TEXTS)
def test_token_is_found(text: str, names: list[str | None]) -> None:
    assert find_tokens(text) == [(name, GOLDEN_TOKEN) for name in names]


def test_several_tokens_are_found() -> None:
    assert find_tokens(f"a={GOLDEN_TOKEN}; b={GOLDEN_PREFS_TOKEN}") == [("a", GOLDEN_TOKEN), ("b", GOLDEN_PREFS_TOKEN)]


def test_name_selects_among_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(f"a={GOLDEN_TOKEN}; b={GOLDEN_PREFS_TOKEN}".encode(), monkeypatch)
    assert read_tokens("-", "b") == [FoundToken("b", GOLDEN_PREFS_TOKEN)]


@pytest.mark.parametrize("text", ["", "a=b", "session=eyJ1Ijoi", "Set-Cookie: __Host-session=; Max-Age=0"])
def test_text_without_a_token_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(text.encode(), monkeypatch)
    with pytest.raises(ConfigError, match="no token was found; a token begins with cj1"):
        read_tokens("-", None)


def test_token_as_an_argument_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert read_tokens(GOLDEN_TOKEN, None) == [FoundToken(None, GOLDEN_TOKEN)]
    assert "a token on the command line can be read by every user" in capsys.readouterr().err


def test_endless_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(b"x" * (2 << 20), monkeypatch)
    with pytest.raises(ConfigError, match="standard input is longer than 1048576 bytes"):
        read_input()


def test_repr_shows_no_token() -> None:
    assert repr(FoundToken("s", GOLDEN_TOKEN)) == "<FoundToken>"


def test_token_is_read_from_standard_input_by_default() -> None:
    parser = argparse.ArgumentParser()
    add_token_argument(parser)
    assert parser.parse_args([]).token == "-"
