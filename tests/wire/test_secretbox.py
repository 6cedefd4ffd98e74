"""wire/secretbox.py against SPEC 2.3 and 2.4: the padding of a box, and what opens it."""

from __future__ import annotations

import pytest
from nacl.bindings import crypto_secretbox_easy, crypto_secretbox_open
from shared_values import NONCE

from cookiejar_session import TokenError
from cookiejar_session.wire.secretbox import open_box, seal_box

BOX_KEY = bytes(range(32))
PLAINTEXT = bytes(range(1, 59))


def refusal(box: bytes, *, nonce: bytes = NONCE, box_key: bytes = BOX_KEY) -> str:
    with pytest.raises(TokenError) as caught:
        open_box(box, nonce=nonce, box_key=box_key)
    assert (caught.value.__cause__, caught.value.key_id) == (None, None)
    return caught.value.reason.value


def box_up(padded: bytes) -> bytes:
    """Return the box of any padded plaintext, made without the package."""
    return crypto_secretbox_easy(padded, NONCE, BOX_KEY)


@pytest.mark.parametrize(
    ("octets", "padded_octets"), [(23, 24), (24, 48), (46, 48), (47, 48), (48, 72), (70, 72), (71, 72), (2927, 2928)]
)
def test_padding_is_a_marker_and_zeros_up_to_the_next_block(octets: int, padded_octets: int) -> None:
    plaintext = b"x" * octets
    padded = crypto_secretbox_open(seal_box(plaintext, nonce=NONCE, box_key=BOX_KEY), NONCE, BOX_KEY)
    assert padded == plaintext + b"\x80" + bytes(padded_octets - octets - 1)


@pytest.mark.parametrize("octets", [24, 47, 48, 58, 2927])
def test_a_box_opens_to_what_was_sealed(octets: int) -> None:
    # Ends like padding.
    plaintext = b"x" * (octets - 2) + b"\x80\0"
    box = seal_box(plaintext, nonce=NONCE, box_key=BOX_KEY)
    assert open_box(box, nonce=NONCE, box_key=BOX_KEY) == plaintext
    assert len(box) % 24 == 16


@pytest.mark.parametrize("zeros", [0, 22, 23])
def test_padding_of_up_to_23_zeros_is_removed(zeros: int) -> None:
    plaintext = bytes(range(1, 48 - zeros))
    assert open_box(box_up(plaintext + b"\x80" + bytes(zeros)), nonce=NONCE, box_key=BOX_KEY) == plaintext


def test_only_one_marker_is_removed() -> None:
    padded = b"\x01" * 40 + b"\x80\x80" + bytes(6)
    assert open_box(box_up(padded), nonce=NONCE, box_key=BOX_KEY) == b"\x01" * 40 + b"\x80"


PADDINGS = {
    "none": PLAINTEXT[:48],
    "zeros-alone": bytes(48),
    "nothing": b"",
    "another-marker": PLAINTEXT + b"\x01" + bytes(13),
    "marker-with-a-low-bit": PLAINTEXT + b"\x81" + bytes(13),
    "24-zeros": PLAINTEXT[:23] + b"\x80" + bytes(24),
    "a-whole-block-too-many": PLAINTEXT + b"\x80" + bytes(13 + 24),
    "text-after-the-marker": PLAINTEXT + b"\x80X" + bytes(12),
    "text-among-the-zeros": PLAINTEXT + b"\x80" + bytes(6) + b"X" + bytes(6),
    "pkcs7": PLAINTEXT + bytes([14]) * 14,
}


@pytest.mark.parametrize("padded", PADDINGS.values(), ids=PADDINGS)
def test_any_other_padding_is_bad_padding(padded: bytes) -> None:
    assert refusal(box_up(padded)) == "bad-padding"


BOX = seal_box(PLAINTEXT, nonce=NONCE, box_key=BOX_KEY)


def test_every_flipped_bit_of_a_box_is_not_authentic() -> None:
    for bit in range(len(BOX) * 8):
        flipped = (int.from_bytes(BOX) ^ 1 << bit).to_bytes(len(BOX))
        assert (bit, refusal(flipped)) == (bit, "not-authentic")


@pytest.mark.parametrize("box", [b"", BOX[:15], BOX[:16], BOX[:-1], BOX + b"\0", BOX[16:]], ids=len)
def test_a_box_of_another_length_is_not_authentic(box: bytes) -> None:
    assert refusal(box) == "not-authentic"


def test_another_nonce_or_key_does_not_open() -> None:
    assert refusal(BOX, nonce=bytes(24)) == refusal(BOX, box_key=bytes(32)) == "not-authentic"
