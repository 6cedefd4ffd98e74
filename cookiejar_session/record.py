"""Small objects that are made quickly, whose repr shows nothing of what they hold. Knows nothing of what that is."""

from __future__ import annotations

from typing import Any

import msgspec


class Record(msgspec.Struct):
    """A msgspec.Struct, which is made without a call of Python; in logs and tracebacks only its name is seen."""

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []
