"""The sections of the page that show the session cookie."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import Event, Keyring, Session
from cookiejar_session.demo.inspection import render_inspection, render_token
from cookiejar_session.demo.journal import Record
from cookiejar_session.demo.rotating_keyring import RotatingKeyring
from cookiejar_session.demo.stage import Stage, View

Show = Callable[..., tuple[Session[Any], View]]


@pytest.fixture
def show() -> Show:
    """Make a session with this data (None: a new one) and its view, ``after`` seconds after it was sealed."""

    def open_and_view(
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
        session = stage.sessions.begin(cookies, now=NOW + after).session
        return session, stage.make_view(cookies, session)

    return open_and_view


def read_text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def list_outcomes(page: str) -> list[tuple[str, str]]:
    """The outcome and the reason of each response."""
    return re.findall(r'<b class="outcome (?:\w+)">(\w+)</b> <span class="note">([^<]*)</span>', page)


def test_token_is_summarized_in_one_line(show: Show) -> None:
    _, view = show({})
    text = read_text(render_token(view.anatomy))
    key_id = view.anatomy.key.key_id
    assert text.startswith(
        f"Your browser sent this cookie: 132 characters , sealed by primary key {key_id} . It expires in 14 days."
    )


def test_first_visit_says_that_the_response_sets_a_cookie(show: Show) -> None:
    _, view = show()
    assert "Your browser sent no valid session cookie. This response sets one like this:" in render_token(view.anatomy)


@pytest.mark.parametrize(
    ("piece", "octets"), [("prefix", 4), ("key-id", 8), ("nonce", 24), ("tag", 16), ("ciphertext", 48)]
)
def test_each_piece_is_drawn_and_named(show: Show, piece: str, octets: int) -> None:
    _, view = show({})
    page = render_token(view.anatomy)
    assert f'<rect class="{piece}"' in page
    assert (
        f'<span class="swatch {piece}"></span><b>{piece.replace("-", " ")}</b> <span class="octets">{octets} bytes<'
        in page
    )


def test_response_that_changes_nothing_says_so(show: Show) -> None:
    assert list_outcomes(render_inspection(*show({})))[0] == ("unchanged", "the session did not change")


def test_first_response_sets_a_cookie(show: Show) -> None:
    session, view = show()
    session.csrf_token()
    assert list_outcomes(render_inspection(session, view))[0] == (
        "set",
        "you have no session yet, and the forms need one",
    )


def test_response_that_reads_a_message_sets_the_cookie_again(show: Show) -> None:
    session, view = show({}, flash=[("notice", "Hello")])
    session.flash.pop_all()
    assert list_outcomes(render_inspection(session, view))[0][0] == "set"


@pytest.mark.parametrize(
    ("after", "rotate", "outcome"),
    [(299, True, "unchanged"), (300, True, "resealed"), (120959, False, "unchanged"), (120960, False, "renewed")],
)
def test_response_that_is_due_to_seal_again_says_so(show: Show, after: int, rotate: bool, outcome: str) -> None:
    assert list_outcomes(render_inspection(*show({}, after=after, rotate=rotate)))[0][0] == outcome


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        (["opened"], ("unchanged", "the session did not change")),
        (["opened", "committed"], ("set", "the session changed, 292 characters")),
        (["opened", "resealed"], ("resealed", "a retired key had sealed the old cookie, 292 characters")),
        (["opened", "renewed"], ("renewed", "a tenth of the idle timeout had passed, 292 characters")),
        (
            ["refused", "committed"],
            ("set", "the session changed, 292 characters; the cookie in the request was invalid"),
        ),
        (["refused"], ("unchanged", "the session did not change; the cookie in the request was invalid")),
        (["opened", "a new one"], ("unchanged", "the session did not change")),
    ],
)
def test_earlier_response_is_summarized_from_its_events(show: Show, kinds: list[str], outcome: tuple[str, str]) -> None:
    session, view = show({})
    record = Record("POST /count", [Event(kind, "session", characters=292) for kind in kinds])
    page = render_inspection(session, view._replace(records=[record]))
    assert list_outcomes(page)[1:] == [outcome]
    assert "<code>POST /count</code>" in page


def test_discarded_cookie_has_no_length(show: Show) -> None:
    session, view = show({})
    record = Record("POST /sign-out", [Event("discarded", "session")])
    page = render_inspection(session, view._replace(records=[record]))
    assert list_outcomes(page)[1] == ("discarded", "there is no session to keep, so the browser deletes the cookie")


def test_request_is_escaped(show: Show) -> None:
    session, view = show({})
    page = render_inspection(session, view._replace(records=[Record("GET /<script>", [])]))
    assert "GET /&lt;script&gt;" in page


def test_sizes_are_listed_by_key_the_largest_first(show: Show) -> None:
    page = render_inspection(*show({"user": "Ada", "cargo": "c" * 500}, flash=[("notice", "Hello")]))
    names = re.findall(r"<li><span>([^<]*)</span> <span>([\d,]+) bytes</span>", page)
    assert names == [("id and times", "41"), ("cargo", "509"), ("flash messages", "15"), ("user", "9")]


def test_size_is_shown_in_bytes_and_characters(show: Show) -> None:
    text = read_text(render_inspection(*show({})))
    assert "42 of 1,943 bytes are used, 1,901 are left. The cookie has 132 of at most 2,660 characters." in text


def test_envelope_is_shown_with_its_values(show: Show) -> None:
    text = read_text(render_inspection(*show({"cart": {"lines": [1, None]}}, flash=[("notice", "Hello")])))
    assert 'data what the applications stored { "cart": { "lines": [ 1, null ] } } flash' in text
    assert 'flash messages for one page only [ [ "notice", "Hello" ] ]' in text


@pytest.mark.parametrize(
    ("persistent", "text"), [(True, "true : the browser keeps"), (False, "false : the browser deletes")]
)
def test_envelope_says_what_happens_to_the_cookie_when_the_browser_closes(
    show: Show, persistent: bool, text: str
) -> None:
    assert f"persistent {text} the cookie when it closes" in read_text(
        render_inspection(*show({}, persistent=persistent))
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("c" * 48, f'"{"c" * 48}"'),
        ("c" * 1000, f'"{"c" * 24}… (1,000 characters)"'),
        (b"c" * 1000, '"(1,000 bytes)"'),
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
    assert "primary seals new cookies and opens existing ones" in text
    assert "retired only opens existing cookies, sealed your cookie The primary key seals your cookie again" in text


def test_ring_of_a_first_visit_marks_the_key_that_will_seal(show: Show) -> None:
    assert "primary seals new cookies and opens existing ones, seals your cookie" in read_text(
        render_inspection(*show())
    )


@pytest.mark.parametrize("moment", ["created", "issued", "now", "renews", "expires", "until"])
def test_each_moment_is_drawn_and_explained(show: Show, moment: str) -> None:
    page = render_inspection(*show({}, after=60))
    assert f'<line class="{moment}"' in page
    assert f'<li class="{moment}"><b>{moment}</b>' in page


@pytest.mark.parametrize("after", [-30, 0, 60, 120960, 1209599])
def test_line_of_time_fills_its_width_at_any_moment(show: Show, after: int) -> None:
    page = render_inspection(*show({}, after=after))
    widths = re.findall(r'<rect class="(?:past|fresh|renewable|beyond)" x="[^"]*" width="([^"]*)"', page)
    assert len(widths) == 4
    assert sum(map(float, widths)) == pytest.approx(1000, abs=0.1)
