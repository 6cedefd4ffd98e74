"""The session of a request, and the SessionStore that is used outside of one."""

from __future__ import annotations

import pytest

from cookiejar_session import CookieAttributes, CookieSessions, Keyring, SessionTooLargeError
from cookiejar_session.integrations.django.configuration import get_sessions
from cookiejar_session.integrations.django.store import RequestSession, SessionStore

pytestmark = pytest.mark.usefixtures("project")


def test_the_key_in_a_request_is_the_log_id() -> None:
    sessions = get_sessions()
    store = RequestSession(sessions.begin(sessions.mint({"cart": [1]}).header), "")
    assert store.session_key == store.exchange.session.log_id


@pytest.mark.parametrize(
    ("cookies", "came"),
    [
        ("", False),
        ("theme=dark", False),
        ("sessionid=x", True),
        ("theme=dark; sessionid=", True),
        ("othersessionid=x", False),
        ("theme=sessionid=x", False),
        ("theme=dark,sessionid=x", False),
        ("SESSIONID=x", False),
    ],
)
def test_a_session_in_a_request_knows_whether_a_cookie_came(cookies: str, *, came: bool) -> None:
    assert RequestSession(get_sessions().begin(cookies), cookies).has_cookie is came


def test_a_previous_cookie_counts_as_a_cookie_of_the_session() -> None:
    previous = [CookieAttributes(name="old", secure=False)]
    sessions = CookieSessions(Keyring.generate(), cookie=CookieAttributes(name="shop"), previous=previous)
    came = [RequestSession(sessions.begin(text), text).has_cookie for text in ("old=x", "shop=x", "gold=x; workshop=x")]
    assert came == [True, True, False]


def test_a_store_that_is_flushed_twice_stays_empty() -> None:
    store = SessionStore()
    store["cart"] = [1]
    store.save()
    store.flush()
    store["cart"] = [2]
    store.flush()
    assert (store.is_empty(), store.load()) == (True, {})


def test_a_new_session_in_a_request_has_no_key() -> None:
    assert RequestSession(get_sessions().begin(""), "").session_key is None


def test_a_store_outside_of_a_request_has_the_token_as_its_key() -> None:
    store = SessionStore()
    store["cart"] = [1]
    store.save()
    assert store.session_key is not None
    assert store.session_key.startswith("cj1.")
    assert SessionStore(store.session_key)["cart"] == [1]


def test_a_store_can_be_saved_again() -> None:
    store = SessionStore()
    cart = store["cart"] = [1]
    store.save()
    cart.append(2)
    store.save()
    assert SessionStore(store.session_key)["cart"] == [1, 2]


def test_an_unchanged_store_keeps_its_token() -> None:
    store = SessionStore()
    store["cart"] = [1]
    store.save()
    token = store.session_key
    again = SessionStore(token)
    assert not again.is_empty()
    again.save()
    assert again.session_key == token


def test_the_content_of_a_wrong_token_is_empty() -> None:
    assert SessionStore("cj1.nonsense").load() == {}
    assert SessionStore("short").session_key is None


def test_a_flushed_store_has_no_key() -> None:
    store = SessionStore()
    store["cart"] = [1]
    store.save()
    store.flush()
    assert store.session_key is None
    store.save()
    assert store.session_key is None


def test_login_in_a_store_seals_a_new_token() -> None:
    store = SessionStore()
    store["cart"] = [1]
    store.save()
    before = store.session_key
    store.cycle_key()
    assert store.session_key not in (None, before)
    assert store["cart"] == [1]


def test_a_store_that_is_too_large_is_not_sealed() -> None:
    store = SessionStore()
    store["text"] = "x" * 4000
    with pytest.raises(SessionTooLargeError):
        store.save()
