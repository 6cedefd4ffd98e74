"""cli/keyring_show.py: the state of each key, and no key text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import Key
from cookiejar_session.keys.rotation import render_time

KEYS = [Key.generate() for _ in range(4)]
A, B, C, D = (key.to_text() for key in KEYS)
IDS = [key.key_id.hex() for key in KEYS]
RING = f"{A}@from={render_time(NOW + 60)} {B} {C} {D}@until={render_time(NOW)}"


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch, stop_clock: Callable[[str], None]) -> None:
    stop_clock("keyring_show")
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", RING)


def test_each_key_is_shown_with_its_state_and_its_times(run: Any) -> None:
    status, out, err = run("keyring", "show")
    assert (status, err) == (0, "")
    assert [line.split() for line in out.splitlines()[1:5]] == [
        [IDS[0], "pending", "2026-01-01T00:01:00Z", "-"],
        [IDS[1], "primary", "-", "-"],
        [IDS[2], "retired", "-", "-"],
        [IDS[3], "expired", "-", "2026-01-01T00:00:00Z"],
    ]
    assert out.splitlines()[5] == "next stage of a rotation: drop, at any time"


def test_next_stage_has_its_time(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", f"{A}@from={render_time(NOW + 60)} {B}")
    assert "next stage of a rotation: promote, from 2026-01-01T00:01:00Z on\n" in run("keyring", "show").out


def test_json_has_the_same(run: Any) -> None:
    status, out, err = run("keyring", "show", "--json")
    shown = json.loads(out)
    assert (status, err) == (0, "")
    assert shown["keys"][0] == {"key_id": IDS[0], "state": "pending", "from": "2026-01-01T00:01:00Z", "until": None}
    assert [each["state"] for each in shown["keys"]] == ["pending", "primary", "retired", "expired"]
    assert shown["next"] == {"stage": "drop", "not_before": "2026-01-01T00:00:00Z"}
    assert shown["source"] == "COOKIEJAR_SESSION_KEYS"


def test_key_that_never_seals_is_a_warning(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", f"{B} {A}@from={render_time(NOW + 60)}")
    assert f"key {IDS[0]} never seals" in run("keyring", "show").err


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_no_key_is_shown(run: Any, options: list[str]) -> None:
    printed = run("keyring", "show", *options)
    for text in (A, B, C, D):
        assert text[5:20] not in printed.out + printed.err


def test_ring_on_standard_input_is_shown(run: Any) -> None:
    assert f"{IDS[1]}  primary" in run("keyring", "show", "--keys-file", "-", stdin=f"# comment\n{B}\n").out


def test_file_of_the_environment_is_named(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys"
    file.write_text(B)
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS")
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS_FILE", str(file))
    assert json.loads(run("keyring", "show", "--json").out)["source"] == f"COOKIEJAR_SESSION_KEYS_FILE ({file})"


def test_states_have_colours_on_a_terminal(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True, raising=False)
    assert f"\x1b[32m{IDS[1]}" in run("keyring", "show").out
