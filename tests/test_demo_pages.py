"""The pages of the demonstration, as text and as a parser of HTML sees them."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from cookiejar_session import CookieSessions, Session
from cookiejar_session.demo.forms import FORMS
from cookiejar_session.demo.pages import (
    ASGI,
    CONTENT_SECURITY_POLICY,
    ICON,
    NO_COOKIE_TEXT,
    STATUS_TEXTS,
    STYLE_SHEET,
    WSGI,
    Part,
    render_session_page,
    render_status_page,
)
from cookiejar_session.session_state import SessionState

VOID = {"meta", "link", "input"}
PARTS = pytest.mark.parametrize("part", [ASGI, WSGI], ids=["asgi", "wsgi"])
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


@pytest.fixture
def session(make_sessions: Callable[..., CookieSessions[Any]]) -> Session[Any]:
    """A new session, as in the middle of a request."""
    settings = make_sessions().settings
    state = SessionState(settings, None, now=1767225600)
    return Session(lambda: state, settings.random_octets)


def test_page_of_a_visitor_offers_to_sign_in(session: Session[Any]) -> None:
    page = Outline(render_session_page(session, part=ASGI))
    assert [form["action"] for form in page.find("form")] == ["/sign-in", "/count"]


def test_page_of_somebody_signed_in_offers_to_sign_out(session: Session[Any]) -> None:
    session["user"] = "Ada"
    page = Outline(render_session_page(session, part=WSGI))
    assert [form["action"] for form in page.find("form")] == ["/wsgi/sign-out", "/wsgi/count"]


def test_page_names_who_is_signed_in(session: Session[Any]) -> None:
    session["user"] = "Ada"
    assert "<strong>Ada</strong>" in render_session_page(session, part=ASGI)


def test_counter_is_the_sum_over_both_parts(session: Session[Any]) -> None:
    session["counts"] = {"ASGI part": 2, "WSGI part": 3}
    page = Outline(render_session_page(session, part=ASGI))
    assert "5 2 through the ASGI part, 3 through the WSGI part" in page.text


@CATEGORIES
def test_flash_message_is_announced_by_its_role(session: Session[Any], category: str, role: str) -> None:
    session.flash.add(category, "Hello")
    assert f'role="{role}">Hello</p>' in render_session_page(session, part=ASGI)


def test_flash_message_shows_on_one_page_only(session: Session[Any]) -> None:
    session.flash.add("notice", "Hello")
    render_session_page(session, part=ASGI)
    assert "Hello" not in render_session_page(session, part=ASGI)


@PARTS
def test_each_form_is_sent_by_post_with_its_own_csrf_token(session: Session[Any], part: Part) -> None:
    anonymous = Outline(render_session_page(session, part=part))
    session["user"] = "Ada"
    signed_in = Outline(render_session_page(session, part=part))
    checked = set()
    for page in (anonymous, signed_in):
        tokens = [field["value"] or "" for field in page.find("input") if field["name"] == "csrf_token"]
        for form, token in zip(page.find("form"), tokens, strict=True):
            name = (form["action"] or "").removeprefix(part.path)
            assert form["method"] == "post"
            assert session.check_csrf_token(token, form=name)
            checked.add(name)
    assert checked == set(FORMS)


HOSTILE = "</p><script>alert('x')</script>\"&amp;"


def test_name_is_escaped(session: Session[Any]) -> None:
    session["user"] = HOSTILE
    page = Outline(render_session_page(session, part=ASGI))
    assert HOSTILE in page.text
    assert page.find("script") == []


@CATEGORIES
def test_flash_message_is_escaped(session: Session[Any], category: str, role: str) -> None:
    session.flash.add(category, HOSTILE)
    page = Outline(render_session_page(session, part=ASGI))
    assert HOSTILE in page.text
    assert page.find("script") == []


def test_flash_category_is_not_part_of_the_page(session: Session[Any]) -> None:
    session.flash.add('"><script>', "Hello")
    assert "script" not in render_session_page(session, part=ASGI)


def test_part_names_in_the_counter_are_escaped(session: Session[Any]) -> None:
    session["counts"] = {HOSTILE: 1}
    assert HOSTILE in Outline(render_session_page(session, part=ASGI)).text


@PARTS
def test_page_links_to_both_parts_and_marks_its_own(session: Session[Any], part: Part) -> None:
    links = Outline(render_session_page(session, part=part)).find("a")
    assert [link["href"] for link in links] == ["/", "/wsgi/"]
    assert [link["href"] for link in links if link.get("aria-current") == "page"] == [part.path]


def test_page_loads_nothing_from_elsewhere(session: Session[Any]) -> None:
    page = Outline(render_session_page(session, part=ASGI))
    sources = [attributes.get(name) for _, attributes in page.elements for name in ("src", "href", "action", "srcset")]
    assert [source for source in sources if source is not None and not source.startswith("/")] == []
    assert [source for source in sources if source is not None and source.startswith("//")] == []


def test_content_security_policy_suits_the_page(session: Session[Any]) -> None:
    page = render_session_page(session, part=ASGI)
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert [tag for tag in ("<script", "<style", " style=", " onclick=") if tag in page] == []


def test_every_field_that_is_shown_has_a_label(session: Session[Any]) -> None:
    page = Outline(render_session_page(session, part=ASGI))
    shown = [field.get("id") for field in page.find("input") if field.get("type") != "hidden"]
    assert shown == [label["for"] for label in page.find("label")] == ["name"]


def test_every_section_is_named_by_its_heading(session: Session[Any]) -> None:
    page = Outline(render_session_page(session, part=ASGI))
    assert [part["aria-labelledby"] for part in page.find("section")] == [head["id"] for head in page.find("h2")]


def test_page_shows_the_log_id_and_never_the_sid(session: Session[Any]) -> None:
    page = render_session_page(session, part=ASGI)
    assert session.log_id in page
    assert session.sid.hex() not in page


def test_page_shows_when_the_session_began_and_ends(session: Session[Any]) -> None:
    page = Outline(render_session_page(session, part=ASGI))
    assert [time["datetime"] for time in page.find("time")] == ["2026-01-01T00:00:00Z", "2026-01-15T00:00:00Z"]
    assert "1 January 2026, 00:00 UTC" in page.text


@PARTS
@pytest.mark.parametrize("status", STATUS_TEXTS)
def test_status_page_leads_back_to_its_part(part: Part, status: int) -> None:
    page = Outline(render_status_page(status, part=part))
    assert page.find("a")[-1]["href"] == part.path


def test_refused_form_without_a_cookie_says_which_browsers_send_one(session: Session[Any]) -> None:
    assert NO_COOKIE_TEXT in render_status_page(403, part=ASGI, session=session)


def test_refused_form_of_an_earlier_session_does_not_blame_the_browser(
    make_sessions: Callable[..., CookieSessions[Any]],
) -> None:
    sessions = make_sessions()
    session = sessions.read(sessions.mint({"user": "Ada"}).header).session
    assert NO_COOKIE_TEXT not in render_status_page(403, part=ASGI, session=session)


def test_style_sheet_serves_light_and_dark_and_loads_nothing() -> None:
    assert b"prefers-color-scheme: dark" in STYLE_SHEET
    assert b"url(" not in STYLE_SHEET
    assert b"@import" not in STYLE_SHEET


def test_icon_is_an_svg_image() -> None:
    assert ICON.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"')
