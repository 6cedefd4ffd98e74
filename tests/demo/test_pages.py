"""The HTML pages of the demonstration."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from textwrap import indent
from types import SimpleNamespace
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Session, SessionTooLargeError
from cookiejar_session.demo.documentation import ADDRESS, PAGES
from cookiejar_session.demo.pages import (
    CONTENT_SECURITY_POLICY,
    ICON,
    NO_COOKIE_TEXT,
    OVERFLOW_CODE,
    STATUS_TEXTS,
    STYLE_SHEET,
    render_overflow_page,
    render_session_page,
    render_status_page,
)
from cookiejar_session.demo.rotating_keyring import RotatingKeyring
from cookiejar_session.demo.stage import Stage
from cookiejar_session.demo.two_apps import ASGI, WSGI, DemoApp

VOID = {"meta", "link", "input"}
APPS = pytest.mark.parametrize("app", [ASGI, WSGI], ids=["asgi", "wsgi"])
CATEGORIES = pytest.mark.parametrize(("category", "role"), [("notice", "status"), ("error", "alert")])


class Outline(HTMLParser):
    """The elements of a page with their attributes and all its text; fails for tags that are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def find(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]


Render = Callable[..., str]


@pytest.fixture
def stage() -> Stage:
    return Stage(RotatingKeyring(), clock=lambda: float(NOW))


def open_session(stage: Stage, cookies: str) -> Session[Any]:
    """The session of these cookies, as in the middle of a request."""
    return stage.sessions.begin(cookies, now=NOW).session


@pytest.fixture
def session(stage: Stage) -> Session[Any]:
    """A new session, as in the middle of a request."""
    return open_session(stage, "")


@pytest.fixture
def render(stage: Stage) -> Render:
    """Renders the page of a app for a session."""

    def render_page(session: Session[Any], *, app: DemoApp = ASGI, cookies: str = "") -> str:
        return render_session_page(session, stage.make_view(cookies, session), app=app)

    return render_page


@APPS
def test_page_says_which_app_it_is_from(session: Session[Any], render: Render, app: DemoApp) -> None:
    assert f"You are in the <b>{app.name}</b> ({app.description})." in render(session, app=app)


def test_page_says_first_what_this_is_then_what_to_try_then_what_is_inside(
    session: Session[Any], render: Render
) -> None:
    page = Outline(render(session))
    assert page.text.index("One login for all your Python web apps") < page.text.index("You are in the ASGI app")
    names = ["try", "cookie", "envelope", "responses", "ring", "counter", "cart", "session-id", "size"]
    assert [section["id"] for section in page.find("section")] == names


@pytest.mark.parametrize(
    ("data", "text"), [({}, "cookie. When"), ({"user": "Ada"}, "cookie, and you are still signed in. When")]
)
def test_rotation_is_explained_while_a_retired_key_sealed_the_cookie(
    stage: Stage, render: Render, data: dict[str, Any], text: str
) -> None:
    cookies = stage.sessions.mint(data, now=NOW).header
    assert "The key was rotated" not in render(open_session(stage, cookies), cookies=cookies)
    stage.keyring.rotate()  # type: ignore[attr-defined]
    page = Outline(render(open_session(stage, cookies), cookies=cookies))
    assert f"opened your {text} the session changes, the new primary key" in page.text


@CATEGORIES
def test_flash_message_is_announced_by_its_role(
    session: Session[Any], render: Render, category: str, role: str
) -> None:
    session.flash.add(category, "Hello")
    assert f'role="{role}">Hello</p>' in render(session)


def test_flash_message_shows_on_one_page_only(session: Session[Any], render: Render) -> None:
    session.flash.add("notice", "Hello")
    render(session)
    assert "Hello" not in render(session)


HOSTILE = "</p><script>alert('x')</script>\"&amp;"


@CATEGORIES
def test_flash_message_is_escaped(session: Session[Any], render: Render, category: str, role: str) -> None:
    session.flash.add(category, HOSTILE)
    page = Outline(render(session))
    assert HOSTILE in page.text
    assert page.find("script") == []


def test_flash_category_does_not_show_on_the_page(session: Session[Any], render: Render) -> None:
    session.flash.add('"><script>', "Hello")
    assert "script" not in render(session)


@APPS
def test_page_links_to_both_apps_and_marks_its_own(session: Session[Any], render: Render, app: DemoApp) -> None:
    links = Outline(render(session, app=app)).find("a")
    assert [link["href"] for link in links][:2] == ["/", "/wsgi/"]
    assert [link["href"] for link in links if link.get("aria-current") == "page"] == [app.path]


def test_page_loads_nothing_from_elsewhere(session: Session[Any], render: Render) -> None:
    page = Outline(render(session))
    # What a visitor follows, a link, is not loaded.
    loaded = [attributes for tag, attributes in page.elements if tag != "a"]
    sources = [attributes.get(name) for attributes in loaded for name in ("src", "href", "action", "srcset")]
    assert [source for source in sources if source is not None and not source.startswith("/")] == []
    assert [source for source in sources if source is not None and source.startswith("//")] == []


def test_each_section_links_to_the_page_that_explains_it_and_nothing_else_leads_away(
    session: Session[Any], render: Render
) -> None:
    page = Outline(render(session))
    away = [link["href"] for link in page.find("a") if not (link["href"] or "").startswith("/")]
    assert away == [f"{ADDRESS}/{PAGES[section['id'] or ''].path}" for section in page.find("section")]


def test_content_security_policy_suits_the_page(session: Session[Any], render: Render) -> None:
    page = render(session)
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert [tag for tag in ("<script", "<style", " style=", " onclick=") if tag in page] == []


def test_every_field_that_is_shown_has_a_label(session: Session[Any], render: Render) -> None:
    page = Outline(render(session))
    shown = [field.get("id") for field in page.find("input") if field.get("type") != "hidden"]
    assert shown == [label["for"] for label in page.find("label")] == ["name", "remember"]


def test_every_section_is_named_by_its_heading(session: Session[Any], render: Render) -> None:
    page = Outline(render(session))
    assert [section["aria-labelledby"] for section in page.find("section")] == [head["id"] for head in page.find("h2")]


@APPS
def test_overflow_page_says_how_much_was_too_much(app: DemoApp) -> None:
    problem = SessionTooLargeError(characters=3268, limit=2660, octets_by_key={"<user>": 4, None: 90, "cargo": 2000})
    page = Outline(render_overflow_page(problem, app=app))
    assert "would need a cookie of 3,268 characters. The limit is\n2,660." in page.text
    assert "cargo 2,000 bytesflash messages 90 bytes<user> 4 bytes" in page.text
    assert page.find("a")[-1]["href"] == app.path
    assert OVERFLOW_CODE in page.text


def test_code_on_the_overflow_page_does_what_it_says(make_sessions: Callable[..., CookieSessions[Any]]) -> None:
    sessions = make_sessions()
    session = sessions.begin(sessions.mint({"user": "Ada"}, now=NOW).header, now=NOW).session
    scope: dict[str, Any] = {"SessionTooLargeError": SessionTooLargeError}
    exec("def save(sessions, request, items):\n" + indent(OVERFLOW_CODE, "    "), scope)  # noqa: S102
    holder = SimpleNamespace(get=lambda request: session)
    assert scope["save"](holder, None, ["Tea"]) is None
    assert session["cart"] == ["Tea"]
    assert scope["save"](holder, None, ["Tea"] * 1000) == ("the cart is too large", 413)
    assert dict(session) == {"user": "Ada"}


@APPS
@pytest.mark.parametrize("status", STATUS_TEXTS)
def test_status_page_leads_back_to_its_app(app: DemoApp, status: int) -> None:
    page = Outline(render_status_page(status, app=app))
    assert page.find("a")[-1]["href"] == app.path


def test_refused_form_without_a_cookie_says_which_browsers_send_one(session: Session[Any]) -> None:
    assert NO_COOKIE_TEXT in render_status_page(403, app=ASGI, session=session)


def test_refused_form_of_an_earlier_session_does_not_blame_the_browser(
    make_sessions: Callable[..., CookieSessions[Any]],
) -> None:
    sessions = make_sessions()
    session = sessions.read(sessions.mint({"user": "Ada"}).header).session
    assert NO_COOKIE_TEXT not in render_status_page(403, app=ASGI, session=session)


def test_style_sheet_serves_light_and_dark_and_loads_nothing() -> None:
    assert b"prefers-color-scheme: dark" in STYLE_SHEET
    assert b"url(" not in STYLE_SHEET
    assert b"@import" not in STYLE_SHEET


def read_colours(style_sheet: str) -> dict[str, float]:
    """The relative luminance of each custom property that is a colour (WCAG 2.2, relative luminance)."""
    found: dict[str, float] = {}
    for name, digits in re.findall(r"--([\w-]+): #([0-9a-f]+);", style_sheet):
        pairs = re.findall("..", digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
        red, green, blue = ((int(pair, 16) / 255 + 0.055) / 1.055 for pair in pairs)
        found[name] = 0.2126 * red**2.4 + 0.7152 * green**2.4 + 0.0722 * blue**2.4
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "papers"),
    [
        ("text", ["page", "surface", "sunken", "status", "alert"]),
        ("quiet", ["page", "surface", "sunken"]),
        ("accent", ["page", "surface", "sunken"]),
        ("on-accent", ["accent"]),
        *((piece, ["surface", "sunken"]) for piece in ("prefix", "key-id", "nonce", "sealed-text")),
    ],
)
def test_text_has_enough_contrast(scheme: str, ink: str, papers: list[str]) -> None:
    light, dark = STYLE_SHEET.decode().split("@media (prefers-color-scheme: dark)")
    luminance = read_colours(light if scheme == "light" else dark)
    for paper in papers:
        darker, lighter = sorted((luminance[ink], luminance[paper]))
        # WCAG 2.2, 1.4.3
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, paper


def test_icon_is_an_svg_image() -> None:
    assert ICON.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"')
