"""cli/mint.py: the cookie of a new session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cookiejar_session import CookieAttributes, CookieSessions, Key, Keyring

KEY = Key.generate()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", KEY.to_text())


def read(header: str, name: str) -> dict[str, Any]:
    sessions = CookieSessions(Keyring.parse(KEY.to_text()), cookie=CookieAttributes(name=name))
    return dict(sessions.read(header).session)


@pytest.mark.parametrize("name", ["__Host-session", "s"])
def test_cookie_holds_the_data(run: Any, name: str) -> None:
    status, out, err = run(
        "mint", "--header", "--cookie", name, stdin='{"user": "\u00c3\u00a4", "b": {"$bytes": "eA=="}}'
    )
    assert (status, err) == (0, "")
    assert read(out.strip(), name) == {"user": "ä", "b": b"x"}


def test_cookie_is_as_the_application_sets_it(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("minting_app.py").write_text(
        "from cookiejar_session import *\nsessions = CookieSessions(cookie=CookieAttributes(name='mine'))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    printed = json.loads(run("mint", "--application", "minting_app:sessions", "--json", stdin="{}").out)
    assert (printed["name"], read(printed["token"], "mine")) == ("mine", {})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[]", "session: list; use a dict"),
        ("", "the data is not JSON"),
        (json.dumps({"x": "secret" * 1000}), "session needs a token of"),
    ],
    ids=["list", "empty", "size"],
)
def test_bad_data_is_refused_without_its_values(run: Any, given: str, message: str) -> None:
    status, out, err = run("mint", stdin=given)
    assert (status, out) == (1, "")
    assert message in err
    assert "secret" not in err


def test_standard_input_is_not_read_twice(run: Any) -> None:
    status, _, err = run("mint", "--keys-file", "-", stdin="{}")
    assert (status, "cannot have the keys too" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cookie", "a b"], "error: cookie name"),
        (["--application", "app"], "'app' is not module:object"),
        (["--application", "json:loads("], "'json:loads(' is not module:factory()"),
    ],
)
def test_wrong_argument_is_a_wrong_command_line(run: Any, arguments: list[str], message: str) -> None:
    status, out, err = run("mint", *arguments, stdin="{}")
    assert (status, out, message in err) == (2, "", True)
