"""Ten thousand seals and opens from one seed, one hash over all that came out of them."""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import Any

from . import octets
from .cases import Case, accept
from .keys import A, B, ring
from .messagepack import write_envelope
from .values import array, binary, float64, integer, mapping

PURPOSE = "__Host-session"
SEED = bytes(range(32))
# What one answer may take in the slowest of languages; an ordinary one has five.
SECONDS = 120


def list_cases() -> list[Case]:
    return [
        _run("accumulated-100", "a hundred steps, to find a fault by", ring(A), A, SEED, 100),
        _run("accumulated-10000", "ten thousand steps", ring(B, A), B, bytes(reversed(SEED)), 10_000),
    ]


def _run(case_id: str, comment: str, keyring: str, key: bytes, seed: bytes, steps: int) -> Case:
    question = {"keyring": keyring, "purpose": PURPOSE, "seed": seed.hex(), "steps": steps}
    state = seed
    for step in range(steps):
        state = _take_step(state, step, key)
    return Case(case_id, ("7.2", "8.2"), comment, question, accept(hash=state.hex()), seconds=SECONDS)


def _take_step(state: bytes, step: int, key: bytes) -> bytes:
    r = _hash(state + step.to_bytes(8, "little"))
    s = _hash(r)
    plaintext = write_envelope(_make_envelope(r, s, step))
    token = octets.seal(plaintext, key=key, purpose=PURPOSE, nonce=s[:24])
    position = (r[31] * 256 + s[31]) % len(token)
    return _hash(token.encode() + _judge_tampered(token, position).encode() + plaintext)


def _make_envelope(r: bytes, s: bytes, step: int) -> dict[str, Any]:
    now = 1_700_000_000 + int.from_bytes(r[16:20], "little") % (1 << 26)
    (number,) = struct.unpack("<q", s[:8])
    return {
        "sid": r[:16].hex(),
        "created": now - r[20],
        "issued": now,
        "idle": max(1, int.from_bytes(r[21:25], "little")),
        "until": now + 1 + int.from_bytes(r[25:29], "little"),
        "persistent": r[29] % 2 == 1,
        "data": mapping(
            ("n", integer(number >> s[8] % 64)),
            ("f", float64(int.from_bytes(s[9:13], "little") / 256)),
            ("b", binary(s[: s[13] % 33])),
            ("é", s[: s[14] % 17].hex()),
            ("l", array(*((None, True, False)[s[k] % 3] for k in range(s[15] % 20)))),
        ),
        "flash": [["k", integer(step)]] * (r[30] % 3),
    }


def _judge_tampered(token: str, position: int) -> str:
    tampered = token[:position] + ("B" if token[position] == "A" else "A") + token[position + 1 :]
    if position < len(octets.PREFIX):
        return "malformed"
    before, after = (octets.from_base64url(text[len(octets.PREFIX) :]) for text in (token, tampered))
    return "unknown-key" if before[:8] != after[:8] else "not-authentic"


def _hash(message: bytes) -> bytes:
    return blake2b(message, digest_size=32).digest()
