"""The keyring: where its text comes from and when it is read again. Knows nothing of tokens."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path

from .errors import ConfigError
from .key import MEND, Key
from .ring import Ring, RingEntry

KEYS_VARIABLE = "COOKIEJAR_SESSION_KEYS"
FILE_VARIABLE = "COOKIEJAR_SESSION_KEYS_FILE"
# How often, in seconds, a file is looked at: in general, and when a key id is unknown.
CHECK_EVERY = 10
CHECK_EVERY_ON_UNKNOWN_KEY = 1

_log = logging.getLogger("cookiejar_session")


class Keyring:
    """The keys that seal and open, the primary first (SPEC 4).

    Made by :meth:`parse`, :meth:`from_environment`, :meth:`from_file` or :meth:`generate`, each of which raises
    ConfigError for a ring that cannot work. A keyring from a file follows the file; :meth:`ring` gives one state of it.
    """

    __slots__ = ("_checked", "_checked_on_unknown_key", "_path", "_ring", "_signature")

    def __init__(self, ring: Ring, *, path: Path | None = None, signature: object = None, checked: int = 0) -> None:
        self._ring = ring
        self._path = path
        self._signature = signature
        self._checked = self._checked_on_unknown_key = checked

    @classmethod
    def parse(cls, text: str, *, now: int | None = None, _allow_published: bool = False) -> Keyring:
        """A keyring from the text of SPEC 4.1. ``now`` in seconds decides whether staged keys leave a gap."""
        text = _Secret(text)
        return cls(_parse(text, "keyring", now, allow_published=_allow_published))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, *, now: int | None = None) -> Keyring:
        """A keyring from COOKIEJAR_SESSION_KEYS or from the file that COOKIEJAR_SESSION_KEYS_FILE names."""
        text, path = _Secret(environ.get(KEYS_VARIABLE, "")), environ.get(FILE_VARIABLE, "")
        found = KEYS_VARIABLE in environ
        del environ  # a traceback that shows locals must not show the environment
        if text.strip() and path:
            raise ConfigError(f"{KEYS_VARIABLE} and {FILE_VARIABLE} are both set; unset one of the two")
        if path:
            return cls.from_file(path, now=now)
        if not text.strip():
            state = "is set but empty" if found else f"is not set, nor is {FILE_VARIABLE}"
            raise ConfigError(f"{KEYS_VARIABLE} {state}; {MEND} and put it there")
        return cls(_parse(text, KEYS_VARIABLE, now))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], *, now: int | None = None) -> Keyring:
        """A keyring from a file (SPEC 4.2), read again when the file changes. Lines that begin with # are comments."""
        moment = _seconds(now)
        signature = _sign(Path(path))
        return cls(_load(Path(path), moment), path=Path(path), signature=signature, checked=moment)

    @classmethod
    def generate(cls) -> Keyring:
        """A keyring of one new random key, for tests and demonstrations: no other process can open what it seals."""
        return cls(Ring([RingEntry(Key.generate(), 0)], now=0))

    def ring(self, now: int) -> Ring:
        """The state of the keyring at ``now``, a changed file read first; it is looked at once in 10 s at most."""
        if self._path is not None and not 0 <= now - self._checked < CHECK_EVERY:
            self._check(self._path, now)
        return self._ring

    def ring_for_unknown_key(self, now: int) -> Ring:
        """The state of the keyring after an unknown key id: the file is looked at at once, once a second at most."""
        if self._path is not None and not 0 <= now - self._checked_on_unknown_key < CHECK_EVERY_ON_UNKNOWN_KEY:
            self._checked_on_unknown_key = now
            self._check(self._path, now)
        return self._ring

    def _check(self, path: Path, now: int) -> None:
        self._checked = now
        signature = _sign(path)
        if signature == self._signature:
            return
        self._signature = signature
        try:
            self._ring = _load(path, now)
        except ConfigError as exc:
            _log.error("keyring file not taken over, the ring before it stays: %s", exc)
        else:
            _log.info("keyring file read again: %r", self._ring)

    def __repr__(self) -> str:
        return f"<Keyring {' '.join(entry.key.key_id.hex() for entry in self._ring.entries)}>"


class _Secret(str):
    """Key text on its way through frames whose locals a traceback may show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<key text>"


def _seconds(now: int | None) -> int:
    return int(time.time()) if now is None else now


def _parse(text: str, source: str, now: int | None, *, allow_published: bool = False) -> Ring:
    try:
        return Ring.parse(text, now=_seconds(now), allow_published=allow_published)
    except ConfigError as exc:
        problem = str(exc)
    raise ConfigError(f"{source} {problem}" if problem.startswith("entry ") else f"{source}: {problem}")


def _load(path: Path, now: int) -> Ring:
    try:
        octets = path.read_bytes()
    except OSError as exc:
        raise ConfigError(
            f"keyring file {path}: {exc.strerror or exc}; name a file that this process can read"
        ) from None
    lines = octets.decode("latin-1").split("\n")
    del octets
    text = _Secret("\n".join("" if line.startswith("#") else line for line in lines))
    del lines
    return _parse(text, f"keyring file {path}", now)


def _sign(path: Path) -> object:
    try:
        state = path.stat()
    except OSError:
        return None
    # The change time tells when a file that could not be read may now be.
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino
