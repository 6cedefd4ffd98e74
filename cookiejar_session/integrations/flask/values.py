# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# In type annotations, the values of a session are Any.
"""Converts values that Flask's own session can store and the wire format cannot. They are stored as tagged values.

A tagged value is a dict with one key that begins with a space. Other readers of the cookie see it:

==========================  ==========================================================
``{" t": [...]}``           tuple
``{" m": "<b>text</b>"}``   Markup, or an object with ``__html__``
``{" u": b"16 octets"}``    UUID
``{" d": "2026-11-29"}``    date, or datetime with its time and offset, as ISO 8601
``{" di": {" t": ...}}``    a dict of one key that looks like one of these tags
==========================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup

# Values of these types need no tag and cannot be changed in place.
PLAIN = frozenset({type(None), bool, int, float, str, bytes})
# The number of levels that are converted: more than a session may have. So the session refuses a value that is nested
# more deeply, before Python's recursion limit is reached.
_DEEPEST = 64


def tag_value(value: Any, depth: int = 0) -> Any:
    """Return ``value`` as the session stores it. An unsupported value stays as it is, and the session refuses it."""
    if type(value) in PLAIN or depth > _DEEPEST:
        return value
    if isinstance(value, tuple):
        return {" t": [tag_value(item, depth + 1) for item in value]}
    if isinstance(value, list):
        return [tag_value(item, depth + 1) for item in value]
    # A dict whose items() differ from its stored values, such as a MultiDict, is not tagged, so the session refuses it.
    if isinstance(value, dict) and dict(value.items()) == value:
        tagged = {key: tag_value(item, depth + 1) for key, item in value.items()}
        return {" di": tagged} if len(tagged) == 1 and not _TAGS.isdisjoint(tagged) else tagged
    return _tag_object(value)


def untag_value(value: Any) -> Any:
    """Return the value that was stored as ``value``. Lists and dicts are copied."""
    if type(value) is list:
        return [untag_value(item) for item in value]
    if type(value) is not dict:
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key in _TAGS:
            try:
                return _READERS[key](inner)
            except (TypeError, ValueError, AttributeError):
                # A different application wrote a dict that only looks like a tagged value.
                return value
    return {key: untag_value(item) for key, item in value.items()}


def _tag_object(value: Any) -> Any:
    if isinstance(value, date):
        return {" d": value.isoformat()}
    if isinstance(value, UUID):
        return {" u": value.bytes}
    if isinstance(value, Markup):
        return {" m": str.__str__(value)}
    if isinstance(value, (str, bytes, int, float)):
        return value
    # A lazy string, such as one of Flask-Babel, is equal to its text.
    if value == str(value):
        return str(value)
    html = getattr(value, "__html__", None)
    return {" m": str(html())} if callable(html) else value


def _read_date(text: str) -> date:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


_READERS: dict[str, Callable[[Any], Any]] = {
    " t": lambda items: tuple(map(untag_value, items)),
    " m": Markup,
    " u": lambda octets: UUID(bytes=octets),
    " d": _read_date,
    " di": lambda inner: {key: untag_value(item) for key, item in inner.items()},
}
_TAGS = _READERS.keys()
