"""The envelope of the floors: SPEC 5 as msgspec types, so that decoding checks types and ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

# SPEC 5.2 items 3, 4, 5 and 8.
Time = Annotated[int, msgspec.Meta(ge=0, le=(1 << 48) - 1)]

if TYPE_CHECKING:
    Value = Any
else:
    # msgspec has no union of str and bytes and no type that refers to itself. So these types accept no bytes, and
    # containers up to four levels deep.
    Value = _Scalar = None | bool | Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)] | float | str
    for _ in range(4):
        Value = _Scalar | list[Value] | dict[str, Value]


class Envelope(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """The eight elements of SPEC 5.1."""

    sid: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    created: Time
    issued: Time
    idle: Annotated[int, msgspec.Meta(ge=1, le=(1 << 32) - 1)]
    until: Time
    persistent: bool
    data: dict[str, Value]
    flash: Annotated[list[tuple[str, Value]], msgspec.Meta(max_length=32)]


encode_envelope = msgspec.msgpack.Encoder(order="deterministic").encode
decode_envelope = msgspec.msgpack.Decoder(Envelope).decode
