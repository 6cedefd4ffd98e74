"""Rings, key files and failures for the tests of keyrings and of their sources."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from shared_values import NOW, PUBLISHED_KEY

from cookiejar_session import ConfigError, Key, Keyring

FIX = 'make one with "cookiejar-session keygen"'
# The same keys in every run.
KEYS = [Key(blake2b(b"key %d" % number, digest_size=32).digest()) for number in range(3)]
UNKNOWN = bytes(8)
A, B, C = (key.to_text() for key in KEYS)
# Its last character is another one.
DAMAGED = A[:-1] + ("A" if A.endswith("-") else "-")
BROKEN = f"{A} {B[:-1]}"
LOGGER = "cookiejar_session"
LEAKS = {
    "checksum": DAMAGED,
    "length": f"{A} hex:{'0123456789abcdef' * 3}",
    "duplicate": f"{A} {A}",
    "gap": f"{A}@from=2027-01-01T00:00:00Z",
    "quotes": f"'{A}'",
    "weak": "hex:" + bytes([*range(15)] + [14] * 17).hex(),
    "not-ascii": f"{A}\xa0{B}",
    "published": f"{A} {PUBLISHED_KEY}",
}


class KeyFileWriter:
    """A file with a ring; each write gives it another change time, however coarse the file system's clock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ticks = 0

    def write(self, content: str | bytes) -> None:
        self.path.write_bytes(content.encode() if isinstance(content, str) else content)
        self._ticks += 1
        os.utime(self.path, (NOW + self._ticks, NOW + self._ticks))


def list_keys(keyring: Keyring, now: int = NOW) -> list[Key]:
    """Return the keys of the ring at ``now``, in their order."""
    return [entry.key for entry in keyring.ring(now).entries]


def fail(run: Callable[[], object]) -> str:
    """Return the message of the ConfigError that ``run`` raises."""
    with pytest.raises(ConfigError) as caught:
        run()
    return str(caught.value)


def show_failure(run: Callable[[Any], object], text: Any) -> str:
    """Return the traceback with all local variables, except those of this function."""
    with pytest.raises(ConfigError) as caught:
        run(text)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


def find_leaks(text: str, shown: str) -> list[str]:
    """Return the words of a ring text that ``shown`` contains."""
    return [word for word in text.strip("'").replace("@", " ").split() if len(word) > 25 and word[5:21] in shown]
