"""A key file: reading its ring, and reading it again when the file has changed."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import cast

from ..argument_checks import hide_arguments
from ..errors import ConfigError
from .key_source import KeySource, SourceState, keep_equal
from .resemblance import resembles_bare_base64, resembles_key
from .ring_text import read_ring, remove_comments
from .rotation import Ring

# 16 entries need 4 KiB; the rest is room for comments. A path to a device or a log is refused before memory runs out.
MAX_FILE_OCTETS = 1 << 20
# The longest step, in seconds, in which a file system stores times (FAT).
CLOCK_TICK = 2

# Kinds of files that are refused, by the first letter of stat.filemode().
_FILE_KINDS = {"d": "directory", "p": "FIFO", "s": "socket", "c": "device", "b": "device"}


class KeyFile(KeySource):
    """A file that holds ring text. ``path`` is absolute. Raises ConfigError if the file has no valid ring at ``now``.

    A valid change of the file takes effect at the next check. An invalid one is logged, and the previous ring stays in
    use.
    """

    __slots__ = ("path",)

    def __init__(self, path: Path, *, now: int) -> None:
        self.path: Path = path
        file_state = read_file_state(path)
        super().__init__("keyring file", SourceState(_load_or_refuse(path, now), file_state), checked=now)

    def check(self, now: int) -> None:
        self.checked = now
        before, file_state = self.state, read_file_state(self.path)
        if file_state == before.file_state:
            self.replace(before, before, now)
            return
        problem = None
        try:
            ring = _load(self.path, now)
        except OSError as exc:
            # The file may become readable without a change of its own state, for example after too many files were
            # open. So the state is not stored, and the next check tries the file again.
            self.complain(_describe_unreadable(self.path, exc))
            return
        except ConfigError as exc:
            problem, ring = str(exc), before.ring
        # Another thread may have read a newer state of the file in the meantime. If this older state is stored all the
        # same, the next check reads the file again.
        self.replace(before, SourceState(keep_equal(before.ring, ring), file_state, problem), now)

    def reload(self, now: int) -> bool:
        self.checked: int = now
        file_state = read_file_state(self.path)
        ring = _load_or_refuse(self.path, now)
        while True:
            before = self.state
            after = SourceState(keep_equal(before.ring, ring), file_state)
            # A check that began earlier may have stored an older state of the file in between.
            if self.replace(before, after, now):
                return after.ring is not before.ring


def check_path(path: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a key file. Raises ConfigError for a value that can be no path, such as a key."""
    try:
        text = cast("object", os.fspath(path))
    except TypeError:
        text = None
    if not isinstance(text, str):
        raise ConfigError(
            f"path must be a str or a Path, got {type(path).__name__}; write Keyring.from_file(Path(...))"
        )
    if is_misplaced_key(text):
        raise ConfigError("path is a key, not a path; write Keyring.parse(text)")
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise ConfigError("path holds a lone surrogate; name a file that this process can read") from None
    if "\0" in text:
        raise ConfigError("path holds a NUL; name a file that this process can read")
    # Symbolic links are not resolved: Kubernetes updates a file by replacing a link. The path is made absolute, since
    # the process may change its directory.
    return Path(text).absolute()


def is_misplaced_key(path: str) -> bool:
    """Whether a text that was passed as a path is really a key."""
    return resembles_key(path) or (resembles_bare_base64(path) and not os.path.lexists(path))


def read_key_file(path: Path) -> bytes:
    """Return the octets of a key file. Raises ConfigError for a file that cannot be read, or that is no key file."""
    try:
        return _read_octets(path)
    except OSError as exc:
        raise ConfigError(_describe_unreadable(path, exc)) from None


@hide_arguments
def parse_key_file(octets: bytes, *, path: Path, now: int) -> Ring:
    """Return the ring in the octets of a key file. ``path`` is for messages. Raises ConfigError."""
    return read_ring(remove_comments(octets), source=f"keyring file {path}", now=now)


def read_file_state(path: Path) -> object:
    """Return the state of a file, for a comparison with a later state. Returns None if there is no such file.

    If the file was changed less than two seconds ago, the returned state is unequal to every other state, so that the
    file is read again. The reason: a second change in the same tick of the file system's clock would leave the times as
    they are.
    """
    # Read the clock before the file's state, since this thread may be interrupted between the two.
    now = time.time()
    try:
        found = path.stat()
    except OSError:
        return None
    # The change time (ctime) also changes when a new mode makes the file readable.
    if now - max(found.st_mtime, found.st_ctime) < CLOCK_TICK:
        return object()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def _load_or_refuse(path: Path, now: int) -> Ring:
    try:
        return _load(path, now)
    except OSError as exc:
        raise ConfigError(_describe_unreadable(path, exc)) from None


@hide_arguments
def _load(path: Path, now: int) -> Ring:
    return parse_key_file(_read_octets(path), path=path, now=now)


def _read_octets(path: Path) -> bytes:
    try:
        return _read_once(path)
    except FileNotFoundError:
        # Kubernetes replaces a link and removes the folder behind the old one. A path that was being followed at that
        # moment leads nowhere. The second try follows the new link.
        return _read_once(path)


def _read_once(path: Path) -> bytes:
    kind = _FILE_KINDS.get(stat.filemode(os.stat(path).st_mode)[0])
    if kind is not None:
        raise ConfigError(f"keyring file {path}: is a {kind}; name a file with a ring")
    with open(path, "rb", opener=_open_without_waiting) as file:
        # read() returns None if a FIFO has just replaced the file, and nobody has written to the FIFO yet.
        octets = file.read(MAX_FILE_OCTETS + 1) or b""
    if len(octets) > MAX_FILE_OCTETS:
        raise ConfigError(f"keyring file {path}: is longer than {MAX_FILE_OCTETS} bytes; name a file with a ring")
    return octets


def _open_without_waiting(path: str, flags: int) -> int:
    # A FIFO may have just replaced the file, and opening a FIFO waits for a writer. Windows has no FIFOs.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _describe_unreadable(path: Path, exc: OSError) -> str:
    return f"keyring file {path}: {exc.strerror or exc}; name a file that this process can read"
