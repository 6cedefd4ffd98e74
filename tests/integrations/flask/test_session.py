"""What Flask calls the state of a session, and saving it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from shared_values import NOW
from werkzeug.datastructures import Headers

from cookiejar_session import (
    CookieSessions,
    Policy,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
)
from cookiejar_session.integrations.flask.session import FlaskSession

Open = Callable[..., FlaskSession]
REFRESHES = {"SESSION_REFRESH_EACH_REQUEST": True}


@pytest.fixture
def sessions(make_sessions: Callable[..., CookieSessions[Any]]) -> CookieSessions[Any]:
    return make_sessions(policy=Policy(idle_timeout=timedelta(hours=1), persistent=False))


@pytest.fixture
def open_session(sessions: CookieSessions[Any]) -> Open:
    def make(data: dict[str, Any] | None = None, *, issued: int = NOW - 1, **config: Any) -> FlaskSession:
        cookie = "" if data is None else sessions.mint(data, now=issued).header
        return FlaskSession(lambda: sessions.begin(cookie, now=NOW), {**REFRESHES, **config})

    return make


def save(session: FlaskSession) -> list[str]:
    """Save into a response, and return the names of the fields that were added."""
    headers = Headers({"Content-Type": "text/plain"})
    session.save_into(headers)
    return [name for name, _ in headers][1:]


def read_back(session: FlaskSession, sessions: CookieSessions[Any]) -> dict[str, Any]:
    headers = Headers()
    session.save_into(headers)
    return dict(sessions.read(headers["Set-Cookie"].partition(";")[0], now=NOW).session)


def test_accessed_says_whether_the_session_was_touched(open_session: Open) -> None:
    session = open_session({"a": 1})
    assert session.accessed is False
    session.accessed = False
    assert session.accessed is False
    assert session["a"] == 1
    assert session.accessed is True


def test_setting_accessed_makes_the_response_vary(open_session: Open) -> None:
    session = open_session({"a": 1})
    session.accessed = True
    assert save(session) == ["vary"]


def test_new_says_whether_a_cookie_came(open_session: Open) -> None:
    assert (open_session().new, open_session({"a": 1}).new) == (True, False)


def test_modified_sees_changes_of_keys_and_inside_values(open_session: Open) -> None:
    assert [open_session({"a": [1]}).modified, open_session().modified] == [False, False]
    session = open_session({"a": [1]})
    session["a"].append(2)
    assert session.modified is True
    session = open_session({"a": [1]})
    session["b"] = 1
    assert session.modified is True


def test_an_equal_value_is_no_change(open_session: Open) -> None:
    session = open_session({"a": [1]})
    session["a"] = [1]
    assert (session.modified, save(session)) == (False, ["vary"])


def test_setting_modified_seals_a_new_token(open_session: Open) -> None:
    session = open_session({"a": 1})
    session.modified = True
    assert (session.modified, "set-cookie" in save(session)) == (True, True)


def test_unsetting_modified_drops_the_changes(open_session: Open) -> None:
    session = open_session({"a": 1})
    session["a"] = 2
    session.modified = False
    assert (session.modified, save(session)) == (False, ["vary"])


def test_a_change_after_that_saves_all(open_session: Open, sessions: CookieSessions[Any]) -> None:
    session = open_session({"a": 1})
    session["a"] = 2
    session.modified = False
    session["b"] = 3
    assert read_back(session, sessions) == {"a": 2, "b": 3}


def test_permanent_is_whether_the_cookie_outlives_the_browser(open_session: Open) -> None:
    session = open_session({"a": 1})
    assert session.permanent is False
    session.permanent = True
    headers = Headers()
    session.save_into(headers)
    assert (session.permanent, "Max-Age=3600" in headers["Set-Cookie"]) == (True, True)


def test_setting_permanent_again_seals_nothing(open_session: Open) -> None:
    session = open_session({"a": 1})
    session.permanent = False
    assert save(session) == ["vary"]


def test_permanent_alone_makes_no_cookie(open_session: Open) -> None:
    session = open_session()
    session.permanent = True
    assert save(session) == ["vary"]


def test_an_untouched_session_leaves_the_headers_alone(open_session: Open) -> None:
    session = open_session({"a": 1})
    headers = Headers({"Vary": "Accept"})
    session.save_into(headers)
    assert (list(headers), session.exchange.is_finished) == ([("Vary", "Accept")], True)


def test_fields_of_the_response_are_merged(open_session: Open) -> None:
    session = open_session()
    session["a"] = 1
    headers = Headers({"Vary": "Accept", "Set-Cookie": "other=1"})
    session.save_into(headers)
    assert (headers["Vary"], headers["Cache-Control"]) == ("Accept, Cookie", "private")
    assert [field.partition("=")[0] for field in headers.getlist("Set-Cookie")] == ["other", "__Host-session"]


def test_a_change_inside_a_value_is_saved(open_session: Open, sessions: CookieSessions[Any]) -> None:
    session = open_session({"a": {" t": [1]}, "b": [1]})
    session["b"].append(session["a"])
    assert read_back(session, sessions) == {"a": {" t": [1]}, "b": [1, {" t": [1]}]}


@pytest.mark.parametrize(("refreshes", "renews"), [(True, True), (False, False)])
def test_an_unchanged_session_is_renewed_unless_the_application_says_no(
    open_session: Open, *, refreshes: bool, renews: bool
) -> None:
    session = open_session({"a": 1}, issued=NOW - 1800, SESSION_REFRESH_EACH_REQUEST=refreshes)
    assert session["a"] == 1
    assert ("set-cookie" in save(session)) is renews


def test_a_change_is_saved_where_nothing_is_renewed(open_session: Open) -> None:
    session = open_session({"a": 1}, SESSION_REFRESH_EACH_REQUEST=False)
    session["a"] = 2
    assert "set-cookie" in save(session)


def fill(session: FlaskSession) -> None:
    session["a"] = "x" * 3000


def nest(session: FlaskSession) -> None:
    session["b"].append(object())


@pytest.mark.parametrize(("spoil", "error"), [(fill, SessionTooLargeError), (nest, UnsupportedValueError)])
def test_a_session_that_cannot_be_saved_is_as_it_was(open_session: Open, spoil: Any, error: type[Exception]) -> None:
    session = open_session({"a": 1, "b": [1]})
    spoil(session)
    with pytest.raises(error):
        session.check()
    headers = Headers()
    with pytest.raises(error):
        session.save_into(headers)
    assert (list(headers), dict(session), session.modified) == ([], {"a": 1, "b": [1]}, False)
    session["c"] = 1
    assert "set-cookie" in save(session)


def test_check_accepts_what_fits(open_session: Open) -> None:
    session = open_session({"a": [1]})
    session["a"].append(2)
    session.check()
    assert session.exchange.session["a"] == [1, 2]


def test_revert_undoes_all_changes(open_session: Open) -> None:
    session = open_session({"a": [1]})
    session["a"].append(2)
    session["b"] = 1
    session.revert()
    assert (dict(session), save(session)) == ({"a": [1]}, ["vary"])


def test_a_write_after_the_response_is_refused(open_session: Open) -> None:
    session = open_session({"a": [1]})
    save(session)
    with pytest.raises(SessionCommittedError):
        session["a"] = 2
    assert session["a"] == [1]
