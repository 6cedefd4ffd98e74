"""The sections of the page that show the session cookie."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from shared_values import NOW

from cookiejar_session import Event, Keyring, Session
from cookiejar_session.demo.inspection import render_cookie, render_inspection
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
    return re.findall(r'<b class="outcome">([\w ]+)</b> <span class="note">([^<]*)</span>', page)


def test_cookie_is_shown_as_it_is_with_its_name_and_length(show: Show) -> None:
    _, view = show({})
    page = render_cookie(view)
    assert "Your browser sent this cookie: __Host-session , 132 characters ." in read_text(page)
    assert view.anatomy.token in re.sub("<[^>]*>", "", page)


def test_first_visit_says_that_the_response_sets_a_cookie(show: Show) -> None:
    _, view = show()
    assert "Your browser sent no valid session cookie. This response sets one like this:" in render_cookie(view)


@pytest.mark.parametrize(("piece", "characters"), [("prefix", 4), ("key id", 11), ("nonce", 32), ("sealed text", 85)])
def test_each_piece_has_a_colour_and_an_explanation(show: Show, piece: str, characters: int) -> None:
    _, view = show({})
    page, kind = render_cookie(view), piece.replace(" ", "-")
    assert re.search(rf'<span class="{kind}">[\w.-]{{{characters}}}</span>', page)
    assert f'<li class="{kind}"><b>{piece}</b> <span class="note">{characters} characters: ' in page


def test_key_id_in_the_cookie_is_also_given_as_logs_write_it(show: Show) -> None:
    _, view = show({})
    assert f"logs write it as <code>{view.anatomy.key.key_id}</code>" in render_cookie(view)


def test_long_cookie_is_cut(show: Show) -> None:
    _, view = show({"cargo": "c" * 500})
    page = render_cookie(view)
    assert len(view.anatomy.token) == 804
    assert view.anatomy.token[: 47 + 277] + "… and 480 more characters" in re.sub("<[^>]*>", "", page)


def test_cookie_under_real_keys_is_never_shown_as_a_whole(show: Show) -> None:
    _, view = show({}, keyring=Keyring.generate())
    page = re.sub("<[^>]*>", "", render_cookie(view))
    assert view.anatomy.token[: 47 + 64] + "… and 21 more characters" in page
    assert view.anatomy.token[47 + 64 :] not in page


def test_response_that_changes_nothing_says_so(show: Show) -> None:
    assert list_outcomes(render_inspection(*show({})))[0] == ("no cookie", "the session did not change")


def test_first_response_sets_a_cookie(show: Show) -> None:
    session, view = show()
    session.csrf_token()
    assert list_outcomes(render_inspection(session, view))[0] == (
        "new cookie",
        "your first one: the forms need a session",
    )


def test_response_that_reads_a_message_sets_the_cookie_again(show: Show) -> None:
    session, view = show({}, flash=[("notice", "Hello")])
    session.flash.pop_all()
    assert list_outcomes(render_inspection(session, view))[0] == ("new cookie", "a message was shown and removed")


@pytest.mark.parametrize(
    ("after", "rotate", "reason"),
    [
        (299, True, "the session did not change"),
        (300, True, "resealed, since a retired key had sealed the old one"),
        (120959, False, "the session did not change"),
        (120960, False, "renewed, since a tenth of the idle time had passed"),
    ],
)
def test_response_that_is_due_to_seal_again_says_so(show: Show, after: int, rotate: bool, reason: str) -> None:
    assert list_outcomes(render_inspection(*show({}, after=after, rotate=rotate)))[0][1] == reason


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        (["opened"], ("no cookie", "the session did not change")),
        (["opened", "committed"], ("new cookie", "the session changed, 292 characters")),
        (
            ["opened", "resealed"],
            ("new cookie", "resealed, since a retired key had sealed the old one, 292 characters"),
        ),
        (["opened", "renewed"], ("new cookie", "renewed, since a tenth of the idle time had passed, 292 characters")),
        (
            ["refused", "committed"],
            ("new cookie", "the session changed, 292 characters; the cookie in the request was invalid"),
        ),
        (["refused"], ("no cookie", "the session did not change; the cookie in the request was invalid")),
        (["opened", "a new one"], ("no cookie", "the session did not change")),
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
    assert list_outcomes(page)[1] == ("cookie deleted", "there is no session to keep")


def test_request_is_escaped(show: Show) -> None:
    session, view = show({})
    page = render_inspection(session, view._replace(records=[Record("GET /<script>", [])]))
    assert "GET /&lt;script&gt;" in page


def test_envelope_is_shown_with_its_values_and_their_sizes(show: Show) -> None:
    page = render_inspection(*show({"cart": {"lines": [1, None]}, "user": "Ada"}, flash=[("notice", "Hello")]))
    text = read_text(page)
    assert 'stored: cart 15 bytes, user 9 bytes {"cart": {"lines": [1, null]}, "user": "Ada"} flash' in text
    assert 'flash messages for the next page: 15 bytes [["notice", "Hello"]]' in text


def test_empty_envelope_says_so(show: Show) -> None:
    text = read_text(render_inspection(*show({})))
    assert "data what the apps stored: nothing yet flash messages for the next page: none" in text


def test_times_are_written_for_people_with_the_exact_time(show: Show) -> None:
    text = read_text(render_inspection(*show({}, after=90)))
    assert "created the session began 2 minutes ago (1 Jan 2026, 00:00:00 UTC)" in text
    assert "idle 14 days without a visit: the session expires in 14 days (15 Jan 2026, 00:00:00 UTC)" in text
    assert "until the session ends in 90 days (1 Apr 2026, 00:00:00 UTC) at the latest" in text
    assert str(NOW) not in text


@pytest.mark.parametrize(("persistent", "text"), [(True, "yes: the browser keeps"), (False, "no: the browser deletes")])
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
    assert "&lt;script&gt;" in page


def test_sid_is_never_shown_but_its_log_id(show: Show) -> None:
    session, view = show({})
    page = render_cookie(view) + render_inspection(session, view)
    assert session.log_id in page
    assert session.sid.hex() not in page


def test_first_visit_shows_the_log_id_that_will_be(show: Show) -> None:
    session, view = show()
    assert session.log_id in render_inspection(session, view)


def test_keys_are_never_shown_but_their_ids(show: Show) -> None:
    keyring = RotatingKeyring()
    session, view = show({}, keyring=keyring, rotate=True)
    page = render_cookie(view) + render_inspection(session, view)
    for entry in keyring.ring(NOW).entries:
        assert entry.key.key_id.hex() in page
        assert entry.key.to_text()[5:20] not in page


def list_keys(page: str) -> list[tuple[str, list[str]]]:
    """The states in the keyring, with the key ids that are in this state."""
    groups = re.findall(r"<p><b>(\w+)</b>: .*?<ul[^>]*>(.*?)</ul>", page, re.DOTALL)
    return [(state, re.findall("<code>(\\w+)</code>", keys)) for state, keys in groups]


def test_ring_lists_keys_by_state_and_marks_the_one_that_sealed_the_cookie(show: Show) -> None:
    session, view = show({}, rotate=True)
    page = render_inspection(session, view)
    new, old = (key.key_id for key in view.anatomy.keys)
    assert list_keys(page) == [("primary", [new]), ("retired", [old])]
    assert f"<li class=yours><code>{old}</code></li>" in page
    text = read_text(page)
    assert "2 keys . This page shows public key ids, never a key." in text
    assert "primary : seals new cookies and opens existing ones " in text
    assert "retired : only opens existing cookies, sealed your cookie" in text
    assert "The primary key seals your cookie again when" in text


def test_ring_of_a_first_visit_marks_the_key_that_will_seal(show: Show) -> None:
    text = read_text(render_inspection(*show()))
    assert "1 key . This page" in text
    assert "primary : seals new cookies and opens existing ones, seals your cookie" in text


def test_full_ring_says_so(show: Show) -> None:
    keyring = RotatingKeyring()
    while keyring.rotate():
        pass
    page = render_inspection(*show({}, keyring=keyring))
    assert "<b>16 keys, ring full</b>" in page
    assert [(state, len(keys)) for state, keys in list_keys(page)] == [("primary", 1), ("retired", 15)]
