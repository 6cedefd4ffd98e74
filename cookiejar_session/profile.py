"""The values that a session may hold (SPEC 6), looked at one by one. Knows nothing of octets."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, defaultdict
from typing import Any, cast

from .errors import UnsupportedValueError

MAX_DEPTH = 16
# SPEC 6.1: lengths of one or two octets. No token holds so much.
MAX_LENGTH = 0xFFFF
MAX_INTEGER = (1 << 63) - 1
MIN_INTEGER = -(1 << 63)
# JavaScript objects treat this key as their prototype (SPEC 6).
FORBIDDEN_KEY = "__proto__"

Flashes = list[tuple[str, Any]]

# Types of which every value may be sealed, but for text with a lone surrogate, which msgspec refuses.
_SIMPLE = frozenset({type(None), bool, str, bytes})
# And those that the octets vouch for where they are not suspect.
_SCALARS = _SIMPLE | {int, float}
_STR = frozenset({str})
_CONTAINERS = frozenset({dict, list, tuple})
# Other subclasses may show Python one content and msgspec another.
_MAPS = frozenset({dict, OrderedDict, defaultdict, Counter})


def is_container(value: object) -> bool:
    """Whether ``value``, which the profile allows, is no scalar: a list or dict, which may be changed where it is."""
    return type(value) not in _SCALARS


def check_content(data: dict[str, Any], flash: Flashes) -> None:
    """Raises UnsupportedValueError, naming the path and the type, where data or flash break the profile (SPEC 6)."""
    for key, item in data.items():
        check_item(key, item)
    for index, (category, value) in enumerate(flash):
        if type(category) is not str:
            raise UnsupportedValueError(f"flash[{index}]: category of type {type(category).__qualname__}; use a str")
        check_value(category, f"flash[{index}]")
        check_value(value, f"flash[{index}]", 3)


def check_value(value: Any, path: str, depth: int = 2) -> None:
    """Raises UnsupportedValueError where ``value`` at ``path``, a container at ``depth``, breaks the profile."""
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast is a call
    if value is None or kind is bool or kind is bytes:
        return
    if kind is str:
        if not value.isascii():
            _check_text(value, path)
    elif kind is int:
        if not MIN_INTEGER <= value <= MAX_INTEGER:
            raise UnsupportedValueError(f"{path}: int outside -2^63 to 2^63-1; seal it as a str")
    elif kind is float:
        if not math.isfinite(value):
            raise UnsupportedValueError(f"{path}: float that is not finite; seal None or a str")
    elif kind in _MAPS:
        _check_depth(path, depth)
        for key, item in value.items():
            check_item(key, item, path, depth + 1)
    elif kind is list or kind is tuple:
        _check_depth(path, depth)
        for index, item in enumerate(value):
            check_value(item, f"{path}[{index}]", depth + 1)
    else:
        raise UnsupportedValueError(
            f"{path}: {kind.__qualname__}; only None, bool, int, float, str, bytes, list and dict can be sealed, "
            "so convert it first"
        )


def check_item(key: object, value: object, path: str = "", depth: int = 2) -> None:
    """Raises UnsupportedValueError where ``key`` or ``value`` of the map at ``path`` breaks the profile."""
    if type(key) is not str:
        raise UnsupportedValueError(f"{path or 'session'}: key of type {type(key).__qualname__}; keys must be str")
    if key == FORBIDDEN_KEY:
        raise UnsupportedValueError(f'{path or "session"}: key "{FORBIDDEN_KEY}"; name it otherwise')
    if not key.isascii():
        _check_text(key, f"{path or 'session'} key")
    check_value(value, f"{path}.{key}" if path else key, depth)


def _check_text(text: str, path: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnsupportedValueError(f"{path}: str with a lone surrogate; only well-formed text can be sealed") from None


def _check_depth(path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnsupportedValueError(f"{path[:80]}: nests deeper than {MAX_DEPTH}; flatten it, or break the cycle")


def has_plain_types(data: dict[str, Any], flash: Flashes) -> bool:
    """Whether all types are those of the profile. Of numbers, text and depth nothing is asked: the octets tell."""
    return _is_clean(data, _SCALARS) and (
        not flash or (_is_clean(flash, _SCALARS) and _STR.issuperset(type(entry[0]) for entry in flash))
    )


def is_within(value: Any) -> bool:
    """Whether ``value``, the outermost one or in its place, holds nothing but what the profile allows."""
    return is_flat(value) and _is_clean(value, _SIMPLE)


def is_long(value: Any) -> bool:
    """Whether the length of ``value``, or of one inside it, needs more than two octets (SPEC 6.1)."""
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast is a call
    if kind is str:
        return len(value.encode()) > MAX_LENGTH
    if kind is bytes:
        return len(value) > MAX_LENGTH
    if kind in _CONTAINERS or kind in _MAPS:
        items = [*value, *value.values()] if kind in _MAPS else value
        return len(value) > MAX_LENGTH or any(map(is_long, items))
    return False


def is_flat(value: Any, level: int = 0) -> bool:
    """Whether ``value`` at ``level`` nests no deeper than the profile allows."""
    if type(value) not in _CONTAINERS:
        return True
    if level > MAX_DEPTH:
        return False
    items = cast("dict[str, Any]", value).values() if type(value) is dict else value
    for item in items:  # noqa: SIM110 - all() of a generator costs more than twice as much
        if type(item) in _CONTAINERS and not is_flat(item, level + 1):
            return False
    return True


def _is_clean(value: Any, known: frozenset[type]) -> bool:
    """Whether ``value`` holds nothing but the profile's very types; those in ``known`` need no further look."""
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast is a call
    if kind is int:
        return bool(MIN_INTEGER <= value <= MAX_INTEGER)
    if kind is dict:
        if FORBIDDEN_KEY in value:
            return False
        for key, item in value.items():
            if type(key) is not str or (type(item) not in known and not _is_clean(item, known)):
                return False
        return True
    if kind is list or kind is tuple:
        for item in value:  # noqa: SIM110 - all() of a generator costs more than twice as much
            if type(item) not in known and not _is_clean(item, known):
                return False
        return True
    return kind in _SIMPLE or (kind is float and math.isfinite(value))
