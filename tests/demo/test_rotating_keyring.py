"""The keyring of the demonstration: a rotation adds a key and removes none."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions
from cookiejar_session.demo.rotating_keyring import RotatingKeyring
from cookiejar_session.keys.ring_text import MAX_ENTRIES


@pytest.fixture
def keyring() -> RotatingKeyring:
    return RotatingKeyring()


def test_ring_begins_with_one_key_that_seals(keyring: RotatingKeyring) -> None:
    ring = keyring.ring(NOW)
    assert len(ring.entries) == 1
    assert ring.primary(NOW) is ring.entries[0]


def test_new_key_is_primary_and_stands_before_all_others(keyring: RotatingKeyring) -> None:
    first = keyring.ring(NOW).entries[0].key
    assert keyring.rotate()
    ring = keyring.ring(NOW)
    assert [entry.position for entry in ring.entries] == [0, 1]
    assert ring.primary(NOW) is ring.entries[0]
    assert ring.entries[1].key == first


def test_token_from_before_a_rotation_still_opens(keyring: RotatingKeyring) -> None:
    sessions = CookieSessions(keyring)
    cookie = sessions.mint({"user": "Ada"}, now=NOW)
    keyring.rotate()
    assert sessions.read(cookie.header, now=NOW).session["user"] == "Ada"


def test_token_from_after_a_rotation_is_under_the_new_key(keyring: RotatingKeyring) -> None:
    sessions = CookieSessions(keyring)
    before = sessions.mint(now=NOW).token[4:14]
    keyring.rotate()
    assert sessions.mint(now=NOW).token[4:14] != before


def test_keys_are_found_in_the_present_ring(keyring: RotatingKeyring) -> None:
    keyring.rotate()
    entries = keyring.ring(NOW).entries
    assert [keyring.find(entry.key.key_id, NOW) is entry for entry in entries] == [True, True]
    assert keyring.find(bytes(8), NOW) is None


def test_ring_in_use_does_not_change_under_a_request(keyring: RotatingKeyring) -> None:
    ring = keyring.ring(NOW)
    keyring.rotate()
    assert len(ring.entries) == 1


def test_full_ring_is_not_rotated_and_drops_no_key(keyring: RotatingKeyring) -> None:
    first = keyring.ring(NOW).entries[0].key
    assert [keyring.rotate() for _ in range(MAX_ENTRIES)] == [True] * (MAX_ENTRIES - 1) + [False]
    assert keyring.ring(NOW).entries[-1].key == first


def test_rotations_at_one_time_lose_no_key(keyring: RotatingKeyring) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: keyring.rotate(), range(MAX_ENTRIES - 1)))
    assert all(done)
    assert len({entry.key.key_id for entry in keyring.ring(NOW).entries}) == MAX_ENTRIES


def test_repr_shows_key_ids_and_which_key_seals_now(keyring: RotatingKeyring) -> None:
    keyring.rotate()
    keys = [entry.key for entry in keyring.ring(NOW).entries]
    assert repr(keyring) == (
        f"<RotatingKeyring {keys[0].key_id.hex()} primary (seals now), {keys[1].key_id.hex()} opens only>"
    )
    assert keyring.is_generated
