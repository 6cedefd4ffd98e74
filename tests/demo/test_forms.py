"""What the forms of the demonstration change in a session, without HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Keyring, Session, SessionTooLargeError
from cookiejar_session.demo.forms import FORMS, MAX_COUNT, MAX_NAME_CHARACTERS, Submission, parse_form, submit_form
from cookiejar_session.demo.rotating_keyring import RotatingKeyring

MakeSessions = Callable[..., CookieSessions[Any]]


@pytest.fixture
def session(make_sessions: MakeSessions) -> Session[Any]:
    """A new session, as in the middle of a request."""
    return make_sessions().begin("", now=NOW).session


def submit(
    session: Session[Any], form: str, app: str = "ASGI app", *, keyring: Keyring | None = None, **fields: Any
) -> bool:
    """Send ``form`` with a valid CSRF token."""
    fields = {"csrf_token": session.csrf_token(form), **fields}
    return submit_form(Submission(fields, session, app, keyring or RotatingKeyring()), form=form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("token", [None, "", "A" * 86, "é" * 86])
def test_form_without_its_csrf_token_is_refused_and_changes_nothing(
    session: Session[Any], form: str, token: str | None
) -> None:
    fields = {"name": "Ada"} if token is None else {"name": "Ada", "csrf_token": token}
    sid = session.sid
    assert not submit_form(Submission(fields, session, "ASGI app", RotatingKeyring()), form=form)
    assert (dict(session), session.flash.pop_all(), session.sid) == ({}, [], sid)


def test_csrf_token_of_another_form_is_refused(session: Session[Any]) -> None:
    assert not submit(session, "count", csrf_token=session.csrf_token("sign-out"))


def test_sign_in_names_the_visitor(session: Session[Any]) -> None:
    assert submit(session, "sign-in", name="  Ada Lovelace ")
    assert (session["user"], session["signed_in_through"]) == ("Ada Lovelace", "ASGI app")


def test_sign_in_makes_a_new_sid(session: Session[Any]) -> None:
    before = session.sid
    submit(session, "sign-in", name="Ada")
    assert session.sid != before


def test_sign_in_keeps_what_was_counted_before(session: Session[Any]) -> None:
    submit(session, "count")
    submit(session, "sign-in", name="Ada")
    assert session["counts"] == {"ASGI app": 1}


def test_sign_in_tells_the_next_page_through_which_app(session: Session[Any]) -> None:
    submit(session, "sign-in", app="WSGI app", name="Ada")
    assert session.flash.pop_all() == [("notice", "Signed in as Ada through the WSGI app.")]


@pytest.mark.parametrize(
    ("fields", "lives"),
    [({"remember": "on"}, timedelta(days=60)), ({}, timedelta(days=14))],
    ids=["remembered", "not remembered"],
)
def test_remembered_session_lives_longer(session: Session[Any], fields: dict[str, Any], lives: timedelta) -> None:
    submit(session, "sign-in", name="Ada", **fields)
    assert session.expires_at - session.created_at == lives


def test_sign_in_that_does_not_fit_changes_nothing_once_reverted(make_sessions: MakeSessions) -> None:
    sessions = make_sessions()
    session = sessions.begin(sessions.mint({"filler": "c" * 1890}, now=NOW).header, now=NOW).session
    before, sid = dict(session), session.sid
    with pytest.raises(SessionTooLargeError):
        submit(session, "sign-in", name="Ada")
    session.revert()
    assert (dict(session), session.flash.pop_all(), session.sid) == (before, [], sid)


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


def test_counter_counts_each_app_apart(session: Session[Any]) -> None:
    for app in ("ASGI app", "WSGI app", "ASGI app"):
        submit(session, "count", app=app)
    assert session["counts"] == {"ASGI app": 2, "WSGI app": 1}


def test_sign_out_leaves_nothing_but_its_message(session: Session[Any]) -> None:
    submit(session, "sign-in", name="Ada")
    submit(session, "count")
    before = session.sid
    submit(session, "sign-out", app="WSGI app")
    assert dict(session) == {}
    assert session.flash.pop_all() == [("notice", "Signed out through the WSGI app.")]
    assert session.sid != before


def test_counter_has_an_end(session: Session[Any]) -> None:
    session["counts"] = {"ASGI app": MAX_COUNT}
    submit(session, "count")
    assert session["counts"] == {"ASGI app": MAX_COUNT}


def test_counter_of_another_application_is_begun_anew(session: Session[Any]) -> None:
    session["counts"] = "seven"
    submit(session, "count")
    assert session["counts"] == {"ASGI app": 1}


def test_cart_counts_each_item_apart(session: Session[Any]) -> None:
    for item in ("Macaron", "Shortbread", "Macaron"):
        submit(session, "add-to-cart", item=item)
    assert session["cart"] == {
        "lines": [{"item": "Macaron", "quantity": 2}, {"item": "Shortbread", "quantity": 1}],
    }


def test_cart_has_an_end(session: Session[Any]) -> None:
    session["cart"] = {"lines": [{"item": "Macaron", "quantity": MAX_COUNT}]}
    submit(session, "add-to-cart", item="Macaron")
    assert session["cart"]["lines"][0]["quantity"] == MAX_COUNT


def test_cart_of_another_application_is_begun_anew(session: Session[Any]) -> None:
    session["cart"] = ["Tea"]
    submit(session, "add-to-cart", item="Macaron")
    assert session["cart"] == {"lines": [{"item": "Macaron", "quantity": 1}]}


@pytest.mark.parametrize("fields", [{}, {"item": "Tea"}, {"item": ""}])
def test_what_is_not_on_the_shelf_does_not_reach_the_cart(session: Session[Any], fields: dict[str, Any]) -> None:
    submit(session, "add-to-cart", **fields)
    assert "cart" not in session
    assert session.flash.has("error")


@pytest.mark.parametrize("items", [["Macaron"], []])
def test_emptied_cart_is_gone(session: Session[Any], items: list[str]) -> None:
    for item in items:
        submit(session, "add-to-cart", item=item)
    submit(session, "empty-cart")
    assert "cart" not in session


def test_regenerated_session_has_a_new_sid_and_its_content(session: Session[Any]) -> None:
    submit(session, "count")
    sid = session.sid
    submit(session, "regenerate")
    assert session.sid != sid
    assert session["counts"] == {"ASGI app": 1}


def test_regenerate_names_the_log_id_of_before(session: Session[Any]) -> None:
    before = session.log_id
    submit(session, "regenerate")
    assert before in session.flash.get("notice")[0]


def test_rotation_makes_a_new_primary_key_and_keeps_the_old(session: Session[Any]) -> None:
    keyring = RotatingKeyring()
    first = keyring.ring(NOW).primary(NOW).key
    submit(session, "rotate", keyring=keyring)
    assert keyring.ring(NOW).primary(NOW).key != first
    assert keyring.ring(NOW).find(first.key_id, NOW)


def test_rotation_writes_nothing_to_the_session(session: Session[Any]) -> None:
    submit(session, "rotate")
    assert (dict(session), session.flash.pop_all()) == ({}, [])


def test_rotation_of_a_full_ring_says_so(session: Session[Any]) -> None:
    keyring = RotatingKeyring()
    while keyring.rotate():
        pass
    submit(session, "rotate", keyring=keyring)
    assert "ring full. It holds 16 keys" in session.flash.get("error")[0]


def test_keys_of_the_operator_are_not_rotated(session: Session[Any]) -> None:
    keyring = Keyring.generate()
    ring = keyring.ring(NOW)
    submit(session, "rotate", keyring=keyring)
    assert keyring.ring(NOW) is ring
    assert "The keys come from the environment" in session.flash.get("error")[0]


@pytest.mark.parametrize("count", [0, 3])
def test_filled_session_has_no_octet_left(session: Session[Any], count: int) -> None:
    for _ in range(count):
        submit(session, "add-to-cart", item="Macaron")
    submit(session, "fill")
    assert session.size.left == 0


def test_full_session_is_filled_to_the_same_again(session: Session[Any]) -> None:
    submit(session, "fill")
    before = dict(session)
    submit(session, "fill")
    assert dict(session) == before


def test_overfilled_session_is_refused_and_can_be_reverted(make_sessions: MakeSessions) -> None:
    sessions = make_sessions()
    cookie = sessions.mint({"counts": {"ASGI app": 1}}, flash=[("notice", "Hello")], now=NOW)
    session = sessions.begin(cookie.header, now=NOW).session
    with pytest.raises(SessionTooLargeError) as caught:
        submit(session, "overfill")
    assert caught.value.characters > caught.value.limit
    session.revert()
    assert (dict(session), session.flash.pop_all()) == ({"counts": {"ASGI app": 1}}, [("notice", "Hello")])


def test_full_session_has_room_again_when_it_is_asked_to(session: Session[Any]) -> None:
    submit(session, "fill")
    submit(session, "unfill")
    assert dict(session) == {}


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
