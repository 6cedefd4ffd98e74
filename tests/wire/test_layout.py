"""wire/layout.py against SPEC 2: how many characters a token has."""

from __future__ import annotations

import pytest

from cookiejar_session.wire.layout import (
    BLOCK_CHARACTERS,
    BLOCK_OCTETS,
    FRAME_CHARACTERS,
    KEY_ID_OCTETS,
    MAX_ENCODED_OCTETS,
    MAX_TOKEN_CHARACTERS,
    MIN_TOKEN_CHARACTERS,
    NONCE_OCTETS,
    PREFIX,
    count_encoded_octets,
    count_token_characters,
)


def test_the_limits_are_those_of_the_specification() -> None:
    assert (MIN_TOKEN_CHARACTERS, MAX_TOKEN_CHARACTERS) == (132, 3972)


@pytest.mark.parametrize(
    ("octets", "characters"),
    [(24, 132), (47, 132), (48, 164), (58, 164), (137, 260), (1943, 2660), (1944, 2692), (2927, 3972), (2928, 4004)],
)
def test_characters_are_counted_by_blocks_of_24_octets(octets: int, characters: int) -> None:
    assert count_token_characters(octets) == characters


@pytest.mark.parametrize(
    ("characters", "octets"), [(132, 47), (163, 47), (164, 71), (2660, 1943), (3971, 2903), (3972, 2927)]
)
def test_octets_are_counted_that_a_token_can_hold(characters: int, octets: int) -> None:
    assert count_encoded_octets(characters) == octets


@pytest.mark.parametrize("octets", [24, 47, 48, 2903, 2904, MAX_ENCODED_OCTETS])
def test_the_two_counts_agree(octets: int) -> None:
    characters = count_token_characters(octets)
    assert count_encoded_octets(characters) >= octets > count_encoded_octets(characters - 1)


@pytest.mark.parametrize("blocks", [2, 3, 122])
def test_a_token_has_prefix_key_id_nonce_tag_and_blocks_in_base64url(blocks: int) -> None:
    octets = KEY_ID_OCTETS + NONCE_OCTETS + 16 + blocks * BLOCK_OCTETS
    assert len(PREFIX) + octets * 4 // 3 == FRAME_CHARACTERS + blocks * BLOCK_CHARACTERS
    assert octets % 3 == 0


def test_the_longest_encoding_fits_in_the_longest_token() -> None:
    assert (MAX_ENCODED_OCTETS, count_token_characters(MAX_ENCODED_OCTETS)) == (2927, MAX_TOKEN_CHARACTERS)
