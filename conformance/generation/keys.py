"""The keys of the suite. All are published: no keyring may take them but through a seam for tests (SPEC 4.6)."""

from __future__ import annotations

from hashlib import blake2b

from .octets import from_secret_key_base, key_id

SECRET_KEY_BASE = bytes(range(64))


def _make(name: str) -> bytes:
    return blake2b(f"cookiejar-session conformance key {name}".encode(), digest_size=32).digest()


# Key A is the one of SPEC 18; the others are hashes of their names. Seventeen, one more than a ring may hold.
KEYS = {"a": bytes(range(32))} | {name: _make(name) for name in "bcdefghijklmnopq"}
A, B, C, D = (KEYS[name] for name in "abcd")
SKB = from_secret_key_base(SECRET_KEY_BASE)

# The first with exactly 16 distinct octets, the least that is taken; an all-but-constant one has 15.
SIXTEEN_DISTINCT = bytes(range(16)) * 2
FIFTEEN_DISTINCT = bytes(range(15)) + bytes(17)

# Two keys with the key id b9ff223a64e38a33. Found among 2^32 keys that differ in their first 8 octets alone, each of
# which begins with the key id of the one before (Pollard's rho with distinguished points, 13 minutes of one processor).
ONE_KEY_ID = tuple(
    bytes.fromhex(start) + bytes(range(0x80, 0x98)) for start in ("887d81ef73b59532", "19179812a8d18353")
)

PUBLISHED = {
    **KEYS,
    "skb": SKB,
    "sixteen-distinct": SIXTEEN_DISTINCT,
    "one-key-id": ONE_KEY_ID[0],
    "one-key-id-again": ONE_KEY_ID[1],
}


def hex_key(key: bytes) -> str:
    return f"hex:{key.hex()}"


def ring(*keys: bytes) -> str:
    """Ring text of keys, the primary first."""
    return " ".join(hex_key(key) for key in keys)


def list_keys() -> list[dict[str, str]]:
    """The entries of keys.json."""
    entries = []
    for name, key in PUBLISHED.items():
        text = f"skb:{SECRET_KEY_BASE.hex()}" if name == "skb" else hex_key(key)
        entries.append({"name": name, "text": text, "key": key.hex(), "key_id": key_id(key).hex()})
    return entries
