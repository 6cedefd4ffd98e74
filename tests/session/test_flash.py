"""Flash messages: read once, readable until the request ends, at most 32, never part of data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Flash, SessionCommittedError, UnsupportedValueError
from cookiejar_session.session.cookie_choice import read_cookies
from cookiejar_session.session.state import SessionState

DATA = {"a": 1}
UNREAD = [("info", "one"), ("cart", {"n": 2}), ("info", "two")]


@pytest.fixture
def open_state(make_sessions: Callable[..., CookieSessions[Any]]) -> Callable[..., SessionState]:
    """The state of a session that came with these messages and with data."""

    def open_with(*flash: tuple[str, Any]) -> SessionState:
        sessions = make_sessions()
        header = sessions.mint(DATA, flash=flash, now=NOW).header
        return SessionState(sessions.settings, read_cookies(header, settings=sessions.settings, now=NOW), NOW)

    return open_with


@pytest.fixture
def state(open_state: Callable[..., SessionState]) -> SessionState:
    return open_state(*UNREAD)


@pytest.fixture
def flash(state: SessionState) -> Flash:
    return Flash(state)


def is_changed(state: SessionState) -> bool:
    return state.is_written(DATA)


# Adding


def test_added_messages_stand_in_order(state: SessionState, flash: Flash) -> None:
    flash.add("info", "three")
    flash.add("error", None)
    assert state.flashes == [*UNREAD, ("info", "three"), ("error", None)]


def test_a_message_is_not_in_data(make_sessions: Callable[..., CookieSessions[Any]]) -> None:
    session = make_sessions().begin("", now=NOW).session
    session.flash.add("info", "one")
    assert (dict(session), session.flash.peek("info")) == ({}, ["one"])


@pytest.mark.parametrize("value", [None, True, 5, -1.5, "text", b"octets", [1, {"a": [2]}], {"n": 2}])
def test_a_message_may_be_any_value_that_can_be_sealed(value: Any, flash: Flash) -> None:
    flash.add("any", value)
    assert flash.get("any") == [value]


@pytest.mark.parametrize("add", [Flash.add, Flash.set])
@pytest.mark.parametrize(
    ("category", "value", "problem"),
    [
        ("info", Decimal(1), r"^flash\[0\]: Decimal; "),
        ("info", {"cart": [{"price": Decimal(1)}]}, r"^flash\[0\]\.cart\[0\]\.price: Decimal; "),
        ("info", float("nan"), r"^flash\[0\]: float that is not finite"),
        ("inf\ud800", 1, r"^flash\[0\].*lone surrogate"),
        (5, 1, r"^flash\[0\].*int"),
        (None, 1, r"^flash\[0\].*NoneType"),
    ],
)
def test_a_value_that_cannot_be_sealed_is_refused_and_changes_nothing(
    add: Any, category: Any, value: Any, problem: str, state: SessionState, flash: Flash
) -> None:
    with pytest.raises(UnsupportedValueError, match=problem):
        add(flash, category, value)
    assert (state.flashes, is_changed(state)) == (UNREAD, False)


def test_set_makes_a_message_the_only_one_of_its_category(state: SessionState, flash: Flash) -> None:
    flash.set("info", "three")
    assert state.flashes == [("cart", {"n": 2}), ("info", "three")]


def test_set_drops_messages_of_its_category_that_were_read(flash: Flash) -> None:
    flash.get("info")
    flash.set("info", "three")
    assert flash.get("info") == ["three"]


def test_the_same_message_set_again_is_no_change(open_state: Callable[..., SessionState]) -> None:
    state = open_state(("info", "one"))
    Flash(state).set("info", "one")
    assert not is_changed(state)


# 32 at most


def test_32_messages_stand(open_state: Callable[..., SessionState], caplog: pytest.LogCaptureFixture) -> None:
    state = open_state(*(("info", n) for n in range(31)))
    Flash(state).add("info", 31)
    assert ([value for _, value in state.flashes], caplog.records) == (list(range(32)), [])


def test_the_33rd_message_drops_the_oldest(open_state: Callable[..., SessionState]) -> None:
    state = open_state(*(("info", n) for n in range(32)))
    Flash(state).add("error", 32)
    assert [value for _, value in state.flashes] == list(range(1, 33))


def test_a_dropped_message_is_logged_without_its_text(
    open_state: Callable[..., SessionState], caplog: pytest.LogCaptureFixture
) -> None:
    state = open_state(*(("info", f"secret {n}") for n in range(32)))
    Flash(state).add("error", "secret")
    assert [(record.name, record.levelno, record.getMessage()) for record in caplog.records] == [
        ("cookiejar_session", logging.WARNING, "session has 32 flash messages, the oldest is dropped")
    ]


def test_a_message_that_replaces_others_drops_no_more(open_state: Callable[..., SessionState]) -> None:
    state = open_state(("first", 0), *(("info", n) for n in range(31)))
    Flash(state).set("info", "only")
    assert state.flashes == [("first", 0), ("info", "only")]


# Reading


def test_get_returns_a_category_in_order(flash: Flash) -> None:
    assert flash.get("info") == ["one", "two"]


def test_a_message_that_is_read_is_removed_and_the_others_stay(state: SessionState, flash: Flash) -> None:
    flash.get("info")
    assert (state.flashes, is_changed(state)) == ([("cart", {"n": 2})], True)


def test_a_message_that_was_read_stays_readable_in_this_request(flash: Flash) -> None:
    assert [flash.get("info"), flash.get("info")] == [["one", "two"]] * 2


def test_changing_the_returned_list_does_not_change_the_messages(flash: Flash) -> None:
    flash.get("info").clear()
    assert flash.get("info") == ["one", "two"]


def test_a_message_added_after_reading_is_read_behind_the_others(state: SessionState, flash: Flash) -> None:
    flash.get("info")
    flash.add("info", "three")
    assert (flash.get("info"), state.flashes) == (["one", "two", "three"], [("cart", {"n": 2})])


@pytest.mark.parametrize("read", [Flash.get, Flash.peek])
def test_reading_an_absent_category_finds_nothing_and_changes_nothing(
    read: Any, state: SessionState, flash: Flash
) -> None:
    assert (read(flash, "absent"), is_changed(state)) == ([], False)


def test_peek_removes_nothing(state: SessionState, flash: Flash) -> None:
    assert (flash.peek("info"), is_changed(state)) == (["one", "two"], False)


def test_peek_returns_read_and_unread_messages(flash: Flash) -> None:
    flash.get("info")
    flash.add("info", "three")
    assert flash.peek("info") == ["one", "two", "three"]


@pytest.mark.parametrize(("category", "found"), [("info", True), ("cart", True), ("absent", False), ("inf", False)])
def test_has_says_whether_get_would_find_a_message(
    category: str, found: bool, state: SessionState, flash: Flash
) -> None:
    assert (flash.has(category), is_changed(state)) == (found, False)


def test_has_is_true_for_a_message_that_was_read_in_this_request(flash: Flash) -> None:
    flash.get("info")
    assert flash.has("info")


def test_a_message_may_be_falsy(flash: Flash) -> None:
    flash.add("zero", 0)
    assert flash.has("zero")


def test_delete_drops_unread_and_read_messages_of_a_category(state: SessionState, flash: Flash) -> None:
    flash.get("info")
    flash.add("info", "three")
    flash.delete("info")
    assert (flash.get("info"), state.flashes) == ([], [("cart", {"n": 2})])


def test_deleting_an_absent_category_changes_nothing(state: SessionState, flash: Flash) -> None:
    flash.delete("absent")
    assert not is_changed(state)


def test_deleting_the_empty_category_deletes_no_other(state: SessionState, flash: Flash) -> None:
    flash.delete("")
    assert state.flashes == UNREAD


def test_pop_all_returns_all_unread_messages_in_order(state: SessionState, flash: Flash) -> None:
    assert (flash.pop_all(), state.flashes, is_changed(state)) == (UNREAD, [], True)


def test_peek_all_returns_what_pop_all_would_and_removes_nothing(state: SessionState, flash: Flash) -> None:
    assert flash.peek_all() == UNREAD
    assert (flash.peek_all(), is_changed(state)) == (UNREAD, False)


def test_pop_all_leaves_nothing_readable(flash: Flash) -> None:
    flash.pop_all()
    assert [flash.pop_all(), flash.get("info")] == [[], []]


def test_pop_all_leaves_out_messages_that_were_read(flash: Flash) -> None:
    flash.get("info")
    assert (flash.pop_all(), flash.get("info")) == ([("cart", {"n": 2})], ["one", "two"])


def test_pop_all_of_nothing_changes_nothing(open_state: Callable[..., SessionState]) -> None:
    state = open_state()
    assert (Flash(state).pop_all(), is_changed(state)) == ([], False)


def test_clear_drops_messages_read_and_unread(state: SessionState, flash: Flash) -> None:
    flash.get("info")
    state.clear()
    assert (flash.get("info"), flash.get("cart")) == ([], [])


# After the headers


@pytest.mark.parametrize(
    "change",
    [
        lambda flash: flash.add("info", "late"),
        lambda flash: flash.set("info", "late"),
        lambda flash: flash.get("info"),
        lambda flash: flash.delete("info"),
        lambda flash: flash.pop_all(),
    ],
    ids=["add", "set", "get", "delete", "pop_all"],
)
def test_a_change_after_the_headers_is_refused_and_not_made(
    change: Callable[[Flash], object], state: SessionState, flash: Flash
) -> None:
    state.closed = "too late"
    with pytest.raises(SessionCommittedError, match=r"^too late($|; )"):
        change(flash)
    assert (state.flashes, flash.peek("info")) == (UNREAD, ["one", "two"])


@pytest.mark.parametrize("read", [lambda flash: flash.get("info"), lambda flash: flash.pop_all()])
def test_a_refused_read_names_peek(read: Callable[[Flash], object], state: SessionState, flash: Flash) -> None:
    state.closed = "session is read-only"
    with pytest.raises(SessionCommittedError) as caught:
        read(flash)
    assert str(caught.value) == "session is read-only; flash.peek(category) reads without removing"


def test_a_message_that_was_read_can_be_read_again_after_the_headers(state: SessionState, flash: Flash) -> None:
    flash.get("info")
    state.closed = "too late"
    assert flash.get("info") == ["one", "two"]


def test_a_read_that_finds_nothing_is_allowed_after_the_headers(open_state: Callable[..., SessionState]) -> None:
    state = open_state()
    state.closed = "too late"
    flash = Flash(state)
    assert (flash.get("info"), flash.pop_all(), flash.has("info")) == ([], [], False)


def test_repr_shows_no_message(flash: Flash) -> None:
    assert (repr(flash), str(flash)) == ("<Flash>", "<Flash>")


def test_a_flash_object_follows_the_session_through_discard_and_revert(state: SessionState, flash: Flash) -> None:
    state.discard()
    after_discard = flash.peek("info")
    state.begin_again()
    assert (after_discard, flash.peek("info")) == ([], ["one", "two"])
