"""The session as the application holds it: its life cycle, revert, late changes, CSRF tokens, state and text."""

from __future__ import annotations

import copy
import itertools
import logging
import pickle
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from markupsafe import Markup
from shared_values import NOW

from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Envelope,
    Exchange,
    Key,
    Keyring,
    Policy,
    Session,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
)
from cookiejar_session.session.cookie_choice import read_cookies
from cookiejar_session.session.csrf import make_csrf_token
from cookiejar_session.session.session import make_read_only
from cookiejar_session.wire.sealing import seal_token

LATER = NOW + 1000
TIME = datetime(2026, 1, 1, tzinfo=UTC)
DATA = {"a": 1, "cart": [{"n": 1}], "name": "Ada"}

Make = Callable[..., CookieSessions[Any]]
Open = Callable[..., Session[Any]]
Begin = Callable[..., Exchange[Any]]
Change = Callable[[Session[Any]], object]

VARY = ("vary", "Cookie")


class Count(msgspec.Struct):
    n: int
    step: int = 1


class Cart(msgspec.Struct):
    items: list[int]
    total: float = 0.0


class Stamped(msgspec.Struct):
    serial: int = msgspec.field(default_factory=itertools.count().__next__)


def list_set_cookies(exchange: Exchange[Any]) -> list[str]:
    return [value for name, value in exchange.finish([]) if name == "set-cookie"]


def save(exchange: Exchange[Any]) -> Session[Any]:
    """The session that the browser holds after the response, without a data type."""
    (set_cookie,) = list_set_cookies(exchange)
    sessions = CookieSessions[None](exchange.settings.keyring)
    session = sessions.read(set_cookie.split(";")[0], now=LATER).session
    assert not session.is_new
    return session


@pytest.fixture
def begin(make_sessions: Make) -> Begin:
    """An exchange at LATER with a session of this data, sealed at NOW; options as CookieSessions takes them."""

    def make(data: Any = None, *, flash: Any = (), now: int = LATER, **options: Any) -> Exchange[Any]:
        header = make_sessions(max_token_characters=3972).mint(data, flash=flash, now=NOW).header
        return make_sessions(**options).begin(header, now=now)

    return make


@pytest.fixture
def open_session(begin: Begin) -> Open:
    """The session of such an exchange."""
    return lambda data=None, **more: begin(data, **more).session


@pytest.fixture
def opened(open_session: Open) -> Session[Any]:
    return open_session(DATA)


@pytest.fixture
def new(make_sessions: Make) -> Session[Any]:
    return make_sessions().begin("", now=LATER).session


# check and size


def test_check_finds_a_nested_value_that_cannot_be_sealed(opened: Session[Any]) -> None:
    opened["cart"].append({"price": Decimal(1)})
    with pytest.raises(UnsupportedValueError, match=r"^cart\[1\]\.price: Decimal; "):
        opened.check()


def test_check_finds_a_session_that_is_too_large(opened: Session[Any]) -> None:
    opened["text"] = "x" * 2000
    with pytest.raises(SessionTooLargeError, match="'text' 2008, 'cart' 10, 'name' 9, 'a' 3") as caught:
        opened.check()
    assert caught.value.octets_by_key == {"a": 3, "cart": 10, "name": 9, "text": 2008}


def test_check_accepts_a_session_that_can_be_sealed(opened: Session[Any]) -> None:
    opened["text"] = "x" * 1500
    opened.check()


def test_check_accepts_a_session_that_another_service_made_larger_and_that_did_not_grow(open_session: Open) -> None:
    session = open_session({"text": "x" * 2500})
    session["text"] = "y" * 2500
    session.check()


def test_size_counts_octets_used_left_and_by_key(opened: Session[Any]) -> None:
    size = opened.size
    assert (size.used, size.used + size.left, size.by_key) == (64, 1943, {"a": 3, "cart": 10, "name": 9})


def test_check_lists_an_instance_of_a_subclass_by_its_base_value(opened: Session[Any]) -> None:
    opened["text"] = Markup("{}").format("x" * 2000)
    with pytest.raises(SessionTooLargeError) as caught:
        opened.check()
    assert caught.value.octets_by_key == {"a": 3, "cart": 10, "name": 9, "text": 2008}


def test_size_of_an_instance_of_a_subclass_is_that_of_its_base_value(opened: Session[Any]) -> None:
    opened["text"] = Markup("text")
    assert opened.size.by_key["text"] == 10


# Life cycle


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


def test_discard_makes_the_session_new_and_empty(open_session: Open) -> None:
    session = open_session(DATA, flash=[("info", 1)])
    sid = session.sid
    session.discard()
    assert (dict(session), session.flash.pop_all(), session.is_new, session.is_modified) == ({}, [], True, True)
    assert session.sid != sid


def test_a_session_can_be_written_after_discard(opened: Session[Any]) -> None:
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
        ({"persistent": "on"}, "^persistent must be a bool, got str; write True or False"),
        ({"persistent": 1}, "^persistent must be a bool, got int; write True or False"),
    ],
)
def test_an_invalid_lifetime_is_refused_and_changes_nothing(
    options: dict[str, Any], problem: str, opened: Session[Any]
) -> None:
    with pytest.raises(ConfigError, match=problem):
        opened.set_lifetime(**options)
    assert not opened.is_modified


# Revert

FLASH = [("info", "one"), ("cart", {"n": 2})]

REVERTED: dict[str, Change] = {
    "assignment": lambda session: session.__setitem__("b", 2),
    "deletion": lambda session: session.__delitem__("a"),
    "nested change": lambda session: session["cart"][0].update(n=2),
    "clear": lambda session: session.clear(),
    "flash.add": lambda session: session.flash.add("info", "two"),
    "flash.get": lambda session: session.flash.get("info"),
    "flash.pop_all": lambda session: session.flash.pop_all(),
    "nested change of a flash message": lambda session: session.flash.peek("cart")[0].update(n=3),
    "regenerate": lambda session: session.regenerate(),
    "renew": lambda session: session.renew(),
    "set_lifetime": lambda session: session.set_lifetime(
        idle_timeout=timedelta(days=1), absolute_lifetime=timedelta(days=2), persistent=False
    ),
    "discard": lambda session: session.discard(),
    "discard and write": lambda session: (session.discard(), session.update(b=2)),
    "change and regenerate and discard": lambda session: (
        session.clear(),
        session.update(b=2),
        session.regenerate(),
        session.csrf_token(),
        session.discard(),
    ),
}
REVERTED_NEW: dict[str, Change] = {
    "assignment": lambda session: session.__setitem__("b", [2]),
    "flash.add": lambda session: session.flash.add("info", "two"),
    "regenerate": lambda session: session.regenerate(),
    "renew": lambda session: session.renew(),
    "set_lifetime": REVERTED["set_lifetime"],
    "discard": lambda session: session.discard(),
    "csrf_token": lambda session: session.csrf_token(),
}
REVERTED_TYPED: dict[str, Change] = {
    "assignment": lambda session: setattr(session, "data", Cart([9])),
    "field": lambda session: setattr(session.data, "total", 5.0),
    "nested change": lambda session: session.data.items.append(9),
    "field of another type": lambda session: setattr(session.data, "total", "text"),
    "foreign key": lambda session: session.__setitem__("foreign", 2),
    "clear": lambda session: session.clear(),
    "discard": lambda session: session.discard(),
}


def describe(session: Session[Any]) -> list[object]:
    """All that an application can read of a session, but its sid."""
    return [
        dict(session),
        [session.flash.peek(category) for category in ("info", "cart")],
        (session.is_new, session.is_modified, session.is_persistent),
        (session.idle_timeout, session.absolute_lifetime),
        (session.created_at, session.issued_at, session.expires_at),
    ]


@pytest.mark.parametrize("name", REVERTED)
def test_revert_undoes_every_change_of_an_opened_session(name: str, begin: Begin) -> None:
    exchange = begin(DATA, flash=FLASH)
    session = exchange.session
    before, sid = copy.deepcopy(describe(session)), session.sid
    REVERTED[name](session)
    assert describe(session) != before
    session.revert()
    assert (describe(session), session.sid, exchange.finish([])) == (before, sid, [VARY])


@pytest.mark.parametrize("name", REVERTED_NEW)
def test_revert_undoes_every_change_of_a_new_session(name: str, make_sessions: Make) -> None:
    exchange = make_sessions().begin("", now=LATER)
    session = exchange.session
    before = describe(session)
    REVERTED_NEW[name](session)
    assert describe(session) != before
    session.revert()
    assert (describe(session), exchange.finish([])) == (before, [VARY])


@pytest.mark.parametrize("name", REVERTED_TYPED)
def test_revert_undoes_every_change_of_a_typed_session(name: str, begin: Begin) -> None:
    exchange = begin({"items": [1], "foreign": 1}, data_type=Cart)
    session = exchange.session
    REVERTED_TYPED[name](session)
    assert session.is_modified
    session.revert()
    assert (session.data, dict(session), exchange.finish([])) == (Cart([1], 0.0), {"foreign": 1}, [VARY])


def test_revert_keeps_defaults_that_differ_from_call_to_call(begin: Begin) -> None:
    exchange = begin({"foreign": 1}, data_type=Stamped)
    serial = exchange.session.data.serial
    exchange.session.data.serial = -1
    exchange.session.revert()
    assert (exchange.session.data.serial, exchange.finish([])) == (serial, [VARY])


def test_revert_keeps_what_was_migrated(begin: Begin) -> None:
    exchange = begin({"n": "5", "a": [1]}, data_type=Count, migrate=lambda data: {**data, "n": int(data["n"])})
    exchange.session["a"].append(2)
    exchange.session.data.n = 6
    exchange.session.revert()
    assert (exchange.session.data, dict(exchange.session), exchange.finish([])) == (Count(5), {"a": [1]}, [VARY])


def test_revert_of_a_typed_session_without_a_value_leaves_it_without(begin: Begin) -> None:
    session = begin({"foreign": 1}, data_type=Count).session
    session.data = Count(5)
    session.revert()
    assert (session.data, dict(session)) == (None, {"foreign": 1})


def test_changes_after_revert_are_saved_and_those_before_are_not(begin: Begin) -> None:
    exchange = begin(DATA, flash=FLASH)
    exchange.session["b"] = 2
    exchange.session["cart"].append(2)
    exchange.session.flash.get("info")
    exchange.session.revert()
    exchange.session["c"] = 3
    exchange.session["cart"].append(3)
    saved = save(exchange)
    assert dict(saved) == {**DATA, "c": 3, "cart": [{"n": 1}, 3]}
    assert saved.flash.peek("info") == ["one"]


def test_revert_makes_a_session_that_was_too_large_savable(begin: Begin) -> None:
    exchange = begin(DATA)
    exchange.session["text"] = "x" * 5000
    with pytest.raises(SessionTooLargeError):
        exchange.session.check()
    exchange.session.revert()
    assert (dict(exchange.session), exchange.finish([])) == (DATA, [VARY])


def test_revert_of_an_untouched_session_only_opens_it(begin: Begin) -> None:
    exchange = begin(DATA)
    exchange.session.revert()
    assert (dict(exchange.session), exchange.finish([])) == (DATA, [VARY])


def test_revert_can_be_called_twice(begin: Begin) -> None:
    session = begin(DATA, flash=FLASH).session
    for _ in range(2):
        session["cart"].append(2)
        session.flash.pop_all()
        session.revert()
    assert (dict(session), session.flash.pop_all()) == (DATA, FLASH)


def test_a_session_whose_last_key_was_reverted_can_be_emptied(begin: Begin) -> None:
    exchange = begin({"a": 1})
    exchange.session.revert()
    del exchange.session["a"]
    (deletion,) = list_set_cookies(exchange)
    assert deletion.startswith("__Host-session=;")


@pytest.mark.parametrize("is_opened", [True, False], ids=["opened before", "opened after"])
def test_revert_is_refused_after_the_headers(is_opened: bool, begin: Begin) -> None:
    exchange = begin(DATA)
    if is_opened:
        exchange.session["a"] = 2
    exchange.finish([])
    with pytest.raises(SessionCommittedError, match=r"^session changed after its response headers were sent"):
        exchange.session.revert()
    assert exchange.session["a"] == (2 if is_opened else 1)


# Keep the expiry


def make_due(kind: str, make_sessions: Make) -> Exchange[Any]:
    """An exchange whose response seals the unchanged session again, for one of three causes."""
    if kind == "renewal":
        sessions = make_sessions()
        return sessions.begin(sessions.mint({"a": 1}, now=NOW).header, now=NOW + 2 * 86400)
    if kind == "reseal":
        old, new = Key.generate().to_text(), Key.generate().to_text()
        header = make_sessions(Keyring.parse(old)).mint({"a": 1}, now=NOW).header
        return make_sessions(Keyring.parse(f"{new} {old}")).begin(header, now=LATER)
    cookie = CookieAttributes(name="old")
    header = make_sessions(cookie=cookie).mint({"a": 1}, now=NOW).header
    return make_sessions(previous=[cookie]).begin(header, now=LATER)


each_due = pytest.mark.parametrize("kind", ["renewal", "reseal", "move"])


@each_due
def test_keep_expiry_prevents_a_token_that_is_due(kind: str, make_sessions: Make) -> None:
    unchanged = make_due(kind, make_sessions)
    assert unchanged.session["a"] == 1
    assert list_set_cookies(unchanged) != []
    exchange = make_due(kind, make_sessions)
    exchange.session.keep_expiry()
    expires_at = exchange.session.expires_at
    assert (exchange.session["a"], exchange.session.is_modified, exchange.finish([])) == (1, False, [VARY])
    assert exchange.session.expires_at == expires_at


@each_due
@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.__setitem__("a", 2),
        lambda session: session.regenerate(),
        lambda session: session.renew(),
        lambda session: session.flash.add("info", 1),
    ],
    ids=["assignment", "regenerate", "renew", "flash.add"],
)
def test_keep_expiry_does_not_prevent_that_a_change_is_saved(change: Change, kind: str, make_sessions: Make) -> None:
    exchange = make_due(kind, make_sessions)
    exchange.session.keep_expiry()
    change(exchange.session)
    assert list_set_cookies(exchange)[0].startswith("__Host-session=cj1.")


def test_keep_expiry_does_not_prevent_a_deletion(make_sessions: Make) -> None:
    for header, change in (("__Host-session=cj1.junk", Session.mark_accessed), (None, Session.discard)):
        sessions = make_sessions()
        exchange = sessions.begin(header or sessions.mint({"a": 1}, now=NOW).header, now=LATER)
        exchange.session.keep_expiry()
        change(exchange.session)
        assert list_set_cookies(exchange)[0].startswith("__Host-session=;")


def test_keep_expiry_is_not_undone_by_revert(make_sessions: Make) -> None:
    exchange = make_due("renewal", make_sessions)
    exchange.session.keep_expiry()
    exchange.session["a"] = 2
    exchange.session.revert()
    assert exchange.finish([]) == [VARY]


# Nested changes

LOST = "session changed after its response headers were sent, or without any; the change is lost"


def count_lost(caplog: pytest.LogCaptureFixture) -> int:
    return [record.getMessage() for record in caplog.records].count(LOST)


@dataclass
class Nest:
    """One way to change a value where no method of the session sees it."""

    data: dict[str, Any]
    change: Change
    after: dict[str, Any]
    data_type: Any = None


NESTS: dict[str, Nest] = {
    "list": Nest({"x": [1]}, lambda session: session["x"].append(2), {"x": [1, 2]}),
    "dict": Nest({"x": {"k": 1}}, lambda session: session["x"].update(k=2), {"x": {"k": 2}}),
    "deep": Nest({"x": [{"k": [1]}]}, lambda session: session["x"][0]["k"].clear(), {"x": [{"k": []}]}),
    "beside scalars": Nest({"a": 1, "x": [1], "z": 2}, lambda session: session["x"].pop(), {"a": 1, "x": [], "z": 2}),
    "typed": Nest({"n": 1}, lambda session: setattr(session.data, "n", 2), {"n": 2, "step": 1}, Count),
    "typed list": Nest(
        {"items": [1]}, lambda session: session.data.items.append(2), {"items": [1, 2], "total": 0.0}, Cart
    ),
}


@pytest.mark.parametrize("name", NESTS)
def test_a_nested_change_of_an_opened_session_is_saved(name: str, begin: Begin) -> None:
    nest = NESTS[name]
    exchange = begin(copy.deepcopy(nest.data), data_type=nest.data_type)
    nest.change(exchange.session)
    assert dict(save(exchange)) == nest.after


@pytest.mark.parametrize("name", NESTS)
def test_a_session_with_containers_that_did_not_change_is_not_saved(name: str, begin: Begin) -> None:
    exchange = begin(NESTS[name].data, data_type=NESTS[name].data_type)
    exchange.session.mark_accessed()
    assert exchange.finish([]) == [VARY]


def test_a_change_of_a_value_after_it_was_assigned_is_saved(begin: Begin, make_sessions: Make) -> None:
    for exchange in (begin(DATA), make_sessions().begin("", now=LATER)):
        cart: list[Any] = []
        exchange.session["new"] = (cart, Markup("text"))
        cart.append(Markup("more"))
        assert save(exchange)["new"] == [["more"], "text"]


def test_a_nested_change_of_a_flash_message_is_saved(begin: Begin) -> None:
    exchange = begin(DATA, flash=FLASH)
    exchange.session.flash.peek("cart")[0]["n"] = 3
    assert save(exchange).flash.peek("cart") == [{"n": 3}]


@pytest.mark.parametrize("name", NESTS)
@pytest.mark.parametrize("when", ["before the headers", "after the headers"])
def test_a_late_nested_change_is_reported_when_the_response_is_over(
    when: str, name: str, begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    nest, events = NESTS[name], list[str]()
    exchange = begin(
        copy.deepcopy(nest.data), data_type=nest.data_type, on_event=lambda event: events.append(event.kind)
    )
    if when == "before the headers":
        exchange.session.mark_accessed()
    exchange.finish([])
    nest.change(exchange.session)
    exchange.end()
    assert count_lost(caplog) == 1
    assert events[-1] == "late-write"


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session["new"].append(2),
        lambda session: session["new"].append(object()),
        lambda session: session.flash.peek("info")[0].append(2),
    ],
    ids=["list", "value that cannot be sealed", "flash message"],
)
def test_a_late_nested_change_of_a_new_session_is_reported(
    change: Change, make_sessions: Make, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = make_sessions().begin("", now=LATER)
    exchange.session["new"] = [Markup("text")]
    exchange.session.flash.add("info", [1])
    exchange.finish([])
    change(exchange.session)
    exchange.end()
    assert count_lost(caplog) == 1


@pytest.mark.parametrize("name", NESTS)
@pytest.mark.parametrize("is_changed", [True, False], ids=["changed", "unchanged"])
def test_nothing_is_reported_of_a_session_that_was_not_changed_late(
    is_changed: bool, name: str, begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    nest = NESTS[name]
    exchange = begin(copy.deepcopy(nest.data), data_type=nest.data_type)
    if is_changed:
        nest.change(exchange.session)
        exchange.session["other"] = Markup("text")
    exchange.session.mark_accessed()
    exchange.finish([])
    exchange.end()
    assert caplog.records == []


def test_a_change_without_a_response_is_reported(begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    exchange = begin(DATA)
    exchange.session["a"] = 2
    exchange.end()
    assert count_lost(caplog) == 1
    with pytest.raises(SessionCommittedError):
        exchange.session["a"] = 3


# Closed

LATE: dict[str, Change] = {
    "regenerate": lambda session: session.regenerate(),
    "renew": lambda session: session.renew(),
    "discard": lambda session: session.discard(),
    "revert": lambda session: session.revert(),
    "set_lifetime": lambda session: session.set_lifetime(persistent=False),
    "flash.add": lambda session: session.flash.add("info", 1),
    "flash.set": lambda session: session.flash.set("info", 1),
    "flash.delete": lambda session: session.flash.delete("info"),
}


@pytest.mark.parametrize("state", ["opened", "new", "not opened"])
@pytest.mark.parametrize("change", LATE)
def test_a_change_after_the_headers_is_refused_and_not_made(
    change: str, state: str, begin: Begin, make_sessions: Make
) -> None:
    exchange = make_sessions().begin("", now=LATER) if state == "new" else begin(DATA)
    if state != "not opened":
        exchange.session["b"] = 1
    exchange.finish([])
    before, sid = describe(exchange.session), exchange.session.sid
    with pytest.raises(SessionCommittedError, match=r"^session changed after its response headers were sent"):
        LATE[change](exchange.session)
    assert (describe(exchange.session), exchange.session.sid) == (before, sid)


def test_a_csrf_token_of_a_new_session_is_refused_after_the_headers(make_sessions: Make) -> None:
    exchange = make_sessions().begin("", now=LATER)
    exchange.session.mark_accessed()
    exchange.finish([])
    with pytest.raises(SessionCommittedError):
        exchange.session.csrf_token()


def test_a_csrf_token_of_a_session_with_a_cookie_may_be_made_after_the_headers(begin: Begin) -> None:
    exchange = begin(DATA)
    exchange.finish([])
    assert exchange.session.check_csrf_token(exchange.session.csrf_token())


def test_a_typed_value_is_refused_after_the_headers(begin: Begin) -> None:
    exchange = begin({"n": 5}, data_type=Count)
    exchange.finish([])
    with pytest.raises(SessionCommittedError):
        exchange.session.data = Count(6)
    assert exchange.session.data == Count(5)


def test_a_session_can_be_read_after_the_headers(begin: Begin) -> None:
    exchange = begin({"a": 1})
    exchange.finish([])
    session = exchange.session
    session.check()
    assert (session["a"], session.size.by_key, session.is_new) == (1, {"a": 3}, False)


@pytest.mark.parametrize("change", LATE)
def test_a_read_only_session_takes_no_changes(change: str, make_sessions: Make) -> None:
    sessions = make_sessions()
    reading = read_cookies(sessions.mint(DATA, now=NOW).header, settings=sessions.settings, now=LATER)
    session = make_read_only(sessions.settings, reading, LATER)
    assert reading.accepted is not None
    with pytest.raises(SessionCommittedError, match=r"^session is read-only"):
        LATE[change](session)
    assert dict(session) == DATA


# CSRF tokens


def test_a_csrf_token_is_accepted_for_its_session_and_form(opened: Session[Any]) -> None:
    assert opened.check_csrf_token(opened.csrf_token("pay"), "pay")


@pytest.mark.parametrize("token", [None, 5, b"token", ["token"], {}])
def test_a_csrf_token_that_is_not_a_str_is_refused(token: Any, opened: Session[Any]) -> None:
    assert opened.check_csrf_token(token) is False


def test_a_csrf_token_is_different_for_each_call(opened: Session[Any]) -> None:
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


def test_a_csrf_token_makes_a_new_session_persist(new: Session[Any]) -> None:
    new.csrf_token()
    assert new.is_modified


def test_a_csrf_token_is_no_change_of_an_opened_session(opened: Session[Any]) -> None:
    opened.csrf_token()
    assert not opened.is_modified


def test_checking_a_csrf_token_changes_nothing(new: Session[Any]) -> None:
    new.check_csrf_token("x")
    assert not new.is_modified


# State


def test_a_session_without_a_token_is_new(new: Session[Any]) -> None:
    assert (new.is_new, new.is_modified, new.issued_at) == (True, False, None)


def test_a_session_with_a_token_is_not_new(opened: Session[Any]) -> None:
    assert (opened.is_new, opened.is_modified, opened.issued_at) == (False, False, TIME)


def test_times_of_a_new_session_are_those_of_the_policy(make_sessions: Make) -> None:
    policy = Policy(idle_timeout=timedelta(seconds=10), absolute_lifetime=timedelta(seconds=20))
    session = make_sessions(policy=policy).begin("", now=NOW).session
    assert (session.created_at, session.expires_at) == (TIME, TIME + timedelta(seconds=10))


def test_times_of_an_opened_session_are_those_of_its_token(opened: Session[Any]) -> None:
    assert (opened.created_at, opened.expires_at) == (TIME, TIME + timedelta(days=14))


def test_times_are_aware(opened: Session[Any]) -> None:
    assert {time.tzinfo for time in (opened.created_at, opened.issued_at, opened.expires_at) if time} == {UTC}


@pytest.mark.parametrize(
    "change", [Session.renew, lambda session: session.update(b=1), lambda session: session["cart"].append(1)]
)
def test_a_change_moves_the_expiry(change: Any, opened: Session[Any]) -> None:
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
    session = make_sessions().begin(golden, now=LATER).session
    assert (session.sid.hex(), session.log_id) == ("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", "9894b7fb5073b5bc")


def test_whether_a_session_is_accessed_can_be_read_without_opening_it(begin: Begin) -> None:
    exchange = begin(DATA)
    before = exchange.session.is_accessed
    assert (before, exchange.session.is_accessed, exchange.finish([])) == (False, False, [])


STATE: dict[str, Change] = {
    "mark_accessed": lambda session: session.mark_accessed(),
    "is_new": lambda session: session.is_new,
    "is_modified": lambda session: session.is_modified,
    "is_persistent": lambda session: session.is_persistent,
    "idle_timeout": lambda session: session.idle_timeout,
    "absolute_lifetime": lambda session: session.absolute_lifetime,
    "created_at": lambda session: session.created_at,
    "issued_at": lambda session: session.issued_at,
    "expires_at": lambda session: session.expires_at,
    "size": lambda session: session.size,
    "sid": lambda session: session.sid,
    "log_id": lambda session: session.log_id,
    "flash": lambda session: session.flash,
    "check": lambda session: session.check(),
    "check_csrf_token": lambda session: session.check_csrf_token("x"),
    "keep_expiry": lambda session: session.keep_expiry(),
}


@pytest.mark.parametrize("name", STATE)
def test_reading_the_state_opens_the_session_and_changes_nothing(name: str, begin: Begin, make_sessions: Make) -> None:
    for exchange in (begin(DATA), make_sessions().begin("", now=LATER)):
        STATE[name](exchange.session)
        assert (exchange.session.is_accessed, exchange.finish([])) == (True, [VARY])


def test_lifetimes_of_a_new_session_are_those_of_the_policy(make_sessions: Make) -> None:
    policy = Policy(idle_timeout=timedelta(hours=1), absolute_lifetime=timedelta(days=1), persistent=False)
    session = make_sessions(policy=policy).begin("", now=NOW).session
    assert (session.idle_timeout, session.absolute_lifetime, session.is_persistent) == (
        timedelta(hours=1),
        timedelta(days=1),
        False,
    )


def test_lifetimes_of_an_opened_session_are_its_own(open_session: Open) -> None:
    session = open_session(policy=Policy(idle_timeout=timedelta(hours=1), persistent=False))
    assert (session.idle_timeout, session.absolute_lifetime, session.is_persistent) == (
        timedelta(days=14),
        timedelta(days=90),
        True,
    )


def test_lifetimes_are_those_that_were_set(opened: Session[Any]) -> None:
    opened.set_lifetime(idle_timeout=timedelta(hours=1), absolute_lifetime=timedelta(days=1), persistent=False)
    # The absolute lifetime counts from this request, 1000 seconds after the session began.
    assert (opened.idle_timeout, opened.absolute_lifetime, opened.is_persistent) == (
        timedelta(hours=1),
        timedelta(days=1, seconds=1000),
        False,
    )


def test_an_absolute_lifetime_without_end_is_the_longest_timedelta(make_sessions: Make) -> None:
    # A port may write the last time of SPEC 5.1, which no timedelta can reach.
    sessions = make_sessions()
    envelope = Envelope(bytes(16), NOW, NOW, 60, (1 << 48) - 1, True, {}, [])
    token = seal_token(envelope, keyring=sessions.settings.keyring, purpose="__Host-session", now=NOW)
    session = sessions.read(token, now=NOW).session
    assert not session.is_new
    assert session.absolute_lifetime // timedelta(seconds=1) == timedelta.max // timedelta(seconds=1)


# The typed value


def test_typed_data_is_read_and_assigned(open_session: Open) -> None:
    session = open_session({"n": 5, "foreign": 1}, data_type=Count)
    session.data = Count(6, 2)
    assert (session.data, dict(session), session.is_modified) == (Count(6, 2), {"foreign": 1}, True)


def test_typed_data_and_other_keys_are_saved_side_by_side(begin: Begin) -> None:
    exchange = begin({"n": 5, "foreign": 1}, data_type=Count)
    exchange.session.data = Count(6, 2)
    exchange.session["other"] = 2
    assert dict(save(exchange)) == {"n": 6, "step": 2, "foreign": 1, "other": 2}


def test_typed_data_is_none_while_the_session_is_empty(make_sessions: Make) -> None:
    assert make_sessions(data_type=Count).begin("", now=LATER).session.data is None


def test_a_new_field_with_a_default_is_no_change(open_session: Open) -> None:
    session = open_session({"n": 5}, data_type=Count)
    assert (session.data, session.is_modified) == (Count(5, 1), False)


@pytest.mark.parametrize("empty", [Session.clear, Session.discard], ids=["clear", "discard"])
def test_typed_data_and_other_keys_are_emptied_together(empty: Change, begin: Begin) -> None:
    exchange = begin({"n": 5, "foreign": 1}, data_type=Count)
    empty(exchange.session)
    assert (exchange.session.data, dict(exchange.session)) == (None, {})
    (deletion,) = list_set_cookies(exchange)
    assert deletion.startswith("__Host-session=;")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_typed_value_that_was_changed_to_one_that_no_token_can_hold_is_refused(value: float, begin: Begin) -> None:
    exchange = begin({"items": [1]}, data_type=Cart)
    exchange.session.data.total = value
    with pytest.raises(UnsupportedValueError, match=r"^total: float that is not finite"):
        exchange.finish([])


def test_without_a_data_type_there_is_no_typed_data(opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match=r"^session\.data needs a data type, in the outermost wrapper too; write"):
        _ = opened.data


def test_without_a_data_type_none_can_be_assigned(opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match=r"^session\.data needs a data type"):
        opened.data = Count(1)


# Text


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format])
def test_text_of_a_session_shows_nothing_of_it(show: Any, opened: Session[Any], new: Session[Any]) -> None:
    before = show(opened)
    _ = opened["a"], new.is_new
    assert (before, show(opened), show(new)) == ("<Session not opened>", "<Session opened>", "<Session new>")


def test_text_of_a_session_does_not_open_it(opened: Session[Any]) -> None:
    assert f"{opened} {opened!r}" == "<Session not opened> <Session not opened>"
    assert not opened.is_accessed


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_session_cannot_be_pickled(protocol: int, opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match=r"belongs to one request; copy its content with dict\(session\)"):
        pickle.dumps(opened, protocol)


@pytest.mark.parametrize("make_copy", [copy.copy, copy.deepcopy])
def test_a_session_cannot_be_copied(make_copy: Any, opened: Session[Any]) -> None:
    with pytest.raises(TypeError, match="belongs to one request"):
        make_copy(opened)


def test_structured_output_shows_nothing_of_a_session(opened: Session[Any]) -> None:
    # The rich library prints this in place of the content of a dict.
    assert opened.__rich_repr__() == []
    assert opened.__sentry_repr__() == "<Session not opened>"


def test_nothing_is_logged_of_a_session_that_is_used(opened: Session[Any], caplog: pytest.LogCaptureFixture) -> None:
    opened.mark_accessed()
    caplog.set_level(logging.DEBUG, "cookiejar_session")
    opened["secret"] = "secret"
    opened.csrf_token()
    opened.regenerate()
    opened.check()
    opened.revert()
    opened.discard()
    assert caplog.records == []


def test_a_session_can_be_referred_to_weakly(opened: Session[Any]) -> None:
    assert weakref.ref(opened)() is opened
