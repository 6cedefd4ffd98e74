"""The how-to pages against the package: keys, lifetimes, cookies, mounted apps, and no server at all."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from documents import Page
from litestar import Litestar
from starlette.testclient import TestClient

from cookiejar_session import CookieAttributes, CookieSessions, Key, Keyring, Policy
from cookiejar_session.keys.keyring import CHECK_EVERY
from cookiejar_session.wire.time_rules import RESEAL_PAUSE

KEYS = "COOKIEJAR_SESSION_KEYS"
KEYS_PAGE = Page("docs/how-to/keys.md")
LIFETIMES = Page("docs/how-to/lifetimes.md")
COOKIES = Page("docs/how-to/cookies.md")
MOUNTED = Page("docs/how-to/mounted-apps.md")
SERVERLESS = Page("docs/how-to/serverless.md")
SITE = "https://testserver"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS, Key.generate().to_text())


# Keys


def test_rotation_steps_keep_every_token_readable() -> None:
    names = {"OLD": Key.generate().to_text(), "NEW": Key.generate().to_text()}
    steps = re.findall(rf'{KEYS}="(.*?)"', KEYS_PAGE.text)
    rings = [Keyring.parse(re.sub(r"\$(\w+)", lambda found: names[found[1]], step)) for step in steps]
    assert len(rings) == 4
    deployed = [Keyring.parse(names["OLD"]), *rings[:3]]
    for before, after in pairwise(deployed):
        # During a deployment processes with either ring run side by side.
        for sealer, opener in ((before, after), (after, before)):
            token = CookieSessions(sealer).mint({"user": "ada"}).token
            assert CookieSessions(opener).read(token).reason is None
    assert rings[0].ring(0).primary(0).key == deployed[0].ring(0).primary(0).key
    assert rings[1].ring(0).primary(0).key == rings[2].ring(0).primary(0).key


def test_page_about_keys_has_the_package_s_numbers() -> None:
    assert "used five minutes after it was sealed" in KEYS_PAGE.prose
    assert RESEAL_PAUSE == 5 * 60
    assert "checked every ten seconds" in KEYS_PAGE.prose
    assert CHECK_EVERY == 10


@pytest.mark.parametrize("form", ["hex:", "b64:", "skb:"])
def test_form_of_the_table_is_one_that_the_package_reads(form: str) -> None:
    assert f"`{form}…`" in KEYS_PAGE.text
    digits = {"hex:": "%064x", "b64:": "{}", "skb:": "%0128x"}[form]
    random = int.from_bytes(bytes(range(100, 132)))
    text = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=" if form == "b64:" else digits % random
    if form == "skb:":
        text = (bytes(range(100, 164))).hex()
    assert Key.parse(form + text)


# Lifetimes


def test_remembered_visitor_stays_longer_and_the_other_until_the_browser_ends() -> None:
    names = LIFETIMES.run_example("def sign_in")
    sessions: CookieSessions[None] = names["sessions"]
    ends = []
    for remember in (True, False):
        exchange = sessions.begin("")
        names["sign_in"](exchange.session, "ada", remember)
        ends.append(exchange.session.expires_at - exchange.session.created_at)
        cookie = dict(exchange.finish([]))["set-cookie"]
        assert ("Max-Age" in cookie) is remember
    assert ends == [timedelta(days=30), timedelta(hours=2)]


@pytest.mark.parametrize("remember", [True, False])
def test_second_login_in_a_session_has_its_own_limits(*, remember: bool) -> None:
    names = LIFETIMES.run_example("def sign_in")
    sessions: CookieSessions[None] = names["sessions"]
    first, second = sessions.begin("").session, sessions.begin("").session
    names["sign_in"](first, "ada", not remember)
    names["sign_in"](first, "bob", remember)
    names["sign_in"](second, "bob", remember)
    for limit in ("idle_timeout", "absolute_lifetime", "is_persistent"):
        assert getattr(first, limit) == getattr(second, limit)


def test_page_about_lifetimes_has_the_package_s_numbers() -> None:
    policy = Policy()
    assert f"ends {policy.idle_timeout.days} days after its last renewal" in LIFETIMES.prose
    assert f"{policy.absolute_lifetime.days} days after it began" in LIFETIMES.prose


# Cookies


def test_page_about_cookies_has_the_default_attributes() -> None:
    assert "`__Host-session; Path=/; Secure; HttpOnly; SameSite=Lax`" in COOKIES.prose
    assert CookieAttributes().render("", max_age=None) == "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax"


def test_renamed_cookie_is_read_under_its_old_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names = COOKIES.run_example("for_development")
    old = CookieSessions(cookie=CookieAttributes(name="session"))
    exchange = names["renamed"].begin(old.mint({"user": "ada"}).header)
    assert exchange.session == {"user": "ada"}
    set_cookies = [value.partition("=")[0] for name, value in exchange.finish([]) if name == "set-cookie"]
    assert sorted(set_cookies) == ["__Host-session", "session"]


# One app inside the other


def test_outer_app_reads_what_the_mounted_app_wrote() -> None:
    app = MOUNTED.run_example("app.mount")["app"]
    client = TestClient(app, base_url=SITE)
    assert client.get("/last").json() is None
    assert client.get("/shop/visit").text == "seen"
    assert client.get("/last").json() == "the shop"


def test_line_for_litestar_takes_the_sessions() -> None:
    (expression,) = re.findall(r"`(Litestar\(.+?)`", MOUNTED.text)
    expression = expression.replace("..., ", "[], ")
    assert eval(expression, {"Litestar": Litestar, "sessions": CookieSessions()})  # noqa: S307


# Without WSGI and ASGI


def test_serverless_handler_reads_and_writes_the_session() -> None:
    names = SERVERLESS.run_example("def handler(event")
    first = names["handler"]({}, None)
    assert (first["statusCode"], first["body"]) == (200, "light")
    assert first["headers"] == {"content-type": "text/plain", "vary": "Cookie", "cache-control": "private"}
    (cookie,) = first["cookies"]
    assert names["sessions"].read(cookie.partition(";")[0]).session == {"theme": "light"}
    second = names["handler"]({"cookies": ["other=1", names["sessions"].mint({"theme": "dark"}).header]}, None)
    assert (second["body"], second["cookies"]) == ("dark", [])


def test_exchange_that_cannot_finish_has_a_response_to_send() -> None:
    assert "`exchange.fail(error)` logs it and returns the response to send instead" in SERVERLESS.prose
    names = SERVERLESS.run_example("def handler(event")
    exchange = names["sessions"].begin("")
    exchange.session["cart"] = "x" * 1800
    exchange.session["cart"] += "x" * exchange.session.size.left
    (cookie,) = (value for name, value in exchange.finish([]) if name == "set-cookie")
    failed = names["handler"]({"cookies": [cookie.partition(";")[0]]}, None)
    assert (failed["statusCode"], failed["body"]) == (500, "Internal Server Error")
    assert "cookies" not in failed
