"""What lies under a session: its content, its times, what counts as written (SPEC 13.1 to 13.5, 13.8, 15)."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from cookiejar_session import (
    CookieSessions,
    Envelope,
    Policy,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
)
from cookiejar_session.session import state as session_state
from cookiejar_session.session.choosing import read_cookies
from cookiejar_session.session.size import measure
from cookiejar_session.session.state import SessionState
from cookiejar_session.wire.envelope import EMPTY_CONTENT, decode_envelope

NOW = 1767225600
LATER = NOW + 1000
# The octets of an envelope before its content: 1 + 18 + 5 + 5 + 5 + 5 + 1.
HEAD_OCTETS = 40

Make = Callable[..., CookieSessions[Any]]


class Count(msgspec.Struct):
    n: int
    step: int = 1


class Prefs(msgspec.Struct):
    theme: str = "light"


class Stamped(msgspec.Struct):
    serial: int = msgspec.field(default_factory=itertools.count().__next__)


def make_new(sessions: CookieSessions[Any], now: int = NOW) -> SessionState:
    return SessionState(sessions.settings, None, now=now)


def reopen(sessions: CookieSessions[Any], token: str, now: int = NOW) -> SessionState:
    accepted = read_cookies(f"{sessions.settings.cookie.name}={token}", settings=sessions.settings, now=now).accepted
    assert accepted is not None
    return SessionState(sessions.settings, accepted, now=now)


def make_opened(sessions: CookieSessions[Any], data: Any = None, *, now: int = LATER, **more: Any) -> SessionState:
    """A session sealed at NOW, by a service that has no types and no limit of its own, opened ``now``."""
    plain = CookieSessions[None](sessions.settings.keyring, max_token_characters=3972)
    return reopen(sessions, plain.mint(data, now=NOW, **more).token, now)


def is_written(state: SessionState) -> bool:
    return state.is_written(state.encode())


def list_changed(state: SessionState) -> list[str]:
    assert state.view is not None
    return state.view.list_changed()


def may_be_dropped(state: SessionState) -> bool:
    return state.may_be_dropped(state.encode())


@pytest.fixture
def new(make_sessions: Make) -> SessionState:
    return make_new(make_sessions())


@pytest.fixture
def opened(make_sessions: Make) -> SessionState:
    return make_opened(make_sessions(), {"a": 1, "cart": [{"n": 1}]})


# 13.1


def test_a_new_session_has_the_times_of_the_policy_and_is_empty(make_sessions: Make) -> None:
    policy = Policy(idle_timeout=timedelta(seconds=10), absolute_lifetime=timedelta(seconds=20), persistent=False)
    envelope = make_new(make_sessions(policy=policy)).envelope
    times = envelope.created, envelope.issued, envelope.idle, envelope.until, envelope.persistent
    assert (times, envelope.data, envelope.flash) == ((NOW, NOW, 10, NOW + 20, False), {}, [])


def test_a_new_session_has_16_random_octets_for_a_sid(make_sessions: Make) -> None:
    sessions = make_sessions()
    sids = {make_new(sessions).envelope.sid for _ in range(8)}
    assert (len(sids), {len(sid) for sid in sids}) == (8, {16})


def test_an_opened_session_is_as_it_was_sealed(opened: SessionState) -> None:
    assert (opened.data, opened.flashes, opened.envelope.created) == ({"a": 1, "cart": [{"n": 1}]}, [], NOW)


@pytest.mark.parametrize("fixture", ["new", "opened"])
def test_a_session_that_nobody_touched_is_not_written(fixture: str, request: pytest.FixtureRequest) -> None:
    assert not is_written(request.getfixturevalue(fixture))


# Assigning


def test_a_changed_key_is_written(opened: SessionState) -> None:
    opened.put("a", 2)
    assert (opened.data["a"], is_written(opened)) == (2, True)


def test_a_removed_key_is_written(opened: SessionState) -> None:
    opened.remove("a")
    assert (opened.data, is_written(opened)) == ({"cart": [{"n": 1}]}, True)


def test_a_key_is_read_with_a_plain_value(opened: SessionState) -> None:
    assert (opened.get_item("a"), opened.get_item("cart")) == (1, [{"n": 1}])
    with pytest.raises(KeyError):
        opened.get_item("absent")


def test_an_absent_key_cannot_be_removed(opened: SessionState) -> None:
    with pytest.raises(KeyError):
        opened.remove("absent")


def test_a_nested_change_is_written(opened: SessionState) -> None:
    opened.data["cart"][0]["n"] = 2
    assert is_written(opened)


def test_what_is_put_back_is_not_written(opened: SessionState) -> None:
    opened.remove("a")
    opened.data["cart"].append(5)
    opened.data["cart"].pop()
    opened.put("a", 1)
    assert not is_written(opened)


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), (0.0, -0.0), ("x", b"x"), (None, False), ([], {})])
def test_an_equal_value_of_another_type_is_written(before: Any, after: Any, make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": before})
    state.put("a", after)
    assert is_written(state)


def test_a_tuple_in_place_of_a_list_is_no_change(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": [1, [2]]})
    state.put("a", (1, (2,)))
    assert not is_written(state)


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("price", Decimal(1), r"^price: Decimal; only None, bool, int, float, str, bytes, list and dict"),
        ("cart", [1, 2, {"price": Decimal(1)}], r"^cart\[2\]\.price: Decimal; "),
        ("when", datetime(2026, 1, 1, tzinfo=UTC), r"^when: datetime; "),
        ("a", {"b": {1, 2}}, r"^a\.b: set; "),
        ("a", bytearray(b"x"), r"^a: bytearray; "),
        ("a", 1 << 63, r"^a: int outside"),
        ("a", -(1 << 63) - 1, r"^a: int outside"),
        ("a", [float("inf")], r"^a\[0\]: float that is not finite"),
        ("a", ["\ud800"], r"^a\[0\]: str with a lone surrogate"),
        ("a", {1: 2}, r"^a: key of type int; keys must be str"),
        ("a", {"__proto__": 1}, r'^a: key "__proto__"'),
        ("__proto__", 1, r'^session: key "__proto__"'),
        (5, 1, r"^session: key of type int"),
    ],
)
def test_what_cannot_be_sealed_is_refused_where_it_is_assigned_and_changes_nothing(
    key: Any, value: Any, problem: str, opened: SessionState
) -> None:
    with pytest.raises(UnsupportedValueError, match=problem):
        opened.put(key, value)
    assert not is_written(opened)


def test_a_cycle_is_refused(opened: SessionState) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(UnsupportedValueError, match="nests deeper than 16; flatten it, or break the cycle"):
        opened.put("a", cycle)


def test_whole_data_can_be_replaced(opened: SessionState) -> None:
    opened.replace_data({"b": 2})
    assert (opened.data, is_written(opened)) == ({"b": 2}, True)


def test_whole_data_that_is_equal_is_no_change(opened: SessionState) -> None:
    opened.replace_data({"cart": [{"n": 1}], "a": 1})
    assert not is_written(opened)


def test_whole_data_that_cannot_be_sealed_is_refused_and_changes_nothing(opened: SessionState) -> None:
    with pytest.raises(UnsupportedValueError, match=r"^b\[0\]: Decimal; "):
        opened.replace_data({"b": [Decimal(1)]})
    assert not is_written(opened)


# Life


def test_clear_empties_data_and_flash_and_keeps_sid_and_times(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": 1}, flash=[("info", 1)])
    before = state.envelope
    state.clear()
    assert (state.data, state.flashes, state.was_cleared) == ({}, [], True)
    assert state.envelope == replace(before, data={}, flash=[])


def test_regenerate_begins_a_new_session_with_the_same_content_and_lifetime(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": 1}, flash=[("info", 1)], persistent=False)
    before = state.envelope
    state.regenerate()
    after = state.envelope
    assert after.sid != before.sid
    assert (after.created, after.until) == (LATER, LATER + (before.until - before.created))
    assert (after.idle, after.persistent, state.data, state.flashes) == (before.idle, False, {"a": 1}, [("info", 1)])


def test_regenerate_is_a_write(opened: SessionState) -> None:
    opened.regenerate()
    assert is_written(opened)


def test_regenerate_keeps_what_was_written_before_and_takes_what_is_written_after(opened: SessionState) -> None:
    opened.put("b", 1)
    opened.regenerate()
    opened.put("c", 2)
    assert opened.data == {"a": 1, "cart": [{"n": 1}], "b": 1, "c": 2}


def test_regenerate_forgets_a_csrf_token_of_the_old_sid(new: SessionState) -> None:
    new.want_csrf()
    new.regenerate()
    assert not new.wants_csrf


def test_renew_is_a_write_that_changes_nothing(opened: SessionState) -> None:
    before = opened.envelope
    opened.renew()
    assert (is_written(opened), opened.envelope) == (True, before)


@pytest.mark.parametrize(
    ("asked", "idle", "until", "persistent"),
    [
        ({}, 1209600, NOW + 7776000, True),
        ({"idle": 60}, 60, NOW + 7776000, True),
        ({"absolute": 600}, 1209600, LATER + 600, True),
        ({"persistent": False}, 1209600, NOW + 7776000, False),
        ({"idle": 60, "absolute": 600, "persistent": False}, 60, LATER + 600, False),
    ],
)
def test_set_lifetime_changes_what_it_is_given_counted_from_now(
    asked: dict[str, Any], idle: int, until: int, persistent: bool, opened: SessionState
) -> None:
    opened.set_lifetime(**{"idle": None, "absolute": None, "persistent": None, **asked})
    envelope = opened.envelope
    assert (envelope.idle, envelope.until, envelope.persistent, is_written(opened)) == (idle, until, persistent, True)


def test_set_lifetime_counts_from_this_clock_even_if_another_is_ahead(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), now=NOW - 60)
    state.set_lifetime(idle=None, absolute=600, persistent=None)
    assert state.envelope.until == NOW - 60 + 600


def test_discard_begins_a_new_and_empty_session(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": 1}, flash=[("info", 1)])
    sid = state.envelope.sid
    state.discard()
    assert (state.accepted, state.data, state.flashes, state.was_discarded) == (None, {}, [], True)
    assert (state.envelope.sid != sid, state.envelope.created, is_written(state)) == (True, LATER, False)


def test_discard_forgets_what_was_asked_for_before(opened: SessionState) -> None:
    opened.regenerate()
    opened.want_csrf()
    opened.clear()
    opened.discard()
    assert (opened.must_seal, opened.wants_csrf, opened.was_cleared) == (False, False, False)


def test_what_is_written_after_discard_is_written(opened: SessionState) -> None:
    opened.discard()
    opened.flashes.append(("info", "signed out"))
    assert (is_written(opened), opened.was_discarded) == (True, True)


def test_a_csrf_token_of_a_new_session_is_a_write(new: SessionState) -> None:
    new.want_csrf()
    assert is_written(new)


def test_a_csrf_token_of_an_opened_session_is_none(opened: SessionState) -> None:
    opened.want_csrf()
    assert not is_written(opened)


# 13.5 step 3: what may be dropped


def test_a_session_whose_content_ends_like_an_empty_one_may_not_be_dropped(new: SessionState) -> None:
    new.put("cart", {})
    assert new.encode().endswith(EMPTY_CONTENT)
    assert not may_be_dropped(new)


def test_a_new_session_without_content_may_be_dropped(new: SessionState) -> None:
    assert may_be_dropped(new)


def test_a_session_with_content_may_not_be_dropped(opened: SessionState) -> None:
    assert not may_be_dropped(opened)


def test_a_session_with_flash_alone_may_not_be_dropped(new: SessionState) -> None:
    new.flashes.append(("info", 1))
    assert not may_be_dropped(new)


def test_a_session_for_whose_sake_a_csrf_token_was_made_may_not_be_dropped(new: SessionState) -> None:
    new.want_csrf()
    assert not may_be_dropped(new)


@pytest.mark.parametrize("empty", ["remove", "clear", "replace_data"])
def test_an_opened_session_that_is_emptied_may_be_dropped(empty: str, make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": 1})
    {"remove": lambda: state.remove("a"), "clear": state.clear, "replace_data": lambda: state.replace_data({})}[empty]()
    assert may_be_dropped(state)


def test_a_session_that_was_opened_empty_may_not_be_dropped(make_sessions: Make) -> None:
    # It may carry the CSRF token of a form in another tab.
    state = make_opened(make_sessions(), flash=[("info", 1)])
    state.flashes.clear()
    assert not may_be_dropped(state)


def test_a_session_that_was_opened_empty_may_not_be_dropped_after_it_held_data(make_sessions: Make) -> None:
    state = make_opened(make_sessions())
    state.put("a", 1)
    state.remove("a")
    assert not may_be_dropped(state)


def test_a_session_that_was_opened_empty_may_be_dropped_after_clear(make_sessions: Make) -> None:
    state = make_opened(make_sessions())
    state.clear()
    assert may_be_dropped(state)


def test_what_was_read_of_flash_ends_with_the_session(new: SessionState) -> None:
    new.read_flashes["info"] = [1]
    assert new.read_flashes == {"info": [1]}
    new.discard()
    assert new.read_flashes == {}


# Closed


CHANGES: dict[str, Callable[[SessionState], object]] = {
    "put": lambda state: state.put("b", 1),
    "remove": lambda state: state.remove("a"),
    "replace_data": lambda state: state.replace_data({}),
    "clear": lambda state: state.clear(),
    "regenerate": lambda state: state.regenerate(),
    "renew": lambda state: state.renew(),
    "set_lifetime": lambda state: state.set_lifetime(idle=1, absolute=1, persistent=False),
    "discard": lambda state: state.discard(),
    "begin_change": lambda state: state.begin_change(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_closed_session_cannot_be_changed(change: str, opened: SessionState) -> None:
    before = opened.encode(), opened.envelope
    opened.closed = "why it is closed"
    with pytest.raises(SessionCommittedError, match=r"^why it is closed$"):
        CHANGES[change](opened)
    assert (opened.encode(), opened.envelope, is_written(opened)) == (*before, False)


def test_a_closed_session_takes_no_typed_value(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), {"n": 1})
    state.closed = "closed"
    with pytest.raises(SessionCommittedError):
        state.set_value(Count(2))


def test_a_new_session_that_is_closed_cannot_be_sealed_for_a_csrf_token(new: SessionState) -> None:
    new.closed = "closed"
    with pytest.raises(SessionCommittedError):
        new.want_csrf()


def test_more_csrf_tokens_may_be_made_of_a_closed_session_that_was_sealed_for_one(new: SessionState) -> None:
    new.want_csrf()
    new.closed = "closed"
    new.want_csrf()
    assert new.wants_csrf


def test_csrf_tokens_may_be_made_of_an_opened_session_that_is_closed(opened: SessionState) -> None:
    opened.closed = "closed"
    opened.want_csrf()
    assert opened.wants_csrf


# Checking


def check(state: SessionState) -> None:
    state.check(state.encode(), state.now)


def test_a_small_session_passes_the_check(opened: SessionState) -> None:
    opened.data["cart"].append({"n": 2})
    check(opened)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (Decimal(1), r"^cart\[0\]\.n: Decimal; "),
        (float("inf"), r"^cart\[0\]\.n: float that is not finite"),
        (datetime(2026, 1, 1, tzinfo=UTC), r"^cart\[0\]\.n: datetime; "),
        (1 << 63, r"^cart\[0\]\.n: int outside"),
        ({"__proto__": 1}, r'^cart\[0\]\.n: key "__proto__"'),
        (object(), r"^cart\[0\]\.n: object; "),
    ],
)
def test_what_was_put_in_deeper_is_found_by_the_check(value: Any, problem: str, opened: SessionState) -> None:
    opened.data["cart"][0]["n"] = value
    with pytest.raises(UnsupportedValueError, match=problem):
        check(opened)


def count_free_octets(state: SessionState) -> int:
    return measure(state.envelope, limit=state.settings.max_token_characters).left


def fill(state: SessionState, free: int) -> None:
    """Leaves ``free`` octets below the limit; a str of 32 to 255 octets has 2 more, its one-letter key has 2."""
    state.put("f", "x" * (count_free_octets(state) - 4 - free))


def test_a_token_as_long_as_the_limit_passes_the_check(make_sessions: Make) -> None:
    state = make_new(make_sessions(max_token_characters=196))
    fill(state, 0)
    check(state)


def test_a_token_one_octet_too_long_fails_the_check(make_sessions: Make) -> None:
    state = make_new(make_sessions(max_token_characters=196))
    fill(state, -1)
    with pytest.raises(SessionTooLargeError) as caught:
        check(state)
    assert (caught.value.characters, caught.value.limit) == (228, 196)


def test_what_is_too_large_is_told_by_key(make_sessions: Make) -> None:
    state = make_new(make_sessions(max_token_characters=196))
    state.put("small", 1)
    state.put("large", "x" * 100)
    state.flashes.append(("info", "hi"))
    with pytest.raises(SessionTooLargeError, match="'large' 108, flash 10, 'small' 7; keep large things") as caught:
        check(state)
    assert caught.value.octets_by_key == {"small": 7, "large": 108, None: 10}


def test_what_another_service_made_larger_may_be_written_where_it_does_not_grow(make_sessions: Make) -> None:
    state = make_opened(make_sessions(max_token_characters=196), {"f": "x" * 300, "n": 1})
    state.put("n", 2)
    check(state)


def test_what_another_service_made_larger_may_shrink_to_less_than_before_but_more_than_the_limit(
    make_sessions: Make,
) -> None:
    state = make_opened(make_sessions(max_token_characters=196), {"f": "x" * 300})
    state.put("f", "x" * 200)
    check(state)


def test_what_another_service_made_larger_may_not_grow(make_sessions: Make) -> None:
    state = make_opened(make_sessions(max_token_characters=196), {"f": "x" * 300})
    assert state.accepted is not None
    state.put("f", "x" * 330)
    with pytest.raises(SessionTooLargeError) as caught:
        check(state)
    assert caught.value.limit == state.accepted.characters


def test_after_discard_the_limit_is_our_own_again(make_sessions: Make) -> None:
    state = make_opened(make_sessions(max_token_characters=196), {"f": "x" * 300})
    state.discard()
    state.put("f", "x" * 300)
    with pytest.raises(SessionTooLargeError) as caught:
        check(state)
    assert caught.value.limit == 196


def test_a_dict_that_changes_while_it_is_walked_is_walked_again(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([RuntimeError("dictionary changed size during iteration")] * 5)
    encode_unchecked = session_state.encode_unchecked

    def encode(envelope: Envelope) -> bytes:
        for failure in failures:
            raise failure
        return encode_unchecked(envelope)

    monkeypatch.setattr(session_state, "encode_any", encode)
    monkeypatch.setattr(session_state, "encode_unchecked", encode)
    opened.expose()
    assert opened.encode() == encode_unchecked(opened.envelope)


def test_a_dict_that_changes_while_it_is_checked_is_checked_again(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([RuntimeError("dictionary changed size during iteration")] * 5)

    def check(encoded: bytes, data: Any, flash: Any) -> None:
        for failure in failures:
            raise failure

    monkeypatch.setattr(session_state, "check_encoded", check)
    opened.expose()
    opened.check(opened.encode(), NOW)
    assert list(failures) == []


def test_octets_that_no_reader_takes_are_refused_whatever_the_objects_say_now(opened: SessionState) -> None:
    opened.data["cart"].append(float("nan"))
    encoded = opened.encode()
    opened.data["cart"].pop()
    with pytest.raises(UnsupportedValueError, match="changed meanwhile"):
        opened.check(encoded, NOW)


def test_a_subclass_that_shows_python_other_content_is_refused(opened: SessionState) -> None:
    class Quiet(dict[str, float]):
        def items(self) -> Any:
            return {}.items()

    opened.data["cart"].append(Quiet(nan=float("nan")))
    with pytest.raises(UnsupportedValueError, match=r"cart\[1\]: .*Quiet"):
        opened.check(opened.encode(), NOW)


def test_a_dict_that_never_stops_changing_fails_in_the_end(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encode(envelope: Envelope) -> bytes:
        raise RuntimeError("dictionary changed size during iteration")

    monkeypatch.setattr(session_state, "encode_any", encode)
    monkeypatch.setattr(session_state, "encode_unchecked", encode)
    opened.expose()
    with pytest.raises(RuntimeError, match="changed size"):
        opened.encode()


# What the application holds of the content


def count_encodings(monkeypatch: pytest.MonkeyPatch) -> list[Envelope]:
    encoded: list[Envelope] = []
    encode_any = session_state.encode_any

    def encode(envelope: Envelope) -> bytes:
        encoded.append(envelope)
        return encode_any(envelope)

    monkeypatch.setattr(session_state, "encode_any", encode)
    return encoded


@pytest.mark.parametrize(
    "look",
    [
        lambda state: state.get_item("a"),
        lambda state: list(state.keys),
        lambda state: state.read_flashes,
    ],
)
def test_a_look_at_what_never_changes_exposes_nothing(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch, look: Any
) -> None:
    encoded = count_encodings(monkeypatch)
    look(opened)
    assert (opened.is_exposed, opened.may_differ) == (False, False)
    assert (opened.encode(), encoded) == (opened.accepted and opened.accepted.encoded, [])


@pytest.mark.parametrize(
    "take",
    [
        lambda state: state.get_item("cart"),
        lambda state: state.data,
        lambda state: state.flashes,
        lambda state: state.put("new", []),
        lambda state: state.put("new", {}),
        lambda state: state.put("new", ([],)),
        lambda state: state.replace_data({"new": []}),
    ],
)
def test_content_that_can_be_changed_unseen_is_encoded_each_time(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch, take: Any
) -> None:
    take(opened)
    encoded = count_encodings(monkeypatch)
    assert opened.encode() == opened.encode()
    assert (opened.is_exposed, opened.may_differ, len(encoded)) == (True, True, 2)


@pytest.mark.parametrize(
    "write",
    [
        lambda state: state.put("new", "scalar"),
        lambda state: state.remove("a"),
        lambda state: state.clear(),
        lambda state: state.regenerate(),
        lambda state: state.set_lifetime(idle=5, absolute=None, persistent=None),
    ],
)
def test_what_was_written_in_sight_is_encoded_once(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch, write: Any
) -> None:
    before = opened.encode()
    write(opened)
    encoded = count_encodings(monkeypatch)
    assert opened.encode() == opened.encode() != before
    assert (opened.is_exposed, opened.may_differ, len(encoded)) == (False, True, 1)


def test_what_was_never_exposed_is_not_looked_through_again(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bytes] = []
    monkeypatch.setattr(session_state, "check_encoded", lambda encoded, data, flash: looked.append(encoded))
    opened.put("a", 2)
    check(opened)
    assert looked == []
    opened.get_item("cart")
    _, encoded = opened.check(opened.encode(), opened.now)
    assert looked == [encoded]


def test_what_another_thread_writes_during_the_encoding_is_encoded_too(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode_any = session_state.encode_any

    def encode(envelope: Envelope) -> bytes:
        encoded = encode_any(envelope)
        monkeypatch.undo()
        opened.put("a", 3)  # as by another thread, too late for these octets
        return encoded

    opened.put("a", 2)
    monkeypatch.setattr(session_state, "encode_any", encode)
    first = opened.encode()
    assert decode_envelope(first).data["a"] == 2
    assert decode_envelope(opened.encode()).data["a"] == 3


@pytest.mark.parametrize("change", [lambda state: state.put("a", 3), lambda state: state.remove("a")])
def test_octets_that_were_made_while_a_change_was_under_way_are_made_again(opened: SessionState, change: Any) -> None:
    class Meddling(dict[str, Any]):
        # As by another thread that encodes just before the change.
        def __setitem__(self, key: str, value: Any) -> None:
            opened.encode()
            super().__setitem__(key, value)

        def __delitem__(self, key: str) -> None:
            opened.encode()
            super().__delitem__(key)

    opened.put("b", 1)
    opened.envelope = msgspec.structs.replace(opened.envelope, data=Meddling(opened.envelope.data))
    change(opened)
    assert decode_envelope(opened.encode()).data == dict(opened.envelope.data)


@pytest.mark.parametrize("is_before", [True, False], ids=["before-it-encodes", "after-it-encoded"])
def test_octets_that_a_slower_thread_makes_replace_no_later_ones(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    encode_any = session_state.encode_any
    is_there, goes_on = threading.Event(), threading.Event()

    def encode_slowly(envelope: Envelope) -> bytes:
        if threading.current_thread() is not slower:
            return encode_any(envelope)
        encoded = b"" if is_before else encode_any(envelope)
        is_there.set()
        goes_on.wait(timeout=10)
        return encoded or encode_any(envelope)

    monkeypatch.setattr(session_state, "encode_any", encode_slowly)
    opened.put("a", 2)
    slower = threading.Thread(target=opened.encode)
    slower.start()
    is_there.wait(timeout=10)
    assert decode_envelope(opened.encode()).data["a"] == 2
    opened.put("a", 3)
    assert decode_envelope(opened.encode()).data["a"] == 3
    goes_on.set()
    slower.join()
    assert decode_envelope(opened.encode()).data["a"] == 3


def test_content_that_is_exposed_during_the_encoding_is_encoded_again(
    opened: SessionState, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode_any = session_state.encode_any
    carts: list[Any] = []

    def encode(envelope: Envelope) -> bytes:
        carts.append(opened.get_item("cart"))  # as by another thread
        return encode_any(envelope)

    opened.put("a", 2)
    monkeypatch.setattr(session_state, "encode_any", encode)
    opened.encode()
    carts[0].append(5)
    assert decode_envelope(opened.encode()).data["cart"] == [{"n": 1}, 5]


def test_what_could_not_be_encoded_is_encoded_again(opened: SessionState) -> None:
    opened.get_item("cart").append(object())
    for _ in range(2):
        with pytest.raises(UnsupportedValueError, match=r"cart\[1\]: object"):
            opened.encode()
    opened.get_item("cart").pop()
    assert not is_written(opened)


def test_a_typed_session_is_exposed_from_the_start(make_sessions: Make) -> None:
    assert make_new(make_sessions(data_type=Count)).is_exposed


# The typed view


def test_without_a_data_type_there_is_no_typed_value(new: SessionState) -> None:
    with pytest.raises(TypeError, match=r"in the outermost wrapper too; write"):
        _ = new.value


def test_a_typed_value_is_none_while_the_session_is_empty(make_sessions: Make) -> None:
    assert make_new(make_sessions(data_type=Count)).value is None


def test_a_typed_value_is_the_defaults_where_all_have_one(make_sessions: Make) -> None:
    assert make_new(make_sessions(data_type=Prefs)).value == Prefs("light")


def test_a_typed_value_is_what_came(make_sessions: Make) -> None:
    assert make_opened(make_sessions(data_type=Count), {"n": 5, "foreign": 1}).value == Count(5)


def test_an_assigned_value_is_written_beside_foreign_keys(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), {"foreign": 1})
    state.set_value(Count(5))
    assert (state.data, is_written(state)) == ({"foreign": 1, "n": 5, "step": 1}, True)


def test_a_change_inside_the_typed_value_is_written(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), {"n": 5})
    state.value.n += 1
    assert (state.data["n"], is_written(state)) == (6, True)


def test_an_equal_value_is_no_change(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), {"n": 5, "step": 2, "foreign": 1})
    state.set_value(Count(5, 2))
    assert not is_written(state)


@pytest.mark.parametrize(
    ("data_type", "data"), [(Count, {"n": 5}), (Prefs, {}), (Prefs, {"foreign": 1}), (Stamped, {"foreign": 1})]
)
def test_a_new_field_with_a_default_is_no_change_on_a_read(data_type: Any, data: Any, make_sessions: Make) -> None:
    assert not is_written(make_opened(make_sessions(data_type=data_type), data))


@pytest.mark.parametrize("data_type", [Prefs, Stamped])
def test_defaults_alone_are_no_change_of_a_new_session(data_type: Any, make_sessions: Make) -> None:
    assert not is_written(make_new(make_sessions(data_type=data_type)))


def test_other_values_than_the_defaults_are_a_change_of_a_new_session(make_sessions: Make) -> None:
    state = make_new(make_sessions(data_type=Prefs))
    state.value.theme = "dark"
    assert (is_written(state), may_be_dropped(state)) == (True, False)


@pytest.mark.parametrize("data_type", [Count, Prefs, Stamped])
def test_a_typed_session_that_is_cleared_is_written_and_may_be_dropped(data_type: Any, make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=data_type), {"n": 5, "theme": "dark", "serial": -1, "foreign": 1})
    state.clear()
    assert (is_written(state), may_be_dropped(state)) == (True, True)


@pytest.mark.parametrize("data_type", [Prefs, Stamped])
def test_a_typed_session_that_is_discarded_is_not_written(data_type: Any, make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=data_type), {"theme": "dark", "serial": -1})
    state.discard()
    assert (is_written(state), may_be_dropped(state)) == (False, True)


@pytest.mark.parametrize("change", [lambda state: state.put("n", 1), lambda state: state.remove("n")])
@pytest.mark.parametrize("data", [{"n": 5}, {}])
def test_a_key_of_the_type_cannot_be_written_as_a_key(change: Any, data: Any, make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), data)
    with pytest.raises(UnsupportedValueError, match=r"^n: belongs to Count; write session\.data\.n instead$"):
        change(state)


def test_other_keys_than_those_of_the_type_are_written_as_keys(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), {"n": 5, "old": 1})
    state.put("foreign", 2)
    state.remove("old")
    assert state.data == {"n": 5, "step": 1, "foreign": 2}


@pytest.mark.parametrize("value", [None, 5, {"other": 1}, Count("x"), Prefs(), Count(1 << 63)])  # type: ignore[arg-type]
def test_a_value_that_could_not_be_sealed_or_read_back_is_refused_where_it_is_assigned(
    value: Any, make_sessions: Make
) -> None:
    state = make_opened(make_sessions(data_type=Count), {"n": 5})
    with pytest.raises(UnsupportedValueError):
        state.set_value(value)
    assert (state.value, is_written(state)) == (Count(5), False)


def test_a_field_that_no_longer_fits_its_type_is_found_by_the_check(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), {"n": 5})
    state.value.n = "text"
    with pytest.raises(UnsupportedValueError, match="Count whose fields are not of their declared types"):
        check(state)


def test_a_typed_session_without_a_value_passes_the_check(make_sessions: Make) -> None:
    check(make_opened(make_sessions(data_type=Count), {"foreign": 1}))


def test_whole_data_is_read_as_the_type(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), {"n": 5})
    state.replace_data({"n": 6, "foreign": 1})
    assert (state.value, state.data) == (Count(6), {"n": 6, "step": 1, "foreign": 1})


def test_whole_data_that_does_not_fit_the_type_is_refused_and_changes_nothing(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Count), {"n": 5})
    with pytest.raises(UnsupportedValueError, match=r"^session: data that does not fit Count; ") as caught:
        state.replace_data({"n": "secret"})
    assert "secret" not in str(caught.value)
    assert (state.value, is_written(state)) == (Count(5), False)


@dataclass
class Nested:
    prefs: dict[str, int]
    theme: str = "light"


def test_a_nested_change_of_a_typed_key_through_the_mapping_is_noted_not_saved(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Nested), {"prefs": {"a": 1}})
    state.data["prefs"]["a"] = 2
    assert not is_written(state)
    assert list_changed(state) == ["prefs"]


@pytest.mark.parametrize(
    "overwrite",
    [SessionState.clear, lambda state: state.set_value(Nested({"a": 3})), SessionState.discard],
    ids=["clear", "set_value", "discard"],
)
def test_a_nested_change_that_was_overwritten_is_forgotten(make_sessions: Make, overwrite: Any) -> None:
    state = make_opened(make_sessions(data_type=Nested), {"prefs": {"a": 1}})
    state.data["prefs"]["a"] = 2
    overwrite(state)
    assert list_changed(state) == []


def test_regenerate_keeps_the_lifetime_that_was_set_before_it(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": 1})
    state.set_lifetime(idle=None, absolute=60, persistent=None)
    state.regenerate()
    assert state.envelope.until == LATER + 60


def test_regenerate_never_passes_the_last_time(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": 1})
    state.set_lifetime(idle=None, absolute=1 << 50, persistent=None)
    state.regenerate()
    assert state.envelope.until == (1 << 48) - 1
    state.check(state.encode(), state.now)


def test_a_session_at_its_absolute_end_is_refused_by_check(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), {"a": 1})
    state.set_lifetime(idle=None, absolute=0, persistent=None)
    with pytest.raises(UnsupportedValueError, match="at its absolute end"):
        state.check(state.encode(), state.now)


def test_the_mapping_follows_the_typed_view(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Nested), {"prefs": {"a": 1}})
    assert state.data == {"prefs": {"a": 1}, "theme": "light"}
    state.value.prefs["b"] = 3
    assert state.data == {"prefs": {"a": 1, "b": 3}, "theme": "light"}
    assert is_written(state)
