"""Values, envelopes and policies as the vectors write them."""

from __future__ import annotations

import struct
from typing import Any

from .octets import SID

# The times of SPEC 18.2: 2026-01-01T00:00:00Z, 14 days idle, 90 days at most.
CREATED = 1767225600
IDLE = 1209600
UNTIL = 1775001600
MAX_TIME = (1 << 48) - 1
MAX_IDLE = (1 << 32) - 1


def integer(number: int) -> dict[str, str]:
    return {"int": str(number)}


def float64(number: float) -> dict[str, str]:
    return {"float": struct.pack(">d", number).hex()}


def binary(octets: bytes) -> dict[str, str]:
    return {"bin": octets.hex()}


def array(*items: Any) -> dict[str, Any]:
    return {"array": list(items)}


def mapping(*pairs: tuple[Any, Any]) -> dict[str, Any]:
    """A map, its pairs in this order: in results that must be the order of SPEC 6.3 item 8."""
    return {"map": [list(pair) for pair in pairs]}


EMPTY = mapping()


def envelope(**changes: Any) -> dict[str, Any]:
    """The envelope of SPEC 18.2 without data, with ``changes``; ``flash`` is a list of [category, value]."""
    return {
        "sid": SID.hex(),
        "created": CREATED,
        "issued": CREATED,
        "idle": IDLE,
        "until": UNTIL,
        "persistent": True,
        "data": EMPTY,
        "flash": [],
        **changes,
    }


GOLDEN_HOST = envelope(data=mapping(("role", "admin"), ("uid", integer(42))))
GOLDEN_PREFS = envelope(
    issued=CREATED + 3600,
    idle=900,
    until=1767312000,
    persistent=False,
    data=mapping(
        ("a", binary(b"\x00\xff")),
        (
            "b",
            array(
                None,
                True,
                integer(-1),
                integer(-33),
                integer((1 << 53) + 1),
                integer(-(1 << 63)),
                float64(1.0),
                float64(-0.0),
                float64(0.1),
            ),
        ),
        ("é", array()),
        ("\uffee", "\ufeffx"),
        ("\U0001f600", EMPTY),
    ),
    flash=[["info", "hi"], ["cart", mapping(("n", integer(2)))]],
)

# Needed by whoever reads or writes GOLDEN_PREFS.
GOLDEN_PREFS_NEEDS = ("wide-integers", "whole-floats")


def policy(**changes: Any) -> dict[str, Any]:
    """The default policy of SPEC 9.8 with ``changes``; all durations in seconds, None is none."""
    return {
        "idle_timeout": 1209600,
        "absolute_lifetime": 7776000,
        "persistent": True,
        "renew_after": None,
        "longest_idle": None,
        "longest_lifetime": None,
        "not_before": None,
        **changes,
    }


def attributes(**changes: Any) -> dict[str, Any]:
    """The default cookie attributes of SPEC 12.1 with ``changes``."""
    return {
        "name": "__Host-session",
        "path": "/",
        "domain": None,
        "secure": True,
        "httponly": True,
        "samesite": "Lax",
        "partitioned": False,
        **changes,
    }
