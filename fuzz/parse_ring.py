"""Whatever the ring text is, Keyring accepts it if the reference reader does, and raises ConfigError otherwise.

The error must not contain the ring text. The first octet of the input says whether the rest comes from a file, and
whether published keys are accepted.
"""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import gettempdir
from unittest.mock import patch

from answers import compare
from reference.reader import PUBLISHED
from reference.refusal import Refused
from reference.ring import Entry, find_primary, may_open
from reference.ring import parse_ring as parse_reference
from seeds import list_inputs

from cookiejar_session import ConfigError, Keyring
from cookiejar_session.keys import rotation

NOW = 1767225600
FROM_FILE, TAKES_PUBLISHED = 1, 2
# The last second of the year 9999: ring texts and datetimes end there.
LAST = 253402300799
REFUSED = "refused"
PATH = Path(gettempdir(), f"cookiejar-session-fuzzed-ring-{os.getpid()}")


def list_seeds() -> Iterator[bytes]:
    for given in list_inputs("parse-ring"):
        first = FROM_FILE * given["is_file"] | TAKES_PUBLISHED * given["allow_published"]
        yield bytes([first]) + bytes.fromhex(given["ring"])


def check(octets: bytes) -> None:
    first, text = octets[0] if octets else 0, octets[1:]
    is_file, takes_published = bool(first & FROM_FILE), bool(first & TAKES_PUBLISHED)
    try:
        entries = parse_reference(text, is_file=is_file, now=NOW, published=() if takes_published else PUBLISHED)
    except Refused:
        entries = []
    moments = list_moments(entries)
    answer = describe_keyring(text, moments, is_file=is_file, takes_published=takes_published)
    compare(answer, describe_entries(entries, moments) if entries else REFUSED)


def list_moments(entries: Sequence[Entry]) -> list[int]:
    """Now, and the seconds before and at each later start or end of a key."""
    bounds = [bound for entry in entries for bound in (entry.seals_from, entry.until) if bound is not None]
    return sorted({NOW, *(bound + late for bound in bounds for late in (-1, 0) if NOW < bound + late <= LAST)})


def describe_entries(entries: Sequence[Entry], moments: Sequence[int]) -> object:
    return [
        (primary.key_id, [entry.key_id for entry in entries if may_open(entry, moment)])
        for moment in moments
        if (primary := find_primary(entries, moment)) is not None
    ]


def describe_keyring(octets: bytes, moments: Sequence[int], *, is_file: bool, takes_published: bool) -> object:
    try:
        keyring = parse_file(octets, takes_published) if is_file else parse_text(octets, takes_published)
    except ConfigError as exc:
        refuse_shown(str(exc), octets)
        return REFUSED
    state = keyring.ring(NOW)
    ids = [entry.key.key_id for entry in state.entries]
    return [
        (state.primary(moment).key.key_id, [key_id for key_id in ids if state.find(key_id, moment) is not None])
        for moment in moments
    ]


def parse_text(octets: bytes, takes_published: bool) -> Keyring:
    # Like os.environ: octets that are not UTF-8 become lone surrogates.
    return Keyring.parse(octets.decode("utf-8", "surrogateescape"), now=NOW, _allow_published=takes_published)


def parse_file(octets: bytes, takes_published: bool) -> Keyring:
    PATH.write_bytes(octets)
    with patch.object(rotation, "PUBLISHED_KEY_IDS", frozenset() if takes_published else rotation.PUBLISHED_KEY_IDS):
        return Keyring.from_file(PATH, now=NOW)


def refuse_shown(message: str, octets: bytes) -> None:
    """Fail if a message shows key material. It may show entry numbers and times (SPEC 4.5.1)."""
    message = re.sub(r"[0-9-]{10}T[0-9:]{8}Z", "", message.replace(str(PATH), ""))
    for word in re.split(r"[@ \t\r\n,]", octets.decode("latin-1")):
        if len(word) >= 24 and word[8:24] in message:
            raise AssertionError(f"the message holds a part of the ring text: {message}")


atexit.register(PATH.unlink, missing_ok=True)
