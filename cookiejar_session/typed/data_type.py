# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# In type annotations, the values of a session are Any.
"""Data types: how a value of one type is read from session data and written to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Generic, TypeVar, cast, get_origin

import msgspec

from ..errors import ConfigError, UnsupportedValueError
from ..wire.envelope import check_data
from .shared_defaults import get_field, list_fields, refuse_shared_defaults, refuse_shared_factories

T = TypeVar("T")

Migration = Callable[[dict[str, Any]], dict[str, Any]]

# The envelope stores bytes without conversion. to_builtins turns values of all other special types into text.
_NATIVE = (bytes,)
# The errors that a conversion raises if the value has a wrong type, cannot be encoded, or contains itself.
_UNWRITABLE = (msgspec.MsgspecError, TypeError, ValueError, AttributeError, RecursionError)


class UnfitDataError(Exception):
    """Session data does not fit the data type. The error has no message, since it could show data."""


class DataType(Generic[T]):
    """Reads and writes values of one type: a msgspec.Struct, dataclass, TypedDict, attrs or pydantic class.

    Raises ConfigError for any other type. datetime, UUID, Enum and Decimal are stored as text. ``keys`` are the
    top-level keys of session data that belong to the type. ``default`` is the written form of the value of an empty
    session.
    """

    __slots__ = ("_convert", "_fields", "_kind", "_required", "_to_map", "default", "keys", "name")

    def __init__(self, data_type: type[T]) -> None:
        kind: Any = _get_class(data_type)
        self.name: str = getattr(data_type, "__qualname__", repr(data_type))
        self.keys: frozenset[str]
        self._fields: tuple[str, ...]
        self._required: bool
        self._convert: Callable[[dict[str, Any]], T]
        self._to_map: Callable[[T], dict[str, Any]]
        if hasattr(data_type, "model_validate") and hasattr(data_type, "model_fields"):
            self.keys, self._required, self._fields = _list_pydantic_keys(data_type)
            # Strict mode is off even if the model asks for it, since a datetime is stored as text.
            self._convert = lambda owned: data_type.model_validate(owned, strict=False)  # type: ignore[attr-defined]
            self._to_map = _dump_pydantic
        else:
            self.keys, self._required, self._fields = _list_keys(data_type)
            self._convert = lambda owned: msgspec.convert(owned, data_type, builtin_types=_NATIVE, str_keys=True)
            self._to_map = _write_fields
        # A value of a TypedDict is a plain dict.
        self._kind = dict if issubclass(kind, dict) else kind
        try:
            default = self.read({})
        except UnfitDataError:
            raise ConfigError(f"data_type {self.name} refuses its own defaults; leave them out") from None
        try:
            if default is not None:
                self.check(default)
                refuse_shared_factories(self.name, self._fields, default, self.read({}))
            self.default: dict[str, Any] = {} if default is None else check_data(self.write(default))
        except UnsupportedValueError as exc:
            raise ConfigError(f"data_type {self.name} has a default that cannot be sealed: {exc}") from None

    def read(self, data: Mapping[str, Any]) -> T | None:
        """Return the value in ``data``, or None if ``data`` has no key of the type and the type has required keys.

        Raises UnfitDataError if the data does not fit the type.
        """
        owned = {key: data[key] for key in data if key in self.keys}
        if not owned and self._required:
            return None
        try:
            return self._convert(owned)
        except Exception:  # pydantic's and the application's own validators may raise any exception
            raise UnfitDataError from None

    def write(self, value: T) -> dict[str, Any]:
        """Return ``value`` as session data. Raises UnsupportedValueError for a value that is not of this type."""
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
        """Return a copy of ``data`` with the keys of this type from ``value``; ``data`` itself if ``value`` is None.

        Raises the same errors as :meth:`write`.
        """
        if value is None:
            return data
        others = {key: item for key, item in dict.copy(data).items() if key not in self.keys}
        return others | self.write(value)

    def write_all(self, data: T | Mapping[str, Any]) -> dict[str, Any]:
        """Return the session data for ``data``, a value of this type or a mapping. A mapping may have more keys.

        Raises the same errors as :meth:`check`. A mapping is checked only if this type is a TypedDict, since it is a
        value of the type only then.
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
        """Raise UnsupportedValueError for a value that would not come back equal from its written form."""
        written = check_data(self.write(value))
        try:
            back = self._convert(written)
        except Exception:
            # The validator's message would show the value.
            problem = (
                f"session.data: {type(value).__qualname__} whose fields are not of their declared types; "
                f"it could not be read back as {self.name}"
            )
        else:
            changed = _find_changed_field(value, back, self._fields)
            if changed is None:
                return
            problem = (
                f"session.data.{changed}: {type(get_field(value, changed)).__qualname__} that would not come back "
                "equal; declare its exact type, and one that can be written without loss"
            )
        raise UnsupportedValueError(problem)


def read_migrated(
    data_type: DataType[T], data: dict[str, Any], migrate: Migration | None
) -> tuple[dict[str, Any], T | None]:
    """Return ``data`` and its typed value. Raises UnfitDataError.

    ``migrate`` is called if the data does not fit, or if it has other keys but no value of the type.
    """
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
    """Return a mapping, or a model of any kind, as a plain dict.

    Raises UnsupportedValueError for any other value, and for a model that would not come back equal from that dict.
    """
    kind: Any = type(value)
    written: Any = None
    changed: str | None = None
    try:
        if issubclass(kind, Mapping):
            written = dict(value)
        elif hasattr(kind, "model_dump"):
            written = _dump_pydantic(value)
            changed = _find_changed_field(value, kind.model_validate(written, strict=False), kind.model_fields)
        else:
            written = _write_fields(value)
            back = msgspec.convert(written, kind, builtin_types=_NATIVE, str_keys=True)
            changed = _find_changed_field(value, back, list_fields(value))
    except _UNWRITABLE:
        written = None
    if not _is_dict(written):
        raise UnsupportedValueError(f"session: {kind.__qualname__}; use a dict or a model")
    if changed is not None:
        raise UnsupportedValueError(
            f"session: {kind.__qualname__}, whose field {changed} would not come back equal; use a dict of plain values"
        )
    return cast("dict[str, Any]", written)


def _find_changed_field(value: Any, back: Any, fields: Iterable[str]) -> str | None:
    """Return the first field that differs between the two values, or None.

    Private attributes may differ, since they are not written.
    """
    if _is_equal(value, back):
        return None
    differing = (name for name in fields if not _is_equal(get_field(value, name), get_field(back, name)))
    return next(differing, None)


def _get_class(data_type: Any) -> Any:
    """Return the class of a data type, which may have parameters, as in ``Page[int]``. Raises ConfigError."""
    kind: Any = get_origin(data_type) or data_type
    # Before Python 3.13, Annotated is a class.
    if kind is not Annotated and isinstance(kind, type):
        return kind
    # An argument that is not a type may be a secret that was passed by mistake, so it is not shown.
    shown = repr(data_type) if get_origin(data_type) else f"an instance of {type(data_type).__qualname__}"
    raise ConfigError(
        f"data_type must be a class, got {shown}; write the class itself, without parentheses or quotation marks, such "
        "as data_type=User"
    )


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _is_equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # the application's own __eq__ may raise any exception
        return False


def _list_keys(data_type: Any) -> tuple[frozenset[str], bool, tuple[str, ...]]:
    try:
        info = msgspec.inspect.type_info(data_type)
    except (TypeError, NameError) as exc:
        raise ConfigError(f"data_type {data_type!r} cannot be used: {exc}; correct its annotations") from None
    refuse_shared_defaults(info)
    if isinstance(info, (msgspec.inspect.StructType, msgspec.inspect.DataclassType, msgspec.inspect.TypedDictType)):
        keys = {field.encode_name for field in info.fields}
        if isinstance(info, msgspec.inspect.StructType):
            if info.array_like:
                raise ConfigError(f"data_type {data_type.__qualname__} is array_like; its fields must be keys")
            keys |= {info.tag_field} if info.tag_field else set()
        fields = tuple(field.name for field in info.fields)
        return frozenset(keys), any(field.required for field in info.fields), fields
    raise ConfigError(
        f"data_type must be a msgspec.Struct, dataclass, TypedDict, attrs or pydantic class, got {data_type!r}"
    )


def _write_fields(value: Any) -> Any:
    written = msgspec.to_builtins(value, builtin_types=_NATIVE, str_keys=True)
    # A dataclass instance made by msgspec has its defaults on the class only, and to_builtins omits them.
    names = [field.name for field in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
    missing = {name: getattr(value, name) for name in names if name not in written}
    return written | msgspec.to_builtins(missing, builtin_types=_NATIVE, str_keys=True) if missing else written


def _list_pydantic_keys(data_type: Any) -> tuple[frozenset[str], bool, tuple[str, ...]]:
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
    return frozenset(keys), any(field.is_required() for field in fields.values()), tuple(fields)


def _dump_pydantic(value: Any) -> dict[str, Any]:
    # Computed fields are left out, since no reader accepts them. Warnings are off, since they would show values.
    # check() finds the same problems.
    included = {*value.__class__.model_fields, *(value.model_extra or ())}
    return value.model_dump(mode="json", by_alias=True, include=included, warnings=False)  # type: ignore[no-any-return]
