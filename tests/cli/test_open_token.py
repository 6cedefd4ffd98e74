"""cli/open_token.py: the envelope of a token as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Key, Keyring

KEY = Key.generate()
HEADER = CookieSessions(Keyring.parse(KEY.to_text())).mint({"user": "ada", "b": b"x"}, now=NOW).header


@pytest.fixture(autouse=True)
def stopped(stop_clock: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock("open_token")
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", KEY.to_text())


@pytest.mark.shows_secrets("open prints the sid")
def test_envelope_is_printed(run: Any) -> None:
    status, out, err = run("open", stdin=HEADER)
    opened = json.loads(out)
    assert (status, err, opened["data"], opened["flash"]) == (0, "", {"user": "ada", "b": {"$bytes": "eA=="}}, [])
    assert (opened["created"], len(opened["sid"])) == (NOW, 32)


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (HEADER, ["--purpose", "other"], "token refused: not-authentic; inspect says more"),
        (HEADER.replace("__Host-session", "x"), [], "token refused: not-authentic"),
        (f"{HEADER}; {HEADER}", [], "there are 2 tokens; name one with --cookie, or use inspect"),
        (HEADER, ["--keys-file", "-"], "so it cannot have the keys too; name a file"),
        ("nothing", [], "no token was found"),
    ],
    ids=["purpose", "name", "two", "keys", "none"],
)
def test_other_input_is_refused(run: Any, text: str, arguments: list[str], message: str) -> None:
    status, out, err = run("open", *arguments, stdin=text)
    assert (status, out) == (2 if "--keys-file" in arguments else 1, "")
    assert message in err


@pytest.mark.shows_secrets("open prints the sid")
def test_keys_come_from_standard_input_beside_a_token_as_argument(run: Any) -> None:
    assert run("open", HEADER, "--keys-file", "-", stdin=KEY.to_text()).status == 0


@pytest.mark.shows_secrets("open prints the sid")
def test_bare_token_has_the_name_of_the_option(run: Any, tmp_path: Path) -> None:
    token = HEADER.partition("=")[2]
    assert run("open", "--cookie", "__Host-session", stdin=token).status == 0
    assert run("open", "--cookie", "x", stdin=token).status == 1
    assert run("open", stdin=token).status == 0
