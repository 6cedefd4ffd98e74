"""The keyring: where its text comes from and when it is read again. Knows nothing of tokens."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ..errors import ConfigError
from ..record import Record
from .key import MEND, Key, resembles_key
from .ring import Ring, RingEntry

KEYS_VARIABLE = "COOKIEJAR_SESSION_KEYS"
FILE_VARIABLE = "COOKIEJAR_SESSION_KEYS_FILE"
# How often, in seconds, a file is looked at: in general, and when a key id is unknown.
CHECK_EVERY = 10
CHECK_EVERY_ON_UNKNOWN_KEY = 1
# 16 entries need 4 KiB; the rest is room for comments. A path to a device or a log is found out before memory ends.
MAX_FILE_OCTETS = 1 << 20

_log = logging.getLogger("cookiejar_session")


class _State(Record, frozen=True):
    """A ring and what its file looked like; one object, so that no reader sees one without the other."""

    ring: Ring
    signature: object = None


class Keyring:
    """The keys that seal and open, the primary first (SPEC 4).

    Made by :meth:`parse`, :meth:`from_environment`, :meth:`from_file` or :meth:`generate`, each of which raises
    ConfigError for a ring that cannot work. A keyring from a file follows the file; :meth:`ring` gives one state of it.
    """

    __slots__ = ("_checked", "_checked_on_unknown_key", "_complaint", "_path", "_state")

    def __init__(self, ring: Ring, *, path: Path | None = None, signature: object = None, checked: int = 0) -> None:
        if not _is_a(ring, Ring):
            kind = type(ring).__qualname__
            del ring  # a traceback that shows locals must not show key text
            raise ConfigError(f"Keyring takes a Ring, got {kind}; write Keyring.parse(text)")
        self._state = _State(ring, signature)
        self._path = path
        self._complaint: str | None = None
        self._checked = self._checked_on_unknown_key = checked

    @classmethod
    def parse(cls, text: str, *, now: int | None = None, _allow_published: bool = False) -> Keyring:
        """A keyring from the text of SPEC 4.1. ``now`` in seconds decides whether staged keys leave a gap."""
        if not _is_a(text, str):
            kind = type(text).__qualname__
            del text
            raise ConfigError(f"keyring text must be a str, got {kind}; decode it first")
        text = _Secret(text)
        return cls(_parse(text, "keyring", now, allow_published=_allow_published))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, *, now: int | None = None) -> Keyring:
        """A keyring from COOKIEJAR_SESSION_KEYS or from the file that COOKIEJAR_SESSION_KEYS_FILE names."""
        text, path = _Secret(environ.get(KEYS_VARIABLE, "")), _Secret(environ.get(FILE_VARIABLE, ""))
        found = KEYS_VARIABLE in environ
        del environ  # a traceback that shows locals must not show the environment
        if text.strip() and path:
            raise ConfigError(f"{KEYS_VARIABLE} and {FILE_VARIABLE} are both set; unset one of the two")
        if resembles_key(path):
            raise ConfigError(f"{FILE_VARIABLE} holds a key, not a path; put it in {KEYS_VARIABLE}")
        if path:
            return cls.from_file(path, now=now)
        if not text.strip():
            state = "is set but empty" if found else f"is not set, nor is {FILE_VARIABLE}"
            raise ConfigError(f"{KEYS_VARIABLE} {state}; {MEND} and put it there")
        return cls(_parse(text, KEYS_VARIABLE, now))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], *, now: int | None = None) -> Keyring:
        """A keyring from a file (SPEC 4.2), read again when the file changes. Lines that begin with # are comments."""
        found = _locate(path)
        del path
        if isinstance(found, str):
            raise ConfigError(found)
        moment = _seconds(now)
        signature = _sign(found)
        try:
            ring = _load(found, moment)
        except OSError as exc:
            raise ConfigError(_describe_unreadable(found, exc)) from None
        return cls(ring, path=found, signature=signature, checked=moment)

    @classmethod
    def generate(cls) -> Keyring:
        """A keyring of one new random key, for tests and demonstrations: no other process can open what it seals."""
        return cls(Ring([RingEntry(Key.generate(), 0)], now=0))

    def ring(self, now: int) -> Ring:
        """The state of the keyring at ``now``, a changed file read first; it is looked at once in 10 s at most."""
        if self._path is not None and not 0 <= now - self._checked < CHECK_EVERY:
            self._check(self._path, now)
        return self._state.ring

    def ring_for_unknown_key(self, now: int) -> Ring:
        """The state of the keyring after an unknown key id: the file is looked at at once, once a second at most."""
        if self._path is not None and not 0 <= now - self._checked_on_unknown_key < CHECK_EVERY_ON_UNKNOWN_KEY:
            self._checked_on_unknown_key = now
            self._check(self._path, now)
        return self._state.ring

    def _check(self, path: Path, now: int) -> None:
        self._checked = now
        before, signature = self._state, _sign(path)
        if signature == before.signature:
            self._complaint = None
            return
        try:
            after = _State(_load(path, now), signature)
        except OSError as exc:
            # Nothing of the file need change before it can be read: it is tried again at each look.
            self._complain(_describe_unreadable(path, exc))
            return
        except ConfigError as exc:
            self._complain(str(exc))
            after = _State(before.ring, signature)
        # Another thread that looked in the meantime saw what is newer, or the next look puts it right.
        if self._state is before:
            self._state = after
            if after.ring is not before.ring:
                self._complaint = None
                _log.info("keyring file read again: %r", after.ring)

    def _complain(self, problem: str) -> None:
        if problem != self._complaint:
            self._complaint = problem
            _log.error("keyring file not taken over, the ring before it stays: %s", problem)

    def __repr__(self) -> str:
        # One that was refused has no state yet, and may stand in a traceback that shows locals.
        entries = self._state.ring.entries if hasattr(self, "_state") else ()
        return f"<Keyring {' '.join(entry.key.key_id.hex() for entry in entries)}>"


class _Secret(str):
    """What is, or may be by mistake, key text, on its way through frames whose locals a traceback may show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<key text>"


def _is_a(value: object, kind: type) -> bool:
    return isinstance(value, kind)


def _seconds(now: int | None) -> int:
    return int(time.time()) if now is None else now


def _parse(text: str, source: str, now: int | None, *, allow_published: bool = False) -> Ring:
    try:
        return Ring.parse(text, now=_seconds(now), allow_published=allow_published)
    except ConfigError as exc:
        problem = str(exc)
    raise ConfigError(f"{source} {problem}" if problem.startswith("entry ") else f"{source}: {problem}")


def _locate(path: object) -> Path | str:
    """The absolute path, or what is wrong with ``path``, without any part of it."""
    try:
        text = cast("object", os.fspath(cast("Any", path)))
    except TypeError:
        text = None
    if not isinstance(text, str):
        return f"path must be a str or a Path, got {type(path).__qualname__}; write Keyring.from_file(Path(...))"
    if resembles_key(text):
        return "path is a key, not a path; write Keyring.parse(text)"
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return "path holds a lone surrogate; name a file that this process can read"
    if "\0" in text:
        return "path holds a NUL; name a file that this process can read"
    # Not resolved: Kubernetes moves a symbolic link. Made absolute, for the process may change its directory.
    return Path(text).absolute()


def _load(path: Path, now: int) -> Ring:
    with path.open("rb") as file:
        octets = file.read(MAX_FILE_OCTETS + 1)
    is_too_long = len(octets) > MAX_FILE_OCTETS
    lines = [] if is_too_long else octets.decode("latin-1").split("\n")
    del octets
    if is_too_long:
        raise ConfigError(f"keyring file {path}: is longer than {MAX_FILE_OCTETS} bytes; name a file with a ring")
    text = _Secret("\n".join("" if line.startswith("#") else line for line in lines))
    del lines
    return _parse(text, f"keyring file {path}", now)


def _describe_unreadable(path: Path, exc: OSError) -> str:
    return f"keyring file {path}: {exc.strerror or exc}; name a file that this process can read"


def _sign(path: Path) -> object:
    try:
        state = path.stat()
    except OSError:
        return None
    # The change time tells when a file that could not be read may now be.
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino
