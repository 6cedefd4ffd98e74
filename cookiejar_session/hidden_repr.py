"""The base class of small immutable objects whose repr does not show their content."""

from __future__ import annotations

from typing import Any

import msgspec


class Record(msgspec.Struct, frozen=True):
    """An immutable msgspec.Struct. Logs and tracebacks show its class name only, since it may hold secrets."""

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []
