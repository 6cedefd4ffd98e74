"""Small objects that are made quickly, whose repr shows nothing of what they hold. Knows nothing of what that is."""

from __future__ import annotations

from typing import Any

import msgspec


class _Silent:
    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Record(_Silent, msgspec.Struct, frozen=True):
    """An immutable msgspec.Struct, which is made without a call of Python; logs and tracebacks see its name alone."""


class MutableRecord(_Silent, msgspec.Struct, eq=False):
    """The same, but for one that changes; equal to itself alone."""
