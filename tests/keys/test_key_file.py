"""key_file.py: which files are refused, when a file is read again, and that nothing shows its content."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared_rings import (
    BROKEN,
    FIX,
    KEYS,
    LEAKS,
    LOGGER,
    UNKNOWN,
    A,
    B,
    C,
    KeyFileWriter,
    fail,
    find_leaks,
    list_keys,
    show_failure,
)
from shared_values import NOW

from cookiejar_session import ConfigError, Key, Keyring
from cookiejar_session.keys.key_file import KeyFile, read_key_file


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every check of a file's state by key_file.py."""
    seen: list[Path] = []
    real = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        seen.append(path)
        return real(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr("cookiejar_session.keys.key_file.Path.stat", stat)
    return seen


@pytest.mark.parametrize(
    "content",
    [
        f"{A}\n{B}\n",
        f"# retired last\n{A}\n{B}",
        f"#{A}é\n{A}\r\n# old\r\n{B}\r\n",
        f"{A},\n#\xff\n{B}\n#".encode("latin-1"),
        f"{A}\n#{C}\n#{C}\n\n{B}\n# no newline at the end",
        f"# a CR does not end a line\r{C}\n{A} {B}",
    ],
    ids=["plain", "comment", "crlf-and-non-ascii-comment", "no-utf-8-in-comment", "comments-hold-keys", "cr"],
)
def test_lines_of_a_file_that_begin_with_a_hash_are_comments(key_file: KeyFileWriter, content: str | bytes) -> None:
    key_file.write(content)
    assert list_keys(Keyring.from_file(key_file.path, now=NOW)) == KEYS[:2]


def test_a_path_may_be_text(key_file: KeyFileWriter) -> None:
    assert list_keys(Keyring.from_file(str(key_file.path), now=NOW)) == KEYS[:1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs, and no sockets as files")
@pytest.mark.parametrize("kind", ["directory", "FIFO", "socket", "device"])
def test_what_is_not_a_regular_file_is_refused_and_never_waited_for(
    kind: str, key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Keyring.from_file(key_file.path, now=NOW)
    path = key_file.path
    path.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        if kind == "directory":
            path.mkdir()
        elif kind == "FIFO":
            os.mkfifo(path)
        elif kind == "socket":
            # By its name: macOS allows 103 characters, and the folders of pytest are longer.
            monkeypatch.chdir(path.parent)
            server.bind(path.name)
        else:
            path.symlink_to("/dev/zero")
        problem = f"keyring file {path}: is a {kind}; name a file with a ring"
        assert fail(lambda: Keyring.from_file(path, now=NOW)) == problem
        assert list_keys(running, NOW + 10) == KEYS[:1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
@pytest.mark.parametrize("has_writer", [False, True])
def test_a_file_replaced_by_a_fifo_just_before_it_is_opened_is_never_waited_for(
    has_writer: bool, key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open
    writers: list[int] = []

    def replace(path: str, flags: int) -> int:
        Path(path).unlink()
        os.mkfifo(path)
        reader = real(path, flags)
        if has_writer:
            writers.append(real(path, os.O_WRONLY))
        return reader

    monkeypatch.setattr("cookiejar_session.keys.key_file.os.open", replace)
    assert fail(lambda: Keyring.from_file(key_file.path, now=NOW)).endswith(f": the keyring is empty; {FIX}")
    for writer in writers:
        os.close(writer)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f"{A}\nhex:00", f" entry 2: key must be 32 bytes, got 1; {FIX}"),
        ("# nothing\n", f": the keyring is empty; {FIX}"),
        (
            f"\ufeff{A}",
            " entry 1: there is a character that is not ASCII, such as a byte order mark; "
            f"copy the key again, or {FIX}",
        ),
        (
            f"{A}\n #{B}",
            ' entry 2: key must begin with "cjk1_", "hex:", "b64:" or "skb:", '
            f"found 54 characters of another form; {FIX}",
        ),
        (
            f"\ufeff# a comment behind a byte order mark\n{A}",
            " entry 1: there is a character that is not ASCII, such as a byte order mark; "
            f"copy the key again, or {FIX}",
        ),
    ],
    ids=["length", "comments-alone", "bom", "indented-comment", "bom-before-comment"],
)
def test_a_bad_file_is_refused_with_its_path_and_entry(key_file: KeyFileWriter, content: str, problem: str) -> None:
    key_file.write(content)
    assert fail(lambda: Keyring.from_file(key_file.path, now=NOW)) == f"keyring file {key_file.path}{problem}"


def test_a_folder_is_refused_as_a_file(tmp_path: Path) -> None:
    assert fail(lambda: Keyring.from_file(tmp_path, now=NOW)).startswith(f"keyring file {tmp_path}: ")


def test_an_os_error_without_words_is_shown_as_it_is(key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, flags: int) -> int:
        raise OSError("the disk is on fire")

    monkeypatch.setattr("cookiejar_session.keys.key_file.os.open", refuse)
    message = fail(lambda: Keyring.from_file(key_file.path, now=NOW))
    assert message.endswith(": the disk is on fire; name a file that this process can read")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("a\0b", "path holds a NUL; name a file that this process can read"),
        ("a\ud800b", "path holds a lone surrogate; name a file that this process can read"),
        (b"ring", "path must be a str or a Path, got bytes; write Keyring.from_file(Path(...))"),
        (None, "path must be a str or a Path, got NoneType; write Keyring.from_file(Path(...))"),
    ],
)
def test_a_path_that_no_file_can_have_is_refused(path: Any, problem: str) -> None:
    assert fail(lambda: Keyring.from_file(path, now=NOW)) == problem


@pytest.mark.parametrize(("octets", "is_refused"), [(1 << 20, False), ((1 << 20) + 1, True), (1 << 40, True)])
def test_a_file_of_more_than_a_mebibyte_is_refused_and_not_read_whole(
    key_file: KeyFileWriter, octets: int, is_refused: bool
) -> None:
    key_file.write(f"{A}\n#")
    os.truncate(key_file.path, octets)
    if is_refused:
        message = fail(lambda: Keyring.from_file(key_file.path, now=NOW))
        assert message == f"keyring file {key_file.path}: is longer than 1048576 bytes; name a file with a ring"
    else:
        assert list_keys(Keyring.from_file(key_file.path, now=NOW)) == KEYS[:1]


@pytest.mark.parametrize("name", ["cjk1", "hex", "0123456789abcdef" * 4 + ".keys", "./cjk1_ring", "k" * 43])
def test_a_path_that_only_resembles_a_key_is_a_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(A)
    assert list_keys(Keyring.from_environment({"COOKIEJAR_SESSION_KEYS_FILE": name}, now=NOW)) == KEYS[:1]


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS)
def test_no_traceback_of_from_file_shows_key_text(text: str, key_file: KeyFileWriter) -> None:
    key_file.write(text)
    assert find_leaks(text, show_failure(Keyring.from_file, str(key_file.path))) == []


def test_no_traceback_of_a_file_that_is_too_long_shows_key_text(key_file: KeyFileWriter) -> None:
    key_file.write(f"{A} ".encode() * 20_000)
    assert find_leaks(A, show_failure(Keyring.from_file, key_file.path)) == []


def find_unknown(keyring: Keyring, now: int) -> object:
    return keyring.find(UNKNOWN, now)


@pytest.mark.parametrize(("seconds", "keys"), [(9, KEYS[:1]), (10, KEYS[1::-1])])
def test_a_changed_file_is_read_after_ten_seconds(key_file: KeyFileWriter, seconds: int, keys: list[Key]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    assert list_keys(keyring, NOW + seconds) == keys


def test_an_unchanged_file_is_checked_once_in_ten_seconds(key_file: KeyFileWriter, checks: list[Path]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    for moment in range(NOW, NOW + 30):
        keyring.ring(moment)
    assert len(checks) == 2


def test_an_unchanged_file_is_not_read_again(key_file: KeyFileWriter) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    before = keyring.ring(NOW)
    assert keyring.ring(NOW + 60) is before


@pytest.mark.parametrize(("seconds", "keys"), [(0, KEYS[:1]), (1, KEYS[1::-1])])
def test_an_unknown_key_id_checks_the_file_at_once(key_file: KeyFileWriter, seconds: int, keys: list[Key]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    found = keyring.find(KEYS[1].key_id, NOW + seconds)
    assert (found is not None, list_keys(keyring, NOW + seconds)) == (len(keys) == 2, keys)


def test_unknown_key_ids_check_the_file_at_most_once_a_second(key_file: KeyFileWriter, checks: list[Path]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    for moment in (NOW + 1, NOW + 1, NOW + 1, NOW + 2, NOW + 2):
        keyring.find(UNKNOWN, moment)
    assert len(checks) == 2


def test_a_check_for_an_unknown_key_id_postpones_the_next_regular_one(
    key_file: KeyFileWriter, checks: list[Path]
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    keyring.find(UNKNOWN, NOW + 9)
    checks.clear()
    keyring.ring(NOW + 18)
    assert checks == []


@pytest.mark.parametrize("ask", [Keyring.ring, find_unknown])
def test_a_clock_that_goes_back_does_not_stop_the_checks(
    key_file: KeyFileWriter, ask: Callable[[Keyring, int], object]
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    ask(keyring, NOW - 100_000)
    assert list_keys(keyring, NOW - 100_000) == KEYS[1::-1]


@pytest.mark.parametrize("ask", [Keyring.ring, find_unknown])
def test_a_clock_that_went_back_causes_one_check(
    key_file: KeyFileWriter, checks: list[Path], ask: Callable[[Keyring, int], object]
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    for _ in range(5):
        ask(keyring, NOW - 100_000)
    assert len(checks) == 1


@pytest.mark.parametrize(("age", "keys"), [(1.9, KEYS[1:2]), (2.1, KEYS[:1])])
def test_a_file_that_was_read_young_is_read_again_though_its_state_is_the_same(
    key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch, age: float, keys: list[Key]
) -> None:
    # A file system's clock has ticks: a second change within one tick leaves the same times.
    before = key_file.path.stat()
    monkeypatch.setattr("cookiejar_session.keys.key_file.Path.stat", lambda path: before)
    changed = max(before.st_mtime, before.st_ctime)
    monkeypatch.setattr("cookiejar_session.keys.key_file.time", SimpleNamespace(time=lambda: changed + age))
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(B)
    assert list_keys(keyring, NOW + 10) == keys


def test_a_young_file_with_the_same_keys_is_not_logged_as_read_again(
    key_file: KeyFileWriter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"# another comment\n{A}")
    before = keyring.ring(NOW)
    assert keyring.ring(NOW + 10) is before
    assert caplog.messages == []


def test_a_file_replaced_by_another_of_the_same_size_and_time_is_read(key_file: KeyFileWriter) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    other = key_file.path.with_name("next")
    other.write_text(B)
    state = key_file.path.stat()
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(key_file.path)
    assert list_keys(keyring, NOW + 10) == KEYS[1:2]


def test_a_known_key_id_causes_no_check(key_file: KeyFileWriter, checks: list[Path]) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    checks.clear()
    assert keyring.find(KEYS[0].key_id, NOW + 9) is keyring.ring(NOW + 9).entries[0]
    assert checks == []


def test_a_broken_file_leaves_the_old_ring(key_file: KeyFileWriter) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(BROKEN)
    assert list_keys(keyring, NOW + 10) == KEYS[:1]


def test_a_broken_file_is_logged_once(key_file: KeyFileWriter, caplog: pytest.LogCaptureFixture) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(BROKEN)
    for moment in range(NOW, NOW + 60, 5):
        keyring.ring(moment)
        keyring.find(UNKNOWN, moment)
    assert caplog.record_tuples == [
        (
            LOGGER,
            logging.ERROR,
            f"keyring file ignored, the previous keys stay in use: keyring file {key_file.path} entry 2: "
            f"key text must be 53 characters, got 52; copy it whole, or {FIX}",
        )
    ]


def test_a_corrected_file_takes_effect(key_file: KeyFileWriter) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(BROKEN)
    keyring.ring(NOW + 10)
    key_file.write(f"{B} {A}")
    assert list_keys(keyring, NOW + 20) == KEYS[1::-1]


def test_a_ring_read_again_is_logged_by_its_key_ids(key_file: KeyFileWriter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    keyring.ring(NOW + 10)
    assert caplog.messages == [
        f"keyring file read again: <Keyring {KEYS[1].key_id.hex()} primary (seals now), "
        f"{KEYS[0].key_id.hex()} opens only>",
    ]


def test_a_file_that_vanishes_leaves_the_old_ring_and_is_logged_once(
    key_file: KeyFileWriter, caplog: pytest.LogCaptureFixture
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.path.unlink()
    assert [list_keys(keyring, NOW + seconds) for seconds in (10, 20, 30)] == [KEYS[:1]] * 3
    assert caplog.messages == [
        f"keyring file ignored, the previous keys stay in use: keyring file {key_file.path}: "
        "No such file or directory; name a file that this process can read"
    ]


def test_a_file_that_comes_back_is_read(key_file: KeyFileWriter) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.path.unlink()
    keyring.ring(NOW + 10)
    key_file.write(B)
    assert list_keys(keyring, NOW + 20) == KEYS[1:2]


def raise_too_many(path: str, flags: int) -> None:
    raise OSError(24, "Too many open files")


def test_a_file_that_could_not_be_read_is_tried_again_though_nothing_of_it_changed(
    key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(B)
    with monkeypatch.context() as patch:
        patch.setattr("cookiejar_session.keys.key_file.os.open", raise_too_many)
        before = list_keys(keyring, NOW + 10)
    assert (before, list_keys(keyring, NOW + 20)) == (KEYS[:1], KEYS[1:2])


def test_a_file_that_stays_unreadable_is_logged_once_and_again_after_it_was_read(
    key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, LOGGER)
    keyring = Keyring.from_file(key_file.path, now=NOW)
    logged = []
    for content in (B, C):
        key_file.write(content)
        with monkeypatch.context() as patch:
            patch.setattr("cookiejar_session.keys.key_file.os.open", raise_too_many)
            for moment in (NOW + 10, NOW + 20, NOW + 30):
                keyring.ring(moment)
        keyring.ring(NOW + 40)
        logged.append(len(caplog.messages))
    assert logged == [1, 2]


def test_a_file_that_vanishes_twice_and_comes_back_as_it_was_is_logged_twice(
    key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, LOGGER)
    keyring = Keyring.from_file(key_file.path, now=NOW)

    def vanish(path: Path, *arguments: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    for moment in (NOW, NOW + 100):
        # As with a volume that is unmounted and mounted again.
        with monkeypatch.context() as patch:
            patch.setattr("cookiejar_session.keys.key_file.os.open", vanish)
            patch.setattr("cookiejar_session.keys.key_file.Path.stat", vanish)
            keyring.ring(moment + 20)
        keyring.ring(moment + 40)
    assert len(caplog.messages) == 2


def test_an_older_load_does_not_replace_a_newer_one(key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(B)
    real = os.open

    def overtake(path: str, flags: int) -> int:
        file = real(path, flags)
        monkeypatch.setattr("cookiejar_session.keys.key_file.os.open", real)
        replacement = key_file.path.with_name("next")
        replacement.write_text(C)
        replacement.replace(path)
        assert list_keys(keyring, NOW + 20) == KEYS[2:]
        return file

    monkeypatch.setattr("cookiejar_session.keys.key_file.os.open", overtake)
    assert list_keys(keyring, NOW + 10) == KEYS[2:]


def test_a_relative_path_outlives_a_change_of_directory(
    key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(key_file.path.parent)
    keyring = Keyring.from_file(key_file.path.name, now=NOW)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    key_file.write(B)
    assert list_keys(keyring, NOW + 10) == KEYS[1:2]


def test_a_symbolic_link_is_followed_at_each_check(key_file: KeyFileWriter) -> None:
    # As Kubernetes swaps a secret: the link to the folder is replaced, the path stays.
    other = key_file.path.with_name("other")
    other.write_text(B)
    link, next_link = key_file.path.with_name("link"), key_file.path.with_name("next")
    link.symlink_to(key_file.path)
    keyring = Keyring.from_file(link, now=NOW)
    next_link.symlink_to(other)
    next_link.replace(link)
    assert list_keys(keyring, NOW + 10) == KEYS[1:2]


def test_staged_keys_change_roles_without_a_new_file(key_file: KeyFileWriter) -> None:
    key_file.write(f"{B}@from=2026-01-01T00:01:00Z {A}@until=2026-01-01T00:02:00Z")
    keyring = Keyring.from_file(key_file.path, now=NOW)
    found = [
        (keyring.ring(moment).primary(moment).key, keyring.ring(moment).find(KEYS[0].key_id, moment) is not None)
        for moment in (NOW + 59, NOW + 60, NOW + 119, NOW + 120)
    ]
    assert found == [(KEYS[0], True), (KEYS[1], True), (KEYS[1], True), (KEYS[1], False)]


@given(
    content=st.lists(
        st.sampled_from([A, B, C, BROKEN, "#", "\r", "\n", ",", " ", "@from=", "\xff", "\ufeff"]), max_size=8
    )
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_of_a_file_raises_or_is_logged(
    content: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    caplog.clear()
    file = KeyFileWriter(tmp_path / "ring")
    file.write(A)
    keyring = Keyring.from_file(file.path, now=NOW)
    file.write("".join(content))
    keyring.ring(NOW + 10)
    assert [text for text in (A, B, C) if text[5:25] in caplog.text] == []


# Reload


def test_reload_reads_the_file_though_its_state_is_the_same_and_says_whether_the_keys_changed(
    key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    before = key_file.path.stat()
    monkeypatch.setattr("cookiejar_session.keys.key_file.Path.stat", lambda path: before)
    assert not keyring.reload(now=NOW)
    key_file.write(f"{B} {A}")
    assert keyring.reload(now=NOW)
    assert list_keys(keyring) == KEYS[1::-1]


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda path: path.unlink(), ": No such file or directory; name a file that this process can read"),
        (lambda path: path.write_text(A[:-1]), " entry 1: key text must be 53 characters, got 52; "),
        (lambda path: (path.unlink(), path.mkdir()), ": is a directory; name a file with a ring"),
    ],
    ids=["deleted", "cut", "directory"],
)
def test_reload_raises_for_a_bad_file_and_keeps_the_ring(
    spoil: Callable[[Path], object], problem: str, key_file: KeyFileWriter, caplog: pytest.LogCaptureFixture
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    spoil(key_file.path)
    assert f"keyring file {key_file.path}{problem}" in fail(lambda: keyring.reload(now=NOW))
    assert list_keys(keyring, NOW) == KEYS[:1]
    assert caplog.messages == []


def test_reload_repeats_until_no_check_has_come_between(
    key_file: KeyFileWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(f"{B} {A}")
    real, outcomes = KeyFile.replace, [False, True]

    def replace(source: KeyFile, *arguments: Any) -> bool:
        return outcomes.pop(0) and real(source, *arguments)

    monkeypatch.setattr(KeyFile, "replace", replace)
    assert keyring.reload(now=NOW)
    assert outcomes == []
    assert list_keys(keyring) == KEYS[1::-1]


# A file that is replaced or written while it is read


@pytest.mark.parametrize(("times", "is_read"), [(1, True), (2, False)])
def test_a_link_that_is_replaced_while_it_is_followed_is_followed_again_once(
    times: int,
    is_read: bool,
    key_file: KeyFileWriter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    key_file.write(B)
    real, left = os.open, [FileNotFoundError(2, "No such file or directory")] * times

    def vanish(path: str, flags: int) -> int:
        if left:
            raise left.pop()
        return real(path, flags)

    monkeypatch.setattr("cookiejar_session.keys.key_file.os.open", vanish)
    assert (list_keys(keyring, NOW + 10) == KEYS[1:2]) is is_read
    complaints = [record for record in caplog.records if record.levelno > logging.INFO]
    assert (complaints == []) is is_read


def test_a_file_that_is_cut_in_the_middle_of_writing_is_read_when_it_is_whole(key_file: KeyFileWriter) -> None:
    keyring = Keyring.from_file(key_file.path, now=NOW)
    whole = f"{B}\n{A}\n"
    seen = set()
    for length in range(len(whole)):
        key_file.write(whole[:length])
        keyring.ring(NOW + 10 * length)
        seen.add(tuple(list_keys(keyring, NOW + 10 * length)))
    key_file.write(whole)
    assert list_keys(keyring, NOW + 10 * len(whole)) == KEYS[1::-1]
    # A ring of B alone is a valid ring: write the file under another name and rename it.
    assert seen == {(KEYS[0],), (KEYS[1],), (KEYS[1], KEYS[0])}


def test_a_key_in_the_place_of_a_path_is_refused() -> None:
    assert fail(lambda: Keyring.from_file(A)) == "path is a key, not a path; write Keyring.parse(text)"


def test_a_file_that_only_its_owner_can_read_is_enough(key_file: KeyFileWriter) -> None:
    # systemd gives its credentials the mode 0400.
    key_file.path.chmod(0o400)
    assert list_keys(Keyring.from_file(key_file.path, now=NOW)) == KEYS[:1]


# The octets of a key file


def test_octets_of_a_key_file_are_read(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_bytes(b"# \xff\r\n")
    assert read_key_file(file) == b"# \xff\r\n"


def test_octets_of_a_file_whose_link_is_replaced_meanwhile_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys"
    file.write_bytes(b"octets")
    stat, failures = os.stat, iter([FileNotFoundError()])

    def follow_old_link_first(path: Any, **options: Any) -> os.stat_result:
        if path == file:
            for failure in failures:
                raise failure
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", follow_old_link_first)
    assert read_key_file(file) == b"octets"
    assert next(failures, None) is None


def test_octets_of_another_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"^keyring file {tmp_path}: is a directory"):
        read_key_file(tmp_path)
    missing = tmp_path / "missing"
    with pytest.raises(ConfigError, match=f"^keyring file {missing}: No such file or directory; name a file that"):
        read_key_file(missing)
