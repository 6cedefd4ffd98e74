"""The base class of small immutable objects whose repr does not show their content, and which cannot be pickled."""

from __future__ import annotations

from typing import Any, NoReturn

import msgspec


class Record(msgspec.Struct, frozen=True):
    """An immutable msgspec.Struct. Logs and tracebacks show only its class name, since it may hold secrets."""

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__qualname__} may hold secrets, so it cannot be pickled")
