"""cli/keyring_show.py: the state of each key, and no key text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Key, Keyring
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


# --stats

DAY = 86400


def write_stats(path: Path, **changed: Any) -> str:
    """Write a snapshot of a process that has counted for 50 days, and in which IDS[2] opened a cookie 41 days ago."""
    sessions: CookieSessions[Any] = CookieSessions(now_keyring())
    snapshot = sessions.stats(now=NOW).to_dict() | {"started_at": NOW - 50 * DAY, "pid": 7}
    for key in snapshot["keys"]:
        if key["key_id"] == IDS[2]:
            key.update({"last_opened_at": NOW - 41 * DAY} | changed)
    path.write_text(json.dumps(snapshot))
    return str(path)


def now_keyring() -> Keyring:
    return Keyring.parse(RING, now=NOW)


def test_key_that_was_not_used_for_long_can_go(run: Any, tmp_path: Path) -> None:
    stats = write_stats(tmp_path / "a.json")
    status, out, err = run("keyring", "show", "--stats", stats)
    assert status == 0
    assert out.splitlines()[6:] == [
        f"key {IDS[0]} was not used: it is to seal",
        f"key {IDS[1]} was not used: it is the primary key",
        f"key {IDS[2]} last opened a cookie 41 days ago: it can go",
        f"key {IDS[3]} was not used: it has ended, so it can go",
        'drop what can go, at any time: NEXT="$(cookiejar-session keyring rotate --stage drop '
        '--idle-timeout 14d --stats ...)" (with the same --stats)',
    ]
    assert err == (
        f"this rests on {stats} (process 7), counted since {render_time(NOW - 50 * DAY)}; it is right only if every "
        "process that has these keys is counted there\n"
    )


def test_last_use_of_the_primary_key_is_shown_if_it_is_alone(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", C)
    lines = run("keyring", "show", "--stats", write_stats(tmp_path / "a.json")).out.splitlines()
    assert lines[3:] == [f"key {IDS[2]} last opened a cookie 41 days ago: it is the primary key"]


def test_command_that_drops_a_key_names_its_file_and_no_password(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "session keys"
    file.write_text(f"{B} {C}@until={render_time(NOW + 9)}")
    stats = write_stats(tmp_path / "a.json")
    options = ["--stats", stats, "--idle-timeout", "20d"]
    shown = run("keyring", "show", "--keys-file", str(file), *options)
    assert shown.out.splitlines()[-1] == (
        f"drop what can go, at any time: cookiejar-session keyring rotate --in-place '{file}' --stage drop "
        "--idle-timeout 20d --stats ... (with the same --stats)"
    )
    assert stats not in shown.out
    assert run("keyring", "rotate", "--in-place", str(file), "--stage", "drop", *options).status == 0


def test_no_command_is_shown_if_a_key_that_can_go_has_no_end(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", f"{B} {C}")
    out = run("keyring", "show", "--stats", write_stats(tmp_path / "a.json")).out
    assert out.endswith("it can go\n")


def test_longer_idle_timeout_keeps_the_key(run: Any, tmp_path: Path) -> None:
    out = run("keyring", "show", "--stats", write_stats(tmp_path / "a.json"), "--idle-timeout", "42d").out
    assert f"key {IDS[2]} last opened a cookie 41 days ago: not before {render_time(NOW + DAY + 60)}, since" in out


def test_each_place_of_stats_counts(run: Any, tmp_path: Path) -> None:
    first = write_stats(tmp_path / "a.json")
    second = write_stats(tmp_path / "b.json", last_opened_at=NOW - 2 * DAY)
    out = run("keyring", "show", "--stats", first, "--stats", second).out
    assert f"key {IDS[2]} last opened a cookie 2 days ago: not before" in out


def test_json_has_the_last_use_and_the_answer(run: Any, tmp_path: Path) -> None:
    stats = write_stats(tmp_path / "a.json", last_sealed_at=NOW - 45 * DAY)
    status, out, err = run("keyring", "show", "--stats", stats, "--json")
    shown = json.loads(out)
    assert (status, err) == (0, "")
    assert [key["answer"] for key in shown["keys"]] == ["in-use", "in-use", "can-go", "can-go"]
    assert shown["keys"][2] == {
        "key_id": IDS[2],
        "state": "retired",
        "from": None,
        "until": None,
        "last_opened": render_time(NOW - 41 * DAY),
        "last_sealed": render_time(NOW - 45 * DAY),
        "answer": "can-go",
        "text": f"key {IDS[2]} last opened a cookie 41 days ago: it can go",
    }
    assert shown["keys"][1]["last_opened"] is None
    assert shown["stats"].startswith(f"this rests on {stats} (process 7), counted since")


def test_without_stats_nothing_is_said_of_use(run: Any) -> None:
    shown = json.loads(run("keyring", "show", "--json").out)
    assert "stats" not in shown
    assert "answer" not in shown["keys"][2]


def test_stats_that_cannot_be_read_are_an_error(run: Any, tmp_path: Path) -> None:
    status, out, err = run("keyring", "show", "--stats", str(tmp_path / "missing"))
    assert (status, out) == (1, "")
    assert "No such file" in err


def test_dropped_key_whose_cookies_are_refused_is_named(run: Any, tmp_path: Path) -> None:
    file = Path(write_stats(tmp_path / "a.json"))
    snapshot = json.loads(file.read_text())
    snapshot["unknown_keys"] = [{"key_id": "6fc7081d3e766c36", "refused": 12, "last_refused_at": NOW - 180}]
    file.write_text(json.dumps(snapshot))
    line = (
        "key 6fc7081d3e766c36 is not in the ring, and its cookies were refused 12 times, last 3 minutes ago: if it was "
        "dropped too early, put it back at the end of the ring"
    )
    assert line in run("keyring", "show", "--stats", str(file)).out.splitlines()
    assert json.loads(run("keyring", "show", "--stats", str(file), "--json").out)["refused"] == [line]


def test_process_with_another_ring_is_named(run: Any, tmp_path: Path) -> None:
    file = Path(write_stats(tmp_path / "a.json"))
    assert json.loads(run("keyring", "show", "--stats", str(file), "--json").out)["laggards"] == []
    snapshot = json.loads(file.read_text())
    key = snapshot["keys"][0]
    key["is_in_keyring"] = False
    file.write_text(json.dumps(snapshot))
    line = (
        f"{file} (process {snapshot['pid']}) lacks key {key['key_id']}: it has another ring, or had one when the "
        "counts were taken"
    )
    assert line in run("keyring", "show", "--stats", str(file)).out.splitlines()
    assert json.loads(run("keyring", "show", "--stats", str(file), "--json").out)["laggards"] == [line]


def test_ring_whose_order_alone_tells_which_key_is_new_is_a_warning(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", f"{A} {B}")
    assert run("keyring", "show").err == (
        f"cookiejar-session: warning: key {IDS[1]} opens only, and promote gives it an end, which is right for a "
        "replaced key; if it is a new key that is to become the primary key, write it first\n"
    )


def test_idle_timeout_that_is_no_duration_is_a_wrong_command_line(run: Any) -> None:
    status, out, err = run("keyring", "show", "--idle-timeout", "14")
    assert (status, out) == (2, "")
    assert "argument --idle-timeout: '14' is not a duration; write a number and d, h, m or s" in err
