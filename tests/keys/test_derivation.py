"""derivation.py: PAE and keyed BLAKE2b, against SPEC 3 and an independent way to compute them."""

from __future__ import annotations

import struct
from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_values import SID

from cookiejar_session.keys.derivation import derive, encode_pieces

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("pieces", "encoded"),
    [
        ((), "0000000000000000"),
        ((b"",), "01000000000000000000000000000000"),
        ((b"a",), "0100000000000000010000000000000061"),
        ((b"a", b""), "02000000000000000100000000000000610000000000000000"),
        ((b"x" * 256,), "01000000000000000001000000000000" + "78" * 256),
    ],
)
def test_pieces_are_encoded_with_count_and_lengths(pieces: tuple[bytes, ...], encoded: str) -> None:
    assert encode_pieces(*pieces).hex() == encoded


@given(pieces=st.lists(st.binary(max_size=300), max_size=5))
@settings(max_examples=100, deadline=None)
def test_encoded_pieces_give_back_the_pieces(pieces: list[bytes]) -> None:
    encoded = encode_pieces(*pieces)
    (count,) = struct.unpack_from("<Q", encoded)
    offset, found = 8, []
    for _ in range(count):
        (length,) = struct.unpack_from("<Q", encoded, offset)
        found.append(encoded[offset + 8 : offset + 8 + length])
        offset += 8 + length
    assert (found, offset) == (pieces, len(encoded))


@pytest.mark.parametrize(
    ("key", "label", "pieces", "derived"),
    [
        (KEY, "key-id", (), "6fc7081d3e766c36bc4fe887df9ba054a61899721629e14a0e4b75d3742e316a"),
        (KEY, "box", (b"__Host-session",), "4f7f5f2d0dfd50a1e8ac9ddb3816f005ce53c2f6118207a54c8ad9b27a9f6106"),
        (KEY, "box", (b"prefs",), "1a8df674b268d513fc6c5212d16409c5f58c66ccaa03a1483467f943b28e64c4"),
        (bytes(range(64)), "skb", (), "c167e2bd4c217b9e0e7ef5fbabded7bce038e55d09e86499343ba8209afc2ae1"),
        (SID, "csrf", (b"",), "358c9cde81789603885fc035da55c977751eb504fb0fc45b15c7fa5151430774"),
        (SID, "log-id", (), "9894b7fb5073b5bc519aa05738f3f4e6b29f6ad2df7b145a3e591a7555217fd7"),
    ],
)
def test_derived_octets_are_those_of_the_specification(
    key: bytes, label: str, pieces: tuple[bytes, ...], derived: str
) -> None:
    assert derive(key, label, *pieces).hex() == derived


@given(
    key=st.binary(min_size=1, max_size=64), label=st.text(alphabet="abcdef-", max_size=12), piece=st.binary(max_size=80)
)
@settings(max_examples=100, deadline=None)
def test_derivation_is_keyed_blake2b_of_label_and_piece(key: bytes, label: str, piece: bytes) -> None:
    text = b"cookiejar-session/v1/" + label.encode()
    message = struct.pack("<QQ", 2, len(text)) + text + struct.pack("<Q", len(piece)) + piece
    assert derive(key, label, piece) == blake2b(message, key=key, digest_size=32).digest()
