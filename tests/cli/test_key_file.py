"""cli/key_file.py: a key file is replaced whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cookiejar_session import ConfigError, Key, Keyring
from cookiejar_session.cli.key_file import replace_key_file

OLD, NEW = b"old ring\n", "new ring\n"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_bytes(OLD)
    return path


def list_names(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_mode_of_the_file_stays(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    replace_key_file(key_file, NEW, before=OLD)
    assert stat.S_IMODE(key_file.stat().st_mode) == mode
    assert key_file.read_text() == NEW


def test_new_file_is_read_by_its_owner_only(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        replace_key_file(tmp_path / "keys", NEW, before=None)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600


def test_symbolic_link_stays(key_file: Path) -> None:
    link = key_file.with_name("link")
    link.symlink_to(key_file)
    replace_key_file(link, NEW, before=OLD)
    assert link.is_symlink()
    assert key_file.read_text() == NEW


def test_file_of_another_owner_keeps_its_owner(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[tuple[int, int]] = []
    found = key_file.stat()
    made = os.stat_result([found.st_mode, 0, 0, 1, found.st_uid + 1, found.st_gid, 0, 0, 0, 0])
    monkeypatch.setattr(os, "fstat", lambda handle: made)
    monkeypatch.setattr(os, "chown", lambda handle, user, group: kept.append((user, group)))
    replace_key_file(key_file, NEW, before=OLD)
    assert kept == [(found.st_uid, found.st_gid)]


def test_file_whose_owner_cannot_be_kept_stays_as_it_was(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError

    found = key_file.stat()
    made = os.stat_result([found.st_mode, 0, 0, 1, found.st_uid + 1, found.st_gid, 0, 0, 0, 0])
    monkeypatch.setattr(os, "fstat", lambda handle: made)
    monkeypatch.setattr(os, "chown", refuse)
    with pytest.raises(ConfigError, match="belongs to another user or group"):
        replace_key_file(key_file, NEW, before=OLD)
    assert key_file.read_bytes() == OLD
    assert list_names(key_file) == ["keys"]


@pytest.mark.parametrize("before", [None, b"another ring\n"], ids=["appeared", "changed"])
def test_file_that_changed_meanwhile_is_not_replaced(key_file: Path, before: bytes | None) -> None:
    with pytest.raises(ConfigError, match="it was changed meanwhile, so it was not replaced; run the command again"):
        replace_key_file(key_file, NEW, before=before)
    assert key_file.read_bytes() == OLD
    assert list_names(key_file) == ["keys"]


@pytest.mark.parametrize("name", ["fsync", "replace", "chmod"])
def test_file_is_as_it_was_after_an_error(key_file: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, name, fail)
    with pytest.raises(ConfigError, match="No space left on device; the file is as it was"):
        replace_key_file(key_file, NEW, before=OLD)
    assert key_file.read_bytes() == OLD
    assert list_names(key_file) == ["keys"]


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory"):
        replace_key_file(tmp_path / "none" / "keys", NEW, before=None)


def test_folder_that_cannot_be_synchronized_does_not_matter(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., int] = os.open

    def refuse(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if path == key_file.parent:
            raise PermissionError
        return real(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refuse)
    replace_key_file(key_file, NEW, before=OLD)
    assert key_file.read_text() == NEW


def test_file_of_this_user_needs_no_new_owner(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "chown")
    replace_key_file(key_file, NEW, before=OLD)
    assert key_file.read_text() == NEW


def test_leftover_of_a_killed_rotation_is_removed(key_file: Path) -> None:
    for name in (".keys.abc.rotating", ".keys.swp", ".other.abc.rotating"):
        key_file.with_name(name).write_text("")
    replace_key_file(key_file, NEW, before=OLD)
    assert list_names(key_file) == [".keys.swp", ".other.abc.rotating", "keys"]


# For each line of standard input, rotates in a fork, which kills itself before its call number COUNT of a function that
# touches the file system. COUNT is the number of the line. Prints how the fork ended. A fork, since it starts at once.
KILLED = """
import os, signal, sys
from pathlib import Path
from cookiejar_session.cli import main
import cookiejar_session.cli.keyring_rotate
import cookiejar_session.cli.key_file as key_file

left = 0
def watch(module, name):
    real = getattr(module, name)
    def watched(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    setattr(module, name, watched)

for count, _ in enumerate(sys.stdin, 1):
    process = os.fork()
    if process == 0:
        left = count
        for name in ("open", "fdopen", "chmod", "fsync", "replace", "close", "stat", "fstat"):
            watch(os, name)
        for name in ("read_bytes", "iterdir"):
            watch(Path, name)
        watch(key_file.tempfile, "mkstemp")
        sys.stdout = sys.stderr
        sys.exit(main(["keyring", "rotate", "--in-place", *sys.argv[1:]]))
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_ring_is_whole_wherever_the_process_is_killed(tmp_path: Path) -> None:
    old, path = Key.generate(), tmp_path / "keys"
    path.write_text(f"# kept\n{old.to_text()}\n")
    key_ids = {old.key_id}
    killed = 0
    command = [sys.executable, "-c", KILLED, str(path), "--stage", "add", "--force"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as rotations:
        assert rotations.stdin is not None
        assert rotations.stdout is not None
        while True:
            rotations.stdin.write("rotate\n")
            rotations.stdin.flush()
            status = int(rotations.stdout.readline())
            for key_id in key_ids:
                assert Keyring.from_file(path).find(key_id, 0) is not None
            key_ids = {entry.key.key_id for entry in Keyring.from_file(path).ring(0).entries}
            if status != -signal.SIGKILL:
                break
            killed += 1
        # It ends with its input.
        rotations.stdin.close()
    assert status == 0
    assert killed >= 10
    assert path.read_text().startswith("# kept\n")
    # What the killed processes left holds keys, and is removed.
    assert list_names(path) == ["keys"]
