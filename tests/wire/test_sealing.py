"""wire/sealing.py against SPEC 7: golden tokens, the key that seals, times, and the limit of a token."""

from __future__ import annotations

import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_secretbox_open
from shared_values import GOLDEN_PREFS_TOKEN, GOLDEN_TOKEN, KEY, NONCE, NOW, SID

from cookiejar_session import (
    ConfigError,
    Envelope,
    Key,
    Keyring,
    SessionTooLargeError,
    TokenError,
    UnsupportedValueError,
    open_token,
    seal_token,
)
from cookiejar_session.wire import sealing
from cookiejar_session.wire.envelope import encode_envelope
from cookiejar_session.wire.sealing import seal_encoded

T = 1767225600
RING = Keyring.parse(KEY.to_text(), now=T, _allow_published=True)
OTHER = Key(bytes(range(100, 132)))
HOST_SESSION = Envelope(SID, T, T, 1209600, 1775001600, True, {"role": "admin", "uid": 42}, [])
PREFS = Envelope(
    SID,
    T,
    1767229200,
    900,
    1767312000,
    False,
    {
        "b": [None, True, -1, -33, 2**53 + 1, -(2**63), 1.0, -0.0, 0.1],
        "a": b"\x00\xff",
        "\uffee": "\ufeffx",
        "\U0001f600": {},
        "\u00e9": [],
    },
    [("info", "hi"), ("cart", {"n": 2})],
)
GOLDEN = {
    "host-session": (HOST_SESSION, "__Host-session", GOLDEN_TOKEN),
    "prefs": (PREFS, "prefs", GOLDEN_PREFS_TOKEN),
}
golden = pytest.mark.parametrize(("envelope", "purpose", "token"), GOLDEN.values(), ids=GOLDEN)
PLAINTEXT = encode_envelope(HOST_SESSION)


def raw(token: str) -> bytes:
    return urlsafe_b64decode(token[4:])


def pad(plaintext: bytes) -> bytes:
    padded = plaintext + b"\x80"
    return padded + bytes(-len(padded) % 24)


def parse(text: str, now: int = T) -> Keyring:
    return Keyring.parse(text, now=now, _allow_published=True)


# Golden tokens


@golden
def test_golden_tokens_come_out_octet_for_octet(
    envelope: Envelope, purpose: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "urandom", lambda octets: NONCE[:octets])
    assert seal_encoded(encode_envelope(envelope), key=KEY, purpose=purpose) == token


@golden
def test_golden_tokens_come_out_of_the_public_seal(
    envelope: Envelope, purpose: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "urandom", lambda octets: NONCE[:octets])
    assert seal_token(envelope, keyring=RING, purpose=purpose, now=envelope.issued) == token


# The key that seals (SPEC 4.4)


@pytest.mark.parametrize("text", ["{other} {key}", "{key} {other}"])
def test_a_retired_key_opens_but_never_seals(text: str) -> None:
    keyring = parse(text.format(key=KEY.to_text(), other=OTHER.to_text()))
    primary = keyring.ring(T).entries[0].key
    assert open_token(GOLDEN_TOKEN, keyring=keyring, purpose="__Host-session", now=T).data["uid"] == 42
    assert raw(seal_token(HOST_SESSION, keyring=keyring, purpose="__Host-session", now=T))[:8] == primary.key_id


@pytest.mark.parametrize(("now", "key"), [(T + 9, KEY), (T + 10, OTHER)])
def test_the_primary_at_now_seals(now: int, key: Key) -> None:
    keyring = parse(f"{OTHER.to_text()}@from=2026-01-01T00:00:10Z {KEY.to_text()}")
    assert raw(seal_token(HOST_SESSION, keyring=keyring, purpose="__Host-session", now=now))[:8] == key.key_id


def test_without_a_key_that_may_seal_there_is_no_token() -> None:
    keyring = parse(f"{KEY.to_text()}@from=2026-01-01T00:00:00Z")
    with pytest.raises(ConfigError, match="no key may seal at 2025-12-31T23:59:59Z"):
        seal_token(HOST_SESSION, keyring=keyring, purpose="__Host-session", now=T - 1)


# Padding (SPEC 2.3)


def make_of_octets(octets: int) -> Envelope:
    """Return an envelope whose encoding has this many octets."""
    empty = msgspec.structs.replace(HOST_SESSION, data={"x": ""})
    missing = octets - len(encode_envelope(empty))
    # A longer text has one or two more octets of length.
    length = missing if missing < 32 else missing - 1 if missing < 257 else missing - 2
    return msgspec.structs.replace(empty, data={"x": "y" * length})


@pytest.mark.parametrize(
    ("octets", "characters"), [(71, 164), (72, 196), (73, 196), (94, 196), (95, 196), (96, 228), (2927, 3972)]
)
def test_padding_fills_the_next_block_and_never_none(octets: int, characters: int) -> None:
    token = seal_token(make_of_octets(octets), keyring=RING, purpose="p", now=T)
    padded = crypto_secretbox_open(raw(token)[32:], raw(token)[8:32], KEY.box_key("p"))
    assert (len(token), padded) == (characters, pad(encode_envelope(make_of_octets(octets))))


# Seal (SPEC 7)


def test_every_seal_draws_a_new_nonce_of_24_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def count(octets: int) -> bytes:
        asked.append(octets)
        return os.urandom(octets)

    monkeypatch.setattr(sealing, "urandom", count)
    tokens = {seal_encoded(PLAINTEXT, key=KEY, purpose="p") for _ in range(3)}
    assert (asked, len({raw(token)[8:32] for token in tokens})) == ([24, 24, 24], 3)


def test_the_nonce_comes_from_the_operating_system() -> None:
    assert sealing.urandom is os.urandom


@pytest.mark.parametrize(
    ("created", "issued", "now", "stamped"), [(T, T, T + 5, T + 5), (T, T + 9, T + 5, T + 9), (T + 7, T, T + 5, T + 7)]
)
def test_a_sealed_token_is_issued_at_the_latest_of_now_created_and_issued(
    created: int, issued: int, now: int, stamped: int
) -> None:
    envelope = msgspec.structs.replace(HOST_SESSION, created=created, issued=issued)
    token = seal_token(envelope, keyring=RING, purpose="p", now=now)
    assert open_token(token, keyring=RING, purpose="p", now=now).issued == stamped


def test_a_token_that_is_not_valid_yet_is_sealed() -> None:
    envelope = msgspec.structs.replace(HOST_SESSION, created=T + 61, issued=T + 61)
    token = seal_token(envelope, keyring=RING, purpose="__Host-session", now=T)
    with pytest.raises(TokenError, match="not-yet-valid"):
        open_token(token, keyring=RING, purpose="__Host-session", now=T)


@pytest.mark.parametrize("time", [0, 2**48 - 2])
def test_the_first_and_the_last_times_are_sealed(time: int) -> None:
    envelope = msgspec.structs.replace(HOST_SESSION, created=time, issued=time, until=time + 1)
    token = seal_token(envelope, keyring=RING, purpose="p", now=time)
    assert open_token(token, keyring=RING, purpose="p", now=time).issued == time


def test_now_is_rounded_down() -> None:
    token = seal_token(HOST_SESSION, keyring=RING, purpose="p", now=T + 5.9)
    assert open_token(token, keyring=RING, purpose="p", now=T + 5.1).issued == T + 5
    assert open_token(token, keyring=RING, purpose="p", now=T + 5 + 1209599.9).issued == T + 5
    with pytest.raises(TokenError, match="expired"):
        open_token(token, keyring=RING, purpose="p", now=T + 5 + 1209600.0)


BAD_TIMES = [-1, -0.5, 2**48, 2**64, float(2**48), float("nan"), float("inf"), True, None, "1767225600"]


@pytest.mark.parametrize(
    ("name", "time"),
    [
        *((name, time) for name in ("now", "created", "issued") for time in BAD_TIMES),
        *((name, time) for name in ("created", "issued") for time in (1767225600.0, 1767225600.5)),
    ],
)
def test_a_value_that_is_not_a_time_is_not_sealed(name: str, time: Any) -> None:
    envelope = HOST_SESSION if name == "now" else msgspec.structs.replace(HOST_SESSION, **{name: time})
    with pytest.raises(UnsupportedValueError) as caught:
        seal_token(envelope, keyring=RING, purpose="p", now=time if name == "now" else T)
    assert str(caught.value) == f"{name} must be whole Unix seconds below 2^48; use int(time.time())"


@pytest.mark.parametrize("now", [1775001600, 1775001601, 2**48 - 1])
def test_a_session_past_its_absolute_end_is_not_sealed(now: int) -> None:
    with pytest.raises(UnsupportedValueError, match="envelope is out of range"):
        seal_token(HOST_SESSION, keyring=RING, purpose="p", now=now)


def test_data_outside_the_profile_is_not_sealed() -> None:
    envelope = msgspec.structs.replace(HOST_SESSION, data={"price": 2**63})
    with pytest.raises(UnsupportedValueError, match=re.escape("price: int outside -2^63 to 2^63-1")):
        seal_token(envelope, keyring=RING, purpose="p", now=T)


def test_a_session_that_fits_in_no_token_is_not_sealed() -> None:
    envelope = make_of_octets(2928)
    with pytest.raises(SessionTooLargeError) as caught:
        seal_token(msgspec.structs.replace(envelope, flash=[("a", 1)]), keyring=RING, purpose="p", now=T)
    octets = len(envelope.data["x"]) + 5
    found = caught.value.characters, caught.value.limit, caught.value.octets_by_key
    assert found == (4004, 3972, {"x": octets, None: 5})


@given(
    sid=st.binary(min_size=16, max_size=16),
    data=st.dictionaries(st.text(max_size=8).filter(lambda key: key != "__proto__"), st.text(max_size=60), max_size=6),
    purpose=st.text(max_size=20),
)
@settings(max_examples=100, deadline=None)
def test_what_is_sealed_opens(sid: bytes, data: dict[str, Any], purpose: str) -> None:
    envelope = msgspec.structs.replace(HOST_SESSION, sid=sid, data=data)
    token = seal_token(envelope, keyring=RING, purpose=purpose, now=T)
    assert open_token(token, keyring=RING, purpose=purpose, now=T) == envelope


@pytest.mark.parametrize("call", [seal_token, seal_encoded])
def test_no_public_seal_takes_a_nonce(call: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonce'"):
        call(HOST_SESSION, nonce=NONCE)


def test_a_large_value_of_a_subclass_is_named_in_the_error_for_its_size() -> None:
    class Word(str):
        pass

    envelope = Envelope(SID, NOW, NOW, 60, NOW + 60, True, {"a": Word("x" * 5000)}, [])
    with pytest.raises(SessionTooLargeError) as caught:
        seal_token(envelope, keyring=Keyring.generate(), purpose="p", now=NOW)
    assert caught.value.octets_by_key == {"a": 5005}
