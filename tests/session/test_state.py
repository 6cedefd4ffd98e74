"""The state of an opened session: its times, what counts as written and as worth keeping (SPEC 13.1 to 13.5, 13.8)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import pytest
from markupsafe import Markup
from msgspec.structs import replace
from shared_values import NOW

from cookiejar_session import (
    CookieSessions,
    Envelope,
    Policy,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
)
from cookiejar_session.session.cookie_choice import Reading, read_cookies
from cookiejar_session.session.state import SessionState
from cookiejar_session.wire import messagepack
from cookiejar_session.wire.envelope import decode_envelope
from cookiejar_session.wire.size import measure_session

LATER = NOW + 1000

Make = Callable[..., CookieSessions[Any]]


class Count(msgspec.Struct):
    n: int
    step: int = 1


class Prefs(msgspec.Struct):
    theme: str = "light"


class Price(msgspec.Struct):
    amount: float
    tags: list[str] = []


class Stamped(msgspec.Struct):
    serial: int = msgspec.field(default_factory=itertools.count().__next__)


class Opened(NamedTuple):
    """A state and the data of the mapping, which Session passes to it."""

    state: SessionState
    data: dict[str, Any]

    def put(self, key: str, value: Any) -> None:
        """Do what Session does after it has checked a value."""
        self.data[key] = value

    def remove(self, key: str) -> None:
        del self.data[key]

    def clear(self) -> None:
        self.data.clear()
        self.state.clear()

    def discard(self) -> None:
        self.data.clear()
        self.state.discard()

    def is_written(self) -> bool:
        return self.state.is_written(self.data)

    def is_worth_keeping(self) -> bool:
        return self.state.is_worth_keeping(self.data)

    def prepare(self, *, now: int = LATER) -> Envelope:
        """The envelope that would be sealed, read back from its encoding."""
        _, encoded = self.state.prepare(self.state.copy_content(self.data), now=now)
        return decode_envelope(encoded)


def make_new(sessions: CookieSessions[Any], now: int = NOW) -> Opened:
    return Opened(SessionState(sessions.settings, Reading(), now), {})


def make_opened(sessions: CookieSessions[Any], data: Any = None, *, now: int = LATER, **more: Any) -> Opened:
    """A session sealed at NOW, by a service that has no types and no limit of its own, opened ``now``."""
    plain = CookieSessions[None](sessions.settings.keyring, max_token_characters=3972)
    header = plain.mint(data, now=NOW, **more).header
    reading = read_cookies(header, settings=sessions.settings, now=now)
    assert reading.accepted is not None
    state = SessionState(sessions.settings, reading, now)
    return Opened(state, dict(state.list_own_data()))


@pytest.fixture
def new(make_sessions: Make) -> Opened:
    return make_new(make_sessions())


@pytest.fixture
def opened(make_sessions: Make) -> Opened:
    return make_opened(make_sessions(), {"a": 1, "cart": [{"n": 1}]})


# 13.1


def test_a_new_session_has_the_times_of_the_policy_and_is_empty(make_sessions: Make) -> None:
    policy = Policy(idle_timeout=timedelta(seconds=10), absolute_lifetime=timedelta(seconds=20), persistent=False)
    envelope = make_new(make_sessions(policy=policy)).state.envelope
    times = envelope.created, envelope.issued, envelope.idle, envelope.until, envelope.persistent
    assert (times, envelope.data, envelope.flash) == ((NOW, NOW, 10, NOW + 20, False), {}, [])


def test_a_new_session_has_16_random_octets_for_a_sid(make_sessions: Make) -> None:
    sessions = make_sessions()
    sids = {make_new(sessions).state.envelope.sid for _ in range(8)}
    assert (len(sids), {len(sid) for sid in sids}) == (8, {16})


def test_an_opened_session_is_as_it_was_sealed(opened: Opened) -> None:
    state = opened.state
    assert (opened.data, state.flashes, state.envelope.created) == ({"a": 1, "cart": [{"n": 1}]}, [], NOW)


@pytest.mark.parametrize("fixture", ["new", "opened"])
def test_a_session_that_nobody_touched_is_not_written(fixture: str, request: pytest.FixtureRequest) -> None:
    assert not request.getfixturevalue(fixture).is_written()


def test_data_of_a_typed_session_are_split_between_mapping_and_value(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(data_type=Count), {"n": 5, "foreign": 1})
    assert opened.state.view is not None
    assert (opened.data, opened.state.view.value) == ({"foreign": 1}, Count(5))


# 13.3: what counts as written


def test_a_changed_key_is_written(opened: Opened) -> None:
    opened.put("a", 2)
    assert opened.is_written()


def test_a_removed_key_is_written(opened: Opened) -> None:
    opened.remove("a")
    assert opened.is_written()


def test_a_nested_change_is_written(opened: Opened) -> None:
    opened.data["cart"][0]["n"] = 2
    assert opened.is_written()


def test_data_that_are_as_before_are_not_written(opened: Opened) -> None:
    opened.remove("a")
    opened.data["cart"].append(5)
    opened.data["cart"].pop()
    opened.put("a", 1)
    assert not opened.is_written()


@pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.0), (0.0, -0.0), ("x", b"x"), (None, False), ([], {})])
def test_an_equal_value_of_another_type_is_written(before: Any, after: Any, make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"a": before})
    opened.put("a", after)
    assert opened.is_written()


def test_a_tuple_in_place_of_a_list_is_not_written(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"a": [1, [2]]})
    opened.put("a", (1, (2,)))
    assert not opened.is_written()


def test_an_instance_of_a_subclass_in_place_of_its_base_value_is_not_written(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"a": "x", "b": ["y"]}, flash=[("info", "z")])
    opened.put("a", Markup("x"))
    opened.put("b", (Markup("y"),))
    opened.state.flashes[0] = ("info", Markup("z"))
    assert not opened.is_written()


def test_a_value_that_cannot_be_encoded_is_written_while_it_is_there(opened: Opened) -> None:
    opened.data["cart"].append(object())
    assert opened.is_written()
    opened.data["cart"].pop()
    assert not opened.is_written()


# 13.4: life cycle


def test_clear_empties_flash_and_keeps_sid_and_times(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"a": 1}, flash=[("info", 1)])
    before = opened.state.envelope
    opened.clear()
    assert (opened.state.flashes, opened.state.was_cleared, opened.is_written()) == ([], True, True)
    assert opened.state.copy_content(opened.data) == replace(before, data={}, flash=[])


def test_regenerate_begins_a_new_session_with_the_same_content_and_lifetime(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"a": 1}, flash=[("info", 1)], persistent=False)
    before = opened.state.envelope
    opened.state.regenerate()
    after = opened.prepare()
    assert after.sid != before.sid
    assert (after.created, after.until) == (LATER, LATER + (before.until - before.created))
    assert (after.idle, after.persistent, after.data, after.flash) == (before.idle, False, {"a": 1}, [("info", 1)])


def test_regenerate_is_a_write(opened: Opened) -> None:
    opened.state.regenerate()
    assert opened.is_written()


def test_regenerate_keeps_changes_made_before_and_after_it(opened: Opened) -> None:
    opened.put("b", 1)
    opened.state.regenerate()
    opened.put("c", 2)
    assert opened.prepare().data == {"a": 1, "cart": [{"n": 1}], "b": 1, "c": 2}


def test_regenerate_forgets_a_csrf_token_of_the_old_sid(new: Opened) -> None:
    new.state.want_csrf()
    new.state.regenerate()
    assert not new.state.wants_csrf


def test_regenerate_keeps_the_lifetime_that_was_set_before_it(opened: Opened) -> None:
    opened.state.set_lifetime(idle=None, absolute=60, persistent=None)
    opened.state.regenerate()
    assert opened.state.envelope.until == LATER + 60


def test_regenerate_never_passes_the_last_time(opened: Opened) -> None:
    opened.state.set_lifetime(idle=None, absolute=1 << 50, persistent=None)
    opened.state.regenerate()
    assert opened.prepare().until == (1 << 48) - 1


def test_a_session_that_must_be_sealed_is_written(opened: Opened) -> None:
    opened.state.must_seal = True
    assert (opened.is_written(), opened.state.commit(opened.data)) == (True, True)


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
    asked: dict[str, Any], idle: int, until: int, persistent: bool, opened: Opened
) -> None:
    opened.state.set_lifetime(**{"idle": None, "absolute": None, "persistent": None, **asked})
    envelope = opened.state.envelope
    assert (envelope.idle, envelope.until, envelope.persistent) == (idle, until, persistent)
    assert opened.is_written()


def test_set_lifetime_counts_from_this_clock_even_if_another_is_ahead(make_sessions: Make) -> None:
    state = make_opened(make_sessions(), now=NOW - 60).state
    state.set_lifetime(idle=None, absolute=600, persistent=None)
    assert state.envelope.until == NOW - 60 + 600


def test_discard_begins_a_new_and_empty_session(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"a": 1}, flash=[("info", 1)])
    state, sid = opened.state, opened.state.envelope.sid
    opened.discard()
    assert (state.accepted, state.flashes, state.was_discarded) == (None, [], True)
    assert (state.envelope.data, state.envelope.flash, opened.is_written()) == ({}, [], False)
    assert (state.envelope.sid != sid, state.envelope.created) == (True, LATER)


def test_discard_forgets_all_requests_made_before(opened: Opened) -> None:
    state = opened.state
    state.regenerate()
    state.set_lifetime(idle=None, absolute=60, persistent=None)
    state.want_csrf()
    opened.clear()
    opened.discard()
    assert (state.must_seal, state.wants_csrf, state.was_cleared, state.lifetime) == (False, False, False, None)


def test_a_change_after_discard_is_written(opened: Opened) -> None:
    opened.discard()
    opened.state.flashes.append(("info", "signed out"))
    assert (opened.is_written(), opened.state.was_discarded) == (True, True)


@pytest.mark.parametrize("empty", ["clear", "discard"])
def test_messages_that_were_read_are_not_kept_with_an_emptied_session(empty: str, opened: Opened) -> None:
    opened.state.read_flashes["info"] = [1]
    getattr(opened, empty)()
    assert opened.state.read_flashes == {}


def test_a_csrf_token_of_a_new_session_is_a_write(new: Opened) -> None:
    new.state.want_csrf()
    assert (new.is_written(), new.state.commit(new.data)) == (True, True)


def test_a_csrf_token_of_an_opened_session_is_no_write(opened: Opened) -> None:
    opened.state.want_csrf()
    assert (opened.is_written(), opened.state.commit(opened.data)) == (False, False)


# Undoing all changes


def test_beginning_again_undoes_changes_in_place(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"cart": [1]}, flash=[("info", [1])])
    state = opened.state
    opened.data["cart"].append(2)
    state.flashes[0][1].append(2)
    state.flashes.append(("info", 2))
    state.begin_again()
    assert (state.list_own_data(), state.flashes) == ({"cart": [1]}, [("info", [1])])
    assert not state.is_written(state.list_own_data())


def test_beginning_again_after_discard_finds_the_accepted_session(opened: Opened) -> None:
    state, sid = opened.state, opened.state.envelope.sid
    opened.discard()
    state.begin_again()
    assert (state.envelope.sid, state.was_discarded, state.accepted is None) == (sid, False, False)
    assert state.list_own_data() == {"a": 1, "cart": [{"n": 1}]}


def test_beginning_again_undoes_a_change_of_the_typed_value(make_sessions: Make) -> None:
    state = make_opened(make_sessions(data_type=Price), {"amount": 1.5, "foreign": 1}).state
    assert state.view is not None
    state.view.value.tags.append("a")
    state.begin_again()
    assert state.view is not None
    assert (state.view.value, state.list_own_data()) == (Price(1.5), {"foreign": 1})


def test_beginning_again_makes_a_new_session_new(new: Opened) -> None:
    new.state.want_csrf()
    new.state.begin_again()
    assert (new.state.accepted, new.is_written()) == (None, False)


# 13.5 step 3: what is worth a token


def test_an_empty_container_is_worth_keeping(new: Opened) -> None:
    new.put("cart", {})
    assert new.is_worth_keeping()


def test_a_new_session_without_content_is_not_worth_keeping(new: Opened) -> None:
    assert not new.is_worth_keeping()


def test_a_session_with_content_is_worth_keeping(opened: Opened) -> None:
    assert opened.is_worth_keeping()


def test_a_session_with_flash_alone_is_worth_keeping(new: Opened) -> None:
    new.state.flashes.append(("info", 1))
    assert new.is_worth_keeping()


def test_a_new_session_with_a_csrf_token_is_worth_keeping(new: Opened) -> None:
    new.state.want_csrf()
    assert new.is_worth_keeping()


@pytest.mark.parametrize("empty", [lambda opened: opened.remove("a"), Opened.clear], ids=["remove", "clear"])
def test_an_opened_session_that_is_emptied_is_not_worth_keeping(empty: Any, make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"a": 1})
    empty(opened)
    assert not opened.is_worth_keeping()


def test_a_session_that_was_opened_empty_is_worth_keeping(make_sessions: Make) -> None:
    # It may carry the CSRF token of a form in another tab.
    opened = make_opened(make_sessions(), flash=[("info", 1)])
    opened.state.flashes.clear()
    assert opened.is_worth_keeping()


def test_a_session_that_was_opened_empty_is_worth_keeping_after_it_held_data(make_sessions: Make) -> None:
    opened = make_opened(make_sessions())
    opened.put("a", 1)
    opened.remove("a")
    assert opened.is_worth_keeping()


@pytest.mark.parametrize("empty", ["clear", "discard"])
def test_a_session_that_was_opened_empty_is_not_worth_keeping_after_it_was_emptied(
    empty: str, make_sessions: Make
) -> None:
    opened = make_opened(make_sessions())
    getattr(opened, empty)()
    assert not opened.is_worth_keeping()


# Closed


def test_a_closed_session_refuses_changes_with_the_reason(opened: Opened) -> None:
    opened.state.refuse_late_change()
    opened.state.closed = "why it is closed"
    with pytest.raises(SessionCommittedError, match=r"^why it is closed$"):
        opened.state.refuse_late_change()


def test_commit_closes_the_session(opened: Opened) -> None:
    opened.state.commit(opened.data)
    with pytest.raises(SessionCommittedError, match=r"^session changed after its response headers were sent"):
        opened.state.refuse_late_change()


def test_a_new_session_that_is_closed_cannot_be_sealed_for_a_csrf_token(new: Opened) -> None:
    new.state.closed = "closed"
    with pytest.raises(SessionCommittedError):
        new.state.want_csrf()
    assert not new.state.wants_csrf


def test_more_csrf_tokens_may_be_made_of_a_closed_session_that_was_sealed_for_one(new: Opened) -> None:
    new.state.want_csrf()
    new.state.closed = "closed"
    new.state.want_csrf()
    assert new.state.wants_csrf


def test_csrf_tokens_may_be_made_of_an_opened_session_that_is_closed(opened: Opened) -> None:
    opened.state.closed = "closed"
    opened.state.want_csrf()
    assert opened.state.wants_csrf


# Commit and late changes


@pytest.mark.parametrize("data", [{"a": 1}, {"a": 1, "cart": [1]}], ids=["scalars", "container"])
@pytest.mark.parametrize("is_changed", [True, False], ids=["changed", "unchanged"])
def test_commit_says_whether_the_session_was_written(is_changed: bool, data: Any, make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), data)
    if is_changed:
        opened.put("a", 2)
    assert opened.state.commit(opened.data) is is_changed
    assert not opened.state.was_changed_late(opened.data)


@pytest.mark.parametrize(
    "value",
    [[1], {"k": [1]}, (1, [1]), [Markup("x")], {"k": {"deep": {}}}],
    ids=["list", "dict", "tuple", "sub", "deep"],
)
def test_a_nested_change_is_found_at_commit_and_after_it(value: Any, make_sessions: Make) -> None:
    opened = make_opened(make_sessions(), {"a": 1})
    cart: list[Any] = [value]
    opened.put("cart", cart)
    assert opened.state.commit(opened.data)
    assert not opened.state.was_changed_late(opened.data)
    cart.append(2)
    assert opened.state.was_changed_late(opened.data)


def test_a_nested_change_of_a_session_that_is_opened_late_is_found(opened: Opened) -> None:
    # Such a session is never committed.
    assert not opened.state.was_changed_late(opened.data)
    opened.data["cart"].append(2)
    assert opened.state.was_changed_late(opened.data)


def test_without_a_commit_each_change_is_lost(opened: Opened) -> None:
    is_committed = False
    assert not opened.state.was_changed_late(opened.data, is_committed)
    opened.put("a", 2)
    assert opened.state.was_changed_late(opened.data, is_committed)
    opened.discard()
    assert opened.state.was_changed_late(opened.data, is_committed)


def test_a_change_after_the_response_was_sealed_is_found(opened: Opened) -> None:
    opened.data["cart"].append(1)
    assert opened.state.commit(opened.data)
    opened.state.seal_committed(now=LATER + 5)
    assert not opened.state.was_changed_late(opened.data)
    opened.data["cart"].append(2)
    assert opened.state.was_changed_late(opened.data)


@pytest.mark.parametrize(("encoding", "sealed", "is_late"), [(1, 3, False), (2, 2, True)])
def test_a_change_of_another_thread_during_commit_is_sealed_or_found_afterwards(
    encoding: int, sealed: int, is_late: bool, make_sessions: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = make_opened(make_sessions(), {"a": 1})
    encode, calls = messagepack.encode, itertools.count(1)

    def encode_slowly(value: Any) -> bytes:
        encoded = encode(value)
        if next(calls) == encoding:
            opened.put("a", 3)
        return encoded

    opened.put("a", 2)
    monkeypatch.setattr(messagepack, "encode", encode_slowly)
    assert opened.state.commit(opened.data)
    assert opened.state.seal_committed(now=LATER)[0].data == {"a": sealed}
    assert opened.state.was_changed_late(opened.data) == is_late


def test_a_key_that_another_thread_adds_during_the_check_does_not_disturb_it(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = messagepack.check

    def check_slowly(value: Any, path: str, **options: Any) -> Any:
        opened.data["late"] = 1
        return check(value, path, **options)

    monkeypatch.setattr(messagepack, "check", check_slowly)
    assert opened.prepare().data == {"a": 1, "cart": [{"n": 1}]}


def test_what_is_sealed_is_what_was_checked(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    check = messagepack.check

    def check_slowly(value: Any, path: str, **options: Any) -> Any:
        checked = check(value, path, **options)
        opened.data["cart"].append(float("nan"))
        return checked

    monkeypatch.setattr(messagepack, "check", check_slowly)
    assert opened.prepare().data == {"a": 1, "cart": [{"n": 1}]}


# Checking


def test_a_small_session_can_be_sealed(opened: Opened) -> None:
    opened.data["cart"].append({"n": 2})
    assert opened.prepare().data == {"a": 1, "cart": [{"n": 1}, {"n": 2}]}


def test_the_envelope_that_is_sealed_is_issued_now(opened: Opened) -> None:
    envelope = opened.prepare(now=LATER + 5)
    assert (envelope.created, envelope.issued) == (NOW, LATER + 5)


def test_instances_of_subclasses_are_sealed_as_their_base_values(opened: Opened) -> None:
    opened.put("a", Markup("x"))
    opened.data["cart"].append(Markup("y"))
    opened.state.flashes.append((Markup("info"), Markup("z")))
    envelope = opened.prepare()
    assert (envelope.data, envelope.flash) == ({"a": "x", "cart": [{"n": 1}, "y"]}, [("info", "z")])


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (Decimal(1), r"^cart\[0\]\.n: Decimal; "),
        (float("inf"), r"^cart\[0\]\.n: float that is not finite"),
        (datetime(2026, 1, 1, tzinfo=UTC), r"^cart\[0\]\.n: datetime; "),
        (1 << 63, r"^cart\[0\]\.n: int outside"),
        ({"__proto__": 1}, r'^cart\[0\]\.n.*: key "__proto__"'),
        (object(), r"^cart\[0\]\.n: object; "),
    ],
)
def test_a_nested_value_that_cannot_be_sealed_is_found(value: Any, problem: str, opened: Opened) -> None:
    opened.data["cart"][0]["n"] = value
    with pytest.raises(UnsupportedValueError, match=problem):
        opened.prepare()


def test_a_flash_message_that_cannot_be_sealed_is_found(opened: Opened) -> None:
    opened.state.flashes.append(("info", [object()]))
    with pytest.raises(UnsupportedValueError, match=r"^flash\[0\]\[0\]: object; "):
        opened.prepare()


def test_a_subclass_that_shows_other_content_than_it_holds_is_refused(opened: Opened) -> None:
    class Quiet(dict[str, float]):
        def items(self) -> Any:
            return {}.items()

    opened.data["cart"].append(Quiet(nan=float("nan")))
    with pytest.raises(UnsupportedValueError, match=r"^cart\[1\]: Quiet; "):
        opened.prepare()


def test_nothing_is_late_in_a_session_that_could_not_be_saved(make_sessions: Make) -> None:
    opened = make_new(make_sessions())
    opened.put("a", 1)
    assert opened.state.was_changed_late(opened.data, False)
    opened.state.is_lost = True
    assert not opened.state.was_changed_late(opened.data, False)


def fill(opened: Opened, free: int) -> None:
    """Leave ``free`` octets below the limit. A str of 32 to 255 octets has 2 more, its one-letter key has 2."""
    limit = opened.state.settings.max_token_characters
    left = measure_session(opened.state.copy_content(opened.data), limit=limit).left
    opened.put("f", "x" * (left - 4 - free))


def test_a_token_as_long_as_the_limit_can_be_sealed(make_sessions: Make) -> None:
    opened = make_new(make_sessions(max_token_characters=196))
    fill(opened, 0)
    opened.prepare()


def test_a_token_one_octet_too_long_cannot_be_sealed(make_sessions: Make) -> None:
    opened = make_new(make_sessions(max_token_characters=196))
    fill(opened, -1)
    with pytest.raises(SessionTooLargeError) as caught:
        opened.prepare()
    assert (caught.value.characters, caught.value.limit) == (228, 196)


def test_the_error_for_a_session_that_is_too_large_lists_its_keys(make_sessions: Make) -> None:
    opened = make_new(make_sessions(max_token_characters=196))
    opened.put("small", 1)
    opened.put("large", Markup("{}").format("x" * 100))
    opened.state.flashes.append(("info", Markup("hi")))
    with pytest.raises(SessionTooLargeError, match="'large' 108, flash 10, 'small' 7; keep large things") as caught:
        opened.prepare()
    assert caught.value.octets_by_key == {"small": 7, "large": 108, None: 10}


def test_a_session_that_another_service_made_larger_may_be_written_if_it_does_not_grow(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(max_token_characters=196), {"f": "x" * 300, "n": 1})
    opened.put("n", 2)
    assert opened.prepare().data["n"] == 2


def test_a_session_that_another_service_made_larger_may_shrink_to_more_than_the_limit(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(max_token_characters=196), {"f": "x" * 300})
    opened.put("f", "x" * 200)
    assert opened.prepare().data == {"f": "x" * 200}


def test_a_session_that_another_service_made_larger_may_not_grow(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(max_token_characters=196), {"f": "x" * 300})
    assert opened.state.accepted is not None
    opened.put("f", "x" * 330)
    with pytest.raises(SessionTooLargeError) as caught:
        opened.prepare()
    assert caught.value.limit == opened.state.accepted.characters


def test_after_discard_the_limit_is_our_own_again(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(max_token_characters=196), {"f": "x" * 300})
    opened.discard()
    opened.put("f", "x" * 300)
    with pytest.raises(SessionTooLargeError) as caught:
        opened.prepare()
    assert caught.value.limit == 196


@pytest.mark.parametrize("absolute", [0, 1 << 48])
def test_a_session_whose_absolute_end_is_no_valid_time_is_refused(absolute: int, opened: Opened) -> None:
    opened.state.set_lifetime(idle=None, absolute=absolute, persistent=None)
    with pytest.raises(UnsupportedValueError, match="at its absolute end"):
        opened.prepare()


# The typed value


def set_value(opened: Opened, value: Any) -> None:
    """Do what Session does."""
    assert opened.state.view is not None
    opened.state.view.assign(value)


def get_value(opened: Opened) -> Any:
    assert opened.state.view is not None
    return opened.state.view.value


def test_without_a_data_type_there_is_no_view(new: Opened, opened: Opened) -> None:
    assert (new.state.view, opened.state.view) == (None, None)


def test_a_typed_value_is_none_while_the_session_is_empty(make_sessions: Make) -> None:
    assert get_value(make_new(make_sessions(data_type=Count))) is None


def test_a_typed_value_is_the_defaults_where_all_have_one(make_sessions: Make) -> None:
    assert get_value(make_new(make_sessions(data_type=Prefs))) == Prefs("light")


def test_an_assigned_value_is_written_beside_foreign_keys(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(data_type=Count), {"foreign": 1})
    set_value(opened, Count(5))
    assert (opened.prepare().data, opened.is_written()) == ({"foreign": 1, "n": 5, "step": 1}, True)


def test_a_change_inside_the_typed_value_is_written(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(data_type=Count), {"n": 5})
    get_value(opened).n += 1
    assert (opened.prepare().data["n"], opened.state.commit(opened.data)) == (6, True)


def test_a_change_inside_the_typed_value_is_found_after_commit(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(data_type=Count), {"n": 5})
    assert not opened.state.commit(opened.data)
    get_value(opened).n += 1
    assert opened.state.was_changed_late(opened.data)


def test_an_equal_value_is_no_change(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(data_type=Count), {"n": 5, "step": 2, "foreign": 1})
    set_value(opened, Count(5, 2))
    assert not opened.is_written()


@pytest.mark.parametrize(
    ("data_type", "data"), [(Count, {"n": 5}), (Prefs, {}), (Prefs, {"foreign": 1}), (Stamped, {"foreign": 1})]
)
def test_a_new_field_with_a_default_is_no_change_on_a_read(data_type: Any, data: Any, make_sessions: Make) -> None:
    assert not make_opened(make_sessions(data_type=data_type), data).is_written()


@pytest.mark.parametrize("data_type", [Prefs, Stamped])
def test_defaults_alone_are_no_change_of_a_new_session(data_type: Any, make_sessions: Make) -> None:
    opened = make_new(make_sessions(data_type=data_type))
    assert (opened.is_written(), opened.is_worth_keeping()) == (False, False)


def test_other_values_than_the_defaults_are_a_change_of_a_new_session(make_sessions: Make) -> None:
    opened = make_new(make_sessions(data_type=Prefs))
    get_value(opened).theme = "dark"
    assert (opened.is_written(), opened.is_worth_keeping()) == (True, True)


@pytest.mark.parametrize("data_type", [Count, Prefs, Stamped])
def test_a_typed_session_that_is_cleared_is_written_and_not_worth_keeping(data_type: Any, make_sessions: Make) -> None:
    opened = make_opened(make_sessions(data_type=data_type), {"n": 5, "theme": "dark", "serial": -1, "foreign": 1})
    opened.clear()
    assert (opened.is_written(), opened.is_worth_keeping()) == (True, False)


@pytest.mark.parametrize("data_type", [Prefs, Stamped])
def test_a_typed_session_that_is_discarded_is_not_written(data_type: Any, make_sessions: Make) -> None:
    opened = make_opened(make_sessions(data_type=data_type), {"theme": "dark", "serial": -1})
    opened.discard()
    assert (opened.is_written(), opened.is_worth_keeping()) == (False, False)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda value: setattr(value, "amount", "text"), "Price whose fields are not of their declared types"),
        (lambda value: setattr(value, "amount", float("nan")), r"^amount: float that is not finite"),
        (lambda value: value.tags.append("\ud800"), r"^tags\[0\]: str with a lone surrogate"),
        (lambda value: value.tags.append(5), "Price whose fields are not of their declared types"),
    ],
)
def test_a_typed_value_that_was_changed_to_one_that_cannot_be_sealed_is_found(
    change: Any, problem: str, make_sessions: Make
) -> None:
    opened = make_opened(make_sessions(data_type=Price), {"amount": 1.5})
    change(get_value(opened))
    assert opened.is_written()
    with pytest.raises(UnsupportedValueError, match=problem):
        opened.prepare()


def test_a_typed_value_that_can_no_longer_be_written_is_written(make_sessions: Make) -> None:
    opened = make_opened(make_sessions(data_type=Price), {"amount": 1.5})
    get_value(opened).tags = [object()]
    assert opened.is_written()


def test_a_typed_session_without_a_value_can_be_sealed(make_sessions: Make) -> None:
    assert make_opened(make_sessions(data_type=Count), {"foreign": 1}).prepare().data == {"foreign": 1}


# What commit found is what is sealed


def test_a_change_after_the_commit_of_an_unchanged_session_is_not_in_what_is_sealed(opened: Opened) -> None:
    assert opened.state.commit(opened.data) is False
    opened.data["cart"].append({"n": 2})
    assert opened.state.seal_committed(now=LATER)[0].data == {"a": 1, "cart": [{"n": 1}]}


def test_a_change_after_the_commit_of_a_changed_session_is_not_in_what_is_sealed(opened: Opened) -> None:
    opened.data["cart"].append({"n": 2})
    assert opened.state.commit(opened.data) is True
    opened.data["cart"].append({"n": 3})
    assert opened.state.seal_committed(now=LATER)[0].data == {"a": 1, "cart": [{"n": 1}, {"n": 2}]}
