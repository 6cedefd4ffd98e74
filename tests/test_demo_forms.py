"""What the forms of the demonstration do to a session, without HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from cookiejar_session import CookieSessions, Session
from cookiejar_session.demo.forms import FORMS, MAX_NAME_CHARACTERS, parse_form, submit_form
from cookiejar_session.session_state import SessionState


@pytest.fixture
def session(make_sessions: Callable[..., CookieSessions[Any]]) -> Session[Any]:
    """A new session, as in the middle of a request."""
    settings = make_sessions().settings
    state = SessionState(settings, None, now=1767225600)
    return Session(lambda: state, settings.random_octets)


def submit(session: Session[Any], form: str, part: str = "ASGI part", **fields: str) -> bool:
    """Sends ``form`` with a good CSRF token."""
    fields = {"csrf_token": session.csrf_token(form), **fields}
    return submit_form(session, fields, form=form, part=part)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("token", [None, "", "A" * 86, "é" * 86])
def test_form_without_its_csrf_token_is_refused_and_changes_nothing(
    session: Session[Any], form: str, token: str | None
) -> None:
    fields = {"name": "Ada"} if token is None else {"name": "Ada", "csrf_token": token}
    sid = session.sid
    assert not submit_form(session, fields, form=form, part="ASGI part")
    assert (dict(session), session.flash.pop_all(), session.sid) == ({}, [], sid)


def test_csrf_token_of_another_form_is_refused(session: Session[Any]) -> None:
    assert not submit(session, "count", csrf_token=session.csrf_token("sign-out"))


def test_sign_in_names_the_visitor(session: Session[Any]) -> None:
    assert submit(session, "sign-in", name="  Ada Lovelace ")
    assert session["user"] == "Ada Lovelace"


def test_sign_in_makes_a_new_sid(session: Session[Any]) -> None:
    before = session.sid
    submit(session, "sign-in", name="Ada")
    assert session.sid != before


def test_sign_in_keeps_what_was_counted_before(session: Session[Any]) -> None:
    submit(session, "count")
    submit(session, "sign-in", name="Ada")
    assert session["counts"] == {"ASGI part": 1}


def test_sign_in_tells_the_next_page_through_which_part(session: Session[Any]) -> None:
    submit(session, "sign-in", part="WSGI part", name="Ada")
    assert session.flash.pop_all() == [("notice", "Signed in as Ada through the WSGI part.")]


@pytest.mark.parametrize("name", ["", " \t", "a" * (MAX_NAME_CHARACTERS + 1), "A\x00da", "A\u202eda"])
def test_name_that_cannot_be_shown_signs_nobody_in(session: Session[Any], name: str) -> None:
    submit(session, "sign-in", name=name)
    assert "user" not in session
    assert session.flash.has("error")


def test_sign_in_without_a_name_field_signs_nobody_in(session: Session[Any]) -> None:
    submit(session, "sign-in")
    assert "user" not in session


def test_longest_name_signs_in(session: Session[Any]) -> None:
    submit(session, "sign-in", name="é" * MAX_NAME_CHARACTERS)
    assert session["user"] == "é" * MAX_NAME_CHARACTERS


def test_counter_counts_each_part_apart(session: Session[Any]) -> None:
    for part in ("ASGI part", "WSGI part", "ASGI part"):
        submit(session, "count", part=part)
    assert session["counts"] == {"ASGI part": 2, "WSGI part": 1}


def test_sign_out_leaves_nothing_but_its_message(session: Session[Any]) -> None:
    submit(session, "sign-in", name="Ada")
    submit(session, "count")
    before = session.sid
    submit(session, "sign-out", part="WSGI part")
    assert dict(session) == {}
    assert session.flash.pop_all() == [("notice", "Signed out through the WSGI part.")]
    assert session.sid != before


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", {}),
        (b"name=Ada+Lovelace&csrf_token=a-_b", {"name": "Ada Lovelace", "csrf_token": "a-_b"}),
        (b"name=", {"name": ""}),
        (b"name=%C3%A9%26", {"name": "é&"}),
        (b"name=a&name=b", {"name": "b"}),
        (b"name=%FF\xff", {"name": "\ufffd\ufffd"}),
        (b'{"name": "Ada"}', {'{"name": "Ada"}': ""}),
    ],
)
def test_form_fields_are_read_from_any_octets(body: bytes, fields: dict[str, str]) -> None:
    assert parse_form(body) == fields
