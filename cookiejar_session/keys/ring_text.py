"""Ring text: the keys of a keyring as an environment variable or a file holds them (SPEC 4.1 and 4.2).

No message shows any part of the text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ..errors import ConfigError
from .key import Key
from .key_text import MAKE_A_KEY, parse_key_text
from .rotation import NEVER, Ring, RingEntry, render_time

MAX_ENTRIES = 16

_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")


def parse_ring(text: str, *, now: int, allow_published: bool = False) -> Ring:
    """Return the ring that ``text`` describes, comments already removed. ``now`` is Unix seconds.

    Raises ConfigError where SPEC 4.2 refuses the text. The message names the entry by its number.
    """
    words = [word for word in re.split(r"[ \t\r\n,]+", text) if word]
    if not words:
        raise ConfigError(f"the keyring is empty; {MAKE_A_KEY}")
    if len(words) > MAX_ENTRIES:
        raise ConfigError(
            f"the keyring has {len(words)} entries, at most {MAX_ENTRIES} are allowed; "
            "remove the retired keys at its end"
        )
    entries: list[RingEntry] = []
    for position, word in enumerate(words):
        try:
            entries.append(parse_entry(word, position))
        except ConfigError as exc:
            raise ConfigError(f"entry {position + 1}: {exc}") from None
    return Ring(entries, now=now, allow_published=allow_published)


def read_ring(text: str, *, source: str, now: int, allow_published: bool = False) -> Ring:
    """Like :func:`parse_ring`. The message of an error begins with ``source``, such as the name of a variable."""
    try:
        return parse_ring(text, now=now, allow_published=allow_published)
    except ConfigError as exc:
        problem = str(exc)
    # The error is raised here, so that it has no context. The traceback of a context would show key text.
    raise ConfigError(f"{source} {problem}" if problem.startswith("entry ") else f"{source}: {problem}")


def remove_comments(octets: bytes) -> str:
    """Return the ring text of a key file: lines that begin with "#" are comments (SPEC 4.2 item 2)."""
    return "\n".join("" if line.startswith("#") else line for line in _split_lines(octets))


def list_comments(octets: bytes) -> list[str]:
    """Return the comment lines of a key file, without line ends."""
    return [line.rstrip("\r") for line in _split_lines(octets) if line.startswith("#")]


def render_entry(entry: RingEntry) -> str:
    """Return an entry as ring text holds it. The result contains the key text, which is the secret itself."""
    start = f"@from={render_time(entry.seals_from)}" if entry.seals_from else ""
    end = f"@until={render_time(entry.until)}" if entry.until < NEVER else ""
    return f"{entry.key.to_text()}{start}{end}"


def parse_entry(word: str, position: int) -> RingEntry:
    """Return the entry that one word of ring text describes. Raises ConfigError."""
    if word[0] in "\"'`" or word[-1] in "\"'`":
        raise ConfigError("there are quotes around the value, left by a shell or a .env file; remove them")
    if not word.isascii():
        raise ConfigError(
            f"there is a character that is not ASCII, such as a byte order mark; copy the key again, or {MAKE_A_KEY}"
        )
    if word[0] == "@":
        raise ConfigError(
            'begins with "@"; write @from and @until directly after their key, without a blank or line end between'
        )
    key_text, *attributes = word.split("@")
    times = _parse_attributes(attributes)
    if "from" in times and times["from"] >= times.get("until", NEVER):
        raise ConfigError("@from must be before @until; correct one of the two times")
    return RingEntry(Key(parse_key_text(key_text)), position, times.get("from", 0), times.get("until", NEVER))


def _split_lines(octets: bytes) -> list[str]:
    # Latin-1 decodes every octet, so that a comment may hold any character.
    return octets.decode("latin-1").split("\n")


def _parse_attributes(attributes: list[str]) -> dict[str, int]:
    times: dict[str, int] = {}
    for attribute in attributes:
        name, _, value = attribute.partition("=")
        if name not in ("from", "until"):
            raise ConfigError('after "@" only "from=" and "until=" are allowed; write @from=2027-01-31T00:00:00Z')
        if name in times:
            raise ConfigError(f"@{name} is given twice; keep one")
        times[name] = _parse_time(value, name)
    return times


def _parse_time(text: str, name: str) -> int:
    found = _TIME.fullmatch(text)
    try:
        moment = datetime(*map(int, found.groups()), tzinfo=UTC) if found else None  # type: ignore[misc, arg-type]
    except ValueError:
        moment = None
    if moment is None or moment.year < 1970:
        raise ConfigError(f"@{name} is not a time; write it as 2027-01-31T00:00:00Z")
    return int(moment.timestamp())
