"""The envelope and its MessagePack profile (SPEC 5 and 6). Knows nothing of keys or HTTP.

Reading takes the quick way where msgspec can prove an envelope to be within the profile: decode with types, encode
again, compare octets, and search the octets for the few things that survive that comparison. Only what is not proved so
is looked at value by value, which also tells a bad encoding from a bad envelope.
"""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict, defaultdict
from typing import Annotated, Any, cast

import msgspec

from .errors import Reason, TokenError, UnsupportedValueError

SID_OCTETS = 16
MAX_TIME = (1 << 48) - 1
MAX_IDLE = (1 << 32) - 1
MAX_FLASHES = 32
MAX_DEPTH = 16
MAX_INTEGER = (1 << 63) - 1
MIN_INTEGER = -(1 << 63)
# JavaScript objects treat this key as their prototype (SPEC 6).
FORBIDDEN_KEY = "__proto__"

# An empty map and an empty array: the data and flash of a session that holds nothing.
EMPTY_CONTENT = b"\x80\x90"

Flashes = list[tuple[str, Any]]


# Ranges that msgspec holds on decoding (SPEC 5.2 items 3, 4, 5 and 8).
Time = Annotated[int, msgspec.Meta(ge=0, le=MAX_TIME)]


class Envelope(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a token holds (SPEC 5): times in Unix seconds, ``idle`` in seconds, ``data`` and ``flash`` as given.

    ``repr`` shows neither sid nor content.
    """

    sid: Annotated[bytes, msgspec.Meta(min_length=SID_OCTETS, max_length=SID_OCTETS)]
    created: Time
    issued: Time
    idle: Annotated[int, msgspec.Meta(ge=1, le=MAX_IDLE)]
    until: Time
    persistent: bool
    data: dict[str, Any]
    flash: Annotated[Flashes, msgspec.Meta(max_length=MAX_FLASHES)]

    def __repr__(self) -> str:
        return f"<Envelope created={self.created} issued={self.issued} idle={self.idle} until={self.until}>"

    def __rich_repr__(self) -> Any:
        yield "created", self.created


_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode_typed = msgspec.msgpack.Decoder(Envelope).decode
_decode_any = msgspec.msgpack.Decoder().decode

# What octets can make msgspec raise: its own errors (no ValueErrors before 0.20), UnicodeDecodeError, that of a map key
# without a hash, that of two thousand arrays in one another.
_UNENCODABLE = (TypeError, ValueError, OverflowError, RecursionError)
_UNDECODABLE = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)

# What survives a decode and an encode unchanged although the profile forbids it: extension types, integers of 2^63 and
# more, floats with an exponent of all ones, the forbidden key. A match is only a suspicion: strings hold such octets
# too.
_find_suspect = re.compile(
    rb"[\xa9\xc7-\xc9\xcb\xcf\xd4-\xd8](?:(?<=[\xc7-\xc9\xd4-\xd8])"
    rb"|(?<=\xcf)[\x80-\xff]|(?<=\xcb)[\x7f\xff][\xf0-\xff]|(?<=\xa9)__proto__)",
    re.DOTALL,
).search
# What an octet can begin: a container, what the search above looks for, or neither.
_CONTAINER, _LOOKED_FOR = 1, 2
_BEGINS = bytes(
    _CONTAINER
    if 0x80 <= octet <= 0x9F or 0xDC <= octet <= 0xDF
    else _LOOKED_FOR
    if octet in b"\xa9\xc7\xc8\xc9\xcb\xcf\xd4\xd5\xd6\xd7\xd8"
    else 0
    for octet in range(256)
)
# Types of which every value may be sealed, but for text with a lone surrogate, which msgspec refuses.
_SIMPLE = frozenset({type(None), bool, str, bytes})
_STR, _SEQUENCES = frozenset({str}), frozenset({list, tuple})
# Other subclasses may show Python one content and msgspec another.
_MAPS = frozenset({dict, OrderedDict, defaultdict, Counter})
_HIDDEN = "session data hides a value that cannot be sealed, or changed meanwhile; store plain dict and list"
# Where data and flash begin, from the first octets of the four integers behind the sid: 98 c4 10, sid, integers, bool.
_FIRST_INTEGER = 3 + SID_OCTETS
_INTEGER_OCTETS = {0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9}


def decode_envelope(encoded: bytes) -> Envelope:
    """The envelope that ``encoded`` is; raises TokenError with bad-encoding or bad-envelope (SPEC 8.2)."""
    try:
        envelope = _decode_typed(encoded)
        fits = envelope.created <= envelope.issued < envelope.until and _encode(envelope) == encoded
    except _UNDECODABLE:
        envelope, fits = None, False
    if envelope is None or not fits:
        raise TokenError(Reason.BAD_ENVELOPE if _is_within_profile(encoded) else Reason.BAD_ENCODING)
    if _is_suspect(encoded[_FIRST_INTEGER:]) and not _is_clean((envelope.data, envelope.flash), 0):
        raise TokenError(Reason.BAD_ENCODING)
    return envelope


def encode_envelope(envelope: Envelope) -> bytes:
    """The one encoding of ``envelope`` (SPEC 6). Raises UnsupportedValueError for what no reader would accept."""
    # msgspec checks types and ranges of what it decodes, not of what it encodes.
    if not _is_sound(envelope):
        raise UnsupportedValueError("envelope is out of range: see SPEC 5 for sid, times, idle, persistent and flash")
    data, flash = envelope.data, envelope.flash
    try:
        encoded = _encode(envelope)
    except _UNENCODABLE:
        encoded = b""
    if not encoded or _is_suspect(encoded[_FIRST_INTEGER:]) or not _is_sealable(data, flash):
        _refuse_unfit(data, flash, encoded)
    return encoded


def check_range(envelope: Envelope) -> None:
    """Raises UnsupportedValueError where no reader would accept the times of ``envelope`` (SPEC 5.1)."""
    if not 0 <= envelope.created <= envelope.issued < envelope.until <= MAX_TIME:
        raise UnsupportedValueError("session is at its absolute end, so nothing more can be sealed; begin a new one")


def encode_head(envelope: Envelope) -> bytes:
    """The octets of an envelope before its content: the array header and the first six elements."""
    head = envelope.sid, envelope.created, envelope.issued, envelope.idle, envelope.until, envelope.persistent
    return b"\x98" + _encode(head)[1:]


def encode_content(data: dict[str, Any], flash: Flashes) -> bytes:
    """The octets of ``data`` and ``flash``, as they end an envelope. Raises UnsupportedValueError where msgspec cannot.

    What msgspec can encode although the profile forbids it is found by :func:`check_encoded`.
    """
    try:
        encoded = _encode((data, flash))
    except _UNENCODABLE:
        encoded = b""
    if not encoded:
        _refuse_unfit(data, flash, encoded)
    return encoded[1:]


def count_octets_by_key(data: dict[str, Any], flash: Flashes) -> dict[str | None, int]:
    """The encoded octets of each key with its value; those of all flash messages, if any, under None."""
    octets: dict[str | None, int] = {key: len(_encode(key)) + len(_encode(value)) for key, value in data.items()}
    if flash:
        octets[None] = len(_encode(flash))
    return octets


def get_content(encoded: bytes) -> bytes:
    """The octets of data and flash at the end of ``encoded``, an envelope that :func:`decode_envelope` accepted."""
    offset = _FIRST_INTEGER
    for _ in range(4):
        offset += _INTEGER_OCTETS.get(encoded[offset], 1)
    return encoded[offset + 1 :]


def check_encoded(content: bytes, data: dict[str, Any], flash: Flashes) -> None:
    """Raises UnsupportedValueError where ``content``, as :func:`encode_content` made it of the two, breaks the profile.

    The objects may have changed since, or be other to Python than to msgspec: the octets are what is sealed.
    """
    if _is_suspect(content) or not _is_sealable(data, flash):
        _refuse_unfit(data, flash, b"\x92" + content)


def check_content(data: dict[str, Any], flash: Flashes) -> None:
    """Raises UnsupportedValueError, naming the path and the type, where data or flash break the profile (SPEC 6)."""
    for key, item in data.items():
        check_item(key, item)
    for index, (category, value) in enumerate(flash):
        if type(category) is not str:
            raise UnsupportedValueError(f"flash[{index}]: category of type {type(category).__qualname__}; use a str")
        check_value(category, f"flash[{index}]")
        check_value(value, f"flash[{index}]", 3)


def check_value(value: Any, path: str, depth: int = 2) -> None:
    """Raises UnsupportedValueError where ``value`` at ``path``, a container at ``depth``, breaks the profile."""
    kind = cast("type[object]", type(value))
    if value is None or kind is bool or kind is bytes:
        return
    if kind is str:
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UnsupportedValueError(
                f"{path}: str with a lone surrogate; only well-formed text can be sealed"
            ) from None
    elif kind is int:
        if not MIN_INTEGER <= value <= MAX_INTEGER:
            raise UnsupportedValueError(f"{path}: int outside -2^63 to 2^63-1; seal it as a str")
    elif kind is float:
        if not math.isfinite(value):
            raise UnsupportedValueError(f"{path}: float that is not finite; seal None or a str")
    elif kind in _MAPS:
        _check_depth(path, depth)
        for key, item in value.items():
            check_item(key, item, path, depth + 1)
    elif kind is list or kind is tuple:
        _check_depth(path, depth)
        for index, item in enumerate(value):
            check_value(item, f"{path}[{index}]", depth + 1)
    else:
        raise UnsupportedValueError(
            f"{path}: {kind.__qualname__}; only None, bool, int, float, str, bytes, list and dict can be sealed, "
            "so convert it first"
        )


def check_item(key: object, value: object, path: str = "", depth: int = 2) -> None:
    """Raises UnsupportedValueError where ``key`` or ``value`` of the map at ``path`` breaks the profile."""
    if type(key) is not str:
        raise UnsupportedValueError(f"{path or 'session'}: key of type {type(key).__qualname__}; keys must be str")
    if key == FORBIDDEN_KEY:
        raise UnsupportedValueError(f'{path or "session"}: key "{FORBIDDEN_KEY}"; name it otherwise')
    check_value(key, f"{path or 'session'} key")
    check_value(value, f"{path}.{key}" if path else key, depth)


def _check_depth(path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnsupportedValueError(f"{path[:80]}: nests deeper than {MAX_DEPTH}; flatten it, or break the cycle")


def _refuse_unfit(data: dict[str, Any], flash: Flashes, encoded: bytes) -> None:
    """Raises, naming the value at fault where there is one to be found, if ``encoded`` is not within the profile."""
    is_within = _is_within_profile(encoded)
    if not is_within or not _is_sealable(data, flash):
        check_content(data, flash)
    if not is_within:
        raise UnsupportedValueError(_HIDDEN)


def _is_suspect(octets: bytes) -> bool:
    begun = octets.translate(_BEGINS)
    # Seventeen levels below the outermost array need at least seventeen octets that can begin a container.
    return begun.count(_CONTAINER) > MAX_DEPTH or (_LOOKED_FOR in begun and _find_suspect(octets) is not None)


def _is_sealable(data: dict[str, Any], flash: Flashes) -> bool:
    return _is_clean(data, 1) and (
        not flash or (_is_clean(flash, 1) and _STR.issuperset(type(entry[0]) for entry in flash))
    )


def _is_within_profile(encoded: bytes) -> bool:
    try:
        value = _decode_any(encoded)
        return _is_clean(value, 0) and _encode(value) == encoded
    except _UNDECODABLE:
        return False


def _is_clean(value: Any, level: int) -> bool:
    """Whether ``value``, at ``level``, holds nothing but what the profile allows, of these very types."""
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType] - a cast would cost more than the rest
    if kind is dict:
        if FORBIDDEN_KEY in value or not _STR.issuperset(map(type, value)):
            return False
    elif kind is int:
        return bool(MIN_INTEGER <= value <= MAX_INTEGER)
    elif kind is not list and kind is not tuple:
        return kind in _SIMPLE or (kind is float and math.isfinite(value))
    if level > MAX_DEPTH:
        return False
    for item in value.values() if kind is dict else value:
        if type(item) not in _SIMPLE and not _is_clean(item, level + 1):
            return False
    return True


def _is_sound(envelope: Any) -> bool:
    """Whether types and ranges are those of SPEC 5.1, but for what data and flash hold."""
    sid, created, issued, until, flash = envelope.sid, envelope.created, envelope.issued, envelope.until, envelope.flash
    return (
        type(sid) is bytes
        and len(sid) == SID_OCTETS
        and type(created) is type(issued) is type(envelope.idle) is type(until) is int
        and type(envelope.persistent) is bool
        and 0 <= created <= issued < until <= MAX_TIME
        and 1 <= envelope.idle <= MAX_IDLE
        and isinstance(envelope.data, dict)
        and type(flash) in _SEQUENCES
        and len(flash) <= MAX_FLASHES
        and all(type(entry) in _SEQUENCES and len(entry) == 2 for entry in flash)
    )
