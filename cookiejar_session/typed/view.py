"""The typed view of one session: the value behind ``session.data``."""

from __future__ import annotations

from typing import Any

from ..errors import UnsupportedValueError
from .data_type import DataType, UnfitDataError


class TypedView:
    """The typed value of a session, made of the top-level keys that its data type names.

    ``value`` is None as long as required keys are not set.
    """

    __slots__ = ("_default", "data_type", "value")

    def __init__(self, data_type: DataType[Any], value: Any) -> None:
        self.data_type: DataType[Any] = data_type
        self.value: Any = value
        self._default = data_type.default

    def reset(self) -> None:
        """Reset the value to that of an empty session. Defaults such as ids or times may differ at each call."""
        self.value = self.data_type.read({})
        self._default = self.merge({})

    def assign(self, value: Any) -> None:
        """Set the value. Raises UnsupportedValueError for one that cannot be sealed or read back."""
        self.data_type.check(value)
        self.value = value

    def assign_data(self, data: dict[str, Any]) -> None:
        """Set the value from plain session data. Raises UnsupportedValueError if it does not fit the data type."""
        try:
            self.value = self.data_type.read(data)
        except UnfitDataError:
            raise UnsupportedValueError(
                f"session: data that does not fit {self.data_type.name}; give its fields values of their types"
            ) from None

    def is_default(self) -> bool:
        """Whether the value is that of an empty session."""
        return self.value is None or self.merge({}) == self._default

    def check(self) -> None:
        """Raise UnsupportedValueError if the value was changed to one that would not come back equal."""
        if self.value is not None:
            self.data_type.check(self.value)

    def merge(self, others: dict[str, Any]) -> dict[str, Any]:
        """Return all session data: ``others`` and the written value."""
        return self.data_type.merge(others, self.value)

    def refuse_key(self, key: object) -> None:
        """Raise UnsupportedValueError for a key that belongs to the data type."""
        if key in self.data_type.keys:
            raise UnsupportedValueError(
                f"{key}: belongs to the data type {self.data_type.name}; use session.data.{key} instead"
            )
