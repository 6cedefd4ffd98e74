"""The codec tables: seal and open by every codec, beside the bare secretbox functions. Knows nothing of HTTP."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from nacl.bindings import crypto_secretbox_easy, crypto_secretbox_open

from .codec_peers import OURS, Codec
from .contents import CONTENTS, Content
from .estimates import estimate_median, estimate_ratio
from .tables import Cell, Table
from .timing import Action, Effort, Timings, time_actions

BARE = "bare secretbox pair"
# SPEC 2.2: a token of k blocks of 24 octets has 68 + 32 k characters.
_FRAME_CHARACTERS, _BLOCK_CHARACTERS, _BLOCK_OCTETS = 68, 32, 24


def measure_codecs(codecs: Mapping[str, Codec], content: Content, *, effort: Effort) -> tuple[Timings, Timings]:
    """Measure seal and open of each codec and of the bare secretbox, in nanoseconds per round."""
    actions: dict[str, Action] = {}
    for name, codec in codecs.items():
        actions[f"seal {name}"], actions[f"open {name}"] = make_actions(codec, content)
    if OURS in codecs:
        actions[f"seal {BARE}"], actions[f"open {BARE}"] = make_bare_actions(len(codecs[OURS].seal(content)))
    times = time_actions(actions, effort=effort)
    names = [name.removeprefix("seal ") for name in actions if name.startswith("seal ")]
    return {name: times[f"seal {name}"] for name in names}, {name: times[f"open {name}"] for name in names}


def add_rounds(sealing: Timings, opening: Timings) -> Timings:
    """Return the nanoseconds of seal plus open, by codec and round."""
    return {name: [sum(pair) for pair in zip(sealing[name], opening[name], strict=True)] for name in sealing}


def make_actions(codec: Codec, content: Content) -> tuple[Action, Action]:
    """Return two actions: seal ``content``, and open its token. Check first that opening returns ``content``."""
    seal, open_ = codec
    token = seal(content)
    if open_(token) != content:
        raise AssertionError("opening the token does not return the content that was sealed")
    return lambda: seal(content), lambda: open_(token)


def make_bare_actions(token_characters: int) -> tuple[Callable[[], bytes], Callable[[], bytes]]:
    """Return PyNaCl's two secretbox functions as actions, on as many octets as the box of such a token has."""
    octets = (token_characters - _FRAME_CHARACTERS) // _BLOCK_CHARACTERS * _BLOCK_OCTETS
    padded, nonce, key = os.urandom(octets), os.urandom(24), os.urandom(32)
    box = crypto_secretbox_easy(padded, nonce, key)
    return lambda: crypto_secretbox_easy(padded, nonce, key), lambda: crypto_secretbox_open(box, nonce, key)


def make_tables(codecs: Mapping[str, Codec], absent: Mapping[str, str], effort: Effort) -> list[Table]:
    """Return a table for each content: seal, open, their sum, its ratio to ours, and the length of the cookie value."""
    notes = tuple(f"{name} is missing here: {reason}" for name, reason in absent.items())
    columns = ("seal", "open", "seal + open", "over ours", "cookie characters")
    tables = []
    for kind, content in CONTENTS.items():
        sealing, opening = measure_codecs(codecs, content, effort=effort)
        both = add_rounds(sealing, opening)
        rows: dict[str, tuple[Cell, ...]] = {}
        for name in both:
            figures = [estimate_median(times[name]).scaled(1e-3) for times in (sealing, opening, both)]
            length = len(codecs[name].seal(content)) if name in codecs else "-"
            rows[name] = (*figures, estimate_ratio(both[name], both[OURS]), length)
        tables.append(Table(f"codec-{kind}", f"Seal and open of a {kind} session", "µs", columns, rows, notes))
    return tables
