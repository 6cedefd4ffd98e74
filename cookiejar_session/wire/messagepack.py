# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# In type annotations, the values of a session are Any.
"""MessagePack within the profile of SPEC 6: encode and decode values, and check which values a session can hold."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec

from ..errors import Reason, TokenError, UnsupportedValueError, quote

MAX_LEVEL = 16
# The longest str, bytes, list or dict of SPEC 6.1. No token can hold one that is longer.
MAX_LENGTH = 0xFFFF
MAX_INTEGER = (1 << 63) - 1
MIN_INTEGER = -(1 << 63)
# JavaScript objects treat this key as their prototype (SPEC 6.3 item 9).
FORBIDDEN_KEY = "__proto__"

# Encodes any value that msgspec supports, with sorted map keys (SPEC 6.4). For any other value, it raises one of
# UNENCODABLE. msgspec also encodes values that the profile forbids. check() finds those.
encode: Callable[[Any], bytes] = msgspec.msgpack.Encoder(order="deterministic").encode
UNENCODABLE = (TypeError, ValueError, OverflowError, RecursionError)

if TYPE_CHECKING:
    Value = Any
else:
    # This type covers most values of sessions, and msgspec checks them while it decodes. msgspec does not support a
    # union of str and bytes, or a recursive type. All other values are checked one by one, which makes a request that
    # reads its session 10 % slower.
    Value = _Scalar = None | bool | Annotated[int, msgspec.Meta(ge=MIN_INTEGER, le=MAX_INTEGER)] | float | str
    for _ in range(4):
        Value = _Scalar | list[Value] | dict[str, Value]

# Finds the octets of floats that are not finite.
find_infinite: Callable[[bytes], re.Match[bytes] | None] = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]").search
# Decoder(type).decode checks the type of the decoded value. It raises one of UNDECODABLE.
Decoder = msgspec.msgpack.Decoder
_decode = Decoder().decode
# A map key that cannot be hashed raises a TypeError, two thousand nested arrays raise a RecursionError.
UNDECODABLE = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)

_SURROGATE = "str with a lone surrogate; only well-formed text can be stored"
_NEEDS_NO_CHECK = frozenset({type(None), bool, bytes})


class _UnsupportedError(Exception):
    """A value cannot be in a session. Each level adds its step to ``path`` when the error passes through it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.path: list[str] = []


def decode(octets: bytes) -> Any:
    """Return the value that ``octets`` encode. Raises TokenError with bad-encoding for any breach of SPEC 6."""
    try:
        value = _decode(octets)
        # Only one encoding of a value is accepted (SPEC 6.1). Encode the value again and compare, to detect a different
        # encoding.
        if encode(value) == octets and not has_long_value(value, octets):
            _check(value, 0)
            return value
    except (_UnsupportedError, *UNDECODABLE):
        pass
    raise TokenError(Reason.BAD_ENCODING)


def check(value: Any, path: str, *, level: int = 2) -> Any:
    """Return ``value`` with plain types, as it comes back from a cookie.

    A tuple becomes a list. An instance of a subclass becomes the equal value of the base class. Raises
    UnsupportedValueError, with the path of the wrong value, for a value that would not come back equal (SPEC 6.5).
    ``level`` is the nesting level of ``value`` in the envelope (SPEC 6.3 item 10).
    """
    try:
        return _check(value, level)
    except _UnsupportedError as exc:
        problem = f"{_join(path, exc.path)}: {exc}"
    raise UnsupportedValueError(problem)


def check_item(key: str, value: Any) -> Any:
    """Do what :func:`check` does for the value of a top-level key."""
    try:
        return _check(value, 2)
    except _UnsupportedError as exc:
        problem = f"{_join(render_step(key), exc.path)}: {exc}"
    raise UnsupportedValueError(problem)


def check_key(key: object) -> str:
    """Return a top-level key as a plain str. Raises UnsupportedValueError for one that a session cannot hold."""
    try:
        return _check_key(key)
    except _UnsupportedError as exc:
        problem = f"session: {exc}"
    raise UnsupportedValueError(problem)


def render_step(key: str) -> str:
    """Return a key as a step of a path in messages, such as ``.price``.

    A key that is not a short name is quoted and cut, since a visitor may have chosen it.
    """
    is_short_name = key.isidentifier() and key.isascii() and len(key) <= 40
    return f".{key}" if is_short_name else f"[{quote(key)}]"


def has_long_value(value: Any, encoded: bytes) -> bool:
    """Whether ``value``, or a value inside it, has a length above 65535.

    SPEC 6.1 forbids such a value, since it stores a length in at most two octets. But msgspec encodes it.

    ``encoded`` is what msgspec wrote for ``value``, or for an array that contains ``value``. If ``encoded`` has at most
    65535 octets, no length in ``value`` is above 65535, and ``value`` is not searched.
    """
    return len(encoded) > MAX_LENGTH and _is_long(value)


def _check(value: Any, level: int) -> Any:
    kind: Any = type(value)
    if kind is dict:
        return _check_dict(value, level)
    if kind is list or kind is tuple:
        return _check_list(value, level)
    if kind is str:
        if not _is_well_formed(value):
            raise _UnsupportedError(_SURROGATE)
    elif kind is int:
        if not MIN_INTEGER <= value <= MAX_INTEGER:
            raise _UnsupportedError("int outside -2^63 to 2^63-1; use a str")
    elif kind is float:
        if not math.isfinite(value):
            raise _UnsupportedError("float that is not finite; use None or a str")
    elif kind not in _NEEDS_NO_CHECK:
        return _check(_to_base(value), level)
    return value


# The next two functions check most values without a call of _check(), which saves 6 % of the time of a request that
# reads its session. They loop over copies, since another thread may change the original at the same time.


def _check_dict(value: dict[Any, Any], level: int) -> dict[str, Any]:
    if level > MAX_LEVEL:
        _refuse_level()
    checked: dict[str, Any] = {}
    name: str | None = None
    try:
        for key, item in value.copy().items():
            name = None
            name = key if type(key) is str and key.isascii() and key != FORBIDDEN_KEY else _check_key(key)
            kind = type(item)
            is_settled = kind in _NEEDS_NO_CHECK or (kind is str and item.isascii())
            checked[name] = item if is_settled else _check(item, level + 1)
    except _UnsupportedError as exc:
        # If the key itself is wrong, the path ends at the dict.
        if name is not None:
            exc.path.append(render_step(name))
        raise
    return checked


def _check_list(value: list[Any] | tuple[Any, ...], level: int) -> list[Any]:
    if level > MAX_LEVEL:
        _refuse_level()
    checked: list[Any] = []
    try:
        for item in tuple(value):
            kind = type(item)
            is_settled = kind in _NEEDS_NO_CHECK or (kind is str and item.isascii())
            checked.append(item if is_settled else _check(item, level + 1))
    except _UnsupportedError as exc:
        exc.path.append(f"[{len(checked)}]")
        raise
    return checked


def _check_key(key: object) -> str:
    if not isinstance(key, str):
        raise _UnsupportedError(f"key of type {type(key).__name__}; keys must be str")
    text = str.__str__(key)
    if text == FORBIDDEN_KEY:
        raise _UnsupportedError(f'key "{FORBIDDEN_KEY}"; use another name')
    if not _is_well_formed(text):
        raise _UnsupportedError(f"key: {_SURROGATE}")
    return text


def _is_well_formed(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_long(value: Any) -> bool:
    if isinstance(value, str):
        return len(value.encode()) > MAX_LENGTH
    if isinstance(value, dict):
        return len(value) > MAX_LENGTH or any(_is_long(each) for item in value.items() for each in item)
    if isinstance(value, (list, tuple)):
        return len(value) > MAX_LENGTH or any(map(_is_long, value))
    return isinstance(value, bytes) and len(value) > MAX_LENGTH


def _refuse_level() -> NoReturn:
    raise _UnsupportedError(f"nests deeper than {MAX_LEVEL} levels; flatten it, or break the cycle")


def _to_base(value: Any) -> Any:
    """Return the base value of an instance of a subclass, if the two are equal and show the same content."""
    base: Any = None
    # isinstance() is not used here, since it trusts a proxy object that claims to have a different class.
    kind = type(value)
    if issubclass(kind, str):
        base = str.__str__(value)
    elif issubclass(kind, int):
        base = int.__int__(value)
    elif issubclass(kind, float):
        base = float.__float__(value)
    elif issubclass(kind, bytes):
        base = bytes(memoryview(value))
    elif issubclass(kind, dict):
        base = dict(dict.items(value))
        # Some subclasses, such as werkzeug's MultiDict, return different values from items() than they store.
        if dict(value.items()) != base:
            _refuse_type(value)
    elif issubclass(kind, list):
        base = list.copy(value)
    elif issubclass(kind, tuple):
        base = tuple(tuple.__iter__(value))
    if base is None or base != value:
        _refuse_type(value)
    return base


def _refuse_type(value: object) -> NoReturn:
    name = type(value).__name__
    way_out = "use isoformat(), or a data_type" if hasattr(value, "isoformat") else "use a data_type, or str(value)"
    raise _UnsupportedError(
        f"{name}; a session holds None, bool, int, float, str, bytes, list and dict with str keys: {way_out}"
    )


def _join(path: str, steps: list[str]) -> str:
    # The innermost step was added first.
    whole = path + "".join(reversed(steps))
    return whole.removeprefix(".")[:200] or "session"
