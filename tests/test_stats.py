"""stats.py: the snapshot of the counts, and its JSON form."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import KeyStats, Reason, SessionStats, TokenSizes, UnknownKeyStats

KEY = KeyStats(
    key_id="6fc7081d3e766c36",
    version=1,
    is_in_keyring=True,
    opened=5,
    last_opened_at=NOW,
    committed=1,
    renewed=2,
    resealed=3,
    moved=4,
    last_sealed_at=NOW - 1,
)
UNUSED = KeyStats(key_id="4ea2f157ffded898", version=1, is_in_keyring=False)
STATS = SessionStats(
    cookie="__Host-session",
    pid=7,
    started_at=NOW - 60,
    taken_at=NOW,
    keys=(KEY, UNUSED),
    refused={Reason.EXPIRED: 6},
    unknown_keys=(UnknownKeyStats(key_id="00" * 8, refused=7, last_refused_at=NOW - 2),),
    other_unknown_keys=8,
    discarded=9,
    late_writes=10,
    too_large=11,
    token_sizes=TokenSizes(bounds=(256, 3972), counts=(12, 13), count=25, sum=5000, largest=300),
    max_token_characters=2660,
    idle_timeout=1209600,
    keyring_problem="keyring file /run/keys: is empty",
)


def test_json_form_has_every_number() -> None:
    assert json.loads(STATS.to_json()) == {
        "format": "cookiejar-session-stats/1",
        "cookie": "__Host-session",
        "pid": 7,
        "started_at": NOW - 60,
        "taken_at": NOW,
        "keys": [
            {
                "key_id": "6fc7081d3e766c36",
                "version": 1,
                "is_in_keyring": True,
                "opened": 5,
                "last_opened_at": NOW,
                "committed": 1,
                "renewed": 2,
                "resealed": 3,
                "moved": 4,
                "last_sealed_at": NOW - 1,
            },
            {
                "key_id": "4ea2f157ffded898",
                "version": 1,
                "is_in_keyring": False,
                "opened": 0,
                "last_opened_at": None,
                "committed": 0,
                "renewed": 0,
                "resealed": 0,
                "moved": 0,
                "last_sealed_at": None,
            },
        ],
        "refused": {"expired": 6},
        "unknown_keys": [{"key_id": "00" * 8, "refused": 7, "last_refused_at": NOW - 2}],
        "other_unknown_keys": 8,
        "discarded": 9,
        "late_writes": 10,
        "too_large": 11,
        "token_sizes": {"bounds": [256, 3972], "counts": [12, 13], "count": 25, "sum": 5000, "largest": 300},
        "max_token_characters": 2660,
        "idle_timeout": 1209600,
        "keyring_problem": "keyring file /run/keys: is empty",
    }


def test_json_form_is_one_line() -> None:
    assert "\n" not in STATS.to_json()


def test_json_form_has_every_field_of_the_snapshot() -> None:
    assert set(STATS.to_dict()) == {"format", *(field.name for field in dataclasses.fields(SessionStats))}


@pytest.mark.parametrize(
    ("name", "total"), [("opened", 5), ("committed", 1), ("renewed", 2), ("resealed", 3), ("moved", 4)]
)
def test_totals_are_sums_over_the_keys(name: str, total: int) -> None:
    stats = dataclasses.replace(STATS, keys=(KEY, UNUSED, KEY))
    assert getattr(stats, name) == 2 * total


def test_sealed_tokens_of_a_key_are_the_sum_of_their_kinds() -> None:
    assert (KEY.sealed, UNUSED.sealed) == (10, 0)


@pytest.mark.parametrize("part", [STATS, KEY, STATS.unknown_keys[0], STATS.token_sizes])
def test_snapshot_cannot_be_changed(part: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(part, dataclasses.fields(part)[0].name, "other")
