"""What the mapping showed of a typed view: copies, whose change would be lost unseen. Knows nothing of the view."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import UnsupportedValueError
from ..wire.envelope import encode_content


class ShownValues:
    """The copies that one session's mapping gave out, by key, with the octets that they had then."""

    __slots__ = ("_changed", "_shown")

    def __init__(self) -> None:
        self._shown: dict[str, tuple[Any, bytes]] = {}
        self._changed = set[str]()

    def show(self, data: dict[str, Any], keys: Iterable[str]) -> None:
        """Keeps ``data[key]`` in sight for each of ``keys``; puts what was shown there before, if that was the same."""
        for key in keys:
            octets = encode_content({key: data[key]}, [])
            if key in self._shown and self._shown[key][1] == octets:
                data[key] = self._shown[key][0]
            else:
                self._changed |= self._find_changed(key)
                self._shown[key] = data[key], octets

    def list_changed(self) -> list[str]:
        """The keys whose shown values the application changed."""
        return sorted(self._changed.union(*map(self._find_changed, self._shown)))

    def _find_changed(self, key: str) -> set[str]:
        value, octets = self._shown.get(key, (None, None))
        try:
            return {key} if octets is not None and encode_content({key: value}, []) != octets else set()
        except UnsupportedValueError:
            return {key}
