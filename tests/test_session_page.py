"""docs/reference/session.md against the package. tests/test_docs.py runs its examples."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jinja2
import msgspec
import pytest
from documents import Page
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.testclient import TestClient

from cookiejar_session import CookieSessions, Event, Key, Keyring, Policy, Reason, SessionTooLargeError

PAGE = Page("docs/reference/session.md")
PROSE = PAGE.prose


@pytest.fixture
def names() -> dict[str, Any]:
    """What the first example of the page defines, which the later ones use."""
    return PAGE.run_example("sessions.begin")


def test_poll_that_keeps_the_expiry_renews_nothing() -> None:
    assert "`keep_expiry()` leaves the expiry as it is" in PROSE
    sessions = CookieSessions(Keyring.generate())
    header = sessions.mint({"user": "ada"}, now=0).header
    due = Policy().idle_timeout // timedelta(seconds=2)
    for keeps in (False, True):
        exchange = sessions.begin(header, now=due)
        assert exchange.session["user"] == "ada"
        if keeps:
            exchange.session.keep_expiry()
        assert ("set-cookie" in dict(exchange.finish([]))) is not keeps


def test_looking_at_a_session_does_not_touch_it() -> None:
    events: list[Event] = []
    sessions = CookieSessions(Keyring.generate(), on_event=events.append)
    header = sessions.mint({"user": "ada"}).header
    (expression,) = re.findall(r"`(sessions\.read\(request.+?)`", PAGE.text)
    found: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        found.append(dict(eval(expression, {"sessions": sessions, "request": request})))  # noqa: S307
        await PlainTextResponse("ok")(scope, receive, send)

    response = TestClient(sessions.asgi(app), base_url="https://localhost").get("/", headers={"Cookie": header})
    assert found == [{"user": "ada"}]
    assert {"vary", "set-cookie"}.isdisjoint(response.headers)
    assert events == []


@pytest.mark.parametrize(
    "show",
    [
        json.dumps,
        lambda session: json.dumps(dict(session)),
        lambda session: bytes(JSONResponse(session).body),
        lambda session: jinja2.Template("{{ session|tojson }}").render(session=session),
        lambda session: msgspec.json.encode(dict(session)),
    ],
)
def test_session_is_shown_as_a_dict(show: Callable[[Any], str | bytes]) -> None:
    sessions = CookieSessions(Keyring.generate())
    session = sessions.begin(sessions.mint({"user": "ada"}).header).session
    assert isinstance(session, dict)
    assert json.loads(show(session)) == {"user": "ada"}


def test_session_that_is_not_open_is_refused_by_msgspec_and_then_shown() -> None:
    assert "they raise TypeError for a session that is not open yet" in PROSE
    session = CookieSessions(Keyring.generate()).begin("").session
    with pytest.raises(TypeError):
        msgspec.json.encode(session)
    assert len(session) == 0
    assert msgspec.json.encode(session) == b"{}"


def test_value_that_equals_its_base_value_comes_back_as_that() -> None:
    assert "such as a StrEnum or a Markup, and stores the base value" in PROSE
    sessions = CookieSessions(Keyring.generate())
    exchange = sessions.begin("")
    exchange.session.update(b=Reason.EXPIRED, a=Markup("<b>"), c=(1, 2))
    with pytest.raises(TypeError, match="d: set"):
        exchange.session["d"] = {1, 2}
    read = sessions.read(dict(exchange.finish([]))["set-cookie"].partition(";")[0]).session
    assert [(key, type(read[key])) for key in read] == [("a", str), ("b", str), ("c", list)]


def test_change_inside_a_list_is_seen_and_saved(names: dict[str, Any]) -> None:
    session = PAGE.run_example('session["cart"][0]', **names)["session"]
    assert session == {"cart": [{"id": 7, "count": 2}], "theme": "dark"}
    assert session.is_modified


def test_flash_message_is_read_once(names: dict[str, Any]) -> None:
    names = PAGE.run_example("session.flash.add", **names)
    assert names["messages"] == ["saved"]
    assert None not in names["session"].size.by_key


def test_each_attribute_of_the_table_is_one_of_the_session(names: dict[str, Any]) -> None:
    table = PAGE.text.partition("## State")[2].partition("\n- ")[0]
    found = re.findall(r"`(\w+)`", table)
    assert len(found) == 12
    for attribute in found:
        getattr(names["session"], attribute)


def test_check_raises_the_error_with_the_size_of_each_key(names: dict[str, Any]) -> None:
    session = names["session"]
    session["cart"] = "x" * 3000
    with pytest.raises(SessionTooLargeError) as caught:
        session.check()
    assert caught.value.octets_by_key["cart"] > 3000
    session.revert()
    session.check()


def test_typed_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    namespace = PAGE.run_example("class Visitor")
    sessions, visitor = namespace["sessions"], namespace["Visitor"]
    session = sessions.read(sessions.mint(visitor(7)).header).session
    assert session.data == visitor(7)
    assert sessions.read("").session.data is None
    assert '`session["user_id"]` raises KeyError' in PROSE
    with pytest.raises(KeyError, match=r"session\.data\.user_id"):
        session["user_id"]
