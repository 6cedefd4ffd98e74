"""The typed view of a session: one type over the top-level keys that it names. Knows nothing of tokens or time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from .errors import ConfigError, UnsupportedValueError

T = TypeVar("T")

Migration = Callable[[dict[str, Any]], dict[str, Any]]

# What to_builtins leaves as it is, because the envelope can say it; everything else it turns into text.
_NATIVE = (bytes,)


class UnfitDataError(Exception):
    """Data does not fit the data type. Carries nothing: what data is, is nobody's to log."""


class DataType(Generic[T]):
    """How values of one type are read from and written to session data.

    Takes a msgspec.Struct, dataclass, TypedDict, attrs or pydantic class; ConfigError for anything else. datetime,
    UUID, Enum, Decimal and nested types travel as text. ``keys`` are the top-level keys that belong to the type.
    """

    __slots__ = ("_convert", "_required", "_to_map", "keys", "name")

    def __init__(self, data_type: type[T]) -> None:
        self.name: str = getattr(data_type, "__qualname__", repr(data_type))
        self._convert: Callable[[dict[str, Any]], T]
        self._to_map: Callable[[T], dict[str, Any]]
        if hasattr(data_type, "model_validate") and hasattr(data_type, "model_fields"):
            self.keys, self._required = _list_pydantic_keys(data_type)
            self._convert = lambda owned: data_type.model_validate(owned)  # type: ignore[attr-defined]
            self._to_map = _dump_pydantic
        else:
            self.keys, self._required = _list_keys(data_type)
            self._convert = lambda owned: msgspec.convert(owned, data_type, builtin_types=_NATIVE)
            self._to_map = lambda value: msgspec.to_builtins(value, builtin_types=_NATIVE, str_keys=True)

    def read(self, data: Mapping[str, Any]) -> T | None:
        """The value that ``data`` holds. None where it holds none of the type's keys and the type needs some.

        Raises UnfitDataError where it holds other than the type wants.
        """
        owned = {key: data[key] for key in data if key in self.keys}
        if not owned and self._required:
            return None
        try:
            return self._convert(owned)
        except Exception:  # pydantic's and the application's own validators raise what they like
            raise UnfitDataError from None

    def write(self, value: T) -> dict[str, Any]:
        """The top-level keys of ``value`` with plain values. Raises UnsupportedValueError for another type's value."""
        try:
            written: dict[str, Any] | None = self._to_map(value)
        except (TypeError, ValueError, AttributeError):
            written = None
        if written is None or not written.keys() <= self.keys:
            raise UnsupportedValueError(
                f"session.data: {type(value).__qualname__}; assign a {self.name} whose values can be encoded"
            )
        return written


def read_migrated(
    data_type: DataType[T], data: dict[str, Any], migrate: Migration | None
) -> tuple[dict[str, Any], T | None]:
    """``data`` and its typed value, ``migrate`` applied if the type did not fit. Raises UnfitDataError."""
    try:
        value = data_type.read(data)
    except UnfitDataError:
        if migrate is None:
            raise
    else:
        if value is not None or migrate is None or not data:
            return data, value
    migrated = migrate(data)
    return migrated, data_type.read(migrated)


def to_map(value: Any) -> dict[str, Any]:
    """A model or mapping as a plain dict, whatever its type; UnsupportedValueError if it is neither."""
    if hasattr(value, "model_dump"):
        return _dump_pydantic(value)
    try:
        is_mapping = issubclass(type(value), Mapping)
        return dict(value if is_mapping else msgspec.to_builtins(value, builtin_types=_NATIVE))
    except (TypeError, ValueError):
        problem = type(value).__qualname__
    raise UnsupportedValueError(f"session: {problem}; a dict or a model is wanted")


def _list_keys(data_type: Any) -> tuple[frozenset[str], bool]:
    try:
        info = msgspec.inspect.type_info(data_type)
    except TypeError:
        info = None
    if isinstance(info, (msgspec.inspect.StructType, msgspec.inspect.DataclassType, msgspec.inspect.TypedDictType)):
        if isinstance(info, msgspec.inspect.StructType) and info.array_like:
            raise ConfigError(f"data_type {data_type.__qualname__} is array_like; its fields must be keys")
        return frozenset(field.encode_name for field in info.fields), any(field.required for field in info.fields)
    raise ConfigError(
        f"data_type must be a msgspec.Struct, dataclass, TypedDict, attrs or pydantic class, got {data_type!r}"
    )


def _list_pydantic_keys(data_type: Any) -> tuple[frozenset[str], bool]:
    fields = data_type.model_fields
    keys = (field.serialization_alias or field.alias or name for name, field in fields.items())
    return frozenset(keys), any(field.is_required() for field in fields.values())


def _dump_pydantic(value: Any) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True)  # type: ignore[no-any-return]
