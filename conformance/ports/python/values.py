"""Values, envelopes, attributes and policies: as the vectors write them, and as the package takes and gives them."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from cookiejar_session import CookieAttributes, Envelope, Policy

# A Python str holds no octets, and a dict no key twice: ill-formed-text and duplicate-keys cannot be said.
CAPABILITIES = (
    "wide-integers",
    "whole-floats",
    "big-integers",
    "lone-surrogates",
    "other-keys",
    "dates",
    "untyped",
)

TIMES = ("created", "issued", "idle", "until")


def read_value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((tag, content),) = value.items()
    if tag == "map":
        pairs = {read_value(key): read_value(item) for key, item in content}
        if len(pairs) != len(content):
            raise ValueError("a key stands twice in a map, which a dict cannot hold")
        return pairs
    return _READERS[tag](content)


_READERS: dict[str, Any] = {
    "int": int,
    "float": lambda octets: struct.unpack(">d", bytes.fromhex(octets))[0],
    "bin": bytes.fromhex,
    "array": lambda items: [read_value(item) for item in items],
    "utf16": lambda octets: bytes.fromhex(octets).decode("utf-16-be", "surrogatepass"),
    "date": datetime.fromisoformat,
}


def write_value(value: Any) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    if isinstance(value, bytes):
        return {"bin": value.hex()}
    if isinstance(value, dict):
        # In the order in which they came out of the octets.
        return {"map": [[write_value(key), write_value(item)] for key, item in value.items()]}
    return {"array": [write_value(item) for item in value]}


def read_envelope(envelope: dict[str, Any]) -> Envelope:
    """An Envelope of these eight; a field of a wrong type stands as a tagged value and is handed over as it is."""
    sid, flash = envelope["sid"], envelope["flash"]
    return Envelope(
        bytes.fromhex(sid) if isinstance(sid, str) else read_value(sid),
        *(read_value(envelope[name]) for name in TIMES),
        persistent=read_value(envelope["persistent"]),
        data=read_value(envelope["data"]),
        flash=[tuple(map(read_value, entry)) for entry in flash] if isinstance(flash, list) else read_value(flash),
    )


def write_envelope(envelope: Envelope) -> dict[str, Any]:
    return {
        "sid": envelope.sid.hex(),
        **{name: getattr(envelope, name) for name in TIMES},
        "persistent": envelope.persistent,
        "data": write_value(envelope.data),
        "flash": [[category, write_value(value)] for category, value in envelope.flash],
    }


def read_attributes(attributes: dict[str, Any]) -> CookieAttributes:
    return CookieAttributes(**attributes)


def read_policy(policy: dict[str, Any]) -> Policy:
    """A Policy; what is null is none, and for the three that a new session starts with there is no none."""
    not_before = policy["not_before"]
    durations = ("idle_timeout", "absolute_lifetime", "renew_after", "longest_idle", "longest_lifetime")
    return Policy(
        **{name: None if policy[name] is None else timedelta(seconds=policy[name]) for name in durations},
        persistent=policy["persistent"],
        not_before=None if not_before is None else datetime.fromtimestamp(not_before, UTC),
    )


def read_text(text: str | dict[str, str]) -> str:
    """A purpose or a form; the vectors write text with a lone surrogate as UTF-16."""
    read: str = read_value(text)
    return read


def read_octets(octets: str) -> str:
    """Octets as WSGI and ASGI servers give them: one character an octet."""
    return bytes.fromhex(octets).decode("latin-1")


def write_octets(text: str) -> str:
    return text.encode("latin-1").hex()
