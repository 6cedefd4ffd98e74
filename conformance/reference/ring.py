"""The keyring: ring text, and which key does what (SPEC 4). Knows nothing of tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .calendar_time import read_time
from .derivation import derive_key_id
from .key_text import read_key
from .refusal import Refused


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; None is no bound."""

    key: bytes
    key_id: bytes
    seals_from: int | None
    until: int | None


def parse_ring(octets: bytes, *, is_file: bool, now: int, published: Collection[bytes]) -> list[Entry]:
    """The entries of a ring text, in order. ``published`` are the key ids that item 12 refuses.

    A text without an entry, which does not match ``ring``, has no entry that may seal: item 13.
    """
    if is_file:
        octets = remove_comments(octets)  # SPEC 4.2 item 2
    for octet in octets:
        if octet & 0x80:
            raise Refused("refused")  # SPEC 4.2 item 1
    text = octets.decode("ascii", "ignore")  # item 1 has seen to it that there is nothing to ignore
    words = split_words(text)
    if len(words) > 16:
        raise Refused("refused")  # SPEC 4.2 item 3
    entries = [read_entry(word) for word in words]
    check_ids(entries, published)
    check_gaps(entries, now)
    return entries


def remove_comments(octets: bytes) -> bytes:
    kept = b""
    for line in octets.split(b"\n"):
        if line.startswith(b"#"):
            continue  # SPEC 4.2 item 2
        kept += line + b"\n"
    return kept


def split_words(text: str) -> list[str]:
    for separator in "\t\r\n,":
        text = text.replace(separator, " ")  # SPEC 4.2 item 2
    return [word for word in text.split(" ") if word]


def read_entry(word: str) -> Entry:
    key_text, *bounds = word.split("@")
    seals_from = until = None
    for bound in bounds:
        if bound.startswith("from="):
            if seals_from is not None:
                raise Refused("refused")  # SPEC 4.2 item 4
            seals_from = read_time(bound[5:])
        elif bound.startswith("until="):
            if until is not None:
                raise Refused("refused")  # SPEC 4.2 item 4
            until = read_time(bound[6:])
        else:
            raise Refused("refused")  # SPEC 4.2 item 2
    if seals_from is not None and until is not None and seals_from >= until:
        raise Refused("refused")  # SPEC 4.2 item 6
    key = read_key(key_text)
    return Entry(key, derive_key_id(key), seals_from, until)


def check_ids(entries: Sequence[Entry], published: Collection[bytes]) -> None:
    seen: list[bytes] = []
    for entry in entries:
        # One K has one key id.
        if entry.key_id in seen:
            raise Refused("refused")  # SPEC 4.2 item 10, 4.2 item 11
        if entry.key_id in published:
            raise Refused("refused")  # SPEC 4.2 item 12, 4.6.1
        seen.append(entry.key_id)


def check_gaps(entries: Sequence[Entry], now: int) -> None:
    for moment in [now, *(max(now, entry.until) for entry in entries if entry.until is not None)]:
        if find_primary(entries, moment) is None:
            raise Refused("refused")  # SPEC 4.2 item 13


def may_seal(entry: Entry, moment: int) -> bool:
    if entry.seals_from is not None and moment < entry.seals_from:
        return False  # SPEC 4.4.1
    return may_open(entry, moment)


def may_open(entry: Entry, moment: int) -> bool:
    return entry.until is None or moment < entry.until  # SPEC 4.4.2


def find_primary(entries: Sequence[Entry], moment: int) -> Entry | None:
    for entry in entries:
        if may_seal(entry, moment):
            return entry  # SPEC 4.4.3
    return None


def find_by_id(entries: Sequence[Entry], key_id: bytes) -> Entry | None:
    for entry in entries:
        if entry.key_id == key_id:
            return entry  # SPEC 4.4.4
    return None
