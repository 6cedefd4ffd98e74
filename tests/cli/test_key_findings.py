"""cli/key_findings.py: the order, the times, the age and the file of keys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shared_values import NOW

from cookiejar_session import ConfigError, Key, Keyring
from cookiejar_session.cli.findings import Level
from cookiejar_session.cli.key_findings import OLD_KEY_SECONDS, check_file, check_keyring
from cookiejar_session.keys.rotation import render_time

A, B, C = (Key.generate().to_text() for _ in range(3))
DAY = 86400
IDLE = 14 * DAY


def at(seconds: int) -> str:
    return render_time(NOW + seconds)


def check(text: str) -> list[tuple[str, str]]:
    findings = check_keyring(Keyring.parse(text, now=NOW), idle_timeout=IDLE, now=NOW)
    return [(each.level, each.code) for each in findings]


RINGS = {
    "one-key": (A, []),
    "pending": (f"{A}@from={at(3600)} {B}", []),
    "retired-with-an-end": (f"{A}@from={at(-9)} {B}@until={at(IDLE)}", []),
    "without-an-end": (f"{A} {B}", [("note", "no-end")]),
    "expired": (f"{A} {B}@until={at(0)}", [("note", "expired-key")]),
    "behind-the-primary": (f"{A} {B}@from={at(3600)}", [("error", "key-never-seals")]),
    "behind-the-primary-in-the-past": (f"{A} {B}@from={at(-3600)}", [("error", "key-never-seals")]),
    "primary-that-ends": (f"{A}@until={at(9)} {B}", [("error", "primary-ends"), ("note", "no-end")]),
    "seals-soon": (f"{A}@from={at(119)} {B}", [("warning", "seals-soon")]),
    "ends-too-early": (f"{A}@from={at(-9)} {B}@until={at(IDLE - 10)}", [("error", "ends-too-early")]),
    "two-retired-keys": (
        f"{A}@from={at(-DAY)} {B}@from={at(-80 * DAY)}@until={at(90 * DAY)} {C}@until={at(9 * DAY)}",
        [],
    ),
    "oldest-ends-too-early": (
        f"{A}@from={at(-DAY)} {B}@from={at(-8 * DAY)}@until={at(90 * DAY)} {C}@until={at(5 * DAY)}",
        [("error", "ends-too-early")],
    ),
    "key-between-has-no-time": (
        f"{A}@from={at(-DAY)} {B}@until={at(90 * DAY)} {C}@until={at(9 * DAY)}",
        [("note", "ends-soon")],
    ),
    "pending-key-in-front": (
        f"{A}@from={at(DAY)} {B}@from={at(-DAY)} {C}@until={at(9 * DAY)}",
        [("error", "ends-too-early")],
    ),
    "ends-soon": (f"{A} {B}@until={at(IDLE - 1)}", [("note", "ends-soon")]),
    "ends-late-enough": (f"{A} {B}@until={at(IDLE)}", []),
    "old": (f"{A}@from={at(-OLD_KEY_SECONDS)}", [("warning", "old-key")]),
    "not-so-old": (f"{A}@from={at(1 - OLD_KEY_SECONDS)}", []),
}


@pytest.mark.parametrize(("text", "found"), RINGS.values(), ids=RINGS)
def test_ring_is_checked(text: str, found: list[tuple[str, str]]) -> None:
    assert check(text) == found


def test_finding_names_the_time_at_which_the_key_was_replaced() -> None:
    text, _ = RINGS["oldest-ends-too-early"]
    (found,) = check_keyring(Keyring.parse(text, now=NOW), idle_timeout=IDLE, now=NOW)
    assert f"it sealed until {at(-8 * DAY)}: " in found.message
    assert found.message.endswith(f"write @until={at(6 * DAY)} or later")


def test_finding_names_the_key_without_a_time() -> None:
    text, _ = RINGS["key-between-has-no-time"]
    (found,) = check_keyring(Keyring.parse(text, now=NOW), idle_timeout=IDLE, now=NOW)
    between = Keyring.parse(B, now=NOW).ring(NOW).entries[0].key.key_id.hex()
    assert f"and key {between}, which replaced it, has no @from: if key {between} began to seal less" in found.message


RING_FOR_EACH_REMEDY = {
    "expired-key": (f"{A} {B}@until={at(0)}", " --stage drop"),
    "no-end": (f"{A} {B}", " --stage promote"),
    "primary-ends": (f"{A}@until={at(9)} {B}@until={at(IDLE)} {C}@from={at(9)}", ""),
    "old-key": (f"{A}@from={at(-OLD_KEY_SECONDS)}", ""),
}


@pytest.mark.parametrize("code", RING_FOR_EACH_REMEDY)
def test_remedy_is_a_whole_command_that_shows_no_ring(code: str, tmp_path: Path) -> None:
    text, options = RING_FOR_EACH_REMEDY[code]
    file = tmp_path / "session keys"
    file.write_text(text)
    file.chmod(0o600)
    commands = {
        Keyring.from_file(file, now=NOW): f"cookiejar-session keyring rotate --in-place '{file}'{options}",
        Keyring.parse(text, now=NOW): f'NEXT="$(cookiejar-session keyring rotate{options})"',
    }
    for keyring, command in commands.items():
        messages = [each.message for each in check_keyring(keyring, idle_timeout=IDLE, now=NOW) if each.code == code]
        assert [message.endswith(f": {command}") for message in messages] == [True]


def test_remedy_for_a_mode_quotes_the_path(tmp_path: Path) -> None:
    file = tmp_path / "session keys"
    file.write_text(A)
    file.chmod(0o644)
    (found,) = check_file(file)
    assert found.message.endswith(f"run: chmod 0600 '{file}'")


def test_generated_key_is_an_error() -> None:
    (found,) = check_keyring(Keyring.generate(), idle_timeout=IDLE, now=NOW)
    assert (found.level, found.code) == (Level.ERROR, "generated-key")


def test_age_of_a_key_without_a_time_is_that_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(A)
    file.chmod(0o600)
    os.utime(file, (NOW - OLD_KEY_SECONDS, NOW - OLD_KEY_SECONDS))
    (found,) = check_keyring(Keyring.from_file(file, now=NOW), idle_timeout=IDLE, now=NOW)
    assert (found.code, "its file is unchanged since" in found.message) == ("old-key", True)


@pytest.mark.parametrize(
    ("mode", "folder_mode", "found"),
    [
        (0o600, 0o700, []),
        (0o400, 0o755, []),
        (0o600, 0o1777, []),
        (0o640, 0o700, [("note", "file-mode")]),
        (0o644, 0o700, [("error", "file-mode")]),
        (0o660, 0o700, [("error", "file-mode")]),
        (0o602, 0o700, [("error", "file-mode")]),
        (0o600, 0o777, [("error", "folder-mode")]),
    ],
)
def test_mode_of_the_file_is_checked(mode: int, folder_mode: int, found: list[tuple[str, str]], tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    file = folder / "keys"
    file.write_text(A)
    file.chmod(mode)
    folder.chmod(folder_mode)
    assert [(each.level, each.code) for each in check_file(file)] == found


def test_file_that_cannot_be_looked_up_is_named(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(A)
    keyring = Keyring.from_file(file, now=NOW)
    file.unlink()
    with pytest.raises(ConfigError, match=f"^key file {file}: No such file or directory; name a file that this user"):
        list(check_file(file))
    with pytest.raises(ConfigError, match=f"^key file {file}: No such file"):
        list(check_keyring(keyring, idle_timeout=IDLE, now=NOW))
