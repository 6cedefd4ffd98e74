"""The forms of the demonstration's pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from cookiejar_session import CookieSessions, Session
from cookiejar_session.demo.content import ITEMS
from cookiejar_session.demo.controls import render_controls, render_section
from cookiejar_session.demo.forms import FORMS
from cookiejar_session.demo.parts import ASGI, WSGI, Part

PARTS = pytest.mark.parametrize("part", [ASGI, WSGI], ids=["asgi", "wsgi"])
HOSTILE = "</p><script>alert('x')</script>\"&amp;"
ESCAPED = "&lt;/p&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;&amp;amp;"


@pytest.fixture
def session(make_sessions: Callable[..., CookieSessions[Any]]) -> Session[Any]:
    """A new session, as in the middle of a request."""
    return make_sessions().begin("", now=1767225600).session


def render(session: Session[Any], *, part: Part = ASGI, can_rotate: bool = True) -> str:
    return render_controls(session, part=part, can_rotate=can_rotate)


def list_forms(html: str) -> list[str]:
    return re.findall(r'<form method="post" action="([^"]+)">', html)


def test_visitor_is_offered_to_sign_in_and_never_to_sign_out(session: Session[Any]) -> None:
    assert list_forms(render(session)) == [
        "/sign-in",
        "/count",
        "/add-to-cart",
        "/rotate",
        "/regenerate",
        "/fill",
        "/overfill",
    ]


def test_somebody_signed_in_is_named_and_offered_to_sign_out(session: Session[Any]) -> None:
    session["user"] = "Ada"
    html = render(session, part=WSGI)
    assert list_forms(html)[0] == "/wsgi/sign-out"
    assert "<strong>Ada</strong>" in html


def test_counter_is_the_sum_over_both_parts(session: Session[Any]) -> None:
    session["counts"] = {"ASGI part": 2, "WSGI part": 3000}
    html = render(session)
    assert '<strong class="count">3,002</strong> 2 by the ASGI part, 3,000 by the WSGI part' in html


def test_cart_shows_how_many_there_are(session: Session[Any]) -> None:
    session["cart"] = {"lines": [{"item": "Macaron", "quantity": 2}]}
    assert "<li>2 &times; Macaron</li>" in render(session)


@pytest.mark.parametrize("item", ITEMS)
def test_each_item_has_a_button(session: Session[Any], item: str) -> None:
    assert f'<button name="item" value="{item}">{item}</button>' in render(session)


@pytest.mark.parametrize(
    ("content", "form"),
    [({"cart": {"lines": [{"item": "Macaron", "quantity": 2}]}}, "/empty-cart"), ({"filler": "c"}, "/unfill")],
)
def test_what_is_there_can_be_taken_out(session: Session[Any], content: dict[str, Any], form: str) -> None:
    assert form not in list_forms(render(session))
    session.update(content)
    assert form in list_forms(render(session))


def test_keys_of_the_operator_have_no_button(session: Session[Any]) -> None:
    html = render(session, can_rotate=False)
    assert "/rotate" not in list_forms(html)
    assert "The keys come from the environment, so this page cannot rotate them." in html


@PARTS
def test_each_form_has_its_own_csrf_token(session: Session[Any], part: Part) -> None:
    checked = set()
    for content in ({}, {"user": "Ada", "filler": "c", "cart": {"lines": [{"item": "Macaron", "quantity": 2}]}}):
        session.update(content)
        for form, token in re.findall(
            rf'action="{part.path}([\w-]+)">\s*<input[^>]* value="([^"]+)"', render(session, part=part)
        ):
            assert session.check_csrf_token(token, form=form)
            checked.add(form)
    assert checked == set(FORMS)


@pytest.mark.parametrize("content", [{"user": HOSTILE}, {"counts": {HOSTILE: 1}}])
def test_what_a_visitor_wrote_is_escaped(session: Session[Any], content: dict[str, Any]) -> None:
    session.update(content)
    html = render(session)
    assert ESCAPED in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "content", [{"user": 7}, {"counts": "many"}, {"cart": [["Tea"]]}], ids=["user", "counts", "cart"]
)
def test_session_of_another_application_is_no_obstacle(session: Session[Any], content: dict[str, Any]) -> None:
    before = list_forms(render(session))
    session.update(content)
    assert list_forms(render(session)) == before


def test_section_is_named_by_its_heading() -> None:
    assert render_section("cart", "Cart", "<p>Tea</p>") == (
        '<section id="cart" aria-labelledby="cart-heading">\n<h2 id="cart-heading">Cart</h2>\n<p>Tea</p>\n</section>'
    )
