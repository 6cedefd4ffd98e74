"""Choosing the session cookie of a request, and why other cookies are refused (SPEC 8, 10, 11)."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_secretbox_easy
from shared_values import GOLDEN_TOKEN, KEY, NOW, SID

from cookiejar_session import CookieAttributes, CookieSessions, Envelope, Keyring, Policy, Reason
from cookiejar_session.session import cookie_choice
from cookiejar_session.session.cookie_choice import PRESERVED, Reading, accept_token, read_cookies
from cookiejar_session.wire.envelope import decode_envelope
from cookiejar_session.wire.opening import Candidate, open_candidate
from cookiejar_session.wire.sealing import seal_encoded, seal_token

NAME = "__Host-session"
KEY_ID = bytes.fromhex("6fc7081d3e766c36")

# The last column of SPEC 10.1.
PRESERVE = {
    "unknown-version": True,
    # The value of the fixture begins like a token.
    "malformed": False,
    "too-long": False,
    "unknown-key": True,
    "not-authentic": False,
    "bad-padding": True,
    "bad-encoding": True,
    "bad-envelope": True,
    "not-yet-valid": True,
    "expired": True,
    "revoked": False,
    "unfit-data": True,
}

Make = Callable[..., CookieSessions[Any]]


class Count(msgspec.Struct):
    n: int
    step: int = 1


# With these options every reason can occur, and the golden token is accepted.
OPTIONS: dict[str, Any] = {
    "data_type": Count,
    "policy": Policy(not_before=datetime.fromtimestamp(NOW - 1000, UTC)),
    "migrate": lambda data: {"n": 1, **data},
}


def seal(purpose: str = NAME, *, keyring: Keyring, now: int = NOW, **changed: Any) -> str:
    fields: dict[str, Any] = {
        "sid": SID,
        "created": NOW - 900,
        "issued": NOW - 900,
        "idle": 1209600,
        "until": NOW + 7776000,
        "persistent": True,
        "data": {},
        "flash": [],
    }
    return seal_token(Envelope(**{**fields, **changed}), keyring=keyring, purpose=purpose, now=now)


def seal_padded(padded: bytes) -> str:
    nonce = bytes(24)
    box = crypto_secretbox_easy(padded, nonce, KEY.box_key(NAME))
    return "cj1." + urlsafe_b64encode(KEY.key_id + nonce + box).decode()


@pytest.fixture
def refused(published_keyring: Keyring) -> dict[str, str]:
    """One token for each reason, refused under OPTIONS."""
    keyring = published_keyring
    return {
        "unknown-version": "cj2.whatever",
        "malformed": "cj1.junk",
        "too-long": "cj1." + "A" * 4000,
        "unknown-key": seal(keyring=Keyring.generate()),
        "not-authentic": seal("another", keyring=keyring),
        "bad-padding": seal_padded(bytes(48)),
        "bad-encoding": seal_encoded(b"\xc1" * 30, key=KEY, purpose=NAME),
        "bad-envelope": seal_encoded(b"\xdc\x00\x20" + b"\xc0" * 32, key=KEY, purpose=NAME),
        "not-yet-valid": seal(keyring=keyring, now=NOW + 61),
        "expired": seal(keyring=keyring, now=NOW - 900, idle=900),
        "revoked": seal(keyring=keyring, created=NOW - 1001, issued=NOW - 1001),
        "unfit-data": seal(keyring=keyring, data={"n": "text"}),
    }


def read(sessions: CookieSessions[Any], *tokens: str, name: str = NAME, now: int = NOW) -> Reading:
    header = "; ".join(f"{name}={token}" for token in tokens)
    return read_cookies(header, settings=sessions.settings, now=now)


def list_reasons(reading: Reading) -> list[str]:
    return [refusal.reason.value for refusal in reading.refusals]


# Reasons


def test_every_reason_is_in_the_table() -> None:
    assert list(PRESERVE) == [reason.value for reason in Reason]


def test_preserved_reasons_are_those_of_the_table() -> None:
    assert {reason.value for reason in PRESERVED} == {reason for reason, kept in PRESERVE.items() if kept}


@pytest.mark.parametrize("reason", PRESERVE)
def test_a_refused_token_is_not_accepted_and_has_its_reason(
    reason: str, make_sessions: Make, refused: dict[str, str]
) -> None:
    reading = read(make_sessions(**OPTIONS), refused[reason])
    assert (reading.accepted, list_reasons(reading)) == (None, [reason])


@pytest.mark.parametrize("reason", PRESERVE)
def test_a_refused_token_is_deleted_unless_it_is_to_be_preserved(
    reason: str, make_sessions: Make, refused: dict[str, str]
) -> None:
    assert read(make_sessions(**OPTIONS), refused[reason]).must_delete is not PRESERVE[reason]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("kept", [reason for reason, keeps in PRESERVE.items() if keeps])
def test_one_token_to_be_preserved_preserves_all(
    kept: str, order: int, make_sessions: Make, refused: dict[str, str]
) -> None:
    tokens = [refused["malformed"], refused[kept], refused["expired"]][::order]
    assert not read(make_sessions(**OPTIONS), *tokens).must_delete


def test_several_tokens_that_nobody_can_read_are_deleted(make_sessions: Make, refused: dict[str, str]) -> None:
    dead = [refused[reason] for reason, kept in PRESERVE.items() if not kept]
    assert read(make_sessions(**OPTIONS), *dead).must_delete


def test_no_cookie_has_no_reason_and_nothing_to_delete(make_sessions: Make) -> None:
    reading = read(make_sessions())
    assert (reading, reading.must_delete) == (Reading(), False)


def test_an_empty_value_is_malformed(make_sessions: Make) -> None:
    assert list_reasons(read(make_sessions(), "")) == ["malformed"]


def test_reasons_come_in_the_order_of_the_header(make_sessions: Make, refused: dict[str, str]) -> None:
    order = ["expired", "malformed", "unfit-data", "unknown-key", "bad-padding"]
    assert list_reasons(read(make_sessions(**OPTIONS), *(refused[reason] for reason in order))) == order


@pytest.mark.parametrize("reason", PRESERVE)
def test_a_refusal_names_the_key_of_a_known_token_and_the_log_id_of_a_decoded_one(
    reason: str, make_sessions: Make, refused: dict[str, str]
) -> None:
    (refusal,) = read(make_sessions(**OPTIONS), refused[reason]).refusals
    opened = reason in ("not-authentic", "bad-padding", "bad-encoding", "bad-envelope")
    decoded = reason in ("not-yet-valid", "expired", "revoked", "unfit-data")
    # The id of an unknown key stands in the token.
    unknown = urlsafe_b64decode(refused[reason][4:16])[:8] if reason == "unknown-key" else None
    assert refusal.key_id == (KEY_ID if opened or decoded else unknown)
    assert refusal.log_id == ("9894b7fb5073b5bc" if decoded else None)


# One token


def test_the_golden_token_is_accepted(make_sessions: Make) -> None:
    accepted = read(make_sessions(), GOLDEN_TOKEN).accepted
    assert accepted is not None
    assert accepted.envelope.data == {"role": "admin", "uid": 42}


def test_an_accepted_token_has_its_encoding_key_length_and_cookie(make_sessions: Make) -> None:
    sessions = make_sessions()
    accepted = read(sessions, GOLDEN_TOKEN).accepted
    assert accepted is not None
    assert accepted.encoded.hex().endswith("82a4726f6c65a561646d696ea37569642a90")
    assert decode_envelope(accepted.encoded) == accepted.envelope
    assert (accepted.entry.key.key_id, accepted.characters, accepted.cookie) == (KEY_ID, 164, sessions.settings.cookie)


@pytest.mark.parametrize(("now", "accepted"), [(-61, False), (-60, True), (1209599, True), (1209600, False)])
def test_the_golden_token_is_accepted_from_its_first_to_its_last_second(
    now: int, accepted: bool, make_sessions: Make
) -> None:
    assert (read(make_sessions(), GOLDEN_TOKEN, now=NOW + now).accepted is not None) is accepted


def test_an_accepted_session_is_under_the_ceilings(make_sessions: Make) -> None:
    policy = Policy(longest_idle=timedelta(seconds=100), longest_lifetime=timedelta(seconds=200))
    accepted = read(make_sessions(policy=policy), GOLDEN_TOKEN).accepted
    assert accepted is not None
    assert (accepted.envelope.idle, accepted.envelope.until) == (100, NOW + 200)


def test_a_session_below_the_ceilings_is_as_it_came(make_sessions: Make) -> None:
    policy = Policy(longest_idle=timedelta(days=100), longest_lifetime=timedelta(days=1000))
    accepted = read(make_sessions(policy=policy), GOLDEN_TOKEN).accepted
    assert accepted is not None
    assert (accepted.envelope.idle, accepted.envelope.until) == (1209600, 1775001600)
    assert accepted.envelope == decode_envelope(accepted.encoded)


def test_ceilings_come_before_the_judgement(make_sessions: Make) -> None:
    sessions = make_sessions(policy=Policy(longest_idle=timedelta(seconds=100)))
    assert list_reasons(read(sessions, GOLDEN_TOKEN, now=NOW + 100)) == ["expired"]


# Several tokens of one name


@pytest.mark.parametrize("order", [[3, 1, 2], [1, 2, 3], [2, 3, 1]])
def test_the_token_issued_last_wins(order: list[int], make_sessions: Make, published_keyring: Keyring) -> None:
    tokens = [seal(keyring=published_keyring, now=NOW + each, data={"n": each}) for each in order]
    accepted = read(make_sessions(), *tokens).accepted
    assert accepted is not None
    assert accepted.envelope.data == {"n": 3}


def test_the_first_of_equals_wins(make_sessions: Make, published_keyring: Keyring) -> None:
    tokens = [seal(keyring=published_keyring, data={"n": each}) for each in range(3)]
    accepted = read(make_sessions(), *tokens).accepted
    assert accepted is not None
    assert accepted.envelope.data == {"n": 0}


def test_a_refused_token_does_not_mask_a_good_one(make_sessions: Make, refused: dict[str, str]) -> None:
    for token in refused.values():
        assert read(make_sessions(), token, GOLDEN_TOKEN, token).accepted is not None


def test_a_token_refused_beside_an_accepted_one_is_reported_and_not_deleted(make_sessions: Make) -> None:
    reading = read(make_sessions(), "junk", GOLDEN_TOKEN)
    assert (list_reasons(reading), reading.must_delete) == (["malformed"], False)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The tokens that were opened, which costs time, in order."""
    boxes: list[object] = []

    def count(candidate: Candidate, **options: Any) -> tuple[Envelope, bytes]:
        boxes.append(candidate)
        return open_candidate(candidate, **options)

    monkeypatch.setattr(cookie_choice, "open_candidate", count)
    return boxes


def test_at_most_four_are_opened(opened: list[object], make_sessions: Make, published_keyring: Keyring) -> None:
    read(make_sessions(), *(seal(keyring=published_keyring) for _ in range(6)))
    assert len(opened) == 4


@pytest.mark.parametrize("place", range(1, 7))
def test_a_good_token_behind_four_others_is_left_unread_and_not_deleted(
    place: int, make_sessions: Make, published_keyring: Keyring
) -> None:
    values = [seal("another", keyring=published_keyring) for _ in range(5)]
    values.insert(place - 1, GOLDEN_TOKEN)
    reading = read(make_sessions(), *values)
    assert (reading.accepted is not None, reading.must_delete) == (place <= 4, False)


def test_four_that_nobody_can_read_are_deleted_and_five_are_not(
    make_sessions: Make, published_keyring: Keyring
) -> None:
    tossed = [seal("another", keyring=published_keyring) for _ in range(5)]
    assert read(make_sessions(), *tossed[:4]).must_delete
    reading = read(make_sessions(), *tossed)
    assert (list_reasons(reading), reading.must_delete) == (["not-authentic"] * 4, False)


@pytest.mark.parametrize("junk", ["junk", "cj1.junk", "cj2.junk", ""])
@pytest.mark.parametrize("place", [1, 8, 16, 17, 18])
def test_the_first_sixteen_values_are_judged(place: int, junk: str, make_sessions: Make) -> None:
    values = [junk] * 17
    values.insert(place - 1, GOLDEN_TOKEN)
    reading = read(make_sessions(), *values)
    assert (reading.accepted is not None, reading.must_delete) == (place <= 16, False)
    assert len(reading.refusals) == (15 if place <= 16 else 16)


def test_sixteen_values_that_nobody_can_read_are_deleted_and_seventeen_are_not(make_sessions: Make) -> None:
    assert read(make_sessions(), *["cj1.junk"] * 16).must_delete
    assert not read(make_sessions(), *["cj1.junk"] * 17).must_delete
    assert not read(make_sessions(), *["cj1.junk"] * 10_000).must_delete


FOREIGN = [
    "",
    "junk",
    "eyJ1c2VyIjoiYWRhIn0.aAbBcC.0123456789abcdefghijklmnopq",
    ".eJyrVkpMSVGyUqoFABJ0A0g.aAbBcC.0123456789abcdefghijklmnopq",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
    '{"user":"ada"}',
    "0f8fad5b-d9cb-469f-a165-70867728950e",
    f'"{GOLDEN_TOKEN}"',
    f"x{GOLDEN_TOKEN}",
    "cj",
    "cj.",
    "cj1",
    "cj12x",
    "cj1ab.",
    "cj1X.",
    "cj1234567890.",
    "CJ1.",
    "A" * 5000,
]


@pytest.mark.parametrize("value", FOREIGN)
def test_a_value_that_does_not_begin_like_a_token_is_of_other_software_and_preserved(
    value: str, make_sessions: Make
) -> None:
    reading = read(make_sessions(), value)
    assert (list_reasons(reading), reading.must_delete) == (["malformed"], False)
    assert not read(make_sessions(), "cj1.junk", value).must_delete
    assert not read(make_sessions(), value, "cj1.junk").must_delete


@pytest.mark.parametrize("value", ["cj1.", "cj1.junk", "cj1." + "A" * 4000])
def test_a_value_that_begins_like_a_token_and_is_none_is_deleted(value: str, make_sessions: Make) -> None:
    assert read(make_sessions(), value).must_delete


@pytest.mark.parametrize("value", ["cj2.", "cj12x.", "cj1c.junk", "cj999999999."])
def test_a_value_of_another_version_is_preserved(value: str, make_sessions: Make) -> None:
    reading = read(make_sessions(), value)
    assert (list_reasons(reading), reading.must_delete) == (["unknown-version"], False)


@pytest.mark.parametrize(("days", "reason"), [(15, "expired"), (400, "expired"), (-1, "not-yet-valid")])
def test_a_wrong_clock_deletes_nothing(days: int, reason: str, make_sessions: Make) -> None:
    reading = read(make_sessions(), GOLDEN_TOKEN, now=NOW + days * 86400)
    assert (list_reasons(reading), reading.must_delete) == ([reason], False)


def test_the_fifth_does_not_win_although_it_was_issued_last(make_sessions: Make, published_keyring: Keyring) -> None:
    tokens = [seal(keyring=published_keyring, now=NOW + each, data={"n": each}) for each in range(5)]
    accepted = read(make_sessions(), *tokens).accepted
    assert accepted is not None
    assert accepted.envelope.data == {"n": 3}


def test_tokens_that_need_no_opening_do_not_count_towards_the_four(
    opened: list[object], make_sessions: Make, refused: dict[str, str]
) -> None:
    cheap = [refused[reason] for reason in ("unknown-version", "malformed", "too-long", "unknown-key")]
    reading = read(make_sessions(), *cheap, *cheap, GOLDEN_TOKEN)
    assert (reading.accepted is not None, len(opened)) == (True, 1)


def test_tokens_refused_without_opening_are_reported_after_the_fourth_too(
    make_sessions: Make, published_keyring: Keyring, refused: dict[str, str]
) -> None:
    tossed = [seal("another", keyring=published_keyring) for _ in range(4)]
    reading = read(make_sessions(), *tossed, refused["unknown-key"])
    assert (list_reasons(reading)[-1], reading.must_delete) == ("unknown-key", False)


def test_tokens_may_come_without_a_header(make_sessions: Make) -> None:
    sessions = make_sessions()
    reading = accept_token(
        ["junk", GOLDEN_TOKEN], sessions.settings.cookie, purpose=NAME, settings=sessions.settings, now=NOW
    )
    assert reading.accepted is not None
    assert list_reasons(reading) == ["malformed"]


# Previous names

OLD, OLDER = CookieAttributes(name="old"), CookieAttributes(name="older")


def read_header(sessions: CookieSessions[Any], header: str) -> Reading:
    return read_cookies(header, settings=sessions.settings, now=NOW)


def test_a_previous_name_is_read_where_the_current_one_has_nothing(
    make_sessions: Make, published_keyring: Keyring
) -> None:
    reading = read_header(make_sessions(previous=[OLD]), f"old={seal('old', keyring=published_keyring)}")
    assert reading.accepted is not None
    assert (reading.accepted.cookie, reading.previous_names, reading.may_move) == (OLD, {"old"}, True)


def test_previous_names_are_tried_in_order(make_sessions: Make, published_keyring: Keyring) -> None:
    header = "; ".join(f"{name}={seal(name, keyring=published_keyring, data={'n': name})}" for name in ("older", "old"))
    reading = read_header(make_sessions(previous=[OLD, OLDER]), header)
    assert reading.accepted is not None
    assert (reading.accepted.envelope.data, reading.previous_names) == ({"n": "old"}, {"old", "older"})


def test_a_previous_name_behind_one_that_is_refused_is_read(make_sessions: Make, published_keyring: Keyring) -> None:
    header = f"old=junk; older={seal('older', keyring=published_keyring)}"
    reading = read_header(make_sessions(previous=[OLD, OLDER]), header)
    assert (reading.accepted is not None, list_reasons(reading)) == (True, ["malformed"])


def test_a_session_under_the_current_name_comes_before_a_later_one_under_a_previous_name(
    opened: list[object], make_sessions: Make, published_keyring: Keyring
) -> None:
    later = seal("old", keyring=published_keyring, now=NOW + 5)
    reading = read_header(make_sessions(previous=[OLD]), f"old={later}; {NAME}={GOLDEN_TOKEN}")
    assert reading.accepted is not None
    assert (reading.accepted.cookie.name, reading.may_move, len(opened)) == (NAME, False, 1)
    assert reading.previous_names == {"old"}


def test_a_previous_name_that_did_not_come_is_not_among_those_that_did(make_sessions: Make) -> None:
    assert read_header(make_sessions(previous=[OLD]), f"{NAME}={GOLDEN_TOKEN}").previous_names == frozenset()


def test_tokens_of_a_previous_name_are_for_its_own_purpose(make_sessions: Make, published_keyring: Keyring) -> None:
    reading = read_header(make_sessions(previous=[OLD]), f"old={seal(NAME, keyring=published_keyring)}")
    assert (reading.accepted, list_reasons(reading)) == (None, ["not-authentic"])


def test_an_explicit_purpose_is_that_of_the_previous_names_too(make_sessions: Make, published_keyring: Keyring) -> None:
    sessions = make_sessions(cookie=CookieAttributes(name="s"), previous=[OLD], purpose="p")
    assert read_header(sessions, f"old={seal('p', keyring=published_keyring)}").accepted is not None


def test_previous_attributes_of_one_name_are_read_once(opened: list[object], make_sessions: Make) -> None:
    previous = [OLD, CookieAttributes(name="old", path="/app")]
    reading = read_header(make_sessions(previous=previous), f"old={GOLDEN_TOKEN}")
    assert (list_reasons(reading), len(opened)) == (["not-authentic"], 1)


def test_previous_attributes_with_the_current_name_are_not_read_again(
    opened: list[object], make_sessions: Make
) -> None:
    cookie, like_named = CookieAttributes(name="s"), CookieAttributes(name="s", path="/app")
    reading = read_header(make_sessions(cookie=cookie, previous=[like_named]), f"s={GOLDEN_TOKEN}")
    assert (list_reasons(reading), reading.previous_names, len(opened)) == (["not-authentic"], frozenset(), 1)


def test_reasons_of_the_current_name_come_first_then_those_of_the_previous_in_order(
    make_sessions: Make, refused: dict[str, str]
) -> None:
    header = f"older={refused['unknown-version']}; old={refused['too-long']}; {NAME}={refused['malformed']}"
    reading = read_header(make_sessions(previous=[OLD, OLDER]), header)
    assert list_reasons(reading) == ["malformed", "too-long", "unknown-version"]


@pytest.mark.parametrize("reason", ["unknown-version", "unknown-key", "bad-padding", "malformed", "not-authentic"])
def test_a_session_moves_unless_a_token_under_the_current_name_is_to_be_preserved(
    reason: str, make_sessions: Make, published_keyring: Keyring, refused: dict[str, str]
) -> None:
    header = f"{NAME}={refused[reason]}; old={seal('old', keyring=published_keyring)}"
    reading = read_header(make_sessions(previous=[OLD]), header)
    assert (reading.accepted is not None, reading.may_move) == (True, not PRESERVE[reason])


@pytest.mark.parametrize("value", FOREIGN)
def test_a_value_of_other_software_keeps_its_place(value: str, make_sessions: Make, published_keyring: Keyring) -> None:
    ours = seal("old", keyring=published_keyring)
    sessions = make_sessions(previous=[OLD])
    assert not read_header(sessions, f"{NAME}={value}; old={ours}").may_move
    assert read_header(sessions, f"old={value}").previous_names == frozenset()
    assert read_header(sessions, f"old={value}; old={ours}").previous_names == {"old"}


@pytest.mark.parametrize(("count", "moves"), [(16, True), (17, False)])
def test_a_session_moves_unless_a_value_of_the_current_name_is_left_unread(
    count: int, moves: bool, make_sessions: Make, published_keyring: Keyring
) -> None:
    header = f"{NAME}=cj1.junk; " * count + f"old={seal('old', keyring=published_keyring)}"
    reading = read_header(make_sessions(previous=[OLD]), header)
    assert (reading.accepted is not None, reading.may_move) == (True, moves)


def test_of_more_than_sixteen_values_of_a_previous_name_one_may_be_ours(make_sessions: Make) -> None:
    sessions = make_sessions(previous=[OLD])
    assert read_header(sessions, "old=junk; " * 16).previous_names == frozenset()
    reading = read_header(sessions, "old=junk; " * 17)
    assert (reading.previous_names, reading.must_delete) == ({"old"}, False)


def test_nothing_moves_where_nothing_is_accepted(make_sessions: Make) -> None:
    assert not read_header(make_sessions(previous=[OLD]), "old=junk").may_move


@pytest.mark.parametrize(("reason", "deletes"), [("unknown-key", False), ("malformed", True)])
def test_a_token_to_be_preserved_under_a_previous_name_preserves_all(
    reason: str, deletes: bool, make_sessions: Make, refused: dict[str, str]
) -> None:
    header = f"{NAME}=cj1.junk; old={refused[reason]}"
    assert read_header(make_sessions(previous=[OLD]), header).must_delete is deletes


# The typed view


def test_a_typed_session_is_accepted_with_its_value(make_sessions: Make, published_keyring: Keyring) -> None:
    token = seal(keyring=published_keyring, data={"n": 5, "step": 2, "foreign": 1})
    accepted = read(make_sessions(data_type=Count), token).accepted
    assert accepted is not None
    assert (accepted.value, accepted.envelope.data) == (Count(5, 2), {"n": 5, "step": 2, "foreign": 1})


def test_the_encoding_has_the_defaults_of_the_data_type(make_sessions: Make, published_keyring: Keyring) -> None:
    token = seal(keyring=published_keyring, data={"n": 5, "foreign": 1}, flash=[("a", 1)])
    accepted = read(make_sessions(data_type=Count), token).accepted
    assert accepted is not None
    whole = decode_envelope(accepted.encoded)
    assert (whole.data, whole.flash) == ({"n": 5, "step": 1, "foreign": 1}, [("a", 1)])


def test_the_encoding_is_that_of_the_migrated_data(make_sessions: Make, published_keyring: Keyring) -> None:
    sessions = make_sessions(data_type=Count, migrate=lambda data: {"n": int(data.pop("n")), **data})
    accepted = read(sessions, seal(keyring=published_keyring, data={"n": "5", "foreign": 1})).accepted
    assert accepted is not None
    assert (accepted.value, accepted.envelope.data) == (Count(5), {"n": 5, "foreign": 1})
    assert decode_envelope(accepted.encoded).data == {"n": 5, "step": 1, "foreign": 1}


def test_a_session_that_is_empty_has_no_value_where_a_field_is_needed(
    make_sessions: Make, published_keyring: Keyring
) -> None:
    accepted = read(make_sessions(data_type=Count), seal(keyring=published_keyring)).accepted
    assert accepted is not None
    assert (accepted.value, accepted.encoded[-2:]) == (None, b"\x80\x90")


def raise_with_data(data: dict[str, Any]) -> dict[str, Any]:
    raise LookupError(f"no way to migrate {data}")


BAD_MIGRATIONS: list[tuple[Any, str]] = [
    (raise_with_data, "LookupError"),
    (lambda data: None, "TypeError"),
    (lambda data: {"n": 1, "secret": Decimal(1)}, "UnsupportedValueError"),
    (lambda data: {"n": 1, "secret": datetime(2026, 1, 1, tzinfo=UTC)}, "UnsupportedValueError"),
    (lambda data: {"n": 1, "secret": {1, 2}}, "UnsupportedValueError"),
    (lambda data: {"n": 1, "secret": object()}, "UnsupportedValueError"),
    (lambda data: {"n": 1, 5: "secret"}, "UnsupportedValueError"),
]


@pytest.mark.parametrize(("migrate", "error"), BAD_MIGRATIONS)
def test_a_migration_that_fails_leaves_the_cookie_as_it_is(
    migrate: Any, error: str, make_sessions: Make, published_keyring: Keyring
) -> None:
    sessions = make_sessions(data_type=Count, migrate=migrate)
    reading = read(sessions, seal(keyring=published_keyring, data={"n": "secret"}))
    assert (reading.accepted, list_reasons(reading), reading.must_delete) == (None, ["unfit-data"], False)
    assert reading.failures == (error,)


@pytest.mark.parametrize(("migrate", "error"), BAD_MIGRATIONS)
def test_a_migration_that_fails_is_logged_without_the_data(
    migrate: Any, error: str, make_sessions: Make, published_keyring: Keyring, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = make_sessions(data_type=Count, migrate=migrate)
    reading = read(sessions, seal(keyring=published_keyring, data={"n": "secret"}))
    assert caplog.records == []
    reading.report_failures()
    assert [(record.levelno, record.getMessage(), record.exc_info) for record in caplog.records] == [
        (logging.ERROR, f"data_type or migrate raised {error}; the cookie is left as it is", None)
    ]


def test_data_that_reads_but_cannot_be_written_again_is_unfit(make_sessions: Make, published_keyring: Keyring) -> None:
    class Raw(pydantic.BaseModel):
        raw: bytes

    token = seal(keyring=published_keyring, data={"raw": b"\xff"})
    assert list_reasons(read(make_sessions(data_type=Raw), token)) == ["unfit-data"]


def test_data_that_does_not_fit_is_no_failure_of_a_migration(make_sessions: Make, published_keyring: Keyring) -> None:
    reading = read(make_sessions(data_type=Count), seal(keyring=published_keyring, data={"n": "secret"}))
    assert (list_reasons(reading), reading.failures) == (["unfit-data"], ())


def test_failures_under_all_names_are_kept_in_order(make_sessions: Make, published_keyring: Keyring) -> None:
    def migrate(data: dict[str, Any]) -> dict[str, Any]:
        raise {"key": KeyError, "index": IndexError}[data["n"]]

    sessions = make_sessions(data_type=Count, migrate=migrate, previous=[OLD])
    header = (
        f"old={seal('old', keyring=published_keyring, data={'n': 'key'})}; "
        f"{NAME}={seal(keyring=published_keyring, data={'n': 'index'})}"
    )
    reading = read_header(sessions, header)
    assert (reading.failures, list_reasons(reading)) == (("IndexError", "KeyError"), ["unfit-data"] * 2)


def test_an_older_session_that_fits_wins_over_a_later_one_that_does_not(
    make_sessions: Make, published_keyring: Keyring
) -> None:
    tokens = [seal(keyring=published_keyring, now=NOW + n, data=data) for n, data in enumerate([{"n": 5}, {"n": "x"}])]
    reading = read(make_sessions(data_type=Count), *tokens)
    assert reading.accepted is not None
    assert (reading.accepted.value, list_reasons(reading)) == (Count(5), ["unfit-data"])


def test_an_expired_session_is_not_migrated(make_sessions: Make, published_keyring: Keyring) -> None:
    sessions = make_sessions(data_type=Count, migrate=raise_with_data)
    token = seal(keyring=published_keyring, now=NOW - 900, idle=900, data={"n": "x"})
    assert list_reasons(read(sessions, token)) == ["expired"]


# Any octets


@given(
    header=st.lists(
        st.sampled_from([f"{NAME}=", "old=", GOLDEN_TOKEN, "cj1.", "cj2.", ";", ",", '"', "A" * 64, "\xff"])
        | st.text(st.characters(max_codepoint=255), max_size=5),
        max_size=12,
    ).map("".join)
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_header_gets_a_reading(make_sessions: Make, header: str) -> None:
    reading = read_header(make_sessions(previous=[OLD]), header)
    assert reading.accepted is None or reading.accepted.envelope.data == {"role": "admin", "uid": 42}


@given(place=st.integers(0, len(GOLDEN_TOKEN) - 1), bit=st.integers(0, 7))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_golden_token_with_one_flipped_bit_is_refused(make_sessions: Make, place: int, bit: int) -> None:
    flipped = GOLDEN_TOKEN[:place] + chr(ord(GOLDEN_TOKEN[place]) ^ 1 << bit) + GOLDEN_TOKEN[place + 1 :]
    assert read(make_sessions(), flipped).accepted is None
