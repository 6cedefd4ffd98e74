"""cli/seal.py: a token from an envelope in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import Key, Keyring, open_token

KEY = Key.generate()
ENVELOPE: dict[str, Any] = {
    "sid": "a0" * 16,
    "created": NOW,
    "idle": 60,
    "until": NOW + 600,
    "persistent": False,
    "data": {"user": "secret ä", "b": {"$bytes": "eA=="}},
}


@pytest.fixture(autouse=True)
def stopped(stop_clock: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock("seal")
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", KEY.to_text())


@pytest.mark.parametrize("purpose", [None, "p"])
def test_token_holds_the_envelope(run: Any, purpose: str | None) -> None:
    arguments = [] if purpose is None else ["--purpose", purpose]
    status, out, err = run("seal", *arguments, stdin=json.dumps(ENVELOPE))
    assert (status, err) == (0, "")
    keyring = Keyring.parse(KEY.to_text())
    envelope = open_token(out.strip(), keyring=keyring, purpose=purpose or "__Host-session", now=NOW)
    assert (envelope.data, envelope.flash, envelope.issued) == ({"user": "secret ä", "b": b"x"}, [], NOW)


def test_token_is_printed_as_a_header(run: Any) -> None:
    assert run("seal", "--cookie", "s", "--header", stdin=json.dumps(ENVELOPE)).out.startswith("Cookie: s=cj1.")


def test_token_is_printed_as_json(run: Any) -> None:
    printed = json.loads(run("seal", "--json", stdin=json.dumps(ENVELOPE)).out)
    assert printed["header"] == f"__Host-session={printed['token']}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[]", "must be a JSON object"),
        ("{", "is not JSON"),
        (json.dumps({**ENVELOPE, "secret": 1}), "lacks nothing and has 1 other fields"),
        (json.dumps({"sid": ""}), "lacks created, idle, until, persistent, data and has 0 other fields"),
        (json.dumps({**ENVELOPE, "sid": "secret"}), "sid must be 32 hex digits"),
        (json.dumps({**ENVELOPE, "sid": None}), "sid must be 32 hex digits"),
        (json.dumps({**ENVELOPE, "idle": -1}), "envelope is out of range"),
        (json.dumps({**ENVELOPE, "created": "secret"}), "created must be whole Unix seconds"),
        (json.dumps({**ENVELOPE, "data": {"x": "secret" * 1000}}), "session needs a token of"),
        (json.dumps({**ENVELOPE, "data": "secret"}), "session: str; data must be a dict"),
    ],
    ids=["list", "syntax", "other", "missing", "sid", "no-sid", "range", "time", "size", "data"],
)
def test_bad_envelope_is_refused_without_its_values(run: Any, given: str, message: str) -> None:
    status, out, err = run("seal", stdin=given)
    assert (status, out) == (1, "")
    assert message in err
    assert "secret" not in err


def test_standard_input_is_not_read_twice(run: Any) -> None:
    status, _, err = run("seal", "--keys-file", "-", stdin="{}")
    assert (status, "cannot have the keys too" in err) == (2, True)
