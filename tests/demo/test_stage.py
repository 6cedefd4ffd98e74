"""The state that both apps of the demonstration share."""

import pytest
from shared_values import NOW

from cookiejar_session import Event, Keyring
from cookiejar_session.demo.rotating_keyring import RotatingKeyring
from cookiejar_session.demo.stage import Stage


@pytest.mark.parametrize(("keyring", "can"), [(RotatingKeyring(), True), (Keyring.generate(), False)])
def test_only_keys_of_its_own_can_be_rotated(keyring: Keyring, can: bool) -> None:
    stage = Stage(keyring, clock=lambda: float(NOW))
    cookie = stage.sessions.mint(now=NOW)
    assert stage.make_view(cookie.header, stage.sessions.read(cookie.header, now=NOW).session).can_rotate is can


def test_view_is_of_the_cookie_and_the_moment() -> None:
    stage = Stage(RotatingKeyring(), clock=lambda: NOW + 7.9)
    cookie = stage.sessions.mint({"user": "Ada"}, now=NOW)
    view = stage.make_view(cookie.header, stage.sessions.read(cookie.header, now=NOW).session)
    assert (view.anatomy.envelope.data, view.anatomy.now) == ({"user": "Ada"}, NOW + 7)


def test_view_has_the_records_of_the_session() -> None:
    stage = Stage(RotatingKeyring(), clock=lambda: float(NOW))
    cookie = stage.sessions.mint(now=NOW)
    session = stage.sessions.read(cookie.header, now=NOW).session
    stage.journal.begin_request("POST /count")
    stage.journal.record_event(Event("committed", cookie.name, log_id=session.log_id))
    stage.journal.begin_request("GET /")
    assert [record.request for record in stage.make_view(cookie.header, session).records] == ["POST /count"]


def test_events_of_its_sessions_reach_the_listener() -> None:
    heard: list[str] = []
    stage = Stage(RotatingKeyring(), listener=lambda request, event: heard.append(event.kind))
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_COOKIE": stage.sessions.mint().header}

    def app(environ, start_response):  # type: ignore[no-untyped-def]
        stage.sessions.get(environ).get("user")
        start_response("200 OK", [])
        return []

    list(stage.sessions.wsgi(app)(environ, lambda *_: lambda _: None))
    assert heard == ["opened"]
