"""Django's session interface: what each method does with the Session underneath."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

import pytest
from django.contrib.sessions.serializers import JSONSerializer
from django.test import override_settings
from shared_django import answer, begin_session, read_again

from cookiejar_session import CookieSessions, UnsupportedValueError
from cookiejar_session.integrations.django.configuration import get_sessions
from cookiejar_session.integrations.django.store import SessionStore

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def sessions(project: None) -> CookieSessions[Any]:
    return get_sessions()


def test_a_new_session_is_empty_and_untouched(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    assert (store.accessed, store.modified, store.is_empty(), store.session_key) == (False, False, True, None)


def test_data_comes_back(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store["cart"] = {"apples": 2}
    assert (store.accessed, store.modified) == (True, True)
    again = read_again(sessions, answer(store))
    assert (again["cart"], again.load(), again.modified) == ({"apples": 2}, {"cart": {"apples": 2}}, False)


def test_a_nested_change_is_saved_without_modified(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store["cart"].append(2)
    assert read_again(sessions, answer(store))["cart"] == [1, 2]


def test_reading_sets_no_cookie(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    assert store["cart"] == [1]
    assert answer(store) == []


def test_modified_alone_renews_the_token(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store.modified = True
    assert len(answer(store)) == 1


def test_the_session_key_is_the_log_id_and_stays(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    key = store.session_key
    assert key == store.exchange.session.log_id
    store["cart"] = []
    assert read_again(sessions, answer(store)).session_key == key


def test_cycle_key_gives_a_new_key_and_keeps_the_content(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    before = store.session_key
    store.cycle_key()
    assert store.session_key not in (None, before)
    assert read_again(sessions, answer(store))["cart"] == [1]


def test_flush_ends_the_session_and_deletes_the_cookie(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store.flush()
    assert (store.session_key, store.is_empty(), store.modified, store.was_flushed) == (None, True, True, True)
    (deletion,) = answer(store)
    assert "Max-Age=0" in deletion


def test_flush_without_a_cookie_sets_none(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store["cart"] = [1]
    store.flush()
    assert store.is_empty()
    assert answer(store) == []


def test_delete_ends_this_session_only(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store.delete("0123456789abcdef")
    assert not store.was_flushed
    store.delete(store.session_key)
    assert store.was_flushed


def test_clear_removes_the_data(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store.clear()
    assert store.load() == {}


@pytest.mark.parametrize("method", ["create", "save"])
def test_an_empty_session_is_kept_if_a_key_was_asked_for(sessions: CookieSessions[Any], method: str) -> None:
    store = begin_session(sessions)
    getattr(store, method)()
    key = store.session_key
    assert key is not None
    assert read_again(sessions, answer(store)).session_key == key


def test_an_emptied_new_session_sets_no_cookie(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store["cart"] = [1]
    del store["cart"]
    assert answer(store) == []


def test_a_value_that_cannot_be_sealed_is_refused_where_it_is_set(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    with pytest.raises(UnsupportedValueError, match="seen: datetime"):
        store["seen"] = datetime.datetime(2026, 1, 1)


def test_a_key_that_json_would_turn_into_text_is_refused(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    with pytest.raises(UnsupportedValueError, match="cart: key of type int"):
        store["cart"] = {7: 1}


def test_there_is_no_store_to_look_into(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    assert not store.exists("0123456789abcdef")
    SessionStore.clear_expired()
    assert store.serializer is JSONSerializer


@override_settings(USE_TZ=True)
def test_a_duration_is_the_absolute_end_and_stays_at_a_login(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store.set_expiry(datetime.timedelta(days=300))
    end = store.get_expiry_date()
    store.cycle_key()
    again = read_again(sessions, answer(store)).exchange.session
    assert abs(again.expires_at - end) < datetime.timedelta(seconds=5)
    assert abs(again.created_at + again.absolute_lifetime - end) < datetime.timedelta(seconds=5)


def test_an_end_in_the_past_ends_the_session_with_the_response(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store.set_expiry(-1)
    assert store["cart"] == [1]
    (deletion,) = answer(store)
    assert "Max-Age=0" in deletion


def test_clear_brings_the_policy_back(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store.set_expiry(60)
    store = read_again(sessions, answer(store))
    store.clear()
    store["cart"] = []
    session = read_again(sessions, answer(store)).exchange.session
    rules = sessions.settings.rules
    assert session.idle_timeout.total_seconds() == rules.idle
    assert session.is_persistent is rules.persistent


def test_the_asynchronous_methods_do_the_same(sessions: CookieSessions[Any]) -> None:
    async def use(store: Any) -> None:
        await store.aset("cart", [1])
        await store.aset_expiry(0)
        assert await store.aget_expire_at_browser_close()
        await store.acycle_key()
        await store.acreate()
        await store.asave()
        assert await store.aload() == {"cart": [1], "_session_expiry": 0}
        assert not await store.aexists("0123456789abcdef")
        await store.aclear_expired()
        await store.adelete()
        assert store.is_empty()
        await store.aset("cart", [2])
        await store.aflush()
        assert store.is_empty()

    asyncio.run(use(begin_session(sessions)))
    asyncio.run(use(SessionStore()))
