"""cli/examination.py: what a token says with and without its key."""

from __future__ import annotations

import pytest
from shared_values import GOLDEN_TOKEN, NOW

from cookiejar_session import Keyring, Reason
from cookiejar_session.cli.examination import Examination, examine_token
from cookiejar_session.keys.rotation import render_time

KEY_ID = "6fc7081d3e766c36"
DAY = 86400


def examine(token: str, keyring: Keyring | None, *, purpose: str = "__Host-session", now: int = NOW) -> Examination:
    return examine_token(token, keyring=keyring, purpose=purpose, now=now)


def test_token_with_its_key_is_open(published_keyring: Keyring) -> None:
    examined = examine(GOLDEN_TOKEN, published_keyring)
    assert (examined.key_id, examined.key_state, examined.reason) == (KEY_ID, "primary", None)
    assert examined.envelope is not None


def test_refused_token_is_open_too(published_keyring: Keyring) -> None:
    examined = examine(GOLDEN_TOKEN, published_keyring, now=NOW + 400 * DAY)
    assert examined.reason is Reason.EXPIRED
    assert examined.envelope is not None


def test_token_of_another_purpose_is_not_open(published_keyring: Keyring) -> None:
    examined = examine(GOLDEN_TOKEN, published_keyring, purpose="other")
    assert (examined.key_state, examined.reason, examined.envelope) == ("primary", Reason.NOT_AUTHENTIC, None)


def test_token_without_a_ring_has_a_key_id() -> None:
    assert examine(GOLDEN_TOKEN, None) == Examination(len(GOLDEN_TOKEN), KEY_ID, None, None, None)


def test_key_that_the_ring_does_not_have_is_unknown() -> None:
    examined = examine(GOLDEN_TOKEN, Keyring.generate())
    assert (examined.key_id, examined.key_state, examined.reason) == (KEY_ID, "unknown", Reason.UNKNOWN_KEY)


def test_expired_key_of_the_ring_is_expired() -> None:
    text = bytes(range(32)).hex()
    other = Keyring.generate().ring(0).entries[0].key.to_text()
    keyring = Keyring.parse(f"{other} hex:{text}@until={render_time(NOW)}", now=NOW, _allow_published=True)
    assert examine(GOLDEN_TOKEN, keyring).key_state == "expired"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("cj1.", Reason.MALFORMED),
        (GOLDEN_TOKEN[:-1], Reason.MALFORMED),
        ("cj2.x", Reason.UNKNOWN_VERSION),
        ("cj1." + "A" * 5000, Reason.TOO_LONG),
    ],
)
def test_malformed_token_has_a_reason_without_a_ring(token: str, reason: Reason) -> None:
    examined = examine(token, None)
    assert (examined.reason, examined.key_id) == (reason, None)


def test_repr_shows_nothing() -> None:
    assert repr(examine(GOLDEN_TOKEN, None)) == "<Examination>"
