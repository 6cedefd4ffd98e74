"""The keyring: where its keys come from, and when their source is checked again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from ..argument_checks import check_types, hide_arguments, round_down
from ..errors import ConfigError, MissingKeysError
from .key import Key
from .key_file import KeyFile, check_path, is_misplaced_key
from .key_function import KeyFunction
from .key_source import KeySource
from .key_text import MAKE_A_KEY
from .reload_signal import handle_signal
from .resemblance import resembles_path
from .ring_text import read_ring
from .rotation import Ring, RingEntry

KEYS_VARIABLE = "COOKIEJAR_SESSION_KEYS"
FILE_VARIABLE = "COOKIEJAR_SESSION_KEYS_FILE"
# systemd puts the path of a folder into this variable. LoadCredential= names the files in the folder.
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
CREDENTIAL_NAME = "cookiejar-session-keys"
# The shortest time between two checks of a source, in seconds: in general, and after an unknown key id.
CHECK_EVERY = 10
CHECK_EVERY_ON_UNKNOWN_KEY = 1

_BLANKS = " \t\r\n"


class Keyring:
    """The keys that seal and open, in the order of their ring text (SPEC 4).

    The first key that may seal at a time is the primary key at that time.

    Make one with :meth:`parse`, :meth:`from_environment`, :meth:`from_file`, :meth:`from_callable` or :meth:`generate`.
    Each raises ConfigError for keys that cannot work. A keyring from a file or a callable follows changes.
    ``is_generated`` says that the keys are random and that no other process has them. ``repr`` shows key ids, which are
    public, and which key seals now.
    """

    __slots__ = ("_ring", "_source", "is_generated")

    @hide_arguments
    def __init__(self, ring: Ring, *, source: KeySource | None = None, is_generated: bool = False) -> None:
        if not isinstance(ring, Ring):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigError(f"Keyring takes a Ring, got {type(ring).__name__}; write Keyring.parse(text)")
        self._ring = ring
        self._source = source
        self.is_generated: bool = is_generated

    @classmethod
    @hide_arguments
    def parse(cls, text: str, *, now: float | None = None, _allow_published: bool = False) -> Keyring:
        """Return the keyring of ring text (SPEC 4.1): keys separated by spaces, line ends or commas.

        From ``now`` on (Unix seconds; the current time if left out), some key must be able to seal at every moment.
        """
        check_types(**{"keyring text": (text, str)})
        return cls(read_ring(text, source="keyring", now=_read_clock(now), allow_published=_allow_published))

    @classmethod
    @hide_arguments
    def from_environment(cls, environ: Mapping[str, str] | None = None, *, now: float | None = None) -> Keyring:
        """Return the keyring of COOKIEJAR_SESSION_KEYS, or of the file that COOKIEJAR_SESSION_KEYS_FILE names.

        If neither is set, and systemd gave the process a credential ``cookiejar-session-keys``, its file is read.
        ``environ`` is ``os.environ`` if left out. Blanks around the path are ignored, and a blank variable counts as
        unset. Raises MissingKeysError if there are no keys.
        """
        variables = os.environ if environ is None else environ
        text, path = (variables.get(name, "").strip(_BLANKS) for name in (KEYS_VARIABLE, FILE_VARIABLE))
        if text and path:
            raise ConfigError(f"{KEYS_VARIABLE} and {FILE_VARIABLE} are both set; unset one of the two")
        if path:
            if is_misplaced_key(path):
                raise ConfigError(f"{FILE_VARIABLE} holds a key, not a path; put the key in {KEYS_VARIABLE}")
            return cls.from_file(path, now=now)
        if resembles_path(text) or os.path.isfile(text):
            raise ConfigError(f"{KEYS_VARIABLE} holds a path, not a key; put the path in {FILE_VARIABLE}")
        if text:
            return cls(read_ring(text, source=KEYS_VARIABLE, now=_read_clock(now)))
        credentials = variables.get(CREDENTIALS_VARIABLE, "")
        credential = os.path.join(credentials, CREDENTIAL_NAME)
        if credentials and os.path.lexists(credential):
            return cls.from_file(credential, now=now)
        state = "is set but empty" if KEYS_VARIABLE in variables else f"is not set, nor is {FILE_VARIABLE}"
        if credentials:
            state += f", and {CREDENTIALS_VARIABLE} has no file {CREDENTIAL_NAME}"
        raise MissingKeysError(f"{KEYS_VARIABLE} {state}; {MAKE_A_KEY} and put it there")

    @classmethod
    @hide_arguments
    def from_file(cls, path: str | os.PathLike[str], *, now: float | None = None) -> Keyring:
        """Return the keyring of a file that holds ring text; lines that begin with # are comments (SPEC 4.2).

        When it is used, the keyring checks the file and reads it again if it has changed. It does so at most once in 10
        seconds, and at most once a second for unknown key ids. A valid change takes effect. An invalid one is logged,
        and the previous keys stay in use.
        """
        source = KeyFile(check_path(path), now=_read_clock(now))
        return cls(source.state.ring, source=source)

    @classmethod
    @hide_arguments
    def from_callable(
        cls, load: Callable[[], str], *, every: timedelta = timedelta(minutes=1), now: float | None = None
    ) -> Keyring:
        """Return the keyring of the ring text that ``load()`` returns, such as a value of a secret manager.

        ``load`` is called here, and an error or a bad answer raises ConfigError. Later a thread calls it again, when
        ``every`` has passed since the last answer. ``every`` is 1 second to 1 day. No request waits for a call. A bad
        answer is logged, and the previous keys stay in use. A ring that shares no key with the previous one is a bad
        answer too. Set a timeout on the client inside ``load``: while one call lasts, no other begins.
        """
        source = KeyFunction(load, every=every, now=_read_clock(now))
        return cls(source.state.ring, source=source)

    @classmethod
    def generate(cls) -> Keyring:
        """Return a keyring of one new random key, for tests: no other process can open its tokens."""
        return cls(Ring([RingEntry(Key.generate(), 0)], now=0), is_generated=True)

    @property
    def path(self) -> Path | None:
        """The path of the key file. None for a keyring that was not read from a file."""
        return self._source.path if isinstance(self._source, KeyFile) else None

    @property
    def problem(self) -> str | None:
        """Why the file, or what the function returned, is ignored. The previous keys are in use then.

        None if there is nothing to ignore. It is as new as the last check: call :meth:`ring` first.
        """
        return self._source.complaint if self._source is not None else None

    def ring(self, now: int) -> Ring:
        """Return the ring at ``now`` (Unix seconds). A source is checked first, at most once in 10 seconds."""
        source = self._source
        if source is None:
            return self._ring
        if not 0 <= now - source.checked < CHECK_EVERY:
            source.check(now)
        return source.state.ring

    def find(self, key_id: bytes, now: int) -> RingEntry | None:
        """Return the entry that opens tokens with this key id at ``now``, if there is one (SPEC 4.4).

        For an unknown key id, a source is checked again at once, but at most once a second.
        """
        entry = self.ring(now).find(key_id, now)
        source = self._source
        if entry is None and source is not None and not 0 <= now - source.checked < CHECK_EVERY_ON_UNKNOWN_KEY:
            source.check_for_unknown_key(now)
            entry = source.state.ring.find(key_id, now)
        return entry

    @hide_arguments
    def reload(self, *, now: float | None = None) -> bool:
        """Read the file or call the function now, and return whether the keys changed. Other processes do not reload.

        Raises ConfigError for keys that cannot work. The previous keys then stay in use. A ring that shares no key with
        the previous one is accepted here.
        """
        return self._require_source().reload(_read_clock(now))

    def reload_on_signal(self, signum: int) -> None:
        """Reload whenever this process gets the signal, such as ``signal.SIGHUP``. Call this in the main thread.

        A bad answer is logged each time, and the previous keys stay in use. A handler that was there before is called
        too. Raises ConfigError for a signal that cannot be handled.
        """
        source = self._require_source()

        def reload() -> None:
            try:
                source.reload(_read_clock(None))
            except ConfigError as exc:
                source.complain(str(exc), is_asked=True)

        handle_signal(signum, reload)

    def _require_source(self) -> KeySource:
        if self._source is None:
            raise ConfigError(
                f"this keyring cannot be read again; put the keys in a file and name it in {FILE_VARIABLE}, or write "
                "Keyring.from_callable(...), or restart the process"
            )
        return self._source

    def __repr__(self) -> str:
        # If the constructor raised, there is no ring, but a traceback with local variables may still call repr.
        if not hasattr(self, "is_generated"):
            return "<Keyring>"
        ring = self._ring if self._source is None else self._source.state.ring
        origin = "generated for this process alone: " if self.is_generated else ""
        return f"<Keyring {origin}{ring.describe(int(time.time()))}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Keyring cannot be pickled or copied, so that keys are not copied; make one in each process")


def _read_clock(now: float | None) -> int:
    # Check the time here. The traceback of an error that is raised further inside would contain frames that hold key
    # text.
    return int(time.time()) if now is None else round_down(now)
