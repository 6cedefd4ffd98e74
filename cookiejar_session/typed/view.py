"""The typed view of one session: a value over the keys that its data type names. Knows nothing of tokens or times."""

from __future__ import annotations

from typing import Any

from ..errors import UnsupportedValueError
from ..wire.envelope import encode_content
from ..wire.profile import check_content
from .data_type import DataType, UnfitDataError
from .shown_values import ShownValues


class TypedView:
    """What ``session.data`` stands for: ``value``, None while the session is empty and the type needs some field."""

    __slots__ = ("_data_type", "_shown", "value")

    def __init__(self, data_type: DataType[Any], value: Any) -> None:
        self._data_type = data_type
        self._shown = ShownValues()
        self.value: Any = value

    def empty(self) -> bytes:
        """Makes it the view of an empty session; returns that session's encoded content."""
        # Defaults may differ from one moment to the next (an id, a time): an empty session is what they are now.
        self.value = self._data_type.read({})
        self._shown = ShownValues()
        return encode_content(self.merge({}), [])

    def assign(self, value: Any) -> None:
        """Sets the value; raises UnsupportedValueError for what cannot be sealed or read back."""
        self._data_type.check(value)
        check_content(self._data_type.write(value), [])
        self.value = value
        self._shown = ShownValues()

    def read(self, data: dict[str, Any]) -> None:
        """Takes the value from ``data``; raises UnsupportedValueError where they do not fit."""
        try:
            self.value = self._data_type.read(data)
        except UnfitDataError:
            raise UnsupportedValueError(
                f"session: data that does not fit {self._data_type.name}; change what is there instead"
            ) from None

    def check(self) -> None:
        """Raises UnsupportedValueError where the value was changed to what could not be read back."""
        if self.value is not None:
            self._data_type.check(self.value)

    def merge(self, data: dict[str, Any]) -> dict[str, Any]:
        """``data`` with plain values in place of what the view holds."""
        return self._data_type.merge(data, self.value)

    def show(self, data: dict[str, Any]) -> dict[str, Any]:
        """The same for the session's mapping: what it shows of the view are copies, which are kept in sight."""
        merged = self.merge(data)
        self._shown.show(merged, self._data_type.keys & merged.keys())
        return merged

    def list_changed(self) -> list[str]:
        """The keys of the view that were changed through the mapping, which is lost."""
        return self._shown.list_changed()

    def refuse_owned(self, key: object) -> None:
        """Raises UnsupportedValueError for a key that is the view's."""
        if key in self._data_type.keys:
            raise UnsupportedValueError(f"{key}: belongs to {self._data_type.name}; write session.data.{key} instead")
