"""The session as the application holds it: a mapping, its life, CSRF tokens, times, and what it shows of itself."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cookiejar_session import (
    ConfigError,
    CookieSessions,
    Policy,
    Session,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
)
from cookiejar_session.session.choosing import read_cookies
from cookiejar_session.session.csrf import make_csrf_token
from cookiejar_session.session.session import Opened
from cookiejar_session.session.session import make_session as make_over
from cookiejar_session.session.state import SessionState

NOW = 1767225600
LATER = NOW + 1000
TIME = datetime(2026, 1, 1, tzinfo=UTC)
DATA = {"a": 1, "cart": [{"n": 1}], "name": "Ada"}

Make = Callable[..., CookieSessions[Any]]
Open = Callable[..., Session[Any]]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


class Count(msgspec.Struct):
    n: int
    step: int = 1


class Source:
    """Where a session that is opened when first touched gets its state."""

    def __init__(self, make_state: Callable[[], SessionState]) -> None:
        self._make_state = make_state
        self.state: SessionState | None = None

    def open(self) -> SessionState:
        if self.state is None:
            self.state = self._make_state()
        return self.state


def make_session(sessions: CookieSessions[Any], header: str = "", *, now: int = LATER) -> Session[Any]:
    def make_state() -> SessionState:
        return SessionState(
            sessions.settings, read_cookies(header, settings=sessions.settings, now=now).accepted, now=now
        )

    return make_over(Source(make_state))


@pytest.fixture
def open_session(make_sessions: Make) -> Open:
    """A session sealed at NOW with this data, opened LATER; options as CookieSessions takes them."""

    def make(data: Any = None, *, flash: Any = (), now: int = LATER, **options: Any) -> Session[Any]:
        header = make_sessions(max_token_characters=3972).mint(data, flash=flash, now=NOW).header
        return make_session(make_sessions(**options), header, now=now)

    return make


@pytest.fixture
def opened(open_session: Open) -> Session[Any]:
    return open_session(DATA)


@pytest.fixture
def new(make_sessions: Make) -> Session[Any]:
    return make_session(make_sessions())


# A mapping


def test_it_is_a_mutable_mapping(new: Session[Any]) -> None:
    assert isinstance(new, MutableMapping)


def test_it_is_read_like_a_dict(opened: Session[Any]) -> None:
    assert (opened["a"], opened.get("name"), opened.get("absent", 5)) == (1, "Ada", 5)
    assert (len(opened), "a" in opened, "absent" in opened, 5 in opened) == (3, True, False, False)
    assert (sorted(opened), dict(opened), opened == DATA) == (["a", "cart", "name"], DATA, True)


def test_reading_changes_nothing(opened: Session[Any]) -> None:
    _ = (
        opened["a"],
        list(opened),
        dict(opened),
        opened.copy(),
        len(opened),
        "a" in opened,
        opened | {"b": 2},
        opened == {},
    )
    assert not opened.is_modified


@pytest.mark.parametrize("read", [lambda session: session["absent"], lambda session: session.pop("absent")])
def test_an_absent_key_is_a_key_error_and_no_change(read: Any, opened: Session[Any]) -> None:
    with pytest.raises(KeyError):
        read(opened)
    assert not opened.is_modified


def test_its_copy_is_a_dict_of_its_own(opened: Session[Any]) -> None:
    copied = opened.copy()
    copied["b"] = 2
    assert (type(copied), copied, dict(opened)) == (dict, {**DATA, "b": 2}, DATA)


def test_what_is_nested_in_its_copy_is_its_own(opened: Session[Any]) -> None:
    opened.copy()["cart"].append(2)
    assert (opened["cart"], opened.is_modified) == ([{"n": 1}, 2], True)


def test_an_empty_session_is_false(new: Session[Any]) -> None:
    assert not new


def empty_list(value: object) -> None:
    if isinstance(value, list):
        value.clear()


def update_by_operator(session: Session[Any]) -> None:
    session |= {"b": 2}


CHANGES: dict[str, tuple[Callable[[Session[Any]], object], Mapping[str, Any]]] = {
    "assignment": (lambda session: session.__setitem__("b", 2), {**DATA, "b": 2}),
    "deletion": (lambda session: session.__delitem__("a"), {"cart": [{"n": 1}], "name": "Ada"}),
    "pop": (lambda session: session.pop("a"), {"cart": [{"n": 1}], "name": "Ada"}),
    "update": (lambda session: session.update({"b": 2}, c=3), {**DATA, "b": 2, "c": 3}),
    "|=": (update_by_operator, {**DATA, "b": 2}),
    "setdefault": (lambda session: session.setdefault("b", 2), {**DATA, "b": 2}),
    "setdefault and append": (lambda session: session.setdefault("b", []).append(2), {**DATA, "b": [2]}),
    "nested append": (lambda session: session["cart"].append(2), {**DATA, "cart": [{"n": 1}, 2]}),
    "nested assignment": (lambda session: session["cart"][0].update(n=2), {**DATA, "cart": [{"n": 2}]}),
    "nested through get": (lambda session: session.get("cart").clear(), {**DATA, "cart": []}),
    "nested through values": (lambda session: [*map(empty_list, session.values())], {**DATA, "cart": []}),
    "clear": (lambda session: session.clear(), {}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_way_to_change_it_is_a_change(change: str, opened: Session[Any]) -> None:
    make_change, after = CHANGES[change]
    make_change(opened)
    assert (dict(opened), opened.is_modified) == (after, True)


def test_popitem_takes_an_item_out(opened: Session[Any]) -> None:
    key, value = opened.popitem()
    assert ({**opened, key: value}, len(opened), opened.is_modified) == (DATA, 2, True)


def test_popitem_of_an_empty_session_is_a_key_error(new: Session[Any]) -> None:
    with pytest.raises(KeyError):
        new.popitem()


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.update(DATA),
        lambda session: session.setdefault("a", 5),
        lambda session: session.pop("absent", None),
        lambda session: session.update(copy.deepcopy(dict(session))),
        lambda session: session.__setitem__("a", session.pop("a")),
        lambda session: session["cart"].sort(key=str),
    ],
    ids=["update", "setdefault", "pop", "deepcopy", "pop and assign", "sort"],
)
def test_what_leaves_it_as_it_was_is_no_change(change: Any, opened: Session[Any]) -> None:
    change(opened)
    assert not opened.is_modified


@given(data=st.dictionaries(st.text("abcé😀", max_size=4), values, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_equal_values_put_back_are_no_change(open_session: Open, data: dict[str, Any]) -> None:
    session = open_session(data)
    for key in list(session):
        session[key] = copy.deepcopy(session.pop(key))
    assert (dict(session), session.is_modified) == (data, False)


@given(data=st.dictionaries(st.text("abc", min_size=1, max_size=4), values, min_size=1, max_size=4), value=values)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_put_in_deeper_is_a_change(open_session: Open, data: dict[str, Any], value: Any) -> None:
    session = open_session({"list": [data]})
    session["list"][0]["new key"] = value
    assert session.is_modified


def test_merging_makes_dicts(opened: Session[Any]) -> None:
    assert (opened | {"a": 2}, {"a": 2, "b": 3} | opened) == ({**DATA, "a": 2}, {**DATA, "b": 3})


def test_the_operator_keeps_the_session(opened: Session[Any]) -> None:
    session = opened
    session |= {"b": 2}
    assert session is opened


def test_a_value_that_cannot_be_sealed_is_refused_where_it_is_assigned(opened: Session[Any]) -> None:
    with pytest.raises(UnsupportedValueError, match=r"^cart\[2\]\.price: Decimal; "):
        opened["cart"] = [1, 2, {"price": Decimal("9.90")}]
    assert not opened.is_modified


def test_update_stops_at_the_value_that_cannot_be_sealed(opened: Session[Any]) -> None:
    with pytest.raises(UnsupportedValueError, match=r"^price: Decimal; "):
        opened.update({"b": 2, "price": Decimal(1), "c": 3})
    assert dict(opened) == {**DATA, "b": 2}


def test_it_is_opened_when_first_touched(make_sessions: Make) -> None:
    source = Source(lambda: SessionState(make_sessions().settings, None, now=NOW))
    session: Session[Any] = make_over(source)
    _ = session.flash, session.get
    untouched = source.state
    _ = session.is_new
    assert (untouched, source.state is None) == (None, False)


# check and size


def test_check_finds_what_was_put_in_deeper(opened: Session[Any]) -> None:
    opened["cart"].append({"price": Decimal(1)})
    with pytest.raises(UnsupportedValueError, match=r"^cart\[1\]\.price: Decimal; "):
        opened.check()


def test_check_finds_what_is_too_large(opened: Session[Any]) -> None:
    opened["text"] = "x" * 2000
    with pytest.raises(SessionTooLargeError, match="'text' 2008, 'cart' 10, 'name' 9, 'a' 3") as caught:
        opened.check()
    assert caught.value.octets_by_key == {"a": 3, "cart": 10, "name": 9, "text": 2008}


def test_check_of_what_can_be_sealed_passes(opened: Session[Any]) -> None:
    opened["text"] = "x" * 1500
    opened.check()


def test_check_lets_pass_what_another_service_made_larger_and_did_not_grow(open_session: Open) -> None:
    session = open_session({"text": "x" * 2500})
    session["text"] = "y" * 2500
    session.check()


def test_size_tells_octets_used_left_and_by_key(opened: Session[Any]) -> None:
    size = opened.size
    assert (size.used, size.used + size.left, size.by_key) == (64, 1943, {"a": 3, "cart": 10, "name": 9})


# Life


def test_clear_empties_data_and_flash(open_session: Open) -> None:
    session = open_session(DATA, flash=[("info", 1)])
    sid = session.sid
    session.clear()
    assert (dict(session), session.flash.pop_all(), session.sid) == ({}, [], sid)


def test_regenerate_makes_another_sid_and_keeps_the_content(open_session: Open) -> None:
    session = open_session(DATA, flash=[("info", 1)])
    sid, log_id = session.sid, session.log_id
    session.regenerate()
    assert (session.sid != sid, session.log_id != log_id, dict(session)) == (True, True, DATA)
    assert session.flash.peek("info") == [1]


def test_regenerate_begins_now(opened: Session[Any]) -> None:
    opened.regenerate()
    assert (opened.created_at, opened.is_modified) == (TIME + timedelta(seconds=1000), True)


def test_renew_is_a_modification(opened: Session[Any]) -> None:
    opened.renew()
    assert opened.is_modified


def test_discard_makes_it_new_and_empty(open_session: Open) -> None:
    session = open_session(DATA, flash=[("info", 1)])
    sid = session.sid
    session.discard()
    assert (dict(session), session.flash.pop_all(), session.is_new, session.is_modified) == ({}, [], True, True)
    assert session.sid != sid


def test_it_can_be_written_after_discard(opened: Session[Any]) -> None:
    opened.discard()
    opened.flash.add("info", "signed out")
    opened["b"] = 1
    assert (dict(opened), opened.flash.peek("info")) == ({"b": 1}, ["signed out"])


def test_set_lifetime_moves_the_end(opened: Session[Any]) -> None:
    opened.set_lifetime(idle_timeout=timedelta(days=30), absolute_lifetime=timedelta(days=365), persistent=True)
    assert opened.expires_at == TIME + timedelta(days=30, seconds=1000)


def test_set_lifetime_counts_the_absolute_one_from_now(opened: Session[Any]) -> None:
    opened.set_lifetime(absolute_lifetime=timedelta(minutes=5))
    assert opened.expires_at == TIME + timedelta(seconds=1000, minutes=5)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"idle_timeout": 60}, "^idle_timeout must be a timedelta, got int"),
        ({"idle_timeout": timedelta(0)}, "^idle_timeout must be whole seconds from 1 "),
        ({"idle_timeout": timedelta(seconds=1.5)}, "^idle_timeout must be whole seconds"),
        ({"absolute_lifetime": timedelta(seconds=-1)}, "^absolute_lifetime must be whole seconds"),
        ({"idle_timeout": timedelta(seconds=1 << 32)}, "^idle_timeout must be whole seconds from 1 to 4294967295"),
        ({"persistent": "on"}, "^persistent must be True or False, got str; write bool"),
        ({"persistent": 1}, "^persistent must be True or False, got int; write bool"),
    ],
)
def test_a_lifetime_that_cannot_be_is_refused_and_changes_nothing(
    options: dict[str, Any], problem: str, opened: Session[Any]
) -> None:
    with pytest.raises(ConfigError, match=problem):
        opened.set_lifetime(**options)
    assert not opened.is_modified


# Once closed

LATE: dict[str, Callable[[Session[Any]], object]] = {
    **{name: change for name, (change, _) in CHANGES.items() if "nested" not in name},
    "popitem": lambda session: session.popitem(),
    "regenerate": lambda session: session.regenerate(),
    "renew": lambda session: session.renew(),
    "discard": lambda session: session.discard(),
    "set_lifetime": lambda session: session.set_lifetime(persistent=False),
    "flash.add": lambda session: session.flash.add("info", 1),
    "csrf_token": lambda session: session.csrf_token(),
}


@pytest.mark.parametrize("change", LATE)
def test_a_write_after_the_headers_is_refused_where_it_is_made(change: str, make_sessions: Make) -> None:
    state = SessionState(make_sessions().settings, None, now=NOW)
    state.put("a", 1)
    session: Session[Any] = make_over(Opened(state))
    state.closed = "too late"
    with pytest.raises(SessionCommittedError, match=r"^too late$"):
        LATE[change](session)
    assert dict(session) == {"a": 1}


def test_it_can_be_read_after_the_headers(make_sessions: Make) -> None:
    state = SessionState(make_sessions().settings, None, now=NOW)
    state.put("a", 1)
    state.closed = "too late"
    session: Session[Any] = make_over(Opened(state))
    session.check()
    assert (session["a"], session.size.by_key, session.is_new) == (1, {"a": 3}, True)


# CSRF tokens


def test_a_csrf_token_is_taken_for_its_session_and_form(opened: Session[Any]) -> None:
    assert opened.check_csrf_token(opened.csrf_token("pay"), "pay")


@pytest.mark.parametrize("token", [None, 5, b"token", ["token"], {}])
def test_a_csrf_token_that_is_no_text_is_refused(token: Any, opened: Session[Any]) -> None:
    assert opened.check_csrf_token(token) is False


def test_a_csrf_token_is_another_text_each_time(opened: Session[Any]) -> None:
    tokens = {opened.csrf_token() for _ in range(8)}
    assert (len(tokens), {opened.check_csrf_token(token) for token in tokens}) == (8, {True})


def test_a_csrf_token_of_another_form_is_refused(opened: Session[Any]) -> None:
    assert not opened.check_csrf_token(opened.csrf_token("pay"), "delete")


def test_a_csrf_token_of_another_session_is_refused(opened: Session[Any], new: Session[Any]) -> None:
    assert not opened.check_csrf_token(new.csrf_token())


@pytest.mark.parametrize("end", [Session.regenerate, Session.discard])
def test_a_csrf_token_of_another_sid_is_refused(end: Callable[[Session[Any]], None], opened: Session[Any]) -> None:
    token = opened.csrf_token()
    end(opened)
    assert not opened.check_csrf_token(token)


def test_a_form_without_a_csrf_token_is_refused(opened: Session[Any]) -> None:
    assert not opened.check_csrf_token(None)


def test_a_csrf_token_derives_from_the_sid_alone(opened: Session[Any]) -> None:
    assert opened.check_csrf_token(make_csrf_token(opened.sid, form="", mask=bytes(32)))


def test_a_csrf_token_makes_a_new_session_be_sealed(new: Session[Any]) -> None:
    new.csrf_token()
    assert new.is_modified


def test_a_csrf_token_does_not_make_an_opened_session_be_sealed(opened: Session[Any]) -> None:
    opened.csrf_token()
    assert not opened.is_modified


def test_checking_a_csrf_token_changes_nothing(new: Session[Any]) -> None:
    new.check_csrf_token("x")
    assert not new.is_modified


# What it is


def test_a_session_without_a_token_is_new(new: Session[Any]) -> None:
    assert (new.is_new, new.is_modified, new.issued_at) == (True, False, None)


def test_a_session_with_a_token_is_not_new(opened: Session[Any]) -> None:
    assert (opened.is_new, opened.is_modified, opened.issued_at) == (False, False, TIME)


def test_times_of_a_new_session_are_those_of_the_policy(make_sessions: Make) -> None:
    policy = Policy(idle_timeout=timedelta(seconds=10), absolute_lifetime=timedelta(seconds=20))
    session = make_session(make_sessions(policy=policy), now=NOW)
    assert (session.created_at, session.expires_at) == (TIME, TIME + timedelta(seconds=10))


def test_times_of_an_opened_session_are_those_of_its_token(opened: Session[Any]) -> None:
    assert (opened.created_at, opened.expires_at) == (TIME, TIME + timedelta(days=14))


def test_times_are_aware(opened: Session[Any]) -> None:
    assert {time.tzinfo for time in (opened.created_at, opened.issued_at, opened.expires_at) if time} == {UTC}


@pytest.mark.parametrize(
    "change", [Session.renew, lambda session: session.update(b=1), lambda session: session["cart"].append(1)]
)
def test_what_seals_a_later_token_moves_the_end(change: Any, opened: Session[Any]) -> None:
    change(opened)
    assert opened.expires_at == TIME + timedelta(days=14, seconds=1000)


def test_the_end_never_passes_the_absolute_one(open_session: Open) -> None:
    session = open_session(DATA, policy=Policy(longest_lifetime=timedelta(days=1)))
    session.renew()
    assert session.expires_at == TIME + timedelta(days=1)


def test_the_log_id_stands_for_the_sid(make_sessions: Make) -> None:
    golden = (
        "__Host-session=cj1.b8cIHT52bDZAQUJDREVGR0hJSktMTU5PUFFSU1RVVleKMjRAd9n0yugS4bjJUjWJpP7HpnloA3H26VSWy9HtwGcOAqr0"
        "GXLhu5LDdZD6ZW6sOZw1VoxmWhpFoPaM1QqbZHeYy1jwWsH0zaauJEp7owv-KQBQ3sYo"
    )
    session = make_session(make_sessions(), golden)
    assert (session.sid.hex(), session.log_id) == ("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", "9894b7fb5073b5bc")


# The typed view


def test_typed_data_is_read_and_assigned(open_session: Open) -> None:
    session = open_session({"n": 5, "foreign": 1}, data_type=Count)
    session.data = Count(6, 2)
    assert (session.data, dict(session)) == (Count(6, 2), {"n": 6, "step": 2, "foreign": 1})


def test_typed_data_is_none_while_the_session_is_empty(make_sessions: Make) -> None:
    assert make_session(make_sessions(data_type=Count)).data is None


def test_typed_data_shows_in_the_mapping(open_session: Open) -> None:
    session = open_session({"n": 5}, data_type=Count)
    session.data.n = 6
    assert (session["n"], session["step"], len(session), "step" in session, session.is_modified) == (
        6,
        1,
        2,
        True,
        True,
    )


def test_a_new_field_with_a_default_is_no_change(open_session: Open) -> None:
    session = open_session({"n": 5}, data_type=Count)
    assert (session.data, session.is_modified) == (Count(5, 1), False)


@pytest.mark.parametrize(
    "write",
    [
        lambda session: session.__setitem__("n", 6),
        lambda session: session.__delitem__("n"),
        lambda session: session.pop("n"),
        lambda session: session.update(n=6),
        lambda session: session.popitem(),
        lambda session: session.setdefault("step", 2),
    ],
    ids=["assignment", "deletion", "pop", "update", "popitem", "setdefault"],
)
def test_a_key_of_the_type_cannot_be_written_as_a_key(write: Any, make_sessions: Make, open_session: Open) -> None:
    class Sparse(msgspec.Struct, omit_defaults=True):
        n: int
        step: int = 1

    session = open_session({"n": 5}, data_type=Sparse)
    with pytest.raises(UnsupportedValueError, match=r"^(n|step): belongs to .*Sparse; write session\.data\.(n|step)"):
        write(session)
    assert (session.data, session.is_modified) == (Sparse(5), False)


def test_without_a_data_type_there_is_no_typed_data(opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match=r"^session\.data needs a data type"):
        _ = opened.data


def test_without_a_data_type_none_can_be_assigned(opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match=r"^session\.data needs a data type"):
        opened.data = Count(1)


# What it shows


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format])
def test_text_of_a_session_shows_nothing_of_it(show: Any, opened: Session[Any], new: Session[Any]) -> None:
    before = show(opened)
    _ = opened["a"], new.is_new
    assert (before, show(opened), show(new)) == ("<Session not opened>", "<Session opened>", "<Session new>")


def test_text_of_a_session_does_not_open_it(make_sessions: Make) -> None:
    def make_state() -> SessionState:
        raise AssertionError("opened")

    session: Session[Any] = make_over(Source(make_state))
    assert f"{session} {session!r}" == "<Session not opened> <Session not opened>"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_session_cannot_be_pickled(protocol: int, opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match=r"belongs to one request; copy its content with dict\(session\)"):
        pickle.dumps(opened, protocol)


@pytest.mark.parametrize("make_copy", [copy.copy, copy.deepcopy])
def test_a_session_cannot_be_copied(make_copy: Any, opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match="belongs to one request"):
        make_copy(opened)


def test_a_session_is_not_dumped_as_json(opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match="Session is not JSON serializable"):
        json.dumps(opened)


def test_json_of_its_content_shows_nothing_but_the_content(opened: Session[Any]) -> None:
    assert json.loads(json.dumps(dict(opened))) == DATA


def test_an_error_names_path_and_type_and_not_the_value(opened: Session[Any]) -> None:
    with pytest.raises(UnsupportedValueError) as caught:
        opened["price"] = [Decimal("123456789.25")]
    assert str(caught.value).startswith("price[0]: Decimal; ")
    assert "123456789" not in str(caught.value)


def test_nothing_is_logged_of_a_session_that_is_used(opened: Session[Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cookiejar_session")
    opened["secret"] = "secret"
    opened.csrf_token()
    opened.regenerate()
    opened.check()
    opened.discard()
    assert caplog.records == []
