"""JSON as the suite means it: no key twice, no NaN; 1, 1.0 and true are three things. Knows nothing of cases."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """The value that ``text`` is; ValueError where it is none, also where JSON in Python would be lenient."""
    try:
        return json.loads(text, object_pairs_hook=_refuse_twice, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def render_json(value: Any) -> str:
    """One text for each value, ASCII; objects without regard to order."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True)


def is_equal(first: Any, second: Any) -> bool:
    return render_json(first) == render_json(second)


def is_integer(value: Any) -> bool:
    return type(value) is int


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("has a key twice in one object")
    return found


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"holds {word}, which is not JSON")
