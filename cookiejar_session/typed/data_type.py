"""The typed view of a session: one type over the top-level keys that it names. Knows nothing of tokens or time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast, get_origin

import msgspec

from ..errors import ConfigError, UnsupportedValueError

T = TypeVar("T")

Migration = Callable[[dict[str, Any]], dict[str, Any]]

# What to_builtins leaves as it is, because the envelope can say it; everything else it turns into text.
_NATIVE = (bytes,)
# What converting a value that is of another type, cannot be encoded, or holds itself comes to.
_UNWRITABLE = (msgspec.MsgspecError, TypeError, ValueError, AttributeError, RecursionError)


class UnfitDataError(Exception):
    """Data does not fit the data type. Carries nothing: what data is, is nobody's to log."""


class DataType(Generic[T]):
    """How values of one type are read from and written to session data.

    Takes a msgspec.Struct, dataclass, TypedDict, attrs or pydantic class; ConfigError for anything else. datetime,
    UUID, Enum, Decimal and nested types travel as text. ``keys`` are the top-level keys that belong to the type.
    """

    __slots__ = ("_convert", "_kind", "_required", "_to_map", "keys", "name")

    def __init__(self, data_type: type[T]) -> None:
        self.name: str = getattr(data_type, "__qualname__", repr(data_type))
        self.keys: frozenset[str]
        self._required: bool
        self._convert: Callable[[dict[str, Any]], T]
        self._to_map: Callable[[T], dict[str, Any]]
        if hasattr(data_type, "model_validate") and hasattr(data_type, "model_fields"):
            self.keys, self._required = _list_pydantic_keys(data_type)
            # Not strict, whatever the model says: a datetime came as text.
            self._convert = lambda owned: data_type.model_validate(owned, strict=False)  # type: ignore[attr-defined]
            self._to_map = _dump_pydantic
        else:
            self.keys, self._required = _list_keys(data_type)
            self._convert = lambda owned: msgspec.convert(owned, data_type, builtin_types=_NATIVE, str_keys=True)
            self._to_map = _write_fields
        kind: Any = get_origin(data_type) or data_type
        # Values of a TypedDict are plain dicts.
        self._kind = dict if issubclass(kind, dict) else kind
        try:
            self.read({})
        except UnfitDataError:
            raise ConfigError(f"data_type {self.name} refuses its own defaults; leave them out") from None

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
        written: Any = None
        try:
            if isinstance(value, self._kind):
                written = self._to_map(value)
        except _UNWRITABLE:
            pass
        if not _is_dict(written) or not written.keys() <= self.keys:
            raise UnsupportedValueError(
                f"session.data: {type(value).__qualname__}; assign a {self.name} whose values can be encoded"
            )
        return cast("dict[str, Any]", written)

    def merge(self, data: dict[str, Any], value: T | None) -> dict[str, Any]:
        """``data`` with the keys of this type as ``value`` has them, if it is not None; raises as :meth:`write`."""
        if value is None:
            return data
        others = {key: item for key, item in data.items() if key not in self.keys}
        return others | self.write(value)

    def write_all(self, data: T | Mapping[str, Any]) -> dict[str, Any]:
        """All session data that ``data`` stands for: a value of this type, or a mapping, which may hold others' keys.

        Raises as :meth:`check`; whether a mapping fits is not tested.
        """
        if not isinstance(data, Mapping):
            self.check(data)
            return self.write(data)
        whole = to_map(data)
        owned: Any = {key: item for key, item in whole.items() if key in self.keys}
        if self._kind is not dict or not owned:
            return whole
        self.check(owned)
        return self.merge(whole, owned)

    def check(self, value: T) -> None:
        """Raises UnsupportedValueError for a value that :meth:`read` could not read back from what is written."""
        written = self.write(value)
        try:
            self._convert(written)
        except Exception:
            # What the validator says would show the value.
            problem = f"session.data: {type(value).__qualname__} whose fields are not of their declared types"
        else:
            return
        raise UnsupportedValueError(f"{problem}; it could not be read back as {self.name}")


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
    written: Any = None
    try:
        if hasattr(value, "model_dump"):
            written = _dump_pydantic(value)
        elif issubclass(type(value), Mapping):
            written = dict(value)
        else:
            written = _write_fields(value)
    except _UNWRITABLE:
        pass
    if not _is_dict(written):
        raise UnsupportedValueError(f"session: {type(value).__qualname__}; a dict or a model is wanted")
    return cast("dict[str, Any]", written)


def _name(data_type: Any) -> str:
    # What is no type at all may be a secret in the wrong place.
    return repr(data_type) if isinstance(data_type, type) or get_origin(data_type) else type(data_type).__qualname__


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _list_keys(data_type: Any) -> tuple[frozenset[str], bool]:
    try:
        info = msgspec.inspect.type_info(data_type)
    except (TypeError, NameError) as exc:
        raise ConfigError(f"data_type {_name(data_type)} cannot be used: {exc}; mend its annotations") from None
    _refuse_shared_defaults(info)
    if isinstance(info, (msgspec.inspect.StructType, msgspec.inspect.DataclassType, msgspec.inspect.TypedDictType)):
        keys = {field.encode_name for field in info.fields}
        if isinstance(info, msgspec.inspect.StructType):
            if info.array_like:
                raise ConfigError(f"data_type {data_type.__qualname__} is array_like; its fields must be keys")
            keys |= {info.tag_field} if info.tag_field else set()
        return frozenset(keys), any(field.required for field in info.fields)
    raise ConfigError(
        f"data_type must be a msgspec.Struct, dataclass, TypedDict, attrs or pydantic class, got {_name(data_type)}"
    )


def _refuse_shared_defaults(info: msgspec.inspect.Type) -> None:
    # What msgspec and pydantic copy themselves has a default_factory here. A default that is hashable is taken to be
    # immutable; any other would carry what one visitor changes in it to the next.
    for kind in _walk(info, set()):
        for field in getattr(kind, "fields", ()):
            if field.default is not msgspec.NODEFAULT and not _is_hashable(field.default):
                raise ConfigError(
                    f"data_type {kind.cls.__qualname__}: field {field.name} has a {type(field.default).__qualname__} "  # type: ignore[attr-defined]
                    "as default that all sessions would share; use a factory (attrs: factory=, else default_factory=)"
                )


def _walk(kind: Any, seen: set[int]) -> Iterator[msgspec.inspect.Type]:
    """``kind`` and all types in it, each once: a type can hold itself."""
    if isinstance(kind, (msgspec.inspect.Type, msgspec.inspect.Field)) and id(kind) not in seen:
        seen.add(id(kind))
        if isinstance(kind, msgspec.inspect.Type):
            yield kind
        for name in kind.__struct_fields__:
            yield from _walk(getattr(kind, name), seen)
    elif isinstance(kind, tuple):
        for each in cast("tuple[object, ...]", kind):
            yield from _walk(each, seen)


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _write_fields(value: Any) -> Any:
    written = msgspec.to_builtins(value, builtin_types=_NATIVE, str_keys=True)
    # A dataclass that msgspec made leaves defaults to its class, and to_builtins passes them over.
    names = [field.name for field in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
    missing = {name: getattr(value, name) for name in names if name not in written}
    return written | msgspec.to_builtins(missing, builtin_types=_NATIVE, str_keys=True) if missing else written


def _list_pydantic_keys(data_type: Any) -> tuple[frozenset[str], bool]:
    if data_type.__pydantic_root_model__:
        raise ConfigError(f"data_type {data_type.__qualname__} is a RootModel; its fields must be keys")
    fields, keys = data_type.model_fields, set[str]()
    by_name = data_type.model_config.get("populate_by_name") or data_type.model_config.get("validate_by_name")
    for name, field in fields.items():
        written = field.serialization_alias or name
        aliases: list[Any] = getattr(field.validation_alias, "choices", [field.validation_alias or name])
        read = {alias for alias in [*aliases, name if by_name else None] if isinstance(alias, str)}
        if written not in read:
            raise ConfigError(
                f"data_type {data_type.__qualname__}: field {name} is written as {written} but not read from there; "
                "give it one alias for both"
            )
        keys |= read
    return frozenset(keys), any(field.is_required() for field in fields.values())


def _dump_pydantic(value: Any) -> dict[str, Any]:
    # Computed fields are made of the others: nothing reads them back. Warnings would show values, and with -W error be
    # raised; check() finds what they warn of.
    included = {*value.__class__.model_fields, *(value.model_extra or ())}
    return value.model_dump(mode="json", by_alias=True, include=included, warnings=False)  # type: ignore[no-any-return]
