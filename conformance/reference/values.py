"""Values and envelopes as the vectors write them. Knows nothing of what may stand in them."""

from __future__ import annotations

import struct
from typing import Any

from .envelope import Envelope
from .refusal import Refused


def render_envelope(envelope: Envelope) -> dict[str, Any]:
    return {
        "sid": envelope.sid.hex(),
        "created": envelope.created,
        "issued": envelope.issued,
        "idle": envelope.idle,
        "until": envelope.until,
        "persistent": envelope.persistent,
        "data": render_value(envelope.data),
        "flash": [[category, render_value(value)] for category, value in envelope.flash],
    }


def read_text(text: str | dict[str, str]) -> str:
    """A purpose or a form. What has a lone surrogate is written as UTF-16."""
    read = text if isinstance(text, str) else bytes.fromhex(text["utf16"]).decode("utf-16-be", "surrogatepass")
    for character in read:
        if "\ud800" <= character <= "\udfff":
            raise Refused("refused")  # SPEC 3.5
    return read


def render_value(value: Any) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    if isinstance(value, bytes):
        return {"bin": value.hex()}
    if isinstance(value, list):
        return {"array": [render_value(item) for item in value]}
    return {"map": [[key, render_value(item)] for key, item in value.items()]}
