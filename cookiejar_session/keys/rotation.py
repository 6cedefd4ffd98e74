"""Key rotation: which key of a ring seals, and which keys open, at a given time (SPEC 4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ..errors import ConfigError
from .key import Key
from .key_text import MAKE_A_KEY

NEVER = 1 << 62

# The key ids of conformance/keys.json, which includes the keys of SPEC.md and README.md. Anybody can seal with these
# keys (SPEC 4.6).
_PUBLISHED = bytes.fromhex(
    "6fc7081d3e766c36 4ea2f157ffded898 9f84869a5c62fad0 5e4aff24802746a4 bbc377b029830245 8feb8197166a5f73 "
    "0eaf516890375a99 0fad321d6ef252fb 8212a3f2810ed1ba ff89f44177d7ff86 b51204cef3337a95 ff3dd18aa727d528 "
    "6e07478e478f1ed0 fcbb6e88b39c2f85 753aa8cd25feb2ed 27abe40f284a3fad badec5cb93218f66 2cdd01d42e6dbf7f "
    "0e4e40b44d19b3c7 b9ff223a64e38a33"
)
PUBLISHED_KEY_IDS = frozenset(_PUBLISHED[start : start + 8] for start in range(0, len(_PUBLISHED), 8))

# 9999-12-31T23:59:59Z, the latest time that the format of SPEC 4.1 can express. The earliest is 0.
_LAST_RENDERED = 253_402_300_799


class RingEntry(NamedTuple):
    """One key of a ring, its position from 0, and its times in Unix seconds.

    The key may seal while ``seals_from`` <= now < ``until``. It may open while now < ``until``.
    """

    key: Key
    position: int
    seals_from: int = 0
    until: int = NEVER

    def __repr__(self) -> str:
        start = f" from {render_time(self.seals_from)}" if self.seals_from else ""
        end = f" until {render_time(self.until)}" if self.until < NEVER else ""
        return f"<RingEntry {self.key.key_id.hex()}{start}{end}>"

    def may_seal(self, now: int) -> bool:
        """Whether a writer may seal with this key at ``now`` (SPEC 4.4.1)."""
        return self.seals_from <= now < self.until


class Ring:
    """The content of a keyring at one moment: 1 to 16 keys with their times, in the order of the ring text. Immutable.

    A Keyring replaces its Ring when its keys change. Raises ConfigError where SPEC 4.2 refuses a ring.
    """

    __slots__ = ("_by_key_id", "entries")

    def __init__(self, entries: Iterable[RingEntry], *, now: int, allow_published: bool = False) -> None:
        self.entries: tuple[RingEntry, ...] = tuple(entries)
        self._by_key_id = {entry.key.key_id: entry for entry in self.entries}
        _refuse_clashes(self.entries)
        if not allow_published:
            _refuse_published(self.entries)
        _refuse_gaps(self.entries, now)

    def primary(self, now: int) -> RingEntry:
        """Return the first entry that may seal at ``now`` (SPEC 4.4.3). Raises ConfigError if there is none."""
        for entry in self.entries:
            if entry.seals_from <= now < entry.until:
                return entry
        raise ConfigError(f"no key may seal at {render_time(now)}; add a key without @from and @until")

    def find(self, key_id: bytes, now: int) -> RingEntry | None:
        """Return the entry with this key id if it may open at ``now`` (SPEC 4.4.2). No other key is tried."""
        entry = self._by_key_id.get(key_id)
        return entry if entry is not None and now < entry.until else None

    def describe(self, now: int) -> str:
        """Return each key id with the state of its key at ``now``, for messages.

        The states are ``primary (seals now)``, ``pending``, ``opens only`` (a retired key) and ``expired``.
        """
        primary = next((entry for entry in self.entries if entry.may_seal(now)), None)
        return ", ".join(f"{entry.key.key_id.hex()} {_name_state(entry, primary, now)}" for entry in self.entries)

    def __repr__(self) -> str:
        return f"<Ring {' '.join(entry.key.key_id.hex() for entry in self.entries)}>"


def render_time(time: int) -> str:
    """Return a time in Unix seconds as ``2027-01-31T00:00:00Z``, for messages."""
    if not 0 <= time <= _LAST_RENDERED:
        return f"second {time}"
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name_state(entry: RingEntry, primary: RingEntry | None, now: int) -> str:
    if entry is primary:
        return "primary (seals now)"
    if now >= entry.until:
        return "expired"
    return "pending" if now < entry.seals_from else "opens only"


def _refuse_clashes(entries: Sequence[RingEntry]) -> None:
    first: dict[bytes, RingEntry] = {}
    for entry in entries:
        earlier = first.setdefault(entry.key.key_id, entry)
        if earlier is entry:
            continue
        if earlier.key == entry.key:
            raise ConfigError(
                f"entry {entry.position + 1}: the same key as entry {earlier.position + 1}; remove one of the two"
            )
        raise ConfigError(
            f"entry {entry.position + 1}: another key with the key id of entry {earlier.position + 1}; {MAKE_A_KEY}"
        )


def _refuse_published(entries: Sequence[RingEntry]) -> None:
    for entry in entries:
        if entry.key.key_id in PUBLISHED_KEY_IDS:
            raise ConfigError(
                f"entry {entry.position + 1}: this key is published, so everybody can seal with it; {MAKE_A_KEY}"
            )


def _refuse_gaps(entries: Sequence[RingEntry], now: int) -> None:
    # Only these moments are checked, because sealing can become impossible only when an entry ends.
    for moment in sorted({now, *(entry.until for entry in entries if now < entry.until < NEVER)}):
        if not any(entry.may_seal(moment) for entry in entries):
            raise ConfigError(f"no key could seal at {render_time(moment)}; add a key without @from and @until")
