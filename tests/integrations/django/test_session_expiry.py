"""When a session of Django expires: what Django's methods set, and what they show."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from shared_django import answer, begin_session, read_again

from cookiejar_session import CookieSessions
from cookiejar_session.integrations.django.configuration import get_sessions

pytestmark = pytest.mark.usefixtures("project")

DAY = 24 * 60 * 60


@pytest.fixture
def sessions(project: None) -> CookieSessions[Any]:
    return get_sessions()


def test_a_number_of_seconds_is_the_idle_timeout(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store.set_expiry(DAY)
    (field,) = answer(store)
    assert f"Max-Age={DAY}" in field
    again = read_again(sessions, [field])
    assert again.exchange.session.idle_timeout == timedelta(days=1)
    assert (again.get_expiry_age(), again.get_expire_at_browser_close()) == (DAY, False)


def test_a_year_is_longer_than_the_absolute_lifetime_of_the_policy(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store.set_expiry(365 * DAY)
    assert f"Max-Age={365 * DAY}" in answer(store)[0]


def test_zero_is_the_end_of_the_browser(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store.set_expiry(0)
    assert (store.get_expire_at_browser_close(), store.get_expiry_age()) == (True, 14 * DAY)
    assert "Max-Age" not in answer(store)[0]


def test_none_brings_the_policy_back(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store.set_expiry(0)
    store.set_expiry(None)
    assert (store.get_expiry_age(), store.get_expire_at_browser_close()) == (14 * DAY, False)
    assert store.exchange.session.is_persistent


def test_none_changes_nothing_where_nothing_was_set(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store.set_expiry(None)
    assert answer(store) == []


@override_settings(SESSION_COOKIE_AGE=DAY, SESSION_EXPIRE_AT_BROWSER_CLOSE=True)
def test_the_settings_are_the_policy(project: None) -> None:
    store = begin_session(get_sessions())
    assert (store.get_session_cookie_age(), store.get_expire_at_browser_close()) == (DAY, True)
    store["cart"] = [1]
    assert "Max-Age" not in answer(store)[0]


def test_an_end_in_the_past_ends_the_session_and_is_shown(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions, sessions.mint({"cart": [1]}).header)
    store.set_expiry(-1)
    assert store.get_expiry_age() == -1
    (deletion,) = answer(store)
    assert "Max-Age=0" in deletion


@override_settings(USE_TZ=True)
def test_a_date_is_shown_as_it_was_set(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    end = timezone.now() + timedelta(days=300, microseconds=7)
    store.set_expiry(end)
    again = read_again(sessions, answer(store))
    assert again.get_expiry_date() == end
    assert 300 * DAY - 5 < again.get_expiry_age() <= 300 * DAY
    assert not again.get_expire_at_browser_close()


# The limits that Session.set_lifetime() has set


@pytest.mark.parametrize("use_tz", [False, True], ids=["naive", "aware"])
def test_what_set_lifetime_has_set_is_shown(use_tz: bool) -> None:
    with override_settings(USE_TZ=use_tz, SESSION_EXPIRE_AT_BROWSER_CLOSE=True):
        sessions = get_sessions()
        store = begin_session(sessions)
        store["cart"] = [1]
        sixty = timedelta(days=60)
        store.exchange.session.set_lifetime(idle_timeout=sixty, absolute_lifetime=2 * sixty, persistent=True)
        for each in (store, read_again(sessions, answer(store))):
            assert (each.get_expiry_age(), each.get_expire_at_browser_close()) == (60 * DAY, False)
            assert abs(each.get_expiry_date() - timezone.now() - sixty) < timedelta(seconds=5)


def test_the_absolute_end_counts_if_it_comes_first(sessions: CookieSessions[Any]) -> None:
    began = datetime.now(UTC) - timedelta(days=80)
    store = begin_session(sessions, sessions.mint({"cart": [1]}, created_at=began).header)
    assert abs(store.get_expiry_age() - 10 * DAY) < 5


@pytest.mark.parametrize("expiry", [60 * DAY, timedelta(days=60)], ids=["seconds", "date"])
def test_a_later_set_lifetime_counts_and_holds_through_a_login(sessions: CookieSessions[Any], expiry: Any) -> None:
    store = begin_session(sessions)
    store.set_expiry(expiry)
    half_a_day = timedelta(hours=12)
    store.exchange.session.set_lifetime(absolute_lifetime=half_a_day, persistent=False)
    store = read_again(sessions, answer(store))
    store.cycle_key()
    assert abs(store.get_expiry_age() - DAY / 2) < 5
    assert abs(store.get_expiry_date() - timezone.now() - half_a_day) < timedelta(seconds=5)
    assert store.get_expire_at_browser_close()


def test_a_later_set_expiry_counts(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store.exchange.session.set_lifetime(absolute_lifetime=timedelta(hours=12), persistent=False)
    store.set_expiry(60 * DAY)
    assert (store.get_expiry_age(), store.get_expire_at_browser_close()) == (60 * DAY, False)


def test_a_cookie_that_ends_with_the_browser_stays_so_at_a_login(sessions: CookieSessions[Any]) -> None:
    store = begin_session(sessions)
    store.set_expiry(60 * DAY)
    store.exchange.session.set_lifetime(persistent=False)
    store.cycle_key()
    assert (store.get_expiry_age(), store.get_expire_at_browser_close()) == (60 * DAY, True)


def test_arguments_mean_what_django_documents(sessions: CookieSessions[Any]) -> None:
    store, now = begin_session(sessions), timezone.now()
    store.set_expiry(60 * DAY)
    store.exchange.session.set_lifetime(idle_timeout=timedelta(hours=12))
    assert store.get_expiry_age(modification=now) == 60 * DAY
    assert store.get_expiry_date(modification=now) == now + timedelta(days=60)
    assert store.get_expiry_age(modification=now, expiry=now + timedelta(seconds=30)) == 30
    assert store.get_expiry_date(expiry=now) == now


def test_the_asynchronous_methods_show_the_same(sessions: CookieSessions[Any]) -> None:
    async def use(store: Any) -> None:
        await store.aset_expiry(0)
        store.exchange.session.set_lifetime(idle_timeout=timedelta(hours=12))
        assert await store.aget_expiry_age() == DAY / 2
        assert abs(await store.aget_expiry_date() - timezone.now() - timedelta(hours=12)) < timedelta(seconds=5)
        assert await store.aget_expire_at_browser_close()

    asyncio.run(use(begin_session(sessions)))
