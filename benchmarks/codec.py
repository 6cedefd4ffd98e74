"""The codec table: seal and open of three contents by every codec. Knows nothing of HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from nacl.bindings import crypto_secretbox_easy, crypto_secretbox_open

from .codec_peers import CODECS, Codec
from .contents import Content
from .timing import Action

BARE = "bare secretbox pair"
# A token of k blocks has 68 + 32 k characters (SPEC 2.2).
_FRAME_CHARACTERS, _BLOCK_CHARACTERS, _BLOCK_OCTETS = 68, 32, 24


def make_codecs(names: Iterable[str] = tuple(CODECS)) -> tuple[dict[str, Codec], dict[str, str]]:
    """The codecs that can be had, and why each other cannot, by name."""
    made: dict[str, Codec] = {}
    absent: dict[str, str] = {}
    for name in names:
        try:
            made[name] = CODECS[name]()
        except Exception as exc:  # whatever a peer's import or construction raises is told in the table
            absent[name] = f"{type(exc).__name__}: {exc}"
    return made, absent


def make_pairs(codecs: Mapping[str, Codec], content: Content) -> dict[str, Action]:
    """For each codec the action that seals ``content`` and opens what came of it."""
    return {name: _pair(codec, content) for name, codec in codecs.items()}


def make_bare_pair(token_characters: int) -> Action:
    """The floor: one call to seal and one to open as many octets as are in a token of ours, with the key at hand."""
    octets = (token_characters - _FRAME_CHARACTERS) // _BLOCK_CHARACTERS * _BLOCK_OCTETS
    padded, nonce, key = os.urandom(octets), os.urandom(24), os.urandom(32)

    def seal_and_open() -> bytes:
        return crypto_secretbox_open(crypto_secretbox_easy(padded, nonce, key), nonce, key)

    return seal_and_open


def _pair(codec: Codec, content: Content) -> Action:
    seal, open_ = codec

    def seal_and_open() -> Content:
        return open_(seal(content))

    return seal_and_open
