"""Values that no session can hold, and how they are refused (SPEC 6.5)."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cookiejar_session import UnsupportedValueError


class Colour(enum.IntEnum):
    RED = 1


class Point(msgspec.Struct):
    x: int


class Word(str):
    __slots__ = ()


CYCLE: list[Any] = []
CYCLE.append(CYCLE)
MAP_CYCLE: dict[str, Any] = {}
MAP_CYCLE["b"] = MAP_CYCLE
ONLY = "only None, bool, int, float, str, bytes, list and dict can be sealed, so convert it first"
UNSUPPORTED = {
    "int-too-great": (2**63, "a: int outside -2^63 to 2^63-1; seal it as a str"),
    "int-far-too-great": (2**64, "a: int outside -2^63 to 2^63-1; seal it as a str"),
    "int-too-small": (-(2**63) - 1, "a: int outside -2^63 to 2^63-1; seal it as a str"),
    "infinity": (math.inf, "a: float that is not finite; seal None or a str"),
    "minus-infinity": (-math.inf, "a: float that is not finite; seal None or a str"),
    "nan": (math.nan, "a: float that is not finite; seal None or a str"),
    "surrogate": ("x\ud800", "a: str with a lone surrogate; only well-formed text can be sealed"),
    "datetime": (datetime(2026, 1, 1, tzinfo=UTC), f"a: datetime; {ONLY}"),
    "decimal": (Decimal("1.50"), f"a: Decimal; {ONLY}"),
    "set": ({1}, f"a: set; {ONLY}"),
    "frozenset": (frozenset(), f"a: frozenset; {ONLY}"),
    "bytearray": (bytearray(b"x"), f"a: bytearray; {ONLY}"),
    "memoryview": (memoryview(b"x"), f"a: memoryview; {ONLY}"),
    "enum": (Colour.RED, f"a: Colour; {ONLY}"),
    "str-subclass": (Word("x"), f"a: Word; {ONLY}"),
    "complex": (1j, f"a: complex; {ONLY}"),
    "object": (object(), f"a: object; {ONLY}"),
    "ext": (msgspec.msgpack.Ext(5, b"x"), f"a: Ext; {ONLY}"),
    "raw": (msgspec.Raw(b"\xc1"), f"a: Raw; {ONLY}"),
    "struct": (Point(1), f"a: Point; {ONLY}"),
    "in-list": ([1, [2, Decimal(3)]], f"a[1][1]: Decimal; {ONLY}"),
    "in-tuple": ((1, (Decimal(3),)), f"a[1][0]: Decimal; {ONLY}"),
    "in-map": ({"cart": [0, 1, {"price": Decimal(3)}]}, f"a.cart[2].price: Decimal; {ONLY}"),
    "key-int": ({1: 2}, "a: key of type int; keys must be str"),
    "key-bytes": ({b"x": 2}, "a: key of type bytes; keys must be str"),
    "key-none": ({"x": {None: 2}}, "a.x: key of type NoneType; keys must be str"),
    "key-subclass": ({Word("x"): 2}, "a: key of type Word; keys must be str"),
    "keys-mixed": ({"x": 1, 2: 3}, "a: key of type int; keys must be str"),
    "key-proto": ({"__proto__": 2}, 'a: key "__proto__"; name it otherwise'),
    "key-surrogate": ({"\udc00": 2}, "a key: str with a lone surrogate; only well-formed text can be sealed"),
    "key-surrogate-deep": (
        [{"\udc00": 2}],
        "a[0] key: str with a lone surrogate; only well-formed text can be sealed",
    ),
    "map-cycle": (MAP_CYCLE, "a" + ".b" * 15 + ": nests deeper than 16; flatten it, or break the cycle"),
    "cycle": (CYCLE, "a" + "[0]" * 15 + ": nests deeper than 16; flatten it, or break the cycle"),
}
# At the top level.
UNSUPPORTED_KEYS: list[tuple[Any, str]] = [
    (1, "session: key of type int; keys must be str"),
    (None, "session: key of type NoneType; keys must be str"),
    ("__proto__", 'session: key "__proto__"; name it otherwise'),
    ("\ud83d", "session key: str with a lone surrogate; only well-formed text can be sealed"),
]
UNSUPPORTED_FLASH: list[tuple[Any, str]] = [
    ([("a", 1), ("b", object())], f"flash[1]: object; {ONLY}"),
    ([("a", 1), ("b", Decimal(1))], f"flash[1]: Decimal; {ONLY}"),
    ([("a", [{"b": 2**63}])], "flash[0][0].b: int outside -2^63 to 2^63-1; seal it as a str"),
    ([("\ud800", 1)], "flash[0]: str with a lone surrogate; only well-formed text can be sealed"),
    ([("a", 1), (1, 1)], "flash[1]: category of type int; use a str"),
    ([(b"a", 1)], "flash[0]: category of type bytes; use a str"),
    ([(None, 1)], "flash[0]: category of type NoneType; use a str"),
    ([(Word("a"), 1)], "flash[0]: category of type Word; use a str"),
]


def nest_value(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def unsupported(run: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(UnsupportedValueError) as caught:
        run(*arguments)
    return str(caught.value)
