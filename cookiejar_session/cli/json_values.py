"""Session values as JSON: bytes are written as ``{"$bytes": "base64"}``, all other values as ordinary JSON."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from typing import Any, cast

from ..errors import ConfigError

BYTES = "$bytes"
_match_key = re.compile(r"\$+bytes").fullmatch
_match_written_key = re.compile(r"\$\$+bytes").fullmatch


def to_json(value: Any) -> Any:
    """Return a session value as plain JSON.

    A key that is ``bytes`` after dollar signs is written with one dollar sign more: ``$bytes`` as ``$$bytes``.
    """
    if isinstance(value, bytes):
        return {BYTES: b64encode(value).decode()}
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {f"${key}" if _match_key(key) else key: to_json(item) for key, item in items}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in cast("list[Any]", value)]
    return value


def parse_json(text: str, what: str) -> Any:
    """Return the session value that JSON text describes. Raises ConfigError, whose message shows none of the text."""
    try:
        return _from_json(json.loads(text))
    except json.JSONDecodeError as exc:
        raise ConfigError(f"{what} is not JSON (line {exc.lineno}, column {exc.colno}: {exc.msg})") from None
    except (ValueError, RecursionError):
        raise ConfigError(f'{what} holds a number that is too long, nests too deeply, or has wrong "$bytes"') from None


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_from_json, cast("list[object]", value)))
    if not isinstance(value, dict):
        return value
    items = cast("dict[str, Any]", value)
    if list(items) == [BYTES]:
        return b64decode(str(items[BYTES]), validate=True)
    return {key[1:] if _match_written_key(key) else key: _from_json(item) for key, item in items.items()}
