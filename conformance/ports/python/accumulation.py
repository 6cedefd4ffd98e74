"""Many seals and opens from one seed, one hash over all that came of them. Knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from cookiejar_session import Envelope, Keyring, TokenError, open_token
from cookiejar_session.wire.envelope import encode_envelope

Given = dict[str, Any]


def accumulate(
    given: Given, *, seal: Callable[..., str], parse_keyring: Callable[[str, int], Keyring]
) -> dict[str, str]:
    purpose, state = given["purpose"], bytes.fromhex(given["seed"])
    keyring = parse_keyring(given["keyring"], 0)
    for step in range(given["steps"]):
        r = _hash(state + step.to_bytes(8, "little"))
        s = _hash(r)
        now = 1700000000 + _read_integer(r[16:20]) % (1 << 26)
        token = seal(_make_envelope(r, s, step, now), nonce=s[:24], keyring=keyring, purpose=purpose, now=now)
        outcome = _open_tampered(token, (r[31] * 256 + s[31]) % len(token), keyring, purpose, now)
        opened = open_token(token, keyring=keyring, purpose=purpose, now=now)
        state = _hash(token.encode() + outcome.encode() + encode_envelope(opened))
    return {"hash": state.hex()}


def _make_envelope(r: bytes, s: bytes, step: int, now: int) -> Envelope:
    return Envelope(
        sid=r[:16],
        created=now - r[20],
        issued=now,
        idle=max(1, _read_integer(r[21:25])),
        until=now + 1 + _read_integer(r[25:29]),
        persistent=r[29] % 2 == 1,
        data={
            "n": int.from_bytes(s[:8], "little", signed=True) >> s[8] % 64,
            "f": _read_integer(s[9:13]) / 256,
            "b": s[: s[13] % 33],
            "é": s[: s[14] % 17].hex(),
            "l": [(None, True, False)[s[k] % 3] for k in range(s[15] % 20)],
        },
        flash=[("k", step)] * (r[30] % 3),
    )


def _open_tampered(token: str, position: int, keyring: Keyring, purpose: str, now: int) -> str:
    other = "B" if token[position] == "A" else "A"
    try:
        open_token(token[:position] + other + token[position + 1 :], keyring=keyring, purpose=purpose, now=now)
    except TokenError as exc:
        return str(exc.reason)
    return "accepted"


def _read_integer(octets: bytes) -> int:
    return int.from_bytes(octets, "little")


def _hash(octets: bytes) -> bytes:
    return blake2b(octets, digest_size=32).digest()
