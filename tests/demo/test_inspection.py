"""What a page shows of the visitor's cookie."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from cookiejar_session import Event, Keyring, Session
from cookiejar_session.demo.inspection import render_inspection, render_token
from cookiejar_session.demo.journal import Record
from cookiejar_session.demo.rotation import RotatingKeyring
from cookiejar_session.demo.stage import Stage, View
from cookiejar_session.session.choosing import read_cookies
from cookiejar_session.session.session import Opened, make_session
from cookiejar_session.session.state import SessionState

NOW = 1767225600
Show = Callable[..., tuple[Session[Any], View]]


@pytest.fixture
def show() -> Show:
    """Opens a session with this content, or a new one, so many seconds after it was sealed, and looks at it."""

    def open_and_look(
        data: dict[str, Any] | None = None,
        *,
        after: int = 0,
        keyring: Keyring | None = None,
        rotate: bool = False,
        **options: Any,
    ) -> tuple[Session[Any], View]:
        keyring = RotatingKeyring() if keyring is None else keyring
        stage = Stage(keyring, clock=lambda: float(NOW + after))
        cookies = "" if data is None else stage.sessions.mint(data, now=NOW, **options).header
        if rotate and isinstance(keyring, RotatingKeyring):
            keyring.rotate()
        settings = stage.sessions.settings
        accepted = read_cookies(cookies, settings=settings, now=NOW + after).accepted
        state = SessionState(settings, accepted, now=NOW + after)
        session: Session[Any] = make_session(Opened(state))
        return session, stage.look(cookies, session)

    return open_and_look


def read_text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def list_outcomes(page: str) -> list[tuple[str, str]]:
    """The outcome and the reason of each response."""
    return re.findall(r'<b class="outcome (?:\w+)">(\w+)</b> <span class="note">([^<]*)</span>', page)


def test_token_is_told_of_in_one_line(show: Show) -> None:
    _, view = show({})
    text = read_text(render_token(view.anatomy))
    key_id = view.anatomy.key.key_id
    assert text.startswith(
        f"The cookie you sent: 132 characters , sealed by primary key {key_id} , expires in 14 days."
    )


def test_sample_is_told_to_be_one(show: Show) -> None:
    _, view = show()
    assert "This response sets your first cookie" in render_token(view.anatomy)


@pytest.mark.parametrize(
    ("piece", "octets"), [("prefix", 4), ("key-id", 8), ("nonce", 24), ("tag", 16), ("ciphertext", 48)]
)
def test_each_piece_is_drawn_and_named(show: Show, piece: str, octets: int) -> None:
    _, view = show({})
    page = render_token(view.anatomy)
    assert f'<rect class="{piece}"' in page
    assert (
        f'<span class="swatch {piece}"></span><b>{piece.replace("-", " ")}</b> <span class="octets">{octets}<' in page
    )


def test_response_that_changes_nothing_says_so(show: Show) -> None:
    assert list_outcomes(render_inspection(*show({})))[0] == ("nothing", "the session was as it came")


def test_first_response_sets_a_cookie(show: Show) -> None:
    session, view = show()
    session.csrf_token()
    assert list_outcomes(render_inspection(session, view))[0] == ("set", "your first cookie: the forms need one")


def test_response_that_reads_a_message_sets_the_cookie_again(show: Show) -> None:
    session, view = show({}, flash=[("notice", "Hello")])
    session.flash.pop_all()
    assert list_outcomes(render_inspection(session, view))[0][0] == "set"


@pytest.mark.parametrize(
    ("after", "rotate", "outcome"),
    [(299, True, "nothing"), (300, True, "resealed"), (120959, False, "nothing"), (120960, False, "renewed")],
)
def test_response_that_is_due_to_seal_again_says_so(show: Show, after: int, rotate: bool, outcome: str) -> None:
    assert list_outcomes(render_inspection(*show({}, after=after, rotate=rotate)))[0][0] == outcome


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        (["opened"], ("nothing", "the session was as it came")),
        (["opened", "committed"], ("set", "the session was written, 292 characters")),
        (["opened", "resealed"], ("resealed", "the key that sealed it was retired, 292 characters")),
        (["opened", "renewed"], ("renewed", "a tenth of the idle timeout had passed, 292 characters")),
        (
            ["refused", "committed"],
            ("set", "the session was written, 292 characters; the cookie that came was refused"),
        ),
        (["refused"], ("nothing", "the session was as it came; the cookie that came was refused")),
        (["opened", "a new one"], ("nothing", "the session was as it came")),
    ],
)
def test_earlier_response_is_told_of_by_its_events(show: Show, kinds: list[str], outcome: tuple[str, str]) -> None:
    session, view = show({})
    record = Record("POST /count", [Event(kind, "session", characters=292) for kind in kinds])
    page = render_inspection(session, view._replace(records=[record]))
    assert list_outcomes(page)[1:] == [outcome]
    assert "<code>POST /count</code>" in page


def test_discarded_cookie_has_no_length(show: Show) -> None:
    session, view = show({})
    record = Record("POST /sign-out", [Event("discarded", "session")])
    page = render_inspection(session, view._replace(records=[record]))
    assert list_outcomes(page)[1] == ("discarded", "nothing in it was of use any more")


def test_request_is_escaped(show: Show) -> None:
    session, view = show({})
    page = render_inspection(session, view._replace(records=[Record("GET /<script>", [])]))
    assert "GET /&lt;script&gt;" in page


def test_octets_are_told_by_key_the_largest_first(show: Show) -> None:
    page = render_inspection(*show({"user": "Ada", "cargo": "c" * 500}, flash=[("notice", "Hello")]))
    names = re.findall(r"<li><span>([^<]*)</span> <span>([\d,]+)</span>", page)
    assert names == [("sid, times", "41"), ("cargo", "509"), ("flash messages", "15"), ("user", "9")]


def test_room_is_told_in_octets_and_characters(show: Show) -> None:
    text = read_text(render_inspection(*show({})))
    assert "42 of 1,943 octets used, 1,901 left. In characters, 132 of 2,660." in text


def test_envelope_is_told_with_its_values(show: Show) -> None:
    text = read_text(render_inspection(*show({"cart": {"lines": [1, None]}}, flash=[("notice", "Hello")])))
    assert 'data { "cart": { "lines": [ 1, null ] } } flash [ [ "notice", "Hello" ] ]' in text


@pytest.mark.parametrize(("persistent", "text"), [(True, "true it outlives"), (False, "false it ends with")])
def test_envelope_tells_what_becomes_of_the_cookie_with_the_browser(show: Show, persistent: bool, text: str) -> None:
    assert f"persistent {text} the browser" in read_text(render_inspection(*show({}, persistent=persistent)))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("c" * 48, f'"{"c" * 48}"'),
        ("c" * 1000, f'"{"c" * 24}… (1,000 characters)"'),
        (b"c" * 1000, '"(1,000 octets)"'),
        (0.5, "0.5"),
    ],
)
def test_long_values_are_cut_short(show: Show, value: object, shown: str) -> None:
    assert f'"cargo": {shown}' in read_text(render_inspection(*show({"cargo": value})))


def test_what_the_session_holds_is_escaped(show: Show) -> None:
    page = render_inspection(*show({"<script>": "</pre><script>"}, flash=[("<script>", "<script>")]))
    assert "<script" not in page


def test_sid_is_never_shown_but_its_log_id(show: Show) -> None:
    session, view = show({})
    page = render_token(view.anatomy) + render_inspection(session, view)
    assert session.log_id in page
    assert session.sid.hex() not in page


def test_first_visit_shows_the_log_id_that_will_be(show: Show) -> None:
    session, view = show()
    assert session.log_id in render_inspection(session, view)


def test_keys_are_never_shown_but_their_ids(show: Show) -> None:
    keyring = RotatingKeyring()
    session, view = show({}, keyring=keyring, rotate=True)
    page = render_token(view.anatomy) + render_inspection(session, view)
    for entry in keyring.ring(NOW).entries:
        assert entry.key.key_id.hex() in page
        assert entry.key.to_text()[5:20] not in page


def test_ring_marks_the_key_that_sealed_the_cookie(show: Show) -> None:
    text = read_text(render_inspection(*show({}, rotate=True)))
    assert "primary seals and opens" in text
    assert "retired opens only, sealed your cookie Any change moves your cookie to the primary key" in text


def test_ring_of_a_first_visit_marks_the_key_that_will_seal(show: Show) -> None:
    assert "primary seals and opens, seals your cookie" in read_text(render_inspection(*show()))


@pytest.mark.parametrize("moment", ["created", "issued", "now", "renews", "expires", "until"])
def test_each_moment_is_drawn_and_told(show: Show, moment: str) -> None:
    page = render_inspection(*show({}, after=60))
    assert f'<line class="{moment}"' in page
    assert f'<li class="{moment}"><b>{moment}</b>' in page


@pytest.mark.parametrize("after", [-30, 0, 60, 120960, 1209599])
def test_line_of_time_fills_its_width_at_any_moment(show: Show, after: int) -> None:
    page = render_inspection(*show({}, after=after))
    widths = re.findall(r'<rect class="(?:past|fresh|renewable|beyond)" x="[^"]*" width="([^"]*)"', page)
    assert len(widths) == 4
    assert sum(map(float, widths)) == pytest.approx(1000, abs=0.1)
