"""The envelope: the eight values that a token holds, and their encoding (SPEC 5 and 6)."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn, cast

import msgspec

from ..errors import Reason, TokenError, UnsupportedValueError
from . import messagepack

SID_OCTETS = 16
MAX_TIME = (1 << 48) - 1
MAX_IDLE = (1 << 32) - 1
MAX_FLASHES = 32

# The ranges of SPEC 5.1, which msgspec checks.
Sid = Annotated[bytes, msgspec.Meta(min_length=SID_OCTETS, max_length=SID_OCTETS)]
Time = Annotated[int, msgspec.Meta(ge=0, le=MAX_TIME)]
Idle = Annotated[int, msgspec.Meta(ge=1, le=MAX_IDLE)]
Flashes = list[tuple[str, Any]]


class Envelope(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """The content of a token (SPEC 5.1).

    ``sid`` is 16 octets. ``created``, ``issued`` and ``until`` are Unix seconds, ``idle`` is seconds. ``persistent``
    says whether the cookie has a Max-Age. ``data`` is a dict with str keys, ``flash`` a list of pairs of a category and
    a value. ``repr`` shows neither sid nor content.
    """

    sid: Sid
    created: Time
    issued: Time
    idle: Idle
    until: Time
    persistent: bool
    data: dict[str, Any]
    flash: Annotated[Flashes, msgspec.Meta(max_length=MAX_FLASHES)]

    def __repr__(self) -> str:
        return f"<Envelope created={self.created} issued={self.issued} idle={self.idle} until={self.until}>"

    def __rich_repr__(self) -> Any:
        yield "created", self.created

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Envelope holds a sid and session data, so it cannot be pickled; seal it with seal_token()")


# Decodes the eight fields of an envelope, and checks their values while it decodes them. It refuses some valid values,
# such as bytes in the data.
_decode_fields = messagepack.Decoder(
    tuple[
        Sid,
        Time,
        Time,
        Idle,
        Time,
        bool,
        dict[str, messagepack.Value],
        Annotated[list[tuple[str, messagepack.Value]], msgspec.Meta(max_length=MAX_FLASHES)],
    ]
).decode


def decode_envelope(encoded: bytes) -> Envelope:
    """Return the envelope that ``encoded`` holds. Raises TokenError with bad-encoding or bad-envelope (SPEC 8.2)."""
    try:
        envelope = Envelope(*_decode_fields(encoded))
        # SPEC 6.1: only one encoding is accepted. Encode the envelope again and compare, to detect a different
        # encoding.
        if (
            len(encoded) <= messagepack.MAX_LENGTH
            and envelope.created <= envelope.issued < envelope.until
            and messagepack.encode(envelope) == encoded
            # The typed decoder does not refuse an infinity, NaN or the key __proto__ (SPEC 6.3 items 5 and 9). A text
            # may contain the same octets as one of them. So if such octets are found, the slower decoder below decides.
            and encoded.find(b"__proto__") < 0
            and (encoded.find(b"\xcb") < 0 or not messagepack.find_infinite(encoded))
        ):
            return envelope
    except messagepack.UNDECODABLE:
        pass
    # A breach of SPEC 6 is reported first, even if there is also one of SPEC 5.
    converted = _convert(messagepack.decode(encoded))
    if converted is None:
        raise TokenError(Reason.BAD_ENVELOPE)
    return converted


def encode_envelope(envelope: Envelope) -> bytes:
    """Return the one encoding of ``envelope`` (SPEC 6). Raises UnsupportedValueError if no reader would accept it."""
    sid, *times, data, flash = msgspec.structs.astuple(envelope)
    checked = _convert([sid, *times, check_data(data), check_flash(flash)])
    # msgspec also accepts a bytearray as sid.
    if checked is None or isinstance(sid, bytearray):
        raise UnsupportedValueError("envelope is out of range; see SPEC 5.1 for sid, times, idle and persistent")
    encoded = messagepack.encode(checked)
    if messagepack.has_long_value([checked.data, checked.flash], encoded):
        raise UnsupportedValueError("a str, bytes, list or dict has a length above 65535; keep large things elsewhere")
    return encoded


def check_data(data: Any) -> dict[str, Any]:
    """Return session data as it comes back from a cookie. Raises UnsupportedValueError, with the path (SPEC 6.5)."""
    if not isinstance(data, dict):
        raise UnsupportedValueError(f"session: {type(data).__name__}; data must be a dict")
    checked: dict[str, Any] = messagepack.check(data, "", level=1)
    return checked


def check_flash(flash: object) -> Flashes:
    """Return flash entries as they come back from a cookie. Raises UnsupportedValueError for a breach of SPEC 5.1."""
    entries = _list_items(flash)
    if entries is None or len(entries) > MAX_FLASHES:
        raise UnsupportedValueError(f"flash: must be a list of at most {MAX_FLASHES} pairs")
    checked: Flashes = []
    for index, entry in enumerate(entries):
        pair = _list_items(entry)
        if pair is None or len(pair) != 2:
            raise UnsupportedValueError(f"flash[{index}]: {type(entry).__name__}; use a pair (category, value)")
        category, value = pair
        if not isinstance(category, str):
            raise UnsupportedValueError(f"flash[{index}]: category of type {type(category).__name__}; use a str")
        path = f"flash[{index}]"
        checked.append((messagepack.check(category, path), messagepack.check(value, path, level=3)))
    return checked


def _list_items(value: object) -> list[Any] | None:
    """Return the items of a list or tuple, or None for a value of any other type."""
    return list(cast("list[Any]", value)) if isinstance(value, (list, tuple)) else None


def _convert(values: Any) -> Envelope | None:
    """Return the envelope of eight plain values, or None if they break SPEC 5.1."""
    try:
        # Without builtin_types, msgspec would also accept a sid in the form of base64 text.
        envelope = msgspec.convert(values, Envelope, builtin_types=(bytes,))
    except msgspec.ValidationError:
        return None
    return envelope if envelope.created <= envelope.issued < envelope.until else None
