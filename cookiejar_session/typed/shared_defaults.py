# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# In type annotations, the values of a session are Any.
"""Shared defaults: a mutable default would carry one visitor's changes to the next visitor, so it is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

import msgspec

from ..errors import ConfigError

_IMMUTABLE = (type(None), int, float, complex, str, bytes, date, time, timedelta, tzinfo, Decimal, Enum, UUID)


def refuse_shared_defaults(info: msgspec.inspect.Type) -> None:
    """Raise ConfigError for a mutable default, anywhere inside a type, that is not copied for each new value."""
    # If msgspec copies a default for each new value, its inspection shows a default_factory and no default. A mutable
    # default that is not copied would carry one visitor's changes to the next visitor.
    for kind in _walk(info, set()):
        for field in getattr(kind, "fields", ()):
            if field.default is not msgspec.NODEFAULT and not _is_immutable(field.default):
                raise ConfigError(
                    f"data_type {kind.cls.__qualname__}: field {field.name} has a {type(field.default).__qualname__} "  # type: ignore[attr-defined]
                    "as default that all sessions would share; use a factory (attrs: factory=, else default_factory=)"
                )


def refuse_shared_factories(type_name: str, fields: Iterable[str], one: object, other: object) -> None:
    """Raise ConfigError if ``one`` and ``other``, two values that were made without data, share a mutable object."""
    for name in fields:
        shared = _find_shared(get_field(one, name), get_field(other, name))
        if shared is not None:
            raise ConfigError(
                f"data_type {type_name}: field {name} has a factory that returns one {type(shared).__qualname__} "
                "for all sessions; let it make a new one at each call"
            )


def get_field(value: Any, name: str) -> Any:
    """Return a field of a model, or an item of a TypedDict; None if there is none."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def list_fields(value: Any) -> list[str]:
    """Return the names of the attributes in which a model, or another object, holds its values."""
    holders = ("__struct_fields__", "__dict__", "__slots__")
    return list(next((held for holder in holders if (held := getattr(value, holder, None))), ()))


def _walk(kind: Any, seen: set[int]) -> Iterator[msgspec.inspect.Type]:
    """Yield ``kind`` and all types in it. Each is yielded once, since a type can contain itself."""
    if isinstance(kind, (msgspec.inspect.Type, msgspec.inspect.Field)) and id(kind) not in seen:
        seen.add(id(kind))
        if isinstance(kind, msgspec.inspect.Type):
            yield kind
        for name in kind.__struct_fields__:
            yield from _walk(getattr(kind, name), seen)
    elif isinstance(kind, tuple):
        for each in cast("tuple[object, ...]", kind):
            yield from _walk(each, seen)


def _is_immutable(value: Any) -> bool:
    """Whether ``value`` is known to be immutable: a plain value, or a tuple or frozen object of immutable values.

    A hash proves nothing, since a mutable class may have one.
    """
    if isinstance(value, (tuple, frozenset)):
        return all(map(_is_immutable, value))
    return isinstance(value, _IMMUTABLE) or _is_frozen(value)


def _is_frozen(value: Any) -> bool:
    """Whether no field of an object can be assigned, and each field is immutable."""
    names = list_fields(value)
    return bool(names) and not any(_is_assignable(value, name) for name in names)


def _is_assignable(value: Any, name: str) -> bool:
    """Whether a field of an object can be assigned, or holds a mutable value."""
    try:
        # Assign on a copy, since pydantic records which fields were assigned.
        setattr(copy(value), name, getattr(value, name))
    except Exception:  # pydantic's and the application's own classes may raise any exception
        return not _is_immutable(get_field(value, name))
    return True


def _find_shared(one: Any, other: Any) -> object:
    """Return a mutable object that is part of both defaults, or None."""
    if _is_immutable(one):
        return None
    if one is other:
        return one
    pairs: list[tuple[Any, Any]] = []
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        pairs = list(zip(one, other, strict=False))
    elif isinstance(one, dict) and isinstance(other, dict):
        pairs = [(one[key], other[key]) for key in one.keys() & other.keys()]
    else:
        pairs = [(get_field(one, name), get_field(other, name)) for name in list_fields(one)]
    return next((shared for pair in pairs if (shared := _find_shared(*pair)) is not None), None)
