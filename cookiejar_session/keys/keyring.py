"""The keyring: where its keys come from, and when a key file is read again."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn, cast

from ..argument_checks import check_types, hide_arguments, round_down
from ..errors import ConfigError, MissingKeysError
from .key import Key
from .key_text import MAKE_A_KEY
from .resemblance import resembles_bare_base64, resembles_key, resembles_path
from .ring_text import parse_ring, remove_comments
from .rotation import Ring, RingEntry

KEYS_VARIABLE = "COOKIEJAR_SESSION_KEYS"
FILE_VARIABLE = "COOKIEJAR_SESSION_KEYS_FILE"
# The shortest time between two checks of a key file, in seconds: in general, and after an unknown key id.
CHECK_EVERY = 10
CHECK_EVERY_ON_UNKNOWN_KEY = 1
# 16 entries need 4 KiB; the rest is room for comments. A path to a device or a log is refused before memory runs out.
MAX_FILE_OCTETS = 1 << 20
# In seconds. Some file systems store times in steps of up to two seconds (FAT).
CLOCK_TICK = 2

_BLANKS = " \t\r\n"
# Kinds of files that are refused, by the first letter of stat.filemode().
_FILE_KINDS = {"d": "directory", "p": "FIFO", "s": "socket", "c": "device", "b": "device"}

_log = logging.getLogger("cookiejar_session")


class _State(NamedTuple):
    """A ring and the state of its file. One object, so that threads never see a mismatched pair."""

    ring: Ring
    file_state: object = None


class Keyring:
    """The keys that seal and open, the primary key first (SPEC 4).

    Make one with :meth:`parse`, :meth:`from_environment`, :meth:`from_file` or :meth:`generate`. Each raises
    ConfigError for keys that cannot work. A keyring from a file follows changes of the file. ``is_generated`` says that
    the keys are random and that no other process has them. ``repr`` shows key ids, which are public, and which key
    seals now.
    """

    __slots__ = ("_checked", "_complaint", "_path", "_state", "is_generated")

    @hide_arguments
    def __init__(
        self,
        ring: Ring,
        *,
        path: Path | None = None,
        file_state: object = None,
        checked: int = 0,
        is_generated: bool = False,
    ) -> None:
        if not isinstance(ring, Ring):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError(f"Keyring takes a Ring, got {type(ring).__name__}; write Keyring.parse(text)")
        self._state = _State(ring, file_state)
        self._path = path
        self._complaint: str | None = None
        self._checked = checked
        self.is_generated: bool = is_generated

    @classmethod
    @hide_arguments
    def parse(cls, text: str, *, now: float | None = None, _allow_published: bool = False) -> Keyring:
        """Return the keyring of ring text (SPEC 4.1): keys separated by spaces, line ends or commas.

        From ``now`` on (Unix seconds; the current time if left out), some key must be able to seal at every moment.
        """
        check_types(**{"keyring text": (text, str)})
        return cls(_parse(text, source="keyring", now=now, allow_published=_allow_published))

    @classmethod
    @hide_arguments
    def from_environment(cls, environ: Mapping[str, str] | None = None, *, now: float | None = None) -> Keyring:
        """Return the keyring of COOKIEJAR_SESSION_KEYS, or of the file that COOKIEJAR_SESSION_KEYS_FILE names.

        ``environ`` is ``os.environ`` if left out. Blanks around the path are ignored, and a blank variable counts as
        unset. Raises MissingKeysError if neither variable is set.
        """
        variables = os.environ if environ is None else environ
        text, path = (variables.get(name, "").strip(_BLANKS) for name in (KEYS_VARIABLE, FILE_VARIABLE))
        if text and path:
            raise ConfigError(f"{KEYS_VARIABLE} and {FILE_VARIABLE} are both set; unset one of the two")
        if path:
            if _is_misplaced_key(path):
                raise ConfigError(f"{FILE_VARIABLE} holds a key, not a path; put the key in {KEYS_VARIABLE}")
            return cls.from_file(path, now=now)
        if resembles_path(text) or os.path.isfile(text):
            raise ConfigError(f"{KEYS_VARIABLE} holds a path, not a key; put the path in {FILE_VARIABLE}")
        if not text:
            state = "is set but empty" if KEYS_VARIABLE in variables else f"is not set, nor is {FILE_VARIABLE}"
            raise MissingKeysError(f"{KEYS_VARIABLE} {state}; {MAKE_A_KEY} and put it there")
        return cls(_parse(text, source=KEYS_VARIABLE, now=now))

    @classmethod
    @hide_arguments
    def from_file(cls, path: str | os.PathLike[str], *, now: float | None = None) -> Keyring:
        """Return the keyring of a file that holds ring text; lines that begin with # are comments (SPEC 4.2).

        The keyring checks the file every 10 seconds and reads it again when it has changed. A valid change takes
        effect. An invalid one is logged, and the previous keys stay in use.
        """
        file = _check_path(path)
        moment = _read_clock(now)
        file_state = _read_file_state(file)
        try:
            ring = _load(file, moment)
        except OSError as exc:
            raise ConfigError(_describe_unreadable(file, exc)) from None
        return cls(ring, path=file, file_state=file_state, checked=moment)

    @classmethod
    def generate(cls) -> Keyring:
        """Return a keyring of one new random key, for tests: no other process can open its tokens."""
        return cls(Ring([RingEntry(Key.generate(), 0)], now=0), is_generated=True)

    @property
    def path(self) -> Path | None:
        """The path of the key file. None for a keyring that was not read from a file."""
        return self._path

    def ring(self, now: int) -> Ring:
        """Return the ring at ``now`` (Unix seconds). A key file is checked first, at most once in 10 seconds."""
        if self._path is not None and not 0 <= now - self._checked < CHECK_EVERY:
            self._check_file(self._path, now)
        return self._state.ring

    def find(self, key_id: bytes, now: int) -> RingEntry | None:
        """Return the entry that opens tokens with this key id at ``now``, if there is one (SPEC 4.4).

        For an unknown key id, a key file is checked again at once, but at most once a second.
        """
        entry = self.ring(now).find(key_id, now)
        if entry is None and self._path is not None and not 0 <= now - self._checked < CHECK_EVERY_ON_UNKNOWN_KEY:
            self._check_file(self._path, now)
            entry = self._state.ring.find(key_id, now)
        return entry

    def _check_file(self, path: Path, now: int) -> None:
        self._checked = now
        before, file_state = self._state, _read_file_state(path)
        if file_state == before.file_state:
            self._complaint = None
            return
        try:
            ring = _load(path, now)
        except OSError as exc:
            # The file may become readable without a change of its own state, for example after too many files were
            # open. So the state is not stored, and the next check tries the file again.
            self._complain(_describe_unreadable(path, exc))
            return
        except ConfigError as exc:
            self._complain(str(exc))
            ring = before.ring
        else:
            self._complaint = None
            # A file that has just changed is read twice (see _read_file_state), usually with the same content.
            if ring.entries == before.ring.entries:
                ring = before.ring
        # Another thread may have read a newer state of the file in the meantime. If so, the next check corrects it.
        if self._state is before:
            self._state = _State(ring, file_state)
            if ring is not before.ring:
                _log.info("keyring file read again: %r", self)

    def _complain(self, problem: str) -> None:
        if problem != self._complaint:
            self._complaint = problem
            _log.error("keyring file ignored, the previous keys stay in use: %s", problem)

    def __repr__(self) -> str:
        # If the constructor raised, there is no state, but a traceback with local variables may still call repr.
        if not hasattr(self, "_state"):
            return "<Keyring>"
        origin = "generated for this process alone: " if self.is_generated else ""
        return f"<Keyring {origin}{self._state.ring.describe(int(time.time()))}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Keyring cannot be pickled or copied, so that keys are not copied; make one in each process")


def _read_clock(now: float | None) -> int:
    # Check the time here. The traceback of an error that is raised further inside would contain frames that hold key
    # text.
    return int(time.time()) if now is None else round_down(now)


def _parse(text: str, *, source: str, now: float | None, allow_published: bool = False) -> Ring:
    moment = _read_clock(now)
    try:
        return parse_ring(text, now=moment, allow_published=allow_published)
    except ConfigError as exc:
        problem = str(exc)
    raise ConfigError(f"{source} {problem}" if problem.startswith("entry ") else f"{source}: {problem}")


def _check_path(path: str | os.PathLike[str]) -> Path:
    try:
        text = cast("object", os.fspath(path))
    except TypeError:
        text = None
    if not isinstance(text, str):
        raise ConfigError(
            f"path must be a str or a Path, got {type(path).__name__}; write Keyring.from_file(Path(...))"
        )
    if _is_misplaced_key(text):
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


def _is_misplaced_key(path: str) -> bool:
    return resembles_key(path) or (resembles_bare_base64(path) and not os.path.lexists(path))


@hide_arguments
def _load(path: Path, now: int) -> Ring:
    kind = _FILE_KINDS.get(stat.filemode(os.stat(path).st_mode)[0])
    if kind is not None:
        raise ConfigError(f"keyring file {path}: is a {kind}; name a file with a ring")
    with open(path, "rb", opener=_open_without_waiting) as file:
        # read() returns None if a FIFO has just replaced the file, and nobody has written to the FIFO yet.
        octets = file.read(MAX_FILE_OCTETS + 1) or b""
    if len(octets) > MAX_FILE_OCTETS:
        raise ConfigError(f"keyring file {path}: is longer than {MAX_FILE_OCTETS} bytes; name a file with a ring")
    return _parse(remove_comments(octets), source=f"keyring file {path}", now=now)


def _open_without_waiting(path: str, flags: int) -> int:
    # A FIFO may have just replaced the file, and opening a FIFO waits for a writer. Windows has no FIFOs.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _describe_unreadable(path: Path, exc: OSError) -> str:
    return f"keyring file {path}: {exc.strerror or exc}; name a file that this process can read"


def _read_file_state(path: Path) -> object:
    """Return the state of a file, for a comparison with a later state. Returns None if there is no such file.

    The state of a file that was changed less than two seconds ago is equal to no other state, so the file is read
    again. The reason: a second change in the same tick of the file system's clock would leave the times as they are.
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
