"""The object that users hold: what it refuses, whose session it gives, what it mints and reads."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from shared_values import NOW

from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Key,
    Keyring,
    MintedCookie,
    Policy,
    Reason,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
    open_token,
)
from cookiejar_session.asgi import SessionMiddleware as AsgiMiddleware
from cookiejar_session.exchange import Exchange
from cookiejar_session.nested_wrappers import PLACE
from cookiejar_session.wsgi import SessionMiddleware as WsgiMiddleware

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]

NAME = "__Host-session"


class User(msgspec.Struct):
    user: str
    seen: datetime | None = None


@pytest.fixture
def sessions(make_sessions: Make, clock: Any) -> Sessions:
    return make_sessions()


@pytest.mark.parametrize(
    "make_options",
    [
        lambda key: {"keyring": key},
        lambda key: {"cookie": key},
        lambda key: {"policy": key},
        lambda key: {"purpose": [key]},
        lambda key: {"previous": [key]},
        lambda key: {"max_token_characters": key},
        lambda key: {"on_event": key},
        lambda key: {"migrate": key},
        lambda key: {"data_type": key},
    ],
)
def test_a_key_in_the_wrong_place_is_not_shown(make_options: Callable[[str], dict[str, Any]]) -> None:
    key = Key.generate().to_text()
    with pytest.raises(ConfigError) as caught:
        CookieSessions(**{"keyring": Keyring.generate(), **make_options(key)})
    # The first frame is this one.
    assert caught.tb.tb_next is not None
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    assert key[6:26] not in "".join(shown.format())


@pytest.mark.parametrize("app", [None, "app:app", 5])
@pytest.mark.parametrize("stack", ["wsgi", "asgi"])
def test_what_is_no_application_is_refused(sessions: Sessions, stack: str, app: Any) -> None:
    article = "a" if stack == "wsgi" else "an"
    wanted = (
        f"sessions.{stack} takes {article} {stack.upper()} application, which is callable, got {type(app).__qualname__}"
    )
    with pytest.raises(TypeError, match=wanted):
        getattr(sessions, stack)(app)


def test_keyring_is_read_from_the_environment_at_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", "cjk1_wrong")
    with pytest.raises(ConfigError, match="COOKIEJAR_SESSION_KEYS entry 1"):
        CookieSessions()


def test_no_key_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS", raising=False)
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    with pytest.raises(ConfigError, match="COOKIEJAR_SESSION_KEYS is not set"):
        CookieSessions()


def test_keyring_of_the_environment_is_not_read_again(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    sessions = CookieSessions()
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS")
    assert sessions.read(sessions.mint({"n": 1}).token).session["n"] == 1


def test_default_attributes_are_those_of_the_spec(sessions: Sessions) -> None:
    settings = sessions.settings
    assert (settings.cookie, settings.purpose, settings.max_token_characters) == (CookieAttributes(), NAME, 2660)


def test_purpose_is_the_cookies_name_unless_it_is_set(make_sessions: Make) -> None:
    cookie = CookieAttributes(name="prefs")
    assert make_sessions(cookie=cookie).settings.purpose == "prefs"
    assert make_sessions(cookie=cookie, purpose="shared").settings.purpose == "shared"


def test_previous_purposes_are_their_names_unless_one_is_set(make_sessions: Make) -> None:
    previous = [CookieAttributes(name="old"), CookieAttributes(path="/", partitioned=True)]
    assert [each.purpose for each in make_sessions(previous=previous).settings.previous] == ["old", NAME]
    shared = make_sessions(cookie=CookieAttributes(name="s"), previous=previous, purpose="shared")
    assert [each.purpose for each in shared.settings.previous] == ["shared", "shared"]


# Header lines and times


@pytest.mark.parametrize(
    "line",
    [
        "Cookie: {header}",
        "cookie:{header}",
        "COOKIE: a=1; {header}; b=2\r\n",
        "  Cookie:\t{header}  ",
        "Set-Cookie: {header}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1209600",
        "set-cookie: {header}",
        "Set-Cookie: {header} ; Path=/\n",
        "{header}; Path=/; Secure",
        "Cookie: {token}",
    ],
)
def test_read_takes_whole_header_lines(line: str, make_sessions: Make, clock: Any) -> None:
    sessions = make_sessions()
    minted = sessions.mint({"n": 1})
    assert sessions.read(line.format(header=minted.header, token=minted.token)).session == {"n": 1}


def test_attributes_of_a_set_cookie_line_are_no_cookies(make_sessions: Make, clock: Any) -> None:
    sessions = make_sessions(cookie=CookieAttributes(name="Path"))
    assert sessions.read(f"Set-Cookie: other=1; Path={sessions.mint({'n': 1}).token}").session == {}
    assert sessions.read(f"Cookie: other=1; Path={sessions.mint({'n': 1}).token}").session == {"n": 1}


def test_mint_read_and_begin_round_the_time_down(make_sessions: Make) -> None:
    sessions = make_sessions()
    minted = sessions.mint({"n": 1}, now=NOW + 0.9)
    issued = sessions.read(minted.header, now=NOW + 0.9).session.issued_at
    assert issued is not None
    assert issued.timestamp() == NOW
    # The idle timeout is 14 days.
    assert sessions.read(minted.header, now=NOW + 1209599.9).session == {"n": 1}
    assert sessions.begin(minted.header, now=NOW + 1209599.9).session["n"] == 1
    assert sessions.read(minted.header, now=NOW + 1209600.0).reason is Reason.EXPIRED
    assert sessions.read(minted.header, now=NOW - 60.1).reason is Reason.NOT_YET_VALID


@pytest.mark.parametrize("now", [float("nan"), float("inf"), "1767225600", True])
@pytest.mark.parametrize("name", ["mint", "read", "begin"])
def test_a_now_that_is_no_time_is_refused(name: str, now: Any, make_sessions: Make) -> None:
    with pytest.raises(ConfigError, match=r"^now must be "):
        getattr(make_sessions(), name)(None if name == "mint" else "", now=now)


def test_repr_shows_key_ids_and_no_keys(sessions: Sessions) -> None:
    assert repr(sessions) == "<CookieSessions __Host-session <Keyring 6fc7081d3e766c36 primary (seals now)>>"


def test_wrappers_are_the_classes_of_the_modules(sessions: Sessions) -> None:
    assert isinstance(sessions.wsgi(lambda environ, start_response: []), WsgiMiddleware)
    assert isinstance(sessions.asgi(lambda scope, receive, send: None), AsgiMiddleware)


# get()


def make_scope(**more: Any) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], **more}


@pytest.fixture
def published(sessions: Sessions) -> tuple[Exchange[Any], dict[str, Any]]:
    exchange = sessions.begin("", now=NOW)
    return exchange, {PLACE: (exchange, None)}


@pytest.mark.parametrize("carrier", [make_scope(), {"REQUEST_METHOD": "GET"}], ids=["scope", "environ"])
def test_get_finds_the_session_of_a_carrier_that_was_begun(sessions: Sessions, carrier: dict[str, Any]) -> None:
    exchange = sessions.begin(carrier=carrier)
    assert sessions.get(carrier) is exchange.session
    assert exchange.session.created_at.timestamp() == NOW


@pytest.mark.parametrize("attribute", ["scope", "environ", "env"])
def test_get_takes_a_request_that_carries_its_scope_or_environ(
    sessions: Sessions, published: tuple[Exchange[Any], dict[str, Any]], attribute: str
) -> None:
    exchange, places = published
    carrier = make_scope(**places) if attribute == "scope" else {"REQUEST_METHOD": "GET", **places}
    assert sessions.get(SimpleNamespace(**{attribute: carrier})) is exchange.session


def test_get_takes_a_scope_and_an_environ(sessions: Sessions, published: tuple[Exchange[Any], dict[str, Any]]) -> None:
    exchange, places = published
    assert sessions.get(make_scope(**places)) is exchange.session
    assert sessions.get({"REQUEST_METHOD": "GET", **places}) is exchange.session


def test_get_finds_the_exchange_of_the_outer_stack(
    sessions: Sessions, published: tuple[Exchange[Any], dict[str, Any]]
) -> None:
    exchange, places = published
    environ = {"REQUEST_METHOD": "GET", "asgi.scope": make_scope(path="/other", **places)}
    scope = make_scope(path="/other", wsgi_environ={"REQUEST_METHOD": "GET", **places})
    assert sessions.get(environ) is exchange.session
    assert sessions.get(scope) is exchange.session


def test_get_passes_over_attributes_that_are_no_mapping(
    sessions: Sessions, published: tuple[Exchange[Any], dict[str, Any]]
) -> None:
    exchange, places = published
    request = SimpleNamespace(scope="request", environ=None, env={"REQUEST_METHOD": "GET", **places})
    assert sessions.get(request) is exchange.session


@pytest.mark.parametrize("carried", [{}, {"environ": {"REQUEST_METHOD": "GET"}}], ids=["no environ", "no wrapper"])
def test_get_finds_the_session_that_a_request_holds_itself(
    sessions: Sessions, make_sessions: Make, carried: dict[str, Any]
) -> None:
    exchange = sessions.begin(now=NOW)
    request = SimpleNamespace(session=SimpleNamespace(exchange=exchange), **carried)
    assert sessions.get(request) is exchange.session
    other = make_sessions(cookie=CookieAttributes(name="other"))
    with pytest.raises(ConfigError, match="a wrapper of other sessions, with the cookie __Host-session; "):
        other.get(request)


@pytest.mark.parametrize("thing", [None, "a cookie", object(), {}, {"cookie": "x"}, SimpleNamespace(scope={})])
def test_get_of_anything_else_says_what_it_takes(sessions: Sessions, thing: object) -> None:
    takes = "takes an ASGI scope, a WSGI environ, or a request that has one as scope, environ or env, got "
    with pytest.raises(TypeError, match=takes + type(thing).__qualname__):
        sessions.get(thing)


@pytest.mark.parametrize(
    ("thing", "line"),
    [(make_scope(), r"app = sessions.asgi\(app\)"), ({"REQUEST_METHOD": "GET"}, r"app = sessions.wsgi\(app\)")],
    ids=["asgi", "wsgi"],
)
def test_get_of_an_unwrapped_request_names_the_line_to_add(
    sessions: Sessions, thing: dict[str, Any], line: str
) -> None:
    with pytest.raises(ConfigError, match=f"no session for cookie __Host-session.*{line}"):
        sessions.get(thing)


def test_get_of_a_request_that_another_configuration_wrapped_is_refused(
    make_sessions: Make, published: tuple[Exchange[Any], dict[str, Any]]
) -> None:
    other = make_sessions(cookie=CookieAttributes(name="other"))
    for carrier in (make_scope(**published[1]), make_scope(wsgi_environ={"REQUEST_METHOD": "GET", **published[1]})):
        with pytest.raises(ConfigError) as raised:
            other.get(carrier)
        assert str(raised.value).startswith(
            "no session for cookie other: the request passed a wrapper of other sessions, with the cookie "
            "__Host-session; use one CookieSessions object for the wrapper and for get(), or add app = sessions.asgi"
        )


def test_get_of_a_request_that_several_others_wrapped_names_the_one_with_the_same_cookie(
    sessions: Sessions, make_sessions: Make
) -> None:
    outer = make_sessions(purpose="shop").begin(now=NOW)
    inner = make_sessions(cookie=CookieAttributes(name="other")).begin(now=NOW)
    carrier = make_scope(**{PLACE: (inner, (outer, None))})
    with pytest.raises(ConfigError, match="the same cookie but the purpose 'shop' instead of '__Host-session'; "):
        sessions.get(carrier)


# mint() and read()


def test_minted_cookie_is_read_again(sessions: Sessions) -> None:
    cookie = sessions.mint({"user": "alice"}, flash=[("info", "hi")])
    result = sessions.read(cookie.header)
    assert (dict(result.session), result.session.flash.peek("info"), result.reason) == ({"user": "alice"}, ["hi"], None)


def test_minted_cookie_has_the_policys_times(make_sessions: Make, clock: Any) -> None:
    sessions = make_sessions(policy=Policy(persistent=False))
    envelope = open_token(sessions.mint().token, keyring=sessions.settings.keyring, purpose=NAME, now=NOW)
    times = envelope.created, envelope.issued, envelope.idle, envelope.until, envelope.persistent
    assert times == (NOW, NOW, 14 * 86400, NOW + 90 * 86400, False)


def test_minted_cookie_takes_times_of_its_own(sessions: Sessions) -> None:
    created = datetime.fromtimestamp(NOW - 100, UTC)
    token = sessions.mint(created_at=created, persistent=False, now=NOW - 50).token
    envelope = open_token(token, keyring=sessions.settings.keyring, purpose=NAME, now=NOW)
    assert (envelope.created, envelope.issued, envelope.persistent) == (NOW - 100, NOW - 50, False)


def test_minted_cookie_names_itself(sessions: Sessions) -> None:
    cookie = sessions.mint()
    assert (cookie.name, cookie.header) == (NAME, f"{NAME}={cookie.token}")


def test_minted_cookie_shows_no_token() -> None:
    assert repr(MintedCookie("s", "cj1.secret", "s=cj1.secret")) == "<MintedCookie s>"


def test_minted_cookies_have_sids_of_their_own(sessions: Sessions) -> None:
    assert len({sessions.read(sessions.mint().token).session.sid for _ in range(3)}) == 3


@dataclass
class Cart:
    items: list[str]


@pytest.mark.parametrize("data", [User("alice"), {"user": "alice"}], ids=["struct", "mapping"])
def test_typed_session_is_minted_and_read(make_sessions: Make, clock: Any, data: Any) -> None:
    sessions = make_sessions(data_type=User)
    assert sessions.read(sessions.mint(data).token).session.data == User("alice")


def test_minted_dataclass_is_its_fields(sessions: Sessions) -> None:
    assert dict(sessions.read(sessions.mint(Cart(["tea"])).token).session) == {"items": ["tea"]}


@pytest.mark.parametrize("data", [5, ["a"], {"when": datetime.now(UTC)}, {1: 2}], ids=["int", "list", "date", "key"])
def test_mint_refuses_what_cannot_be_sealed(sessions: Sessions, data: Any) -> None:
    with pytest.raises(UnsupportedValueError):
        sessions.mint(data)


def test_mint_refuses_what_is_too_large(sessions: Sessions) -> None:
    with pytest.raises(SessionTooLargeError) as raised:
        sessions.mint({"blob": "x" * 2000}, flash=[("info", "hi")])
    assert (raised.value.limit, set(raised.value.octets_by_key)) == (2660, {"blob", None})


def test_read_takes_a_whole_header_and_finds_its_cookie(sessions: Sessions) -> None:
    header = f"a=1; {sessions.mint({'n': 1}).header}; b=2"
    assert sessions.read(header).session["n"] == 1


def test_read_takes_previous_names_from_a_header(make_sessions: Make, clock: Any) -> None:
    old = CookieAttributes(name="old")
    header = make_sessions(cookie=old).mint({"n": 1}).header
    assert make_sessions(previous=[old]).read(header).session["n"] == 1


def test_read_is_read_only(sessions: Sessions) -> None:
    session = sessions.read(sessions.mint({"n": 1}).token).session
    with pytest.raises(SessionCommittedError, match="read-only"):
        session["n"] = 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", None),
        ("a=1", None),
        ("junk", Reason.MALFORMED),
        ("cj2.x", Reason.UNKNOWN_VERSION),
        (f"{NAME}=junk", Reason.MALFORMED),
        (f"{NAME}=cj2.x; {NAME}=junk", Reason.UNKNOWN_VERSION),
    ],
)
def test_read_says_why_there_is_no_session(sessions: Sessions, text: str, reason: Reason | None) -> None:
    result = sessions.read(text)
    assert (result.session.is_new, dict(result.session), result.reason) == (True, {}, reason)


def test_read_gives_no_reason_if_another_cookie_is_accepted(sessions: Sessions) -> None:
    result = sessions.read(f"{NAME}=junk; {sessions.mint({'n': 1}).header}")
    assert (dict(result.session), result.reason) == ({"n": 1}, None)


def test_read_is_as_of_now_or_of_the_time_given(sessions: Sessions, clock: Any) -> None:
    token = sessions.mint({"n": 1}).token
    assert sessions.read(token, now=NOW + 14 * 86400).reason is Reason.EXPIRED
    clock.now += 14 * 86400
    assert sessions.read(token).reason is Reason.EXPIRED
    assert sessions.read(token, now=NOW).reason is None


def test_read_refuses_tokens_of_another_purpose(make_sessions: Make, clock: Any) -> None:
    token = make_sessions(purpose="other").mint({"n": 1}).token
    assert make_sessions().read(token).reason is Reason.NOT_AUTHENTIC


def test_read_reports_nothing(make_sessions: Make, clock: Any, caplog: pytest.LogCaptureFixture) -> None:
    events: list[Any] = []
    sessions = make_sessions(on_event=events.append)
    with caplog.at_level(logging.DEBUG):
        sessions.read(sessions.mint().token)
        sessions.read("junk")
    assert (events, caplog.records) == ([], [])


def test_sessions_under_one_keyring_and_two_names_do_not_read_each_other(clock: Any) -> None:
    keyring = Keyring.generate()
    one, other = CookieSessions(keyring), CookieSessions(keyring, cookie=CookieAttributes(name="other"))
    assert other.read(one.mint({"admin": True}).token).reason is Reason.NOT_AUTHENTIC


@pytest.mark.parametrize("end", [";", ",", " ", "; "])
def test_read_takes_a_token_as_it_is(make_sessions: Any, end: str) -> None:
    sessions = make_sessions()
    token = sessions.mint({"n": 1}, now=NOW).token
    assert sessions.read(token, now=NOW).session["n"] == 1
    assert sessions.read(f"{token}{end}", now=NOW).reason == Reason.MALFORMED


def test_the_error_for_a_request_of_django_names_the_middleware_of_the_integration(
    sessions: CookieSessions[None],
) -> None:
    request = type("WSGIRequest", (), {"__module__": "django.core.handlers.wsgi", "environ": {"REQUEST_METHOD": "GET"}})
    with pytest.raises(ConfigError, match=r"integrations\.django\.SessionMiddleware"):
        sessions.get(request())


def test_the_error_for_a_request_of_django_with_other_sessions_names_the_setting(
    sessions: Sessions, published: tuple[Exchange[Any], dict[str, Any]], make_sessions: Make
) -> None:
    environ = {"REQUEST_METHOD": "GET", **published[1]}
    request = type("WSGIRequest", (), {"__module__": "django.core.handlers.wsgi", "environ": environ})
    with pytest.raises(ConfigError, match=r"for get\(\), and name it in COOKIEJAR_SESSIONS$"):
        make_sessions(cookie=CookieAttributes(name="other")).get(request())


def test_configuration_is_json_without_a_key(sessions: Sessions) -> None:
    text = sessions.configuration_json()
    assert json.loads(text)["cookie"]["name"] == NAME
    assert "cjk1_" not in text


# stats()


def run_request(sessions: Sessions, cookie_header: str, change: Callable[[Any], None], *, now: int = NOW) -> None:
    exchange = sessions.begin(cookie_header, now=now)
    change(exchange.session)
    exchange.finish([])
    exchange.end()


def test_stats_count_what_requests_do(sessions: Sessions) -> None:
    minted = sessions.mint({"n": 1}, now=NOW)
    run_request(sessions, minted.header, lambda session: session["n"], now=NOW + 5)
    run_request(sessions, minted.header, lambda session: session.update(n=2), now=NOW + 3)
    run_request(sessions, f"{NAME}=cj1.junk", lambda session: session.get("n"))
    stats = sessions.stats(now=NOW + 9.9)
    (key,) = stats.keys
    assert (stats.cookie, stats.started_at, stats.taken_at) == (NAME, NOW, NOW + 9)
    assert (key.key_id, key.is_in_keyring, key.opened, key.last_opened_at) == ("6fc7081d3e766c36", True, 2, NOW + 5)
    assert (key.committed, key.last_sealed_at) == (1, NOW + 3)
    assert (stats.refused[Reason.MALFORMED], stats.max_token_characters, stats.idle_timeout) == (1, 2660, 14 * 86400)


def test_stats_look_at_the_key_file_and_say_why_it_is_ignored(tmp_path: Path) -> None:
    file = tmp_path / "ring"
    file.write_text(Key.generate().to_text())
    sessions = CookieSessions[Any](Keyring.from_file(file, now=NOW))
    assert sessions.stats(now=NOW + 10).keyring_problem is None
    file.write_text("")
    problem = sessions.stats(now=NOW + 20).keyring_problem
    assert problem is not None
    assert problem.startswith(f"keyring file {file}: the keyring is empty")


def test_stats_are_of_now_if_no_time_is_given(sessions: Sessions, clock: Any) -> None:
    clock.now = NOW + 50
    assert (sessions.stats().started_at, sessions.stats().taken_at) == (NOW, NOW + 50)


def test_untouched_session_is_not_counted(sessions: Sessions) -> None:
    run_request(sessions, sessions.mint({"n": 1}, now=NOW).header, lambda session: None)
    assert sessions.stats().opened == 0


def test_minted_cookie_is_not_counted(sessions: Sessions) -> None:
    sessions.mint({"n": 1})
    assert (sessions.stats().keys[0].sealed, sessions.stats().token_sizes.count) == (0, 0)


def test_stats_count_tokens_that_read_opens_or_refuses(sessions: Sessions) -> None:
    sessions.read(sessions.mint({"n": 1}, now=NOW).token, now=NOW + 5)
    sessions.read("junk")
    stats = sessions.stats()
    assert (stats.opened, stats.keys[0].last_opened_at, stats.refused[Reason.MALFORMED]) == (1, NOW + 5, 1)


def test_stats_count_a_move_apart_from_a_reseal(make_sessions: Make, clock: Any) -> None:
    old = CookieAttributes(name="__Host-old")
    minted = make_sessions(cookie=old, purpose="p").mint({"n": 1}, now=NOW)
    sessions = make_sessions(previous=[old], purpose="p")
    run_request(sessions, minted.header, lambda session: session["n"])
    assert (sessions.stats().moved, sessions.stats().resealed) == (1, 0)


def test_stats_list_every_key_of_the_keyring_in_its_order(clock: Any) -> None:
    keys = [Key.generate() for _ in range(3)]
    sessions = CookieSessions(Keyring.parse(" ".join(key.to_text() for key in keys), now=NOW))
    assert [key.key_id for key in sessions.stats().keys] == [key.key_id.hex() for key in keys]


def test_two_configurations_count_apart(make_sessions: Make, clock: Any) -> None:
    one, other = make_sessions(), make_sessions()
    one.read("junk")
    assert (one.stats().refused[Reason.MALFORMED], other.stats().refused[Reason.MALFORMED]) == (1, 0)


def test_stats_hold_neither_sid_nor_data_nor_key(sessions: Sessions) -> None:
    minted = sessions.mint({"password": "hunter2"}, now=NOW)
    run_request(sessions, minted.header, lambda session: session.update(more="hidden"))
    shown = repr(sessions.stats()) + sessions.stats().to_json()
    envelope = open_token(minted.token, keyring=sessions.settings.keyring, purpose=NAME, now=NOW)
    secrets = ["hunter2", "password", "hidden", envelope.sid.hex(), minted.token[4:], "cjk1_", "000102030405"]
    assert [text for text in secrets if text in shown] == []
