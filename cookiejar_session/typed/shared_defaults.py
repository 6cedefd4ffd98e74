# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# The values of a session are of any type.
"""Shared defaults: a default that can change would carry one visitor's changes to the next, so it is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from ..errors import ConfigError


def refuse_shared_defaults(info: msgspec.inspect.Type) -> None:
    """Raise ConfigError for a default, at any depth of a type, that can change and is not copied."""
    # msgspec shows the defaults that it copies as factories. Any other default that can change would carry one
    # visitor's changes to the next visitor.
    for kind in _walk(info, set()):
        for field in getattr(kind, "fields", ()):
            if field.default is not msgspec.NODEFAULT and not _is_immutable(field.default):
                raise ConfigError(
                    f"data_type {kind.cls.__qualname__}: field {field.name} has a {type(field.default).__qualname__} "  # type: ignore[attr-defined]
                    "as default that all sessions would share; use a factory (attrs: factory=, else default_factory=)"
                )


def refuse_shared_factories(type_name: str, fields: Iterable[str], one: object, other: object) -> None:
    """Raise ConfigError if two empty values of one type have a part in common that can change."""
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


def _walk(kind: Any, seen: set[int]) -> Iterator[msgspec.inspect.Type]:
    """Yield ``kind`` and all types in it, each once, since a type can contain itself."""
    if isinstance(kind, (msgspec.inspect.Type, msgspec.inspect.Field)) and id(kind) not in seen:
        seen.add(id(kind))
        if isinstance(kind, msgspec.inspect.Type):
            yield kind
        for name in kind.__struct_fields__:
            yield from _walk(getattr(kind, name), seen)
    elif isinstance(kind, tuple):
        for each in cast("tuple[object, ...]", kind):
            yield from _walk(each, seen)


def _is_immutable(value: object) -> bool:
    """Whether ``value`` is taken to be immutable: it has a hash, and one that depends on more than its identity."""
    if value is None:
        return True
    try:
        hash(value)
    except TypeError:
        return False
    return type(value).__hash__ is not object.__hash__


def _find_shared(one: Any, other: Any) -> object:
    """Return an object that can change and is part of both defaults, or None."""
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
        holders = ("__struct_fields__", "__dict__", "__slots__")
        names: Any = next((held for holder in holders if (held := getattr(one, holder, None))), ())
        pairs = [(get_field(one, name), get_field(other, name)) for name in names]
    return next((shared for pair in pairs if (shared := _find_shared(*pair)) is not None), None)
