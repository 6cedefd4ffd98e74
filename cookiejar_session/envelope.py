"""The envelope and its encoding (SPEC 5 and 6). Knows nothing of keys or HTTP.

Reading decodes with msgspec's types, encodes again, compares the octets, and searches them for the few faults that
survive that comparison. Everything else is read with wider types, and what is still in doubt is checked value by value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from .errors import Reason, TokenError, UnsupportedValueError
from .profile import (
    FORBIDDEN_KEY,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_LENGTH,
    MIN_INTEGER,
    Flashes,
    check_content,
    has_plain_types,
    is_flat,
    is_long,
    is_within,
)

SID_OCTETS = 16
TIME_BITS = 48
MAX_TIME = (1 << TIME_BITS) - 1
MAX_IDLE = (1 << 32) - 1
MAX_FLASHES = 32

# An empty map and an empty array: the data and flash of a session that holds nothing.
EMPTY_CONTENT = b"\x80\x90"

# Ranges that msgspec holds on decoding (SPEC 5.2 items 3, 4, 5 and 8).
Time = Annotated[int, msgspec.Meta(ge=0, le=MAX_TIME)]

if TYPE_CHECKING:
    Value = Any
else:
    # What msgspec can say of the profile's values: its types know no union of str and bytes, and none refers to itself.
    # Containers may nest as deep in `data` as here; what holds bytes or nests deeper is read as _WideEnvelope.
    Value = _Scalar = None | bool | Annotated[int, msgspec.Meta(ge=MIN_INTEGER, le=MAX_INTEGER)] | float | str
    for _ in range(4):
        Value = _Scalar | list[Value] | dict[str, Value]


class _Head(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """What an envelope holds but for data and flash; ``repr`` shows no sid."""

    sid: Annotated[bytes, msgspec.Meta(min_length=SID_OCTETS, max_length=SID_OCTETS)]
    created: Time
    issued: Time
    idle: Annotated[int, msgspec.Meta(ge=1, le=MAX_IDLE)]
    until: Time
    persistent: bool

    def __repr__(self) -> str:
        return f"<Envelope created={self.created} issued={self.issued} idle={self.idle} until={self.until}>"

    def __rich_repr__(self) -> Any:
        yield "created", self.created


class Envelope(_Head, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a token holds (SPEC 5): times in Unix seconds, ``idle`` in seconds, ``data`` and ``flash`` as given.

    ``repr`` shows neither sid nor content.
    """

    data: dict[str, Value]
    flash: Annotated[list[tuple[str, Value]], msgspec.Meta(max_length=MAX_FLASHES)]


class _WideEnvelope(_Head, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """An envelope whose values nothing is known of yet."""

    data: dict[str, Any]
    flash: Annotated[Flashes, msgspec.Meta(max_length=MAX_FLASHES)]


# The octets of anything that msgspec can encode; raises _UNENCODABLE, where encode_unchecked() says what is at fault.
encode_any: Callable[[Any], bytes] = msgspec.msgpack.Encoder(order="deterministic").encode
_decode_typed = msgspec.msgpack.Decoder(Envelope).decode
_decode_wide = msgspec.msgpack.Decoder(_WideEnvelope).decode
_decode_any = msgspec.msgpack.Decoder().decode

# What octets can make msgspec raise: its own errors (no ValueErrors before 0.20), UnicodeDecodeError, that of a map key
# without a hash, that of two thousand arrays in one another.
_UNENCODABLE = (TypeError, ValueError, OverflowError, RecursionError)
_UNDECODABLE = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)

# What survives decoding and encoding although the profile forbids it: extension types, integers of 2^63 and more,
# infinities and NaN, the forbidden key. A match is only a suspicion: strings hold such octets too.
_find_suspect = re.compile(
    rb"[\xa9\xc7-\xc9\xcb\xcf\xd4-\xd8](?:(?<=[\xc7-\xc9\xd4-\xd8])"
    rb"|(?<=\xcf)[\x80-\xff]|(?<=\xcb)[\x7f\xff][\xf0-\xff]|(?<=\xa9)__proto__)",
    re.DOTALL,
).search
_ODD, _DEEP = "odd", "deep"
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
_SEQUENCES = frozenset({list, tuple})
_FLOAT, _BYTES = b"\xcb", b"\xc4"
_find_infinite = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]").search
_FORBIDDEN = FORBIDDEN_KEY.encode()
_HIDDEN = "session data hides a value that cannot be sealed, or changed meanwhile; store plain dict and list"
# Behind 98 c4 10 and the sid stand created, issued, idle and until, nearly always of five octets each or fewer, and
# persistent. The first octet of an integer tells its length.
_CREATED = 3 + SID_OCTETS
_USUAL_DATA = _CREATED + 4 * 5 + 1
_TIME = 0xCE
_INTEGER_OCTETS = {0xCC: 2, 0xCD: 3, _TIME: 5, 0xCF: 9}


def decode_envelope(encoded: bytes) -> Envelope:
    """The envelope that ``encoded`` is; raises TokenError with bad-encoding or bad-envelope (SPEC 8.2)."""
    # What seems to hold bytes is not tried with types that know none; to miss some costs that try and nothing else.
    if encoded.find(_BYTES, _USUAL_DATA) >= 0 or len(encoded) > MAX_LENGTH:
        return _decode_doubtful(encoded)
    try:
        envelope = _decode_typed(encoded)
        # Its types leave two things open: floats that are not finite, and the forbidden key.
        if (
            envelope.created <= envelope.issued < envelope.until
            and encode_any(envelope) == encoded
            and (encoded.find(_FLOAT, _CREATED) < 0 or _find_infinite(encoded, _CREATED) is None)
            and encoded.find(_FORBIDDEN, _CREATED) < 0
        ):
            return envelope
    except _UNDECODABLE:
        pass
    return _decode_doubtful(encoded)


def encode_envelope(envelope: Envelope) -> bytes:
    """The one encoding of ``envelope`` (SPEC 6). Raises UnsupportedValueError for what no reader would accept."""
    # msgspec checks types and ranges of what it decodes, not of what it encodes.
    if not _is_sound(envelope):
        raise UnsupportedValueError("envelope is out of range: see SPEC 5 for sid, times, idle, persistent and flash")
    encoded = encode_unchecked(envelope)
    check_encoded(encoded, envelope.data, envelope.flash)
    if len(encoded) > MAX_LENGTH and is_long([envelope.data, envelope.flash]):
        raise UnsupportedValueError("a str, bytes, list or dict has a length above 65535; keep large things elsewhere")
    return encoded


def check_encoded(encoded: bytes, data: dict[str, Any], flash: Flashes) -> None:
    """Raises UnsupportedValueError where ``encoded``, a sound envelope with these two, breaks the profile.

    The objects may have changed since, or be other to Python than to msgspec: the octets are what is sealed.
    """
    doubt = _find_doubt(encoded)
    if (doubt and not _is_encoded_clear_of(doubt, encoded)) or not has_plain_types(data, flash):
        _refuse_unfit(data, flash, encoded)


def stamp_encoded(encoded: bytes, issued: int) -> bytes:
    """The octets of the same envelope, issued at another time."""
    start = _CREATED + _INTEGER_OCTETS.get(encoded[_CREATED], 1)
    return encoded[:start] + encode_any(issued) + encoded[start + _INTEGER_OCTETS.get(encoded[start], 1) :]


def count_head_octets(envelope: Envelope) -> int:
    """How many octets of an encoded envelope come before data and flash."""
    head = envelope.sid, envelope.created, envelope.issued, envelope.idle, envelope.until, envelope.persistent
    return len(encode_any(head))


def check_range(envelope: Envelope) -> None:
    """Raises UnsupportedValueError where no reader would accept the times of ``envelope`` (SPEC 5.1)."""
    if not 0 <= envelope.created <= envelope.issued < envelope.until <= MAX_TIME:
        raise UnsupportedValueError("session is at its absolute end, so nothing more can be sealed; begin a new one")


def encode_unchecked(envelope: Envelope) -> bytes:
    """The octets of ``envelope``, not yet checked. Raises UnsupportedValueError where msgspec has none."""
    try:
        encoded = encode_any(envelope)
    except _UNENCODABLE:
        encoded = b""
    if not encoded:
        _refuse_unfit(envelope.data, envelope.flash, encoded)
    return encoded


def encode_content(data: dict[str, Any], flash: Flashes) -> bytes:
    """The octets of ``data`` and ``flash``, as they end an envelope. Raises UnsupportedValueError where msgspec cannot.

    What msgspec can encode although the profile forbids it is found by :func:`check_encoded`.
    """
    try:
        encoded = encode_any((data, flash))
    except _UNENCODABLE:
        encoded = b""
    if not encoded:
        _refuse_unfit(data, flash, encoded)
    return encoded[1:]


def count_octets_by_key(data: dict[str, Any], flash: Flashes) -> dict[str | None, int]:
    """The encoded octets of each key with its value; those of all flash messages, if any, under None."""
    octets: dict[str | None, int] = {key: len(encode_any(key)) + len(encode_any(value)) for key, value in data.items()}
    if flash:
        octets[None] = len(encode_any(flash))
    return octets


def _decode_doubtful(encoded: bytes) -> Envelope:
    """The envelope that ``encoded`` is, values of all types and depths included; raises TokenError."""
    try:
        envelope = _decode_wide(encoded)
        fits = envelope.created <= envelope.issued < envelope.until and encode_any(envelope) == encoded
    except _UNDECODABLE:
        envelope, fits = None, False
    if envelope is None or not fits:
        raise TokenError(Reason.BAD_ENVELOPE if _is_within_profile(encoded) else Reason.BAD_ENCODING)
    doubt, content = _find_doubt(encoded), [envelope.data, envelope.flash]
    if (doubt and not _is_clear_of(doubt, content)) or (len(encoded) > MAX_LENGTH and is_long(content)):
        raise TokenError(Reason.BAD_ENCODING)
    return Envelope(*msgspec.structs.astuple(envelope))


def _refuse_unfit(data: dict[str, Any], flash: Flashes, encoded: bytes) -> None:
    """Raises, naming the value at fault where there is one to be found, if ``encoded`` is not within the profile."""
    check_content(data, flash)
    # OrderedDict and its like pass.
    if not _is_within_profile(encoded):
        raise UnsupportedValueError(_HIDDEN)


def _find_doubt(encoded: bytes) -> str | None:
    """What the octets of an envelope leave open about data and flash: whether they are DEEP, or ODD, or nothing."""
    # The sid and, from 1970 to 2106, the times may be any octets, which say nothing.
    begin = _CREATED
    if encoded[begin] == _TIME:
        # created and issued, then idle, then until; or less, where one of them needs more than five octets
        begin += 10
        begin += _INTEGER_OCTETS.get(encoded[begin], 1) + 5
    begun = encoded[begin:].translate(_BEGINS)
    if _LOOKED_FOR in begun and _find_suspect(encoded, begin) is not None:
        return _ODD
    # Seventeen levels below the outermost array need at least seventeen octets that can begin a container.
    return _DEEP if begun.count(_CONTAINER) > MAX_DEPTH else None


def _is_clear_of(doubt: str, value: Any) -> bool:
    """Whether ``value``, the outermost one or in its place, is within the profile for all the doubt."""
    return is_flat(value) if doubt is _DEEP else is_within(value)


def _is_encoded_clear_of(doubt: str, encoded: bytes) -> bool:
    """The same of what ``encoded``, octets that msgspec wrote, holds."""
    try:
        return _is_clear_of(doubt, _decode_any(encoded))
    except _UNDECODABLE:
        return False


def _is_within_profile(encoded: bytes) -> bool:
    try:
        value = _decode_any(encoded)
        return is_within(value) and not (len(encoded) > MAX_LENGTH and is_long(value)) and encode_any(value) == encoded
    except _UNDECODABLE:
        return False


def _is_sound(envelope: Any) -> bool:
    """Whether types and ranges are those of SPEC 5.1, but for what data and flash hold."""
    sid, created, issued, until = envelope.sid, envelope.created, envelope.issued, envelope.until
    idle, flash = envelope.idle, envelope.flash
    return (
        type(sid) is bytes
        and len(sid) == SID_OCTETS
        and type(created) is type(issued) is type(idle) is type(until) is int
        and type(envelope.persistent) is bool
        and 0 <= created <= issued < until <= MAX_TIME
        and 1 <= idle <= MAX_IDLE
        and isinstance(envelope.data, dict)
        and (type(flash) is list or type(flash) is tuple)
        and (not flash or _is_sound_flash(flash))
    )


def _is_sound_flash(flash: Any) -> bool:
    return len(flash) <= MAX_FLASHES and all(type(entry) in _SEQUENCES and len(entry) == 2 for entry in flash)
