"""cli/keyring_rotate.py: one stage at a time, from the environment or in a file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shared_values import NOW, PUBLISHED_KEY

from cookiejar_session import CookieSessions, Key, Keyring
from cookiejar_session.keys.ring_text import parse_ring
from cookiejar_session.keys.rotation import render_time

OLD = Key.generate()
OLD_ID = OLD.key_id.hex()
IN_AN_HOUR, IN_90_DAYS = render_time(NOW + 3600), render_time(NOW + 90 * 86400)


@pytest.fixture(autouse=True)
def stopped(stop_clock: Callable[[str], None]) -> None:
    stop_clock("keyring_rotate")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# first\n{OLD.to_text()}\n# second\n")
    path.chmod(0o600)
    return path


def list_ids(text: str) -> list[str]:
    return [entry.key.key_id.hex() for entry in Keyring.parse(text, now=NOW).ring(NOW).entries]


@pytest.mark.shows_secrets("the next ring is printed")
def test_next_ring_is_printed_for_the_environment(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", OLD.to_text())
    status, out, err = run("keyring", "rotate")
    new, old = list_ids(out)
    assert (status, old, out.count("\n")) == (0, OLD_ID, 1)
    assert err == (
        f"added key {new}; it seals from {IN_AN_HOUR} on\n"
        f"next: promote, from {IN_AN_HOUR} on: cookiejar-session keyring rotate "
        "(put this ring on every server before that time)\n"
    )


def test_whole_rotation_in_a_file(run: Any, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rotate = ["keyring", "rotate", "--in-place", str(key_file)]
    added = run(*rotate)
    new = list_ids(key_file.read_text().replace("# first\n# second\n", ""))[0]
    assert added.out.startswith(f"added key {new}; it seals from {IN_AN_HOUR} on\n")

    refused = run(*rotate)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith(f"cookiejar-session: error: key {new} seals from {IN_AN_HOUR} on;")

    set_clock(monkeypatch, NOW + 3600)
    promoted = run(*rotate)
    retired_until = render_time(NOW + 3600 + 90 * 86400)
    assert promoted.out == (
        f"key {new} is the primary key; key {OLD_ID} opens until {retired_until}\n"
        f"next: drop, from {retired_until} on: cookiejar-session {' '.join(rotate)} (put this ring on every server)\n"
    )

    refused = run(*rotate)
    assert refused.status == 1
    assert refused.err.endswith('so drop it then; "--stage add" begins another rotation now\n')

    set_clock(monkeypatch, NOW + 3600 + 90 * 86400)
    dropped = run(*rotate)
    assert dropped.out == (
        f"dropped key {OLD_ID}\n"
        f"next: nothing to do; the next rotation begins with: cookiejar-session {' '.join(rotate)}\n"
    )
    assert key_file.read_text().startswith("# first\n# second\ncjk1_")


def set_clock(monkeypatch: pytest.MonkeyPatch, now: int) -> None:
    monkeypatch.setattr("cookiejar_session.cli.keyring_rotate.time.time", lambda: now)


def test_stage_that_is_due_is_named_as_next(run: Any, key_file: Path) -> None:
    others = Key.generate().to_text(), Key.generate().to_text()
    key_file.write_text(f"{OLD.to_text()} {others[0]} {others[1]}@until={render_time(NOW)}")
    assert "next: promote, now: cookiejar-session" in run("keyring", "rotate", "--in-place", str(key_file)).out


def test_unsafe_stage_is_refused_unless_forced(run: Any, key_file: Path) -> None:
    rotate = ["keyring", "rotate", "--in-place", str(key_file), "--stage", "add", "--activate-in", "1s"]
    before = key_file.read_bytes()
    assert run(*rotate).status == 1
    assert key_file.read_bytes() == before
    assert run(*rotate, "--force").status == 0
    assert len(Keyring.from_file(key_file).ring(NOW).entries) == 2


@pytest.mark.shows_secrets("the next ring is printed")
@pytest.mark.parametrize("in_place", [True, False], ids=["file", "printed"])
def test_json_says_what_was_done(run: Any, key_file: Path, in_place: bool) -> None:
    source = ["--in-place", str(key_file)] if in_place else ["--keys-file", str(key_file)]
    status, out, err = run("keyring", "rotate", *source, "--json")
    done = json.loads(out)
    assert (status, err, done["stage"], done["retired_key_ids"]) == (0, "", "add", [])
    assert done["next"] == {"stage": "promote", "not_before": IN_AN_HOUR}
    if in_place:
        assert done["file"] == str(key_file)
        assert "cjk1_" not in out
    else:
        assert list_ids(done["ring"]) == [*done["key_ids"], OLD_ID]


def test_first_ring_is_made_only_when_asked_for(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "new keys"
    refused = run("keyring", "rotate", "--in-place", str(file))
    assert (refused.status, file.exists()) == (1, False)
    assert "no such file; to make a new ring there, add --stage create" in refused.err
    made = run("keyring", "rotate", "--in-place", str(file), "--stage", "create")
    key_id = Keyring.from_file(file).ring(NOW).entries[0].key.key_id.hex()
    assert made.out == (
        f"made a new ring with key {key_id}\nnext: nothing to do; the next rotation begins with: "
        f"cookiejar-session keyring rotate --in-place '{file}'\n"
    )


def test_create_never_replaces_a_ring(run: Any, key_file: Path) -> None:
    refused = run("keyring", "rotate", "--in-place", str(key_file), "--stage", "create", "--force")
    assert (refused.status, OLD.to_text() in key_file.read_text()) == (1, True)
    assert "create never replaces a ring" in refused.err


def test_create_needs_a_file(run: Any) -> None:
    refused = run("keyring", "rotate", "--stage", "create")
    assert (refused.status, "name it with --in-place FILE" in refused.err) == (2, True)


@pytest.mark.parametrize("options", [[], ["--stage", "create"]], ids=["next", "create"])
def test_file_that_cannot_be_looked_up_is_named(
    run: Any, key_file: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", refuse)
        patched.setattr(os.path, "exists", lambda _: False)
        refused = run("keyring", "rotate", "--in-place", str(key_file), *options)
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith(f"cookiejar-session: error: key file {key_file}: Permission denied; name a file that")


# The file is changed while its ring is parsed, so after it was read.
def test_change_after_the_file_was_read_is_never_overwritten(
    run: Any, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = f"{NEW.to_text()} {OLD.to_text()}\n"

    def change_and_parse(*arguments: Any, **options: Any) -> Any:
        key_file.write_text(changed)
        return parse_ring(*arguments, **options)

    monkeypatch.setattr("cookiejar_session.keys.ring_text.parse_ring", change_and_parse)
    refused = run("keyring", "rotate", "--in-place", str(key_file))
    assert key_file.read_text() == changed
    assert (refused.status, "it was changed meanwhile, so it was not replaced" in refused.err) == (1, True)


BAD_FILES = {
    "empty": b"",
    "truncated": OLD.to_text()[:-1].encode(),
    "damaged": OLD.to_text()[:-2].encode() + b"??",
    "doubled": f"{OLD.to_text()} {OLD.to_text()}".encode(),
    "published": PUBLISHED_KEY.encode(),
    "seventeen": "\n".join(Key.generate().to_text() for _ in range(17)).encode(),
    "times-in-the-wrong-order": f"{OLD.to_text()}@from=2027-02-01T00:00:00Z@until=2027-01-01T00:00:00Z".encode(),
    "time-without-z": f"{OLD.to_text()}@from=2027-02-01T00:00:00".encode(),
    "binary": bytes(range(256)),
}


@pytest.mark.parametrize("command", [["show", "--keys-file"], ["rotate", "--keys-file"], ["rotate", "--in-place"]])
@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES)
def test_bad_ring_is_refused_and_stays_as_it_is(run: Any, tmp_path: Path, command: list[str], content: bytes) -> None:
    file = tmp_path / "keys"
    file.write_bytes(content)
    status, out, err = run("keyring", *command, str(file))
    assert (status, out) == (1, "")
    assert err.startswith(f"cookiejar-session: error: keyring file {file}")
    assert OLD.to_text()[5:20] not in err
    assert file.read_bytes() == content


@pytest.mark.parametrize("kind", ["directory", "fifo", "unreadable"])
@pytest.mark.parametrize("command", [["show", "--keys-file"], ["rotate", "--keys-file"], ["rotate", "--in-place"]])
def test_what_is_no_file_is_refused(run: Any, tmp_path: Path, command: list[str], kind: str) -> None:
    path = tmp_path / "keys"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(path)
    status, out, err = run("keyring", *command, str(path))
    assert (status, out) == (1, "")
    assert "keys" in err


def test_failed_write_leaves_the_file_as_it_was(run: Any, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    before = key_file.read_bytes()
    monkeypatch.setattr(os, "fsync", fail)
    refused = run("keyring", "rotate", "--in-place", str(key_file))
    assert (refused.status, key_file.read_bytes()) == (1, before)
    assert "No space left on device; the file is as it was" in refused.err


@pytest.mark.parametrize("option", ["--activate-in", "--retire-after", "--idle-timeout"])
def test_wrong_duration_is_a_wrong_command_line(run: Any, key_file: Path, option: str) -> None:
    before = key_file.read_bytes()
    refused = run("keyring", "rotate", "--in-place", str(key_file), option, "5")
    assert (refused.status, key_file.read_bytes()) == (2, before)
    assert (
        f"argument {option}: '5' is not a duration; write a number and d, h, m or s, such as 90d or 1h" in refused.err
    )


def test_duration_of_zero_is_not_the_default(run: Any, key_file: Path) -> None:
    rotate = ["keyring", "rotate", "--in-place", str(key_file), "--activate-in", "0s"]
    assert "a new key that seals in 0s logs people out" in run(*rotate).err


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_forced_promotion_with_an_early_end_is_a_warning(run: Any, key_file: Path, options: list[str]) -> None:
    rotate = ["keyring", "rotate", "--in-place", str(key_file)]
    assert run(*rotate).status == 0
    status, _, err = run(*rotate, "--stage", "promote", "--force", "--retire-after", "5m", *options)
    assert status == 0
    assert err == (
        f"cookiejar-session: warning: key {OLD_ID} ends in 5m, and an unused session lives 14d, so people are logged "
        f"out; to keep them signed in, give it @until={render_time(NOW + 14 * 86400)} or later before it ends\n"
    )


@pytest.mark.shows_secrets("the next ring is printed")
def test_next_command_reads_the_same_file(run: Any, key_file: Path) -> None:
    err = run("keyring", "rotate", "--keys-file", str(key_file)).err
    assert f": cookiejar-session keyring rotate --keys-file {key_file} (put" in err


def test_drop_by_its_name_never_begins_the_next_rotation(run: Any, key_file: Path) -> None:
    refused = run("keyring", "rotate", "--in-place", str(key_file), "--stage", "drop")
    assert (refused.status, "no key can be dropped" in refused.err) == (1, True)


@pytest.mark.skipif(sys.platform == "win32", reason="the ring would be a file of Windows")
def test_no_key_is_printed_for_a_file(run: Any, key_file: Path) -> None:
    printed = run("keyring", "rotate", "--in-place", str(key_file))
    for key in Keyring.from_file(key_file).ring(NOW).entries:
        assert key.key.to_text()[5:20] not in printed.out + printed.err


# --stats


NEW = Key.generate()
NEW_ID = NEW.key_id.hex()
DAY = 86400
RETIRED = f"{NEW.to_text()} {OLD.to_text()}@until={IN_90_DAYS}"


def write_stats(path: Path, *, last_opened: int) -> str:
    """Write a snapshot of a process that has counted for 50 days, and in which OLD opened a cookie then."""
    sessions: CookieSessions[Any] = CookieSessions(Keyring.parse(RETIRED, now=NOW))
    snapshot = sessions.stats(now=NOW).to_dict() | {"started_at": NOW - 50 * DAY, "pid": 7}
    snapshot["keys"][1]["last_opened_at"] = last_opened
    path.write_text(json.dumps(snapshot))
    return str(path)


@pytest.mark.shows_secrets("the next ring is printed")
def test_key_that_can_go_is_dropped_before_its_end(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", RETIRED)
    stats = write_stats(tmp_path / "a.json", last_opened=NOW - 41 * DAY)
    status, out, err = run("keyring", "rotate", "--stats", stats)
    assert (status, list_ids(out)) == (0, [NEW_ID])
    assert err == (
        f"key {OLD_ID} last opened a cookie 41 days ago: it can go\n"
        f"this rests on {stats} (process 7), counted since {render_time(NOW - 50 * DAY)}; it is right only if every "
        "process that has these keys is counted there\n"
        f"dropped key {OLD_ID}\n"
        "next: nothing to do; the next rotation begins with: cookiejar-session keyring rotate\n"
    )


def test_key_that_is_used_is_not_dropped(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", RETIRED)
    stats = write_stats(tmp_path / "a.json", last_opened=NOW - 3 * DAY)
    status, out, err = run("keyring", "rotate", "--stage", "drop", "--stats", stats)
    assert (status, out) == (1, "")
    assert f"so drop it then; key {OLD_ID} last opened a cookie 3 days ago: not before" in err
    assert NEW_ID not in err


def test_idle_timeout_decides_whether_a_key_can_go(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", RETIRED)
    stats = write_stats(tmp_path / "a.json", last_opened=NOW - 41 * DAY)
    assert run("keyring", "rotate", "--stats", stats, "--idle-timeout", "42d").status == 1


@pytest.mark.shows_secrets("the next ring is printed")
def test_stats_are_read_for_the_stage_drop_only(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", OLD.to_text())
    assert run("keyring", "rotate", "--stats", "/missing").status == 0
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", RETIRED)
    assert run("keyring", "rotate", "--stage", "add", "--stats", "/missing").status == 0
    assert run("keyring", "rotate", "--stats", "/missing").status == 1


# Options of another stage, and rings that are rotated by hand


@pytest.mark.shows_secrets("the next ring is printed")
@pytest.mark.parametrize(
    ("ring", "option", "taken", "stage"),
    [
        (OLD.to_text(), "--retire-after", "add", "promote"),
        (f"{NEW.to_text()} {OLD.to_text()}", "--activate-in", "promote", "add"),
    ],
    ids=["add", "promote"],
)
def test_option_of_another_stage_is_a_warning(
    run: Any, monkeypatch: pytest.MonkeyPatch, ring: str, option: str, taken: str, stage: str
) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", ring)
    status, _, err = run("keyring", "rotate", option, "20d")
    assert status == 0
    assert (
        f"cookiejar-session: warning: {option} was ignored, since the stage {taken} was taken; it is for {stage}, so "
        f"give it with --stage {stage}\n"
    ) in err


@pytest.mark.shows_secrets("the next ring is printed")
def test_option_of_the_stage_is_no_warning(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", OLD.to_text())
    assert "warning" not in run("keyring", "rotate", "--activate-in", "2h").err


@pytest.mark.shows_secrets("the next ring is printed")
def test_new_key_that_was_written_last_by_hand_is_a_warning(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", f"{OLD.to_text()} {NEW.to_text()}")
    err = run("keyring", "rotate").err
    assert err.startswith(f"cookiejar-session: warning: key {NEW_ID} opens only, and promote gives it an end, which")


def test_help_names_the_shortest_time_until_a_new_key_seals(run: Any) -> None:
    assert "at least 2m (default: 1h)" in " ".join(run("keyring", "rotate", "--help").out.split())
