"""The forms of the demonstration's pages."""

import re
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import Keyring, Session
from cookiejar_session.demo.content import ITEMS
from cookiejar_session.demo.controls import render_controls, render_section, render_steps
from cookiejar_session.demo.documentation import KEYS, PAGES, render_link
from cookiejar_session.demo.forms import FORMS
from cookiejar_session.demo.rotating_keyring import RotatingKeyring
from cookiejar_session.demo.stage import Stage
from cookiejar_session.demo.two_apps import ASGI, WSGI, DemoApp, find_other

APPS = pytest.mark.parametrize("app", [ASGI, WSGI], ids=["asgi", "wsgi"])
HOSTILE = "</p><script>alert('x')</script>\"&amp;"
ESCAPED = "&lt;/p&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;&amp;amp;"


@pytest.fixture
def stage() -> Stage:
    return Stage(RotatingKeyring(), clock=lambda: float(NOW))


@pytest.fixture
def session(stage: Stage) -> Session[Any]:
    """A new session, as in the middle of a request."""
    return stage.sessions.begin("", now=NOW).session


def render_try(session: Session[Any], stage: Stage, *, app: DemoApp = ASGI, cookies: str = "") -> str:
    return render_steps(session, stage.make_view(cookies, session), app=app)


def render(session: Session[Any], *, app: DemoApp = ASGI) -> str:
    """Render everything that a visitor can do."""
    stage = Stage(RotatingKeyring(), clock=lambda: float(NOW))
    return render_try(session, stage, app=app) + render_controls(session, stage.make_view("", session).anatomy, app=app)


def list_forms(html: str) -> list[str]:
    return re.findall(r'<form method="post" action="([^"]+)">', html)


def find_next_step(html: str) -> list[str]:
    return re.findall("<li aria-current=step><h3>([^<]+)</h3>", html)


def test_visitor_is_offered_to_sign_in_and_never_to_sign_out(session: Session[Any]) -> None:
    assert list_forms(render(session)) == [
        "/sign-in",
        "/rotate",
        "/count",
        "/add-to-cart",
        "/regenerate",
        "/fill",
        "/overfill",
    ]


def test_somebody_signed_in_is_named_and_offered_to_sign_out(session: Session[Any]) -> None:
    session["user"] = "Ada"
    html = render(session, app=WSGI)
    assert list_forms(html)[:2] == ["/wsgi/rotate", "/wsgi/sign-out"]
    assert "You are <strong>Ada</strong>.</p>" in html


@APPS
def test_next_step_leads_a_visitor_through_the_demonstration(stage: Stage, app: DemoApp) -> None:
    other = find_other(app)
    cookies = stage.sessions.mint({"user": "Ada", "signed_in_through": app.name}, now=NOW).header
    session = stage.sessions.begin(cookies, now=NOW).session
    assert find_next_step(render_try(stage.sessions.begin("", now=NOW).session, stage, app=app)) == ["Sign in here"]
    assert find_next_step(render_try(session, stage, app=app, cookies=cookies)) == ["Open the other app"]
    assert find_next_step(render_try(session, stage, app=other, cookies=cookies)) == ["Rotate the key"]
    stage.keyring.rotate()  # type: ignore[attr-defined]
    assert find_next_step(render_try(session, stage, app=other, cookies=cookies)) == ["Sign out"]


@APPS
def test_each_app_leads_to_the_other(session: Session[Any], stage: Stage, app: DemoApp) -> None:
    other = find_other(app)
    link = f'<a class="button" href="{other.path}">Open the {other.name}</a>'
    assert link in render_try(session, stage, app=app)
    session.update(user="Ada", signed_in_through=other.name)
    html = render_try(session, stage, app=app)
    assert link in html
    assert f"You are <strong>Ada</strong>, signed in through the {other.name}.</p>" in html
    assert f"You are in the {app.name} now, and it knows you" in html


def test_full_ring_says_so(session: Session[Any], stage: Stage) -> None:
    assert "ring full" not in render_try(session, stage)
    while stage.keyring.rotate():  # type: ignore[attr-defined]
        pass
    assert "The keyring holds 16 keys: ring full." in render_try(session, stage)


def test_counter_is_the_sum_over_both_apps(session: Session[Any]) -> None:
    session["counts"] = {"ASGI app": 2, "WSGI app": 3000}
    html = render(session)
    assert '<strong class="count">3,002</strong> 2 by the ASGI app, 3,000 by the WSGI app' in html


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
    html = render_try(session, Stage(Keyring.generate()))
    assert list_forms(html) == ["/sign-in"]
    assert "The keys come from the environment, so this page cannot rotate them." in html
    assert f"Rotate them where they are set ({render_link(KEYS)})." in html


def test_size_is_drawn_and_written(session: Session[Any]) -> None:
    html = render(session)
    assert '<meter min="0" max="1943" value="42" aria-label="Used bytes"></meter>' in html
    assert "<b>42</b> of 1,943 bytes are used, <b>1,901</b> are left." in html


@APPS
def test_each_form_has_its_own_csrf_token(session: Session[Any], app: DemoApp) -> None:
    checked = set()
    for content in ({}, {"user": "Ada", "filler": "c", "cart": {"lines": [{"item": "Macaron", "quantity": 2}]}}):
        session.update(content)
        for form, token in re.findall(
            rf'action="{app.path}([\w-]+)">\s*<input[^>]* value="([^"]+)"', render(session, app=app)
        ):
            assert session.check_csrf_token(token, form=form)
            checked.add(form)
    assert checked == set(FORMS)


@pytest.mark.parametrize(
    "content", [{"user": HOSTILE}, {"user": "Ada", "signed_in_through": HOSTILE}, {"counts": {HOSTILE: 1}}]
)
def test_what_a_visitor_wrote_is_escaped(session: Session[Any], content: dict[str, Any]) -> None:
    session.update(content)
    html = render(session)
    assert ESCAPED in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "content",
    [{"user": 7}, {"signed_in_through": 7}, {"counts": "many"}, {"cart": [["Tea"]]}],
    ids=["user", "signed_in_through", "counts", "cart"],
)
def test_session_of_another_application_is_no_obstacle(session: Session[Any], content: dict[str, Any]) -> None:
    before = list_forms(render(session))
    session.update(content)
    assert list_forms(render(session)) == before


def test_section_is_named_by_its_heading_and_links_to_its_page() -> None:
    assert render_section("cart", "Cart", "<p>Tea</p>") == (
        '<section id="cart" aria-labelledby="cart-heading">\n<h2 id="cart-heading">Cart</h2>\n<p>Tea</p>\n'
        f'<p class="note">In the documentation: {render_link(PAGES["cart"])}</p>\n</section>'
    )
