"""Random sessions, each from a seed and a number alone. Knows nothing of ports but what they can say."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

Json = Any

MAX_TIME = (1 << 48) - 1
MAX_IDLE = (1 << 32) - 1
MAX_PLAINTEXT = 2927
MAX_LEVEL = 16
# Where containers in data and in a flash value begin.
_DATA_LEVEL, _FLASH_LEVEL = 1, 3

_INTEGER_EDGES = [
    edge + off
    for bits in (0, 5, 7, 8, 15, 16, 31, 32, 53, 63)
    for edge in (1 << bits, -(1 << bits))
    for off in (-1, 0, 1)
]
_FLOATS = [
    0.1,
    -0.5,
    1e-300,
    5e-324,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    0.0,
    -0.0,
    1.0,
    -3.0,
    2.0**53,
    1e22,
]
_TEXTS = [
    "",
    "a",
    "é",
    "e\u0301",
    "\ufeff",
    "\0",
    "\ud7ff",
    "\uffee",
    "\U0001f600",
    "\U0010ffff",
    "ß",
    "\u0131",
    "日本",
    '"\\',
    "</script>",
]
_KEYS = [
    "",
    "0",
    "1",
    "10",
    "-1",
    "01",
    "constructor",
    "toString",
    "length",
    "prototype",
    "__proto",
    "\0",
    "role",
    "user_id",
]
_PURPOSES = ["__Host-session", "prefs", "s", "", "séance", "se\u0301ance", "\U0001f36a", "p" * 300, "a b", "日本"]


@dataclass(frozen=True, slots=True)
class RandomSession:
    """What one port is to seal, and what the other must find. ``opening_ring`` has the same keys in another order."""

    sealing_ring: str
    opening_ring: str
    purpose: str
    sealed_at: int
    opened_at: int
    envelope: Json
    found: Json


def make_session(seed: str, number: int, capabilities: Collection[str]) -> RandomSession:
    """The session of this number, of values that whoever has ``capabilities`` can say."""
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - what is random here is no secret
    created = _pick_time(chance)
    issued = min(created + chance.choice([0, 0, 1, 60, chance.randrange(1 << 20)]), MAX_TIME - 2)
    sealed_at = min(max(0, issued + chance.choice([-5, 0, 1, 300, chance.randrange(1 << 20)])), MAX_TIME - 2)
    stamped = max(sealed_at, issued)
    idle = chance.choice([1, 60, 900, 1209600, MAX_IDLE, chance.randrange(1, MAX_IDLE)])
    until = min(MAX_TIME, stamped + chance.choice([1, 2, 7776000, chance.randrange(1, 1 << 40)]))
    expires = min(stamped + idle, until)
    data, flash = _make_content(chance, capabilities)
    envelope = {
        "sid": chance.randbytes(16).hex(),
        "created": created,
        "issued": issued,
        "idle": idle,
        "until": until,
        "persistent": chance.random() < 0.5,
        "data": data,
        "flash": flash,
    }
    keys = [_make_key(seed, number, place) for place in range(chance.randint(1, 4))]
    return RandomSession(
        sealing_ring=" ".join(keys),
        opening_ring=" ".join(chance.sample(keys, len(keys))),
        purpose=chance.choice(_PURPOSES),
        sealed_at=sealed_at,
        # From 60 seconds before it was issued (SPEC 9.2) to its last second.
        opened_at=chance.choice([max(0, stamped - 60), stamped, expires - 1, chance.randrange(stamped, expires)]),
        envelope=envelope,
        found={**envelope, "issued": stamped, "data": sort_value(data), "flash": sort_value(flash)},
    )


def sort_value(value: Json) -> Json:
    """A value, or a list of them, with the pairs of each map as they stand on the wire (SPEC 6.3 item 8)."""
    if isinstance(value, list):
        return [sort_value(item) for item in value]
    if isinstance(value, dict) and "array" in value:
        return {"array": sort_value(value["array"])}
    if isinstance(value, dict) and "map" in value:
        pairs = sorted(value["map"], key=lambda pair: pair[0].encode())
        return {"map": [[key, sort_value(item)] for key, item in pairs]}
    return value


def count_octets(value: Json) -> int:
    """How many octets ``value`` has on the wire, at most (SPEC 6.1)."""
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return 3 + len(value.encode())
    ((tag, content),) = value.items()
    if tag in ("int", "float"):
        return 9
    if tag == "bin":
        return 3 + len(content) // 2
    if tag == "array":
        return 3 + sum(map(count_octets, content))
    return 3 + sum(count_octets(key) + count_octets(item) for key, item in content)


def _make_content(chance: random.Random, capabilities: Collection[str]) -> tuple[Json, Json]:
    maker = _ValueMaker(chance, capabilities)
    while True:
        # Few long texts or many short ones; both at once would seldom fit.
        maker.longest_text = chance.choice([4, 40, 400])
        data = maker.make_map(_DATA_LEVEL, chance.choice([0, 1, 2, 5, 20]))
        count = chance.choice([0, 0, 0, 1, 2, 32])
        flash = [[maker.make_text(), maker.make_value(_FLASH_LEVEL)] for _ in range(count)]
        # The six before them take 60 octets at most.
        if 60 + count_octets(data) + count_octets({"array": [{"array": pair} for pair in flash]}) <= MAX_PLAINTEXT:
            return data, flash


class _ValueMaker:
    """Values of all kinds; ``capabilities`` say which numbers are left out."""

    def __init__(self, chance: random.Random, capabilities: Collection[str]) -> None:
        self.longest_text = 400
        self._chance = chance
        self._widest = (1 << 63 if "wide-integers" in capabilities else 1 << 53) - 1
        self._has_whole_floats = "whole-floats" in capabilities
        self._scalars: list[Callable[[], Json]] = [
            lambda: None,
            lambda: chance.random() < 0.5,
            self.make_integer,
            self.make_float,
            self.make_text,
            self.make_binary,
        ]

    def make_value(self, level: int) -> Json:
        # Deep ones are rare by chance alone, so some are made on purpose.
        if level < MAX_LEVEL and self._chance.random() < 0.02:
            return self._nest(self.make_integer(), self._chance.randint(1, MAX_LEVEL + 1 - level))
        if level <= MAX_LEVEL and self._chance.random() < (0.2 if level < 4 else 0.05):
            size = self._chance.choice([0, 1, 2, 3, 15, 16, 17])
            if self._chance.random() < 0.5:
                return self.make_map(level, size)
            return {"array": [self.make_value(level + 1) for _ in range(size)]}
        return self._chance.choice(self._scalars)()

    def make_map(self, level: int, size: int) -> Json:
        keys = {self._make_key() for _ in range(size)}
        pairs = [[key, self.make_value(level + 1)] for key in sorted(keys)]
        self._chance.shuffle(pairs)
        return {"map": pairs}

    def make_integer(self) -> Json:
        chance = self._chance
        widest = self._widest
        number = chance.choice(
            [chance.choice(_INTEGER_EDGES), chance.randint(-widest, widest), chance.randint(-200, 300)]
        )
        is_fit = -widest <= number <= widest or (number == -widest - 1 == -(1 << 63))
        return {"int": str(number if is_fit else number % 1000)}

    def make_float(self) -> Json:
        chance = self._chance
        number = chance.choice([chance.choice(_FLOATS), chance.uniform(-1e6, 1e6), self._make_any_float()])
        if not self._has_whole_floats and number.is_integer():
            number = chance.choice([0.1, -0.25, 5e-324])
        return {"float": struct.pack(">d", number).hex()}

    def make_text(self) -> str:
        chance = self._chance
        if chance.random() < 0.5:
            return chance.choice(_TEXTS)
        size = min(self.longest_text, chance.choice([1, 5, 31, 32, 33, chance.randint(0, 400)]))
        return "".join(self._make_character() for _ in range(size))

    def make_binary(self) -> Json:
        return {
            "bin": self._chance.randbytes(self._chance.choice([0, 1, 16, 255, 256, self._chance.randint(0, 64)])).hex()
        }

    def _make_key(self) -> str:
        key = self._chance.choice(_KEYS) if self._chance.random() < 0.5 else self.make_text()
        return "x" if key == "__proto__" else key

    def _make_character(self) -> str:
        chance = self._chance
        lowest, highest = chance.choice(
            [(0x20, 0x7E), (0x20, 0x7E), (0, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)]
        )
        return chr(chance.randint(lowest, highest))

    def _make_any_float(self) -> float:
        while True:
            (number,) = struct.unpack(">d", self._chance.randbytes(8))
            # No infinity and no NaN.
            if number - number == 0:
                return float(number)

    def _nest(self, value: Json, levels: int) -> Json:
        for _ in range(levels):
            value = {"array": [value]} if self._chance.random() < 0.5 else {"map": [["k", value]]}
        return value


def _make_key(seed: str, number: int, place: int) -> str:
    attempt = 0
    while True:
        key = blake2b(f"cross {seed} {number} {place} {attempt}".encode(), digest_size=32).digest()
        if len(set(key)) >= 16:
            return f"hex:{key.hex()}"
        attempt += 1


def _pick_time(chance: random.Random) -> int:
    return chance.choice(
        [
            0,
            1,
            1767225600,
            chance.randrange(1 << 31),
            (1 << 31) - 1,
            (1 << 32) + 5,
            chance.randrange(1 << 47),
            MAX_TIME - 3,
        ]
    )
