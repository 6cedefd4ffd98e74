"""One state of a keyring: which key seals, which keys open. Knows nothing of where its text comes from."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ..errors import ConfigError
from ..record import Record
from .key import MEND, Key, decode_key_text

MAX_ENTRIES = 16
NEVER = 1 << 62

# The key ids of conformance/keys.json, which holds those of SPEC.md and README.md too: anybody could seal with these
# keys (SPEC 4.6).
_PUBLISHED = bytes.fromhex(
    "6fc7081d3e766c36 4ea2f157ffded898 9f84869a5c62fad0 5e4aff24802746a4 bbc377b029830245 8feb8197166a5f73 "
    "0eaf516890375a99 0fad321d6ef252fb 8212a3f2810ed1ba ff89f44177d7ff86 b51204cef3337a95 ff3dd18aa727d528 "
    "6e07478e478f1ed0 fcbb6e88b39c2f85 753aa8cd25feb2ed 27abe40f284a3fad badec5cb93218f66 2cdd01d42e6dbf7f "
    "0e4e40b44d19b3c7 b9ff223a64e38a33"
)
PUBLISHED_KEY_IDS = frozenset(_PUBLISHED[start : start + 8] for start in range(0, len(_PUBLISHED), 8))

# 9999-12-31T23:59:59Z, the last that the form of SPEC 4.1 can say.
_LAST_RENDERED = 253_402_300_799
_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


class RingEntry(Record, frozen=True):
    """A key, its position in the ring from 0, and when it may seal (``seals_from`` <= now < ``until``) and open."""

    key: Key
    position: int
    seals_from: int = 0
    until: int = NEVER

    def may_seal(self, now: int) -> bool:
        return self.seals_from <= now < self.until


class Ring:
    """1 to 16 entries in order of meaning. Immutable. Raises ConfigError where SPEC 4.2 refuses a ring."""

    __slots__ = ("_by_key_id", "entries")

    def __init__(self, entries: Iterable[RingEntry], *, now: int, allow_published: bool = False) -> None:
        self.entries: tuple[RingEntry, ...] = tuple(entries)
        self._by_key_id = {entry.key.key_id: entry for entry in self.entries}
        _refuse_clashes(self.entries)
        if not allow_published:
            _refuse_published(self.entries)
        _refuse_gaps(self.entries, now)

    @classmethod
    def parse(cls, text: str, *, now: int, allow_published: bool = False) -> Ring:
        """A ring from the text of SPEC 4.1, comments already removed; ConfigError names the entry, never its text."""
        entries = _parse_entries(text)
        del text
        if isinstance(entries, str):
            raise ConfigError(entries)
        return cls(entries, now=now, allow_published=allow_published)

    def primary(self, now: int) -> RingEntry:
        """The entry that seals at ``now``: the first that may (SPEC 4.4.3)."""
        first = self.entries[0]
        if first.seals_from <= now < first.until:
            return first
        for entry in self.entries:
            if entry.may_seal(now):
                return entry
        raise ConfigError(f"no key may seal at {_render_time(now)}; add a key without @from and @until")

    def find(self, key_id: bytes, now: int) -> RingEntry | None:
        """The entry that opens tokens with this key id at ``now``, if there is one; keys are never tried in turn."""
        entry = self._by_key_id.get(key_id)
        return entry if entry is not None and now < entry.until else None

    def __repr__(self) -> str:
        return f"<Ring {' '.join(entry.key.key_id.hex() for entry in self.entries)}>"


def _parse_entries(text: str) -> list[RingEntry] | str:
    words = [word for word in re.split(r"[ \t\r\n,]+", text) if word]
    if not words:
        return f"the keyring is empty; {MEND}"
    if len(words) > MAX_ENTRIES:
        return (
            f"the keyring has {len(words)} entries, at most {MAX_ENTRIES} may stand; remove the retired keys at its end"
        )
    entries: list[RingEntry] = []
    for position, word in enumerate(words):
        entry = _parse_entry(word, position)
        if isinstance(entry, str):
            return f"entry {position + 1}: {entry}"
        entries.append(entry)
    return entries


def _parse_entry(word: str, position: int) -> RingEntry | str:
    if word[0] in "\"'`" or word[-1] in "\"'`":
        return "there are quotes around the value, left by a shell or a .env file; remove them"
    if not word.isascii():
        return f"there is a character that is not ASCII, such as a byte order mark; copy the key again, or {MEND}"
    key_text, *attributes = word.split("@")
    times: dict[str, int] = {}
    for attribute in attributes:
        name, _, value = attribute.partition("=")
        if name not in ("from", "until"):
            return 'after "@" only "from=" and "until=" may stand; write @from=2027-01-31T00:00:00Z'
        if name in times:
            return f"@{name} is given twice; keep one"
        time = _parse_time(value)
        if time is None:
            return f"@{name} is not a time; write it as 2027-01-31T00:00:00Z"
        times[name] = time
    if "from" in times and times["from"] >= times.get("until", NEVER):
        return "@from must be before @until; mend one of the two times"
    material = decode_key_text(key_text)
    if isinstance(material, str):
        return material
    return RingEntry(Key(material), position, times.get("from", 0), times.get("until", NEVER))


def _parse_time(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    try:
        moment = datetime(*map(int, found.groups()), tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None
    return timegm(moment.timetuple()) if moment.year >= 1970 else None


def _render_time(time: int) -> str:
    if time > _LAST_RENDERED:
        return f"second {time}"
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
            f"entry {entry.position + 1}: another key with the key id of entry {earlier.position + 1}; {MEND}"
        )


def _refuse_published(entries: Sequence[RingEntry]) -> None:
    for entry in entries:
        if entry.key.key_id in PUBLISHED_KEY_IDS:
            raise ConfigError(
                f"entry {entry.position + 1}: this key is published, so anybody could seal with it; {MEND}"
            )


def _refuse_gaps(entries: Sequence[RingEntry], now: int) -> None:
    # Sealing can only become impossible when some entry ends, so these moments are all there is to test.
    for moment in sorted({now, *(entry.until for entry in entries if now < entry.until < NEVER)}):
        if not any(entry.may_seal(moment) for entry in entries):
            raise ConfigError(f"no key could seal at {_render_time(moment)}; add a key without @from and @until")
