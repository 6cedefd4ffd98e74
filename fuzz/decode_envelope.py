"""Whatever the octets are, decode_envelope answers like the reference reader, and re-encodes what it accepts unchanged.

The input is a plaintext.
"""

from __future__ import annotations

from collections.abc import Iterator

from answers import compare, describe_package, describe_reference
from reference import envelope, message_pack
from seeds import list_inputs

from cookiejar_session.wire.envelope import decode_envelope, encode_envelope


def list_seeds() -> Iterator[bytes]:
    return (bytes.fromhex(given["plaintext"]) for given in list_inputs("decode"))


def check(octets: bytes) -> None:
    answer = describe_package(lambda: decode_envelope(octets))
    compare(answer, describe_reference(lambda: envelope.check_envelope(message_pack.decode(octets))))
    if answer.startswith("{"):
        compare(encode_envelope(decode_envelope(octets)), octets)
