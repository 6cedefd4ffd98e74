"""Whatever the value is, open_token answers like the reference reader, with an envelope or with a reason.

The first octet says what follows: a value, a plaintext that is padded and sealed here, or a padded plaintext that is
sealed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from answers import compare, describe_package, describe_reference
from generation.keys import A, B, ring
from generation.octets import pad, seal_padded
from reference.ring import parse_ring
from reference.time_rules import Ceilings
from reference.wire import open_value
from seeds import list_inputs

from cookiejar_session import Keyring, open_token

PURPOSE = "__Host-session"
NOW = 1767225660
RING = ring(A, B)
KEYRING = Keyring.parse(RING, now=NOW, _allow_published=True)
ENTRIES = parse_ring(RING.encode(), is_file=False, now=NOW, published=())
# Sealed with a key of the ring: the fuzzer cannot guess an authentic box.
seal_octets = partial(seal_padded, key=B, purpose=PURPOSE)

FORMS: tuple[Callable[[bytes], bytes], ...] = (
    lambda octets: octets,
    lambda octets: seal_octets(pad(octets)).encode(),
    lambda octets: seal_octets(octets).encode(),
)


def list_seeds() -> Iterator[bytes]:
    for given in list_inputs("open"):
        yield b"\0" + bytes.fromhex(given["value"])
    for given in list_inputs("decode"):
        yield b"\1" + bytes.fromhex(given["plaintext"])
        yield b"\2" + pad(bytes.fromhex(given["plaintext"]))


def check(octets: bytes) -> None:
    value = FORMS[octets[0] % len(FORMS)](octets[1:]) if octets else b""
    # As WSGI and ASGI servers give them: one character an octet.
    answer = describe_package(lambda: open_token(value.decode("latin-1"), keyring=KEYRING, purpose=PURPOSE, now=NOW))
    ceilings = Ceilings(longest_idle=None, longest_lifetime=None, not_before=None)
    compare(answer, describe_reference(lambda: open_value(value, ENTRIES, PURPOSE, NOW, ceilings)))
