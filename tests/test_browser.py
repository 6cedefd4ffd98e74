"""The demonstration in a real browser, Debian's Chromium, as wide as a phone and as a desk.

Needs the Debian package chromium and Playwright, whose own browsers are not used. Where either is missing the tests are
skipped, but in continuous integration (CI=true) they fail.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
# As root, and in containers, its sandbox cannot start; the rest keeps it from calling home.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
ASGI, WSGI = "ASGI app", "WSGI app"
BOTH_WAYS = pytest.mark.parametrize(("here", "there"), [(ASGI, WSGI), (WSGI, ASGI)], ids=["asgi", "wsgi"])
# Longer than any page takes on a busy machine; nothing is waited for without need.
TIMEOUT_MILLISECONDS = 120_000


@contextmanager
def serve_demo() -> Iterator[str]:
    """Serve the demonstration in a process of its own. Gives its URL."""
    command = [sys.executable, "-m", "cookiejar_session", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http://localhost:\d+/", process.stdout.readline())
            assert found is not None
            # The event log: a pipe that nobody empties would stop the server.
            Thread(target=process.stdout.read, daemon=True).start()
            yield found.group()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve_demo() as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    missing = [] if CHROMIUM.exists() else ["the Debian package chromium"]
    missing += [] if find_spec("playwright") else ["the Python package playwright"]
    if missing:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell(f"needs {' and '.join(missing)}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS, timeout=TIMEOUT_MILLISECONDS)
        yield browser
        browser.close()


class Visitor:
    """One visitor with an empty cookie jar, on the page of the ASGI app."""

    def __init__(self, context: Any, url: str) -> None:
        self._context = context
        self._url = url
        self.page = context.new_page()
        self.page.set_default_timeout(TIMEOUT_MILLISECONDS)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.requests: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(url)

    def go_to(self, app: str) -> None:
        self.page.get_by_role("link", name=app, exact=True).click()

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()
        # A click is over when the next page begins.
        self.page.wait_for_load_state()

    def sign_in(self, *, remember: bool = False) -> None:
        self.page.get_by_label("Name", exact=True).fill("Ada")
        if remember:
            self.page.get_by_label("Remember me").check()
        self.press("Sign in")

    def read(self, selector: str = "main") -> str:
        """The text of an element as it is shown, white space squeezed."""
        return " ".join(self.page.inner_text(selector).split())

    @property
    def cookie(self) -> dict[str, Any]:
        """The only cookie that the browser holds."""
        (cookie,) = self._context.cookies(self._url)
        return dict(cookie)

    @property
    def key_id(self) -> str:
        """The key id in the token that the browser holds."""
        return urlsafe_b64decode(self.cookie["value"].removeprefix("cj1.")[:12])[:8].hex()


def visit(chromium: Any, url: str, *, width: int) -> Iterator[Visitor]:
    context = chromium.new_context(viewport={"width": width, "height": 844})
    yield Visitor(context, url)
    context.close()


@pytest.fixture
def visitor(chromium: Any, url: str) -> Iterator[Visitor]:
    """A visitor with a phone. What the cookie does does not depend on the width of the window."""
    yield from visit(chromium, url, width=390)


@pytest.fixture(params=[390, 1280], ids=["390 px", "1280 px"])
def viewer(request: pytest.FixtureRequest, chromium: Any, url: str) -> Iterator[Visitor]:
    """A visitor with a phone, then one at a desk: for the layout of the page."""
    yield from visit(chromium, url, width=request.param)


def test_first_visit_gets_the_promised_cookie(visitor: Visitor) -> None:
    assert "This response sets one like this: __Host-session, 132 characters." in visitor.read()
    promised = {"name": "__Host-session", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"}
    assert promised.items() <= visitor.cookie.items()
    assert len(visitor.cookie["value"]) == 132


def test_page_that_changes_nothing_keeps_the_cookie(visitor: Visitor) -> None:
    before = visitor.cookie
    visitor.page.reload()
    assert "This response no cookie the session did not change" in visitor.read("#responses")
    assert visitor.cookie == before


@BOTH_WAYS
def test_sign_in_on_one_stack_and_out_on_the_other(visitor: Visitor, here: str, there: str) -> None:
    visitor.go_to(here)
    visitor.sign_in()
    assert f"Signed in as Ada through the {here}." in visitor.read()
    signed_in = visitor.cookie["value"]
    visitor.go_to(there)
    assert f"You are Ada, signed in through the {here}." in visitor.read("#try")
    assert f"You are in the {there} now, and it knows you" in visitor.read("#try")
    visitor.press("Sign out")
    assert f"Signed out through the {there}." in visitor.read()
    assert visitor.cookie["value"] != signed_in
    visitor.go_to(here)
    assert "You are Ada" not in visitor.read()


@pytest.mark.parametrize(("remember", "days"), [(True, 60), (False, None)], ids=["remembered", "not remembered"])
def test_cookie_outlives_the_browser_where_it_was_asked_to(visitor: Visitor, remember: bool, days: int | None) -> None:
    visitor.sign_in(remember=remember)
    expires, now = visitor.cookie["expires"], visitor.page.evaluate("Date.now()") / 1000
    assert (None if expires == -1 else round((expires - now) / 86400)) == days


def test_both_stacks_fill_one_cart_and_one_counter(visitor: Visitor) -> None:
    for app in (ASGI, WSGI):
        visitor.go_to(app)
        visitor.press("Macaron")
        visitor.press("Count up")
    assert "2 × Macaron" in visitor.read("#cart")
    assert "2 1 by the ASGI app, 1 by the WSGI app" in visitor.read("#counter")


@BOTH_WAYS
def test_rotation_keeps_the_cookie_and_the_next_change_moves_it(visitor: Visitor, here: str, there: str) -> None:
    visitor.go_to(here)
    visitor.sign_in()
    before, old = visitor.cookie, visitor.key_id
    visitor.press("Rotate the key")
    assert f"retired key {old} opened your cookie, and you are still signed in." in visitor.read()
    assert visitor.cookie == before
    visitor.go_to(there)
    visitor.press("Count up")
    assert visitor.key_id != old
    assert f"sealed your cookie {visitor.key_id} retired" in visitor.read("#ring")
    assert "You are Ada" in visitor.read("#try")


@BOTH_WAYS
def test_overfilled_session_keeps_its_cookie(visitor: Visitor, here: str, there: str) -> None:
    visitor.go_to(here)
    visitor.sign_in()
    visitor.go_to(there)
    before = visitor.cookie
    visitor.press("Write too much")
    assert "So the server saved nothing, and your cookie did not change." in visitor.read()
    assert visitor.cookie == before
    visitor.page.get_by_role("link", name=f"Back to the {there}").click()
    assert "You are Ada" in visitor.read("#try")


@BOTH_WAYS
def test_full_session_is_as_long_as_the_limit(visitor: Visitor, here: str, there: str) -> None:
    visitor.go_to(here)
    visitor.press("Fill the session")
    assert "1,943 of 1,943 bytes are used, 0 are left" in visitor.read("#size")
    assert len(visitor.cookie["value"]) == 2660
    visitor.go_to(there)
    visitor.press("Remove filler")
    assert len(visitor.cookie["value"]) == 132


def test_regenerated_session_has_another_id(visitor: Visitor) -> None:
    visitor.page.reload()
    before = visitor.read("#envelope dd code")
    visitor.press("Change the id")
    assert f"Its log id was {before}." in visitor.read()
    assert visitor.read("#envelope dd code") != before


def test_page_can_be_used_by_keyboard_alone(viewer: Visitor) -> None:
    keyboard = viewer.page.keyboard
    for _ in range(3):
        keyboard.press("Tab")
    keyboard.type("Ada")
    keyboard.press("Tab")
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.press("Enter")
    viewer.page.wait_for_selector("text=Signed in as Ada through the ASGI app.")
    assert viewer.cookie["expires"] > 0


def test_result_of_a_form_is_in_sight(viewer: Visitor) -> None:
    viewer.press("Macaron")
    top, height = viewer.page.evaluate(
        "[document.querySelector('#cart').getBoundingClientRect().top, window.innerHeight]"
    )
    assert -1 < top < height


@pytest.mark.parametrize("button", ["Fill the session", "Write too much", "Rotate the key"])
def test_nothing_is_wider_than_the_window(viewer: Visitor, button: str) -> None:
    viewer.page.get_by_label("Name", exact=True).fill("W" * 40)
    viewer.press("Sign in")
    viewer.press(button)
    assert (
        viewer.page.evaluate(
            "[...document.querySelectorAll('body *')].filter(element => {"
            "  const box = element.getBoundingClientRect();"
            "  const isCut = element.scrollWidth > element.clientWidth + 1"
            "    && getComputedStyle(element).display !== 'inline';"
            "  return isCut || box.right > window.innerWidth + 1 || box.left < -1;"
            "}).map(element => element.outerHTML.slice(0, 80))"
        )
        == []
    )


def test_no_card_overlaps_another(viewer: Visitor) -> None:
    viewer.sign_in()
    assert (
        viewer.page.evaluate(
            "[...document.querySelectorAll('.hero, section')].map(card => card.getBoundingClientRect())"
            ".flatMap((one, place, cards) => cards.slice(place + 1).filter(other =>"
            "  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom))"
        )
        == []
    )


def test_page_is_allowed_all_that_it_loads_and_loads_nothing_from_elsewhere(viewer: Visitor, url: str) -> None:
    viewer.sign_in()
    viewer.go_to(WSGI)
    assert viewer.complaints == []
    assert [request for request in viewer.requests if not request.startswith(url)] == []


def test_cookie_is_shown_as_the_browser_holds_it(visitor: Visitor) -> None:
    visitor.page.reload()
    assert visitor.page.inner_text(".token code") == visitor.cookie["value"]


def test_newcomer_is_led_through_both_apps(viewer: Visitor) -> None:
    steps = [viewer.read("[aria-current=step] h3")]
    viewer.sign_in()
    steps.append(viewer.read("[aria-current=step] h3"))
    viewer.go_to("Open the WSGI app")
    steps.append(viewer.read("[aria-current=step] h3"))
    viewer.press("Rotate the key")
    steps.append(viewer.read("[aria-current=step] h3"))
    viewer.press("Sign out")
    steps.append(viewer.read("[aria-current=step] h3"))
    assert steps == ["Sign in here", "Open the other app", "Rotate the key", "Sign out", "Sign in here"]


def test_full_ring_says_so_and_leaves_the_page_short(chromium: Any) -> None:
    with serve_demo() as url:
        context = chromium.new_context(viewport={"width": 390, "height": 844})
        visitor = Visitor(context, url)
        for _ in range(16):
            visitor.press("Rotate the key")
        assert "ring full" in visitor.read("[role=alert]")
        assert visitor.page.evaluate("document.documentElement.scrollHeight") < 4800
        context.close()
