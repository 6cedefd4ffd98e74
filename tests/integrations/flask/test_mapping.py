"""flask.session as a mapping: Flask's keys and values over our session."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask_babel.speaklater import LazyString
from markupsafe import Markup
from shared_values import NOW

from cookiejar_session import CookieSessions, SessionCommittedError, UnsupportedValueError
from cookiejar_session.integrations.flask.mapping import FlaskMapping

FLASHES = [("info", "one"), ("error", Markup("<b>"))]


@pytest.fixture
def sessions(make_sessions: Callable[..., CookieSessions[Any]]) -> CookieSessions[Any]:
    return make_sessions()


@pytest.fixture
def open_mapping(sessions: CookieSessions[Any]) -> Callable[..., FlaskMapping]:
    def open_session(data: dict[str, Any] | None = None, **config: Any) -> FlaskMapping:
        cookie = "" if data is None else sessions.mint(data, now=NOW - 1).header
        return FlaskMapping(lambda: sessions.begin(cookie, now=NOW), config)

    return open_session


@pytest.fixture
def mapping(open_mapping: Callable[..., FlaskMapping]) -> FlaskMapping:
    return open_mapping({"a": 1, "when": {" d": "2026-01-02"}, "list": [1]})


CONTENT = {"a": 1, "when": date(2026, 1, 2), "list": [1]}


def test_an_untouched_session_is_not_opened(mapping: FlaskMapping) -> None:
    assert isinstance(mapping, dict)
    assert mapping.exchange.session.is_accessed is False
    assert repr(mapping) == "<Session not opened>"


@pytest.mark.parametrize(
    "read",
    [
        dict,
        lambda mapping: mapping.copy(),
        lambda mapping: {**mapping},
        lambda mapping: dict(mapping.items()),
        lambda mapping: {key: mapping[key] for key in mapping},
        lambda mapping: mapping | {},
        lambda mapping: {} | mapping,
    ],
    ids=["dict", "copy", "unpack", "items", "iter", "or", "ror"],
)
def test_every_way_of_reading_it_whole_finds_the_values(read: Callable[[Any], Any], mapping: FlaskMapping) -> None:
    assert read(mapping) == CONTENT
    assert mapping == CONTENT


def test_json_shows_the_content(open_mapping: Callable[..., FlaskMapping]) -> None:
    assert json.dumps(open_mapping({"a": 1})) == '{"a": 1}'


def test_c_code_that_bypasses_the_methods_finds_a_key_that_is_no_str(mapping: FlaskMapping) -> None:
    assert [type(key) for key in dict.keys(mapping)] == [object]


def test_single_reads(mapping: FlaskMapping) -> None:
    assert (mapping["a"], mapping.get("a"), mapping.get("b", 5), mapping.get("when")) == (1, 1, 5, date(2026, 1, 2))
    assert ("a" in mapping, "b" in mapping, len(mapping), bool(mapping)) == (True, False, 3, True)
    with pytest.raises(KeyError):
        mapping["b"]
    with pytest.raises(KeyError):
        mapping["_flashes"]


def test_a_value_is_the_same_object_in_one_request(mapping: FlaskMapping) -> None:
    assert mapping["list"] is mapping["list"]


def write_all(mapping: FlaskMapping) -> None:
    mapping["b"] = (1, 2)
    mapping.update({"c": Markup("<b>")}, d=uuid.UUID(int=1))
    mapping |= {"e": date(2026, 1, 2)}
    mapping.setdefault("f", LazyString(lambda: "later"))
    del mapping["a"]
    mapping.pop("list")


def test_every_way_of_writing_reaches_the_session(mapping: FlaskMapping) -> None:
    write_all(mapping)
    assert mapping == {
        "b": (1, 2),
        "c": Markup("<b>"),
        "d": uuid.UUID(int=1),
        "e": date(2026, 1, 2),
        "f": "later",
        "when": date(2026, 1, 2),
    }
    assert mapping.exchange.session == {
        "b": {" t": [1, 2]},
        "c": {" m": "<b>"},
        "d": {" u": uuid.UUID(int=1).bytes},
        "e": {" d": "2026-01-02"},
        "f": "later",
        "when": {" d": "2026-01-02"},
    }


def test_what_the_session_itself_gets_is_seen(mapping: FlaskMapping) -> None:
    assert mapping["list"] == [1]
    mapping.exchange.session["list"] = [2]
    mapping.store_changes()
    assert mapping["list"] == [2]
    assert mapping.exchange.session["list"] == [2]


def test_a_change_inside_a_value_is_stored(mapping: FlaskMapping) -> None:
    mapping["list"].append((2,))
    mapping["new"] = inner = [1]
    inner.append(2)
    mapping.store_changes()
    mapping.store_changes()
    assert mapping.exchange.session["list"] == [1, {" t": [2]}]
    assert mapping.exchange.session["new"] == [1, 2]
    assert mapping["new"] is inner


def test_a_finished_session_stores_no_more(mapping: FlaskMapping) -> None:
    mapping["list"].append(2)
    mapping.exchange.finish([])
    mapping.store_changes()
    with pytest.raises(SessionCommittedError):
        mapping["a"] = 2


@pytest.mark.parametrize("value", [object(), {"a": [object()]}, (object(),)], ids=["bare", "nested", "tuple"])
def test_a_value_that_cannot_be_sealed_is_refused_at_the_line(mapping: FlaskMapping, value: Any) -> None:
    with pytest.raises(UnsupportedValueError, match="object"):
        mapping["a"] = value
    assert mapping == CONTENT


def test_a_cycle_is_refused(mapping: FlaskMapping) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(UnsupportedValueError, match="nests deeper"):
        mapping["a"] = cycle


def test_clear_begins_a_new_session(mapping: FlaskMapping) -> None:
    sid = mapping.exchange.session.sid
    mapping.is_dropped = True
    mapping.clear()
    assert (dict(mapping), mapping.is_dropped) == ({}, False)
    assert mapping.exchange.session.sid != sid


def flash(mapping: FlaskMapping, category: Any, message: Any) -> None:
    """As flask.flash."""
    flashes = mapping.get("_flashes", [])
    flashes.append((category, message))
    mapping["_flashes"] = flashes


def test_flash_messages_are_those_of_our_session(mapping: FlaskMapping) -> None:
    for category, message in FLASHES:
        flash(mapping, category, message)
    assert mapping.exchange.session.flash.peek_all() == [("info", "one"), ("error", {" m": "<b>"})]
    assert (mapping["_flashes"], "_flashes" in mapping, len(mapping)) == (FLASHES, True, 4)
    assert dict(mapping) == {**CONTENT, "_flashes": FLASHES}
    assert mapping.pop("_flashes") == FLASHES
    assert ("_flashes" in mapping, "_flashes" in dict(mapping), len(mapping)) == (False, False, 3)
    with pytest.raises(KeyError):
        del mapping["_flashes"]


def test_lazy_messages_and_categories_become_text(mapping: FlaskMapping) -> None:
    flash(mapping, LazyString(lambda: "info"), LazyString(lambda: "later"))
    assert mapping.exchange.session.flash.peek_all() == [("info", "later")]


def test_a_message_that_cannot_be_sealed_is_refused(mapping: FlaskMapping) -> None:
    with pytest.raises(UnsupportedValueError):
        flash(mapping, "info", object())


def test_messages_are_readable_after_the_response_and_stay_in_the_cookie(
    mapping: FlaskMapping, sessions: CookieSessions[Any]
) -> None:
    flash(mapping, "info", "one")
    (token,) = [value for name, value in mapping.exchange.finish([]) if name == "set-cookie"]
    assert mapping.pop("_flashes") == [("info", "one")]
    assert sessions.read(token.partition(";")[0], now=NOW).session.flash.peek("info") == ["one"]


def test_writing_the_user_of_flask_login_regenerates(mapping: FlaskMapping) -> None:
    sid = mapping.exchange.session.sid
    mapping["user_id"] = "1"
    assert mapping.exchange.session.sid == sid
    mapping["_user_id"] = "1"
    assert mapping.exchange.session.sid != sid
    assert mapping["a"] == 1


def test_without_secret_key_remember_me_is_a_lifetime(open_mapping: Callable[..., FlaskMapping]) -> None:
    mapping = open_mapping()
    mapping["_remember"], mapping["_remember_seconds"] = "set", 60
    assert (dict(mapping), mapping.get("_remember")) == ({}, "clear")
    assert mapping.exchange.session.idle_timeout.total_seconds() == 60


def set_user(mapping: FlaskMapping) -> None:
    mapping["_user_id"] = "bob"


def end_user(mapping: FlaskMapping) -> None:
    mapping.pop("_user_id")


@pytest.mark.parametrize("change", [set_user, end_user])
@pytest.mark.parametrize(("config", "seconds"), [({}, 14 * 24 * 3600), ({"SECRET_KEY": "a"}, 60)])
def test_login_and_logout_end_a_remembered_lifetime_unless_flask_login_remembers(
    open_mapping: Callable[..., FlaskMapping],
    config: dict[str, Any],
    seconds: int,
    change: Callable[[FlaskMapping], None],
) -> None:
    mapping = open_mapping(**config)
    mapping["_user_id"] = "ada"
    session, limit = mapping.exchange.session, timedelta(seconds=60)
    session.set_lifetime(idle_timeout=limit, absolute_lifetime=limit)
    change(mapping)
    assert session.idle_timeout.total_seconds() == seconds


def test_with_secret_key_remember_me_stays_flask_logins(open_mapping: Callable[..., FlaskMapping]) -> None:
    mapping = open_mapping(SECRET_KEY="a")
    mapping["_remember"] = "set"
    assert (dict(mapping), mapping.get("_remember")) == ({"_remember": "set"}, "set")


def test_start_drops_what_was_not_saved(mapping: FlaskMapping) -> None:
    mapping["a"], mapping.is_dropped = 2, True
    mapping.start()
    assert (mapping["a"], mapping.is_dropped) == (1, False)


def test_a_write_takes_back_that_changes_are_dropped(mapping: FlaskMapping) -> None:
    for write in (lambda: mapping.update(b=1), lambda: mapping.pop("b"), lambda: flash(mapping, "a", "b")):
        mapping.is_dropped = True
        write()
        assert mapping.is_dropped is False
    mapping.is_dropped = True
    mapping.pop("_flashes")
    assert mapping.is_dropped is False
