"""Values that no session can hold and how each is refused, and values of subclasses that are stored (SPEC 6.5)."""

from __future__ import annotations

import enum
import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import pytest
from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.local import LocalProxy

from cookiejar_session import UnsupportedValueError


class Fruit(enum.StrEnum):
    APPLE = "apple"


class Colour(enum.IntEnum):
    RED = 1


class Suit(enum.Enum):
    HEARTS = "hearts"


class Pair(NamedTuple):
    x: int
    y: Any


class Point(msgspec.Struct):
    x: int


class Word(str):
    __slots__ = ()


class Metres(float):
    __slots__ = ()


class Blob(bytes):
    __slots__ = ()


class Rows(list[Any]):
    pass


class Shouting(str):
    """A str that equals other text than it holds."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return other == self.upper()

    def __ne__(self, other: object) -> bool:
        return not self == other


class Agreeing:
    """An object that equals everything."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return True


class Hiding(dict[str, Any]):
    """A dict that does not show what it holds."""

    def items(self) -> Any:
        return {}.items()


def move_first_to_end() -> OrderedDict[str, int]:
    moved = OrderedDict(a=1, b=2)
    moved.move_to_end("a")
    return moved


# A value of a subclass, and the base value that comes back.
STORED_AS_BASE: dict[str, tuple[Any, Any]] = {
    "str-enum": (Fruit.APPLE, "apple"),
    "int-enum": (Colour.RED, 1),
    "str-subclass": (Word("é"), "é"),
    "markup": (Markup("<b>"), "<b>"),
    "float-subclass": (Metres(1.5), 1.5),
    "bytes-subclass": (Blob(b"\xff"), b"\xff"),
    "list-subclass": (Rows([1, Word("x")]), [1, "x"]),
    "tuple": ((1, (2,)), [1, [2]]),
    "named-tuple": (Pair(1, (2, Colour.RED)), [1, [2, 1]]),
    "ordered-dict": (OrderedDict(b=1, a=2), {"a": 2, "b": 1}),
    "ordered-dict-in-another-order-than-its-storage": (move_first_to_end(), {"a": 1, "b": 2}),
    "defaultdict": (defaultdict(list, a=[Word("x")]), {"a": ["x"]}),
    "counter": (Counter("aab"), {"a": 2, "b": 1}),
    "key-subclass": ({Word("é"): 1, Fruit.APPLE: 2}, {"é": 1, "apple": 2}),
}

CYCLE: list[Any] = []
CYCLE.append(CYCLE)
MAP_CYCLE: dict[str, Any] = {}
MAP_CYCLE["b"] = MAP_CYCLE
HELD = "a session holds None, bool, int, float, str, bytes, list and dict with str keys"
ONLY = f"{HELD}: use a data_type, or str(value)"
NO_TIME = f"{HELD}: use isoformat(), or a data_type"
RANGE = "int outside -2^63 to 2^63-1; use a str"
NOT_FINITE = "float that is not finite; use None or a str"
SURROGATE = "str with a lone surrogate; only well-formed text can be stored"
TOO_DEEP = "nests deeper than 16 levels; flatten it, or break the cycle"
# Each value as data["a"].
UNSUPPORTED: dict[str, tuple[Any, str]] = {
    "int-too-great": (2**63, f"a: {RANGE}"),
    "int-far-too-great": (2**64, f"a: {RANGE}"),
    "int-too-small": (-(2**63) - 1, f"a: {RANGE}"),
    "infinity": (math.inf, f"a: {NOT_FINITE}"),
    "minus-infinity": (-math.inf, f"a: {NOT_FINITE}"),
    "nan": (math.nan, f"a: {NOT_FINITE}"),
    "infinity-of-a-subclass": (Metres(math.inf), f"a: {NOT_FINITE}"),
    # Not equal to itself.
    "nan-of-a-subclass": (Metres(math.nan), f"a: Metres; {ONLY}"),
    "surrogate": ("x\ud800", f"a: {SURROGATE}"),
    "surrogate-in-a-subclass": (Word("x\ud800"), f"a: {SURROGATE}"),
    "datetime": (datetime(2026, 1, 1, tzinfo=UTC), f"a: datetime; {NO_TIME}"),
    "date": (date(2026, 1, 1), f"a: date; {NO_TIME}"),
    "decimal": (Decimal("1.50"), f"a: Decimal; {ONLY}"),
    "set": ({1}, f"a: set; {ONLY}"),
    "frozenset": (frozenset(), f"a: frozenset; {ONLY}"),
    "bytearray": (bytearray(b"x"), f"a: bytearray; {ONLY}"),
    "memoryview": (memoryview(b"x"), f"a: memoryview; {ONLY}"),
    "enum": (Suit.HEARTS, f"a: Suit; {ONLY}"),
    "complex": (1j, f"a: complex; {ONLY}"),
    "object": (object(), f"a: object; {ONLY}"),
    "ext": (msgspec.msgpack.Ext(5, b"x"), f"a: Ext; {ONLY}"),
    "raw": (msgspec.Raw(b"\xc1"), f"a: Raw; {ONLY}"),
    "struct": (Point(1), f"a: Point; {ONLY}"),
    "str-that-equals-other-text": (Shouting("x"), f"a: Shouting; {ONLY}"),
    "object-that-equals-everything": (Agreeing(), f"a: Agreeing; {ONLY}"),
    "multi-dict": (MultiDict([("a", 1), ("a", 2)]), f"a: MultiDict; {ONLY}"),
    "immutable-multi-dict": (ImmutableMultiDict([("a", 1)]), f"a: ImmutableMultiDict; {ONLY}"),
    "dict-that-hides-a-value": (Hiding(a=1), f"a: Hiding; {ONLY}"),
    "proxy-of-a-str": (LocalProxy(lambda: "x"), f"a: LocalProxy; {ONLY}"),
    "proxy-of-a-dict": (LocalProxy(dict), f"a: LocalProxy; {ONLY}"),
    "in-list": ([1, [2, Decimal(3)]], f"a[1][1]: Decimal; {ONLY}"),
    "in-tuple": ((1, (Decimal(3),)), f"a[1][0]: Decimal; {ONLY}"),
    "in-named-tuple": (Pair(1, Decimal(3)), f"a[1]: Decimal; {ONLY}"),
    "in-map": ({"cart": [0, 1, {"price": Decimal(3)}]}, f"a.cart[2].price: Decimal; {ONLY}"),
    "in-ordered-dict": (OrderedDict(price=Decimal(3)), f"a.price: Decimal; {ONLY}"),
    "under-a-key-that-is-no-name": ({"x y": Decimal(3)}, f"a['x y']: Decimal; {ONLY}"),
    "under-a-key-beyond-ascii": ({"é": Decimal(3)}, f"a['\\xe9']: Decimal; {ONLY}"),
    "under-a-key-of-40": ({"k" * 40: Decimal(3)}, f"a.{'k' * 40}: Decimal; {ONLY}"),
    "under-a-key-of-41": ({"k" * 41: Decimal(3)}, f"a['{'k' * 40}'...]: Decimal; {ONLY}"),
    "key-int": ({1: 2}, "a: key of type int; keys must be str"),
    "key-bytes": ({b"x": 2}, "a: key of type bytes; keys must be str"),
    "key-none": ({"x": {None: 2}}, "a.x: key of type NoneType; keys must be str"),
    "keys-mixed": ({"x": 1, 2: 3}, "a: key of type int; keys must be str"),
    "key-proto": ({"__proto__": 2}, 'a: key "__proto__"; use another name'),
    "key-proto-of-a-subclass": ({Word("__proto__"): 2}, 'a: key "__proto__"; use another name'),
    "key-surrogate": ({"\udc00": 2}, f"a: key: {SURROGATE}"),
    "key-surrogate-deep": ([{"\udc00": 2}], f"a[0]: key: {SURROGATE}"),
    "map-cycle": (MAP_CYCLE, f"a{'.b' * 15}: {TOO_DEEP}"),
    "cycle": (CYCLE, f"a{'[0]' * 15}: {TOO_DEEP}"),
}
# At the top level.
UNSUPPORTED_KEYS: dict[str, tuple[Any, str]] = {
    "int": (1, "session: key of type int; keys must be str"),
    "none": (None, "session: key of type NoneType; keys must be str"),
    "proto": ("__proto__", 'session: key "__proto__"; use another name'),
    "surrogate": ("\ud83d", f"session: key: {SURROGATE}"),
}
UNSUPPORTED_FLASH: dict[str, tuple[Any, str]] = {
    "none": (None, "flash: must be a list of at most 32 pairs"),
    "dict": ({}, "flash: must be a list of at most 32 pairs"),
    "text": ("ab", "flash: must be a list of at most 32 pairs"),
    "33-entries": ([("a", 1)] * 33, "flash: must be a list of at most 32 pairs"),
    "entry-str": (["ab"], "flash[0]: str; use a pair (category, value)"),
    "entry-none": ([None], "flash[0]: NoneType; use a pair (category, value)"),
    "entry-of-one": ([("a",)], "flash[0]: tuple; use a pair (category, value)"),
    "entry-of-three": ([["a", 1, 2]], "flash[0]: list; use a pair (category, value)"),
    "second-entry": ([("a", 1), ("a",)], "flash[1]: tuple; use a pair (category, value)"),
    "object": ([("a", 1), ("b", object())], f"flash[1]: object; {ONLY}"),
    "decimal": ([("a", 1), ("b", Decimal(1))], f"flash[1]: Decimal; {ONLY}"),
    "deep": ([("a", [{"b": 2**63}])], f"flash[0][0].b: {RANGE}"),
    "category-surrogate": ([("\ud800", 1)], f"flash[0]: {SURROGATE}"),
    "category-int": ([("a", 1), (1, 1)], "flash[1]: category of type int; use a str"),
    "category-bytes": ([(b"a", 1)], "flash[0]: category of type bytes; use a str"),
    "category-none": ([(None, 1)], "flash[0]: category of type NoneType; use a str"),
    "category-that-equals-other-text": ([(Shouting("a"), 1)], f"flash[0]: Shouting; {ONLY}"),
}


def nest_value(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def unsupported(run: Callable[..., object], *arguments: object, **options: object) -> str:
    """Return the message of the UnsupportedValueError that the call raises."""
    with pytest.raises(UnsupportedValueError) as caught:
        run(*arguments, **options)
    return str(caught.value)
