"""Where a command reads the keyring from: the environment, a file or standard input."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote
from typing import Any, NamedTuple

from ..keys.key_file import MAX_FILE_OCTETS
from ..keys.keyring import CREDENTIALS_VARIABLE, FILE_VARIABLE, KEYS_VARIABLE, Keyring
from ..keys.ring_text import remove_comments
from ..keys.rotation import Ring
from .output import PROGRAM
from .standard_input import read_standard_input

KEYS_HELP = """\
Keys are read from COOKIEJAR_SESSION_KEYS, or from the file that
COOKIEJAR_SESSION_KEYS_FILE names, unless --keys-file is given. A key as an
argument is refused: every user of the machine could read it there."""


class KeysSource(NamedTuple):
    """A keyring, and a description of its source for messages. ``path`` is the key file, if there is one."""

    keyring: Keyring
    name: str
    path: Path | None

    def ring(self, now: int) -> Ring:
        """Return the ring at ``now`` (Unix seconds)."""
        return self.keyring.ring(now)


def add_keys_option(parser: Any) -> None:
    """Add ``--keys-file`` to a command."""
    parser.add_argument(
        "--keys-file", metavar="FILE", help="read the keys from FILE, or from standard input if FILE is -"
    )


def read_keys(keys_file: str | None, *, now: int) -> KeysSource:
    """Return the keyring of the file ``keys_file``, where ``-`` is standard input.

    If ``keys_file`` is None, the keyring is read from the environment. Raises ConfigError.
    """
    if keys_file == "-":
        return KeysSource(_read_standard_input(now), "standard input", None)
    if keys_file is not None:
        return KeysSource(Keyring.from_file(keys_file, now=now), keys_file, Path(keys_file))
    keyring = Keyring.from_environment(now=now)
    path = keyring.path
    if path is None:
        return KeysSource(keyring, KEYS_VARIABLE, None)
    variable = FILE_VARIABLE if os.environ.get(FILE_VARIABLE, "").strip() else CREDENTIALS_VARIABLE
    return KeysSource(keyring, f"{variable} ({path})", path)


def name_rotation(path: Path | None, options: str = "") -> str:
    """Return the command that takes a stage of a rotation, for messages. ``options`` begins with a blank.

    ``path`` is the key file. If it is None, the command puts the next ring into a variable of the shell: without that,
    the ring, which is secret, would be shown on the terminal.
    """
    if path is None:
        return f'NEXT="$({PROGRAM} keyring rotate{options})"'
    return f"{PROGRAM} keyring rotate --in-place {quote(str(path))}{options}"


def _read_standard_input(now: int) -> Keyring:
    octets = read_standard_input(MAX_FILE_OCTETS)
    return Keyring.parse(remove_comments(octets), now=now)
