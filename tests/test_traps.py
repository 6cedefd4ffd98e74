"""Every trap of the design and every fault seen in a peer, over both stacks with one harness.

What only one stack has is in test_wsgi.py and test_asgi.py, nested stacks in test_nested.py, untouched requests in
test_no_touch.py, the decision table of SPEC 13.5 in test_exchange.py.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pickle
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from garbage import name_garbage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_secretbox_easy
from shared_values import GOLDEN_PREFS_TOKEN, GOLDEN_TOKEN, NOW

from cookiejar_session import (
    CookieAttributes,
    CookieSessions,
    Event,
    Exchange,
    Key,
    Keyring,
    PlainResponse,
    Policy,
    Session,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
)
from cookiejar_session.session.mapping import SessionMapping
from cookiejar_session.wire.sealing import seal_encoded

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]

DAY = 86400
NAME = "__Host-session"


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def sessions(make_sessions: Make, events: list[Event], clock: Any) -> Sessions:
    return make_sessions(on_event=events.append)


@pytest.fixture
def cart(sessions: Sessions) -> str:
    """A visitor's cookie with nested data."""
    return sessions.mint({"user": "alice", "cart": {"items": ["tea"]}, "n": 1}).header


def read(session: Session[Any]) -> None:
    session.get("user")


def write(session: Session[Any]) -> None:
    session["n"] = session.get("n", 0) + 1


def put(**data: Any) -> Callable[[Session[Any]], None]:
    return lambda session: session.update(data)


def take_content(sessions: Sessions, outcome: Any) -> dict[str, Any]:
    return dict(sessions.read(outcome.cookie).session)


# No Set-Cookie on a read


@pytest.mark.parametrize(
    "script",
    [
        lambda session: session["user"],
        lambda session: session.get("absent"),
        lambda session: "user" in session,
        lambda session: list(session),
        lambda session: session == {"user": "alice"},
        lambda session: session | {"local": 1},
        lambda session: {"local": 1} | session,
        lambda session: session.setdefault("user", "bob"),
        lambda session: session.flash.get("absent"),
        lambda session: session.flash.has("absent"),
        lambda session: session.flash.delete("absent"),
        lambda session: session.flash.pop_all(),
        lambda session: (session.is_new, session.is_modified, session.sid, session.log_id, session.size),
        lambda session: (session.created_at, session.issued_at, session.expires_at),
        lambda session: session.check(),
        lambda session: session.csrf_token(),
        lambda session: repr(session),
        lambda session: session.update(session),
        lambda session: session.pop("absent", None),
        lambda session: json.dumps(session),
        lambda session: session.copy().update(local=1),
        lambda session: (session.mark_accessed(), session.is_accessed),
        lambda session: (session.is_persistent, session.idle_timeout, session.absolute_lifetime),
        lambda session: session.keep_expiry(),
        lambda session: (session.update(n=2), session.revert()),
    ],
    ids=[
        "getitem", "get", "contains", "iter", "eq", "or", "ror", "setdefault", "flash-get", "flash-has", "flash-delete",
        "flash-pop-all", "properties", "times", "check", "csrf-token", "repr", "same-values", "pop-absent",
        "json", "copy", "mark-accessed", "lifetimes", "keep-expiry", "revert",
    ],
)  # fmt: skip
def test_read_sets_no_cookie(harness: Any, sessions: Sessions, cart: str, script: Any) -> None:
    assert harness.request(sessions, script, cookie=cart).set_cookies == []


def test_read_of_a_new_session_sets_no_cookie(harness: Any, sessions: Sessions) -> None:
    assert harness.request(sessions, read).set_cookies == []


# Changes are noticed


@pytest.mark.parametrize(
    ("script", "changed"),
    [
        (lambda session: session.__setitem__("n", 2), {"n": 2}),
        (lambda session: session.__delitem__("n"), {"n": None}),
        (lambda session: session.pop("n"), {"n": None}),
        (lambda session: session.__ior__({"n": 2}), {"n": 2}),
        (lambda session: session.update(n=2), {"n": 2}),
        (lambda session: session.setdefault("m", 1), {"m": 1}),
        (lambda session: session["cart"]["items"].append("jam"), {"cart": {"items": ["tea", "jam"]}}),
        (lambda session: session["cart"].clear(), {"cart": {}}),
        (lambda session: session.get("cart").update(a=1), {"cart": {"items": ["tea"], "a": 1}}),
        (lambda session: next(iter(session.values())).update(a=1), {"cart": {"items": ["tea"], "a": 1}}),
    ],
    ids=["setitem", "delitem", "pop", "ior", "update", "setdefault", "append", "nested-clear", "get", "values"],
)
def test_change_is_noticed(harness: Any, sessions: Sessions, cart: str, script: Any, changed: dict[str, Any]) -> None:
    outcome = harness.request(sessions, script, cookie=cart, cause="written")
    expected = dict(sessions.read(cart).session) | changed
    assert take_content(sessions, outcome) == {key: value for key, value in expected.items() if value is not None}


def test_popitem_is_noticed_and_takes_the_last(harness: Any, sessions: Sessions, cart: str) -> None:
    taken: list[Any] = []
    outcome = harness.request(sessions, lambda session: taken.append(session.popitem()), cookie=cart, cause="written")
    assert taken == [("user", "alice")]
    assert take_content(sessions, outcome).keys() == {"cart", "n"}


def test_type_of_a_value_is_a_change(harness: Any, sessions: Sessions) -> None:
    cookie = sessions.mint({"n": 1}).header
    assert harness.request(sessions, put(n=1.0), cookie=cookie, cause="written").cookie
    assert harness.request(sessions, put(n=True), cookie=cookie, cause="written").cookie


def test_session_asked_for_twice_is_one(harness: Any, sessions: Sessions) -> None:
    seen: list[Session[Any]] = []
    harness.request(sessions, seen.append, after=seen.append)
    assert seen[0] is seen[1]


@pytest.mark.parametrize("key", ["", "undefined", "n"])
def test_deleting_one_key_deletes_no_other(harness: Any, sessions: Sessions, key: str) -> None:
    cookie = sessions.mint({"": 0, "undefined": 0, "n": 0, "user": "alice"}).header
    outcome = harness.request(sessions, lambda session: session.pop(key), cookie=cookie, cause="written")
    assert take_content(sessions, outcome).keys() == {"", "undefined", "n", "user"} - {key}


def test_value_that_was_refused_breaks_no_later_write(harness: Any, sessions: Sessions) -> None:
    def script(session: Session[Any]) -> None:
        with pytest.raises(UnsupportedValueError, match="bad: object"):
            session["bad"] = object()
        session["good"] = 1

    outcome = harness.request(sessions, script, cause="written")
    assert take_content(sessions, outcome) == {"good": 1}


# Flash


def test_flash_is_read_once_and_again_in_the_same_request(harness: Any, sessions: Sessions) -> None:
    cookie = sessions.mint(flash=[("info", "hi")]).header
    seen: list[Any] = []

    def script(session: Session[Any]) -> None:
        seen.extend([session.flash.get("info"), session.flash.get("info")])

    outcome = harness.request(sessions, script, cookie=cookie, cause="written")
    assert seen == [["hi"], ["hi"]]
    assert not sessions.read(outcome.cookie).session.flash.has("info")


def test_flash_is_not_in_the_data(harness: Any, sessions: Sessions) -> None:
    outcome = harness.request(sessions, lambda session: session.flash.add("info", "hi"), cause="written")
    assert take_content(sessions, outcome) == {}


# Vary and Cache-Control


def test_untouched_response_has_no_vary(harness: Any, sessions: Sessions, cart: str) -> None:
    assert harness.request(sessions, cookie=cart).values("vary") == []


@pytest.mark.parametrize(
    ("given_fields", "expected"),
    [
        ([], ["Cookie"]),
        (["Accept"], ["Accept, Cookie"]),
        (["Accept, Origin", "Accept-Language"], ["Accept, Origin, Accept-Language, Cookie"]),
        (["cookie"], ["cookie"]),
        (["*"], ["*"]),
        (["Accept, *"], ["Accept, *"]),
    ],
)
def test_accessed_response_varies_by_cookie(
    harness: Any, sessions: Sessions, answer: Any, given_fields: list[str], expected: list[str]
) -> None:
    fields = [("Vary", field) for field in given_fields]
    assert harness.request(sessions, read, answer=answer.with_headers(*fields)).values("vary") == expected


@pytest.mark.parametrize(("age", "cause"), [(0, None), (2 * DAY, "renewal")], ids=["read", "refresh"])
def test_response_varies_also_where_a_refresh_is_all_there_is(
    harness: Any, sessions: Sessions, age: int, cause: str | None
) -> None:
    cookie = sessions.mint({"n": 1}, now=NOW - age).header
    assert harness.request(sessions, read, cookie=cookie, cause=cause).values("vary") == ["Cookie"]


@pytest.mark.parametrize(
    ("given_fields", "expected"),
    [
        ([], ["private"]),
        (["no-store"], ["no-store"]),
        (["private, max-age=60"], ["private, max-age=60"]),
        (["max-age=60"], ["private, max-age=60"]),
        (["max-age=0", "no-cache"], ["private, max-age=0, no-cache"]),
        (["public, max-age=60"], ["private, max-age=60"]),
        (["max-age=60, s-maxage=600"], ["private, max-age=60"]),
    ],
)
def test_response_with_our_cookie_is_private(
    harness: Any, sessions: Sessions, answer: Any, given_fields: list[str], expected: list[str]
) -> None:
    fields = [("Cache-Control", field) for field in given_fields]
    outcome = harness.request(sessions, write, answer=answer.with_headers(*fields), cause="written")
    assert outcome.values("cache-control") == expected


TARGETED = [
    "CDN-Cache-Control",
    "Cloudflare-CDN-Cache-Control",
    "Vercel-CDN-Cache-Control",
    "Netlify-CDN-Cache-Control",
    "Akamai-Cache-Control",
    "X-LiteSpeed-Cache-Control",
    "Surrogate-Control",
    "Edge-Control",
    "X-Accel-Expires",
]


@pytest.mark.parametrize("field", TARGETED)
def test_field_that_a_cache_obeys_in_place_of_cache_control_is_removed(
    harness: Any, sessions: Sessions, answer: Any, caplog: pytest.LogCaptureFixture, field: str
) -> None:
    fields = [("X-One", "1"), (field, "max-age=60"), ("Cache-Control", "public, max-age=60")]
    outcome = harness.request(sessions, write, answer=answer.with_headers(*fields), cause="written")
    assert outcome.values("cache-control") == ["private, max-age=60"]
    assert (outcome.values(field.lower()), outcome.values("x-one")) == ([], ["1"])
    removed = f"removed cache-control: public or s-maxage, {field.lower()}"
    assert [record.message for record in caplog.records if "made private" in record.message] == [
        f"response sets cookie {NAME} and was made private: {removed} (request 'GET /')"
    ]


@pytest.mark.parametrize("field", TARGETED)
def test_field_that_forbids_storing_stays(
    harness: Any, sessions: Sessions, answer: Any, caplog: pytest.LogCaptureFixture, field: str
) -> None:
    outcome = harness.request(sessions, write, answer=answer.with_headers((field, "no-store")), cause="written")
    assert outcome.values(field.lower()) == ["no-store"]
    assert "made private" not in caplog.text


@pytest.mark.parametrize("field", TARGETED)
@pytest.mark.parametrize("script", [None, read], ids=["untouched", "read"])
def test_response_without_our_cookie_keeps_the_fields_for_cdns(
    harness: Any, sessions: Sessions, answer: Any, field: str, script: Any
) -> None:
    outcome = harness.request(sessions, script, answer=answer.with_headers((field, "max-age=60")))
    assert outcome.values(field.lower()) == ["max-age=60"]


def test_public_response_made_private_is_logged(
    harness: Any, sessions: Sessions, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    harness.request(sessions, write, answer=answer.with_headers(("Cache-Control", "public")), cause="written")
    assert "made private" in caplog.text


@pytest.mark.parametrize("cache_control", ["max-age=60", "no-cache", "max-age=0"])
def test_response_that_asked_for_no_shared_cache_is_made_private_silently(
    harness: Any, sessions: Sessions, answer: Any, caplog: pytest.LogCaptureFixture, cache_control: str
) -> None:
    harness.request(sessions, write, answer=answer.with_headers(("Cache-Control", cache_control)), cause="written")
    assert "made private" not in caplog.text


def test_response_without_our_cookie_keeps_its_cache_control(harness: Any, sessions: Sessions, answer: Any) -> None:
    outcome = harness.request(sessions, read, answer=answer.with_headers(("Cache-Control", "public")))
    assert outcome.values("cache-control") == ["public"]


SHARED = [("Cache-Control", value) for value in ("public", "s-maxage=60", "max-age=1, Public")]


@pytest.mark.parametrize(
    "shared",
    [{"headers": [field]} for field in SHARED]
    + [{"headers": [(name, "max-age=60")]} for name in TARGETED]
    + [{"headers": [], "status": 304, "body": ()}],
    ids=str,
)
@pytest.mark.parametrize("due", ["reseal", "renewal", "dead"])
def test_shared_cacheable_response_and_a_304_get_no_cookie_of_their_own(
    harness: Any, make_sessions: Make, answer: Any, shared: dict[str, Any], due: str
) -> None:
    primary, retired = Key.generate(), Key.generate()
    sessions = make_sessions(Keyring.parse(f"{primary.to_text()} {retired.to_text()}"))
    cookie = {
        "reseal": make_sessions(Keyring.parse(retired.to_text())).mint({"n": 1}, now=NOW - 300).header,
        "renewal": sessions.mint({"n": 1}, now=NOW - 2 * DAY).header,
        "dead": f"{NAME}=cj1.junk",
    }[due]
    plain = {} if "status" in shared else {"Content-Type": "text/plain"}
    shared = {**shared, "headers": [*plain.items(), *shared["headers"]]}
    assert harness.request(sessions, read, cookie=cookie, answer=answer(**shared)).set_cookies == []
    assert harness.request(sessions, read, cookie=cookie, cause=due).set_cookies != []


@pytest.mark.parametrize(
    "field",
    [("Cache-Control", value) for value in ("max-age=60", "max-age=0", "no-cache", "no-store", "private")]
    + [("Expires", "Thu, 01 Jan 2099 00:00:00 GMT"), ("CDN-Cache-Control", "no-store"), ("X-Accel-Expires", "0")]
    + [("X-LiteSpeed-Cache-Control", "no-cache"), ("Surrogate-Control", "max-age=0")],
    ids=str,
)
@pytest.mark.parametrize("due", ["renewal", "dead"])
def test_response_that_asks_for_no_shared_cache_gets_the_cookie_that_is_due(
    harness: Any, sessions: Sessions, answer: Any, field: tuple[str, str], due: str
) -> None:
    cookie = sessions.mint({"n": 1}, now=NOW - 2 * DAY).header if due == "renewal" else f"{NAME}=cj1.junk"
    outcome = harness.request(sessions, read, cookie=cookie, answer=answer.with_headers(field), cause=due)
    assert len(outcome.set_cookies) == 1
    directives = ", ".join(outcome.values("cache-control")).lower().split(", ")
    assert not {"private", "no-store"}.isdisjoint(directives)


def test_write_is_saved_in_a_304_as_in_any_response(harness: Any, sessions: Sessions, answer: Any) -> None:
    unchanged = answer(status=304, headers=[], body=())
    outcome = harness.request(sessions, write, answer=unchanged, cause="written")
    assert (outcome.status, outcome.values("cache-control"), len(outcome.set_cookies)) == (304, ["private"], 1)


# The application's own header fields


def test_module_level_header_list_carries_no_cookie_to_the_next_visitor(
    harness: Any, sessions: Sessions, answer: Any
) -> None:
    headers = [("Content-Type", "text/plain")]
    shared = answer(headers=headers)
    harness.request(sessions, put(user="alice"), answer=shared, cause="written")
    assert headers == [("Content-Type", "text/plain")]
    assert harness.request(sessions, read, answer=shared).set_cookies == []


def test_fields_of_the_application_stay_as_they_are(harness: Any, sessions: Sessions, answer: Any) -> None:
    fields = [("Set-Cookie", "a=1"), ("X-One", "1"), ("Set-Cookie", "b=2"), ("X-Name", "caf\xe9")]
    outcome = harness.request(sessions, write, answer=answer.with_headers(*fields), cause="written")
    kept = [(name.lower(), value) for name, value in fields]
    assert [(name.lower(), value) for name, value in outcome.headers][1:5] == kept


def test_body_and_status_are_the_applications(harness: Any, sessions: Sessions, answer: Any) -> None:
    spoken = answer(status=418, body=(b"", b"short ", b"and stout"))
    outcome = harness.request(sessions, write, answer=spoken, cause="written")
    assert (outcome.status, outcome.body) == (418, b"short and stout")


@pytest.mark.parametrize("body", [(), (b"",), (b"", b"late")], ids=["empty", "empty chunk", "first chunk empty"])
def test_session_is_saved_whatever_the_body(harness: Any, sessions: Sessions, answer: Any, body: Any) -> None:
    outcome = harness.request(sessions, write, answer=answer(body=body), cause="written")
    assert take_content(sessions, outcome) == {"n": 1}


# Cookies that cannot be read


def seal_raw(plaintext: bytes, keyring: Keyring, *, padded_wrong: bool = False) -> str:
    key = keyring.ring(NOW).primary(NOW).key
    if not padded_wrong:
        return seal_encoded(plaintext, key=key, purpose=NAME)
    nonce = os.urandom(24)
    box = crypto_secretbox_easy(b"\x00" * 48, nonce, key.box_key(NAME))
    return "cj1." + urlsafe_b64encode(key.key_id + nonce + box).decode()


UNREADABLE: dict[str, tuple[str, Callable[[Sessions, Make], str]]] = {
    "bad-padding": ("preserve", lambda own, make: seal_raw(b"", own.settings.keyring, padded_wrong=True)),
    "bad-encoding": ("preserve", lambda own, make: seal_raw(b"\xc1" * 60, own.settings.keyring)),
    "bad-envelope": ("preserve", lambda own, make: seal_raw(b"\xd9\x28" + b"x" * 40, own.settings.keyring)),
    "unknown-key": ("preserve", lambda own, make: make(Keyring.generate()).mint({"n": 1}).token),
    "unknown-version": ("preserve", lambda own, make: "cj2." + "A" * 128),
    "not-yet-valid": ("preserve", lambda own, make: own.mint({"n": 1}, now=NOW + 61).token),
    "malformed": ("discard", lambda own, make: "cj1.junk"),
    "too-long": ("discard", lambda own, make: "cj1." + "A" * 4000),
    "not-authentic": ("discard", lambda own, make: make(purpose="other").mint({"n": 1}).token),
    "expired": ("preserve", lambda own, make: own.mint({"n": 1}, now=NOW - 15 * DAY).token),
}  # fmt: skip


@pytest.mark.parametrize("reason", UNREADABLE)
def test_unreadable_cookie_is_an_empty_session_and_an_event(
    harness: Any, sessions: Sessions, make_sessions: Make, events: list[Event], reason: str
) -> None:
    fate, make_token = UNREADABLE[reason]
    seen: list[Any] = []
    outcome = harness.request(
        sessions,
        lambda session: seen.append((session.is_new, dict(session))),
        cookie=f"{NAME}={make_token(sessions, make_sessions)}",
        cause="dead" if fate == "discard" else None,
    )
    assert (outcome.status, seen) == (200, [(True, {})])
    assert [event.reason for event in events if event.kind == "refused"] == [reason]


@pytest.mark.parametrize("reason", UNREADABLE)
def test_unreadable_cookie_is_left_alone_until_the_session_is_touched(
    harness: Any, sessions: Sessions, make_sessions: Make, reason: str
) -> None:
    cookie = f"{NAME}={UNREADABLE[reason][1](sessions, make_sessions)}"
    assert harness.request(sessions, cookie=cookie).set_cookies == []


@pytest.mark.parametrize("reason", UNREADABLE)
def test_unreadable_cookie_gives_way_to_a_write(
    harness: Any, sessions: Sessions, make_sessions: Make, reason: str
) -> None:
    cookie = f"{NAME}={UNREADABLE[reason][1](sessions, make_sessions)}"
    outcome = harness.request(sessions, put(user="bob"), cookie=cookie, cause="written")
    assert take_content(sessions, outcome) == {"user": "bob"}


def test_response_does_not_say_why(harness: Any, sessions: Sessions, make_sessions: Make) -> None:
    seen = set()
    for fate, make_token in UNREADABLE.values():
        if fate == "preserve":
            outcome = harness.request(sessions, read, cookie=f"{NAME}={make_token(sessions, make_sessions)}")
            seen.add((outcome.status, tuple(outcome.headers), outcome.body))
    assert len(seen) == 1


def test_freshness_is_judged_after_authenticity(harness: Any, sessions: Sessions, events: list[Event]) -> None:
    token = sessions.mint({"n": 1}, now=NOW - 15 * DAY).token
    harness.request(sessions, read, cookie=f"{NAME}={flip(token, 50 * 8)}", cause="dead")
    assert [event.reason for event in events if event.kind == "refused"] == ["not-authentic"]


def test_cookie_of_one_name_does_not_pass_for_another(harness: Any, make_sessions: Make) -> None:
    admin = make_sessions(cookie=CookieAttributes(name="admin"))
    token = make_sessions().mint({"admin": True}).token
    seen: list[Any] = []
    harness.request(admin, lambda session: seen.append(dict(session)), cookie=f"admin={token}", cause="dead")
    assert seen == [{}]


@pytest.mark.parametrize("order", [1, -1], ids=["stale first", "stale last"])
def test_freshest_of_several_cookies_wins(harness: Any, sessions: Sessions, order: int) -> None:
    stale, fresh = sessions.mint({"n": 1}, now=NOW - 60).header, sessions.mint({"n": 2}).header
    seen: list[Any] = []
    cookies = (f"{NAME}=junk", stale, fresh)[::order]
    harness.request(sessions, lambda session: seen.append(session["n"]), cookie=cookies)
    assert seen == [2]


@pytest.mark.parametrize(
    "neighbour", ['j={"a":1}', 'q="', "x", "=", "\x85\xa0=1", "d=Wed, 1", "é=\xff", ";;;", '"\\"' * 50]
)
def test_neighbours_hide_nothing(harness: Any, sessions: Sessions, cart: str, neighbour: str) -> None:
    seen: list[Any] = []
    harness.request(sessions, lambda session: seen.append(session["user"]), cookie=(neighbour, cart, neighbour))
    assert seen == ["alice"]


def test_comma_does_not_smuggle_a_cookie_past_its_prefix(harness: Any, sessions: Sessions, cart: str) -> None:
    seen: list[Any] = []
    harness.request(sessions, lambda session: seen.append(session.is_new), cookie=f"d=x,{cart}")
    assert seen == [True]


@given(octets=st.text(st.characters(max_codepoint=255), max_size=300), named=st.booleans())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_are_an_empty_session_and_never_an_error(
    harness: Any, sessions: Sessions, octets: str, named: bool
) -> None:
    seen: list[Any] = []

    def script(session: Session[Any]) -> None:
        seen.append((session.is_new, dict(session)))
        session["n"] = 1

    outcome = harness.request(sessions, script, cookie=f"{NAME}={octets}" if named else octets, cause="written")
    assert (outcome.status, seen) == (200, [(True, {})])


def flip(token: str, bit: int) -> str:
    """``token`` with one bit of what its base64 says the other way round."""
    raw = bytearray(urlsafe_b64decode(token[4:]))
    raw[bit // 8] ^= 1 << bit % 8
    return "cj1." + urlsafe_b64encode(raw).decode()


GOLDEN = {
    "session": (CookieAttributes(), GOLDEN_TOKEN, NOW),
    "prefs": (CookieAttributes(name="prefs"), GOLDEN_PREFS_TOKEN, 1767229200),
}


@pytest.mark.parametrize("golden", GOLDEN)
def test_golden_token_is_accepted(harness: Any, make_sessions: Make, clock: Any, golden: str) -> None:
    cookie, token, clock.now = GOLDEN[golden]
    seen: list[Any] = []
    harness.request(make_sessions(cookie=cookie), lambda one: seen.append(one.is_new), cookie=f"{cookie.name}={token}")
    assert seen == [False]


@pytest.mark.parametrize("golden", GOLDEN)
def test_every_truncation_is_refused(
    harness: Any, make_sessions: Make, events: list[Event], clock: Any, golden: str
) -> None:
    cookie, token, clock.now = GOLDEN[golden]
    sessions = make_sessions(cookie=cookie, on_event=events.append)
    seen: set[bool] = set()
    for length in range(len(token)):
        cut = f"{cookie.name}={token[:length]}"
        # What is shorter than the prefix does not begin like a token, and is preserved.
        cause = "dead" if length >= len("cj1.") else None
        harness.request(sessions, lambda session: seen.add(session.is_new), cookie=cut, cause=cause)
    assert seen == {True}
    assert {event.reason for event in events if event.kind == "refused"} == {"malformed", "not-authentic"}


@pytest.mark.parametrize("golden", GOLDEN)
def test_flipped_bits_are_refused(
    harness: Any, make_sessions: Make, events: list[Event], clock: Any, golden: str
) -> None:
    cookie, token, clock.now = GOLDEN[golden]
    sessions = make_sessions(cookie=cookie, on_event=events.append)
    seen: set[bool] = set()
    # The first 64 bits are the key id; a token under an unknown key is preserved.
    for bit in range(0, len(token[4:]) * 6, 7):
        flipped = f"{cookie.name}={flip(token, bit)}"
        cause = None if bit < 64 else "dead"
        harness.request(sessions, lambda session: seen.add(session.is_new), cookie=flipped, cause=cause)
    assert seen == {True}
    assert {event.reason for event in events if event.kind == "refused"} == {"unknown-key", "not-authentic"}


# Late changes


@pytest.mark.parametrize(
    "late",
    [
        lambda session: session.update(n=2),
        lambda session: session.clear(),
        lambda session: session.discard(),
        lambda session: session.regenerate(),
        lambda session: session.flash.add("info", "hi"),
        lambda session: session.pop("n"),
    ],
    ids=["write", "clear", "discard", "regenerate", "flash", "pop"],
)
def test_late_write_raises_at_that_line(harness: Any, sessions: Sessions, cart: str, late: Any) -> None:
    def after(session: Session[Any]) -> None:
        with pytest.raises(SessionCommittedError, match="before the response starts"):
            late(session)

    assert harness.request(sessions, read, after=after, cookie=cart).status == 200


def test_late_nested_change_is_logged_and_reported(
    harness: Any, sessions: Sessions, cart: str, events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    harness.request(sessions, read, after=lambda session: session["cart"]["items"].append("late"), cookie=cart)
    assert "the change is lost" in caplog.text
    assert events[-1].kind == "late-write"


def test_session_first_touched_after_the_headers_can_be_read(
    harness: Any, sessions: Sessions, cart: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Any] = []
    harness.request(sessions, after=lambda session: seen.append(session["user"]), cookie=cart)
    assert seen == ["alice"]
    assert "first read after the response headers" in caplog.text


def test_write_of_a_thread_during_the_commit_raises_and_the_snapshot_goes_out(
    harness: Any, sessions: Sessions, cart: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Session[Any]] = []
    raised: list[type[BaseException]] = []

    def write_late() -> None:
        held[0]["cart"]["items"].append("late")
        try:
            held[0]["n"] = 99
        except SessionCommittedError as exc:
            raised.append(type(exc))

    def seal_while_a_thread_writes(*args: Any, **kwargs: Any) -> str:
        thread = threading.Thread(target=write_late)
        thread.start()
        thread.join()
        return seal_encoded(*args, **kwargs)

    def script(session: Session[Any]) -> None:
        held.append(session)
        session["n"] = 2

    monkeypatch.setattr("cookiejar_session.exchange.seal_encoded", seal_while_a_thread_writes)
    outcome = harness.request(sessions, script, cookie=cart, cause="written")
    assert take_content(sessions, outcome) == {"user": "alice", "cart": {"items": ["tea"]}, "n": 2}
    assert raised == [SessionCommittedError]


# A commit that fails


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (put(blob="x" * 4000), "SessionTooLargeError"),
        (lambda session: session["cart"].update(price=object()), "UnsupportedValueError"),
    ],
    ids=["too large", "unsupported"],
)
def test_commit_that_fails_sends_a_plain_500_and_nothing_of_the_application(
    harness: Any, sessions: Sessions, cart: str, answer: Any, caplog: pytest.LogCaptureFixture, script: Any, error: str
) -> None:
    secret = answer.with_headers(("X-Secret", "1"), ("Set-Cookie", "a=1"), body=(b"secret", b"secret"))
    outcome = harness.request(sessions, script, cookie=cart, answer=secret)
    assert (outcome.status, outcome.body) == (500, b"Internal Server Error")
    assert sorted(name.lower() for name, _ in outcome.headers) == ["content-length", "content-type"]
    assert error in caplog.text


def test_plain_500_of_both_stacks_is_that_of_the_exchange(
    harness: Any, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[Exception] = []

    def fail(exchange: Exchange[Any], exc: Exception) -> PlainResponse:
        failures.append(exc)
        return PlainResponse(503, "Try Again", [("content-type", "text/plain"), ("retry-after", "5")], b"later")

    monkeypatch.setattr(Exchange, "fail", fail)
    outcome = harness.request(sessions, put(blob="x" * 4000))
    assert (outcome.status, outcome.body) == (503, b"later")
    assert outcome.headers == [("content-type", "text/plain"), ("retry-after", "5")]
    assert [type(failure) for failure in failures] == [SessionTooLargeError]


def test_too_large_session_names_the_octets_of_each_key(harness: Any, sessions: Sessions) -> None:
    seen: list[SessionTooLargeError] = []

    def script(session: Session[Any]) -> None:
        session.update(blob="x" * 4000, n=1)
        with pytest.raises(SessionTooLargeError) as raised:
            session.check()
        seen.append(raised.value)
        del session["blob"]

    harness.request(sessions, script, cause="written")
    assert seen[0].octets_by_key == {"blob": 4008, "n": 3}


def test_fault_in_the_listener_is_logged_and_not_felt(
    harness: Any, make_sessions: Make, caplog: pytest.LogCaptureFixture
) -> None:
    def listen(event: Event) -> None:
        raise LookupError("metrics are down")

    assert harness.request(make_sessions(on_event=listen), write, cause="written").status == 200
    assert "on_event raised LookupError" in caplog.text


# Life


def test_session_expires_on_the_server_whatever_the_browser_does(harness: Any, make_sessions: Make, clock: Any) -> None:
    sessions = make_sessions(policy=Policy(idle_timeout=timedelta(minutes=15)))
    cookie = sessions.mint({"user": "alice"}).header
    clock.now += 15 * 60
    seen: list[Any] = []
    harness.request(sessions, lambda session: seen.append(dict(session)), cookie=cookie)
    assert seen == [{}]


def test_renewal_moves_the_idle_timeout_and_not_the_absolute_end(harness: Any, sessions: Sessions, clock: Any) -> None:
    cookie, seen = sessions.mint({"n": 1}).header, []
    while clock.now < NOW + 85 * DAY:
        clock.now += 5 * DAY
        cookie = harness.request(sessions, read, cookie=cookie, cause="renewal").cookie
    clock.now = NOW + 90 * DAY
    harness.request(sessions, lambda session: seen.append(session.is_new), cookie=cookie)
    assert seen == [True]


def test_sign_in_changes_the_sid(harness: Any, sessions: Sessions) -> None:
    cookie = sessions.mint({"cart": ["tea"]}).header

    def sign_in(session: Session[Any]) -> None:
        session.regenerate()
        session["user"] = "alice"

    outcome = harness.request(sessions, sign_in, cookie=cookie, cause="written")
    assert sessions.read(cookie).session.sid != sessions.read(outcome.cookie).session.sid
    assert take_content(sessions, outcome) == {"cart": ["tea"], "user": "alice"}


def test_sign_out_deletes_the_cookie_with_its_attributes(harness: Any, make_sessions: Make) -> None:
    attributes = CookieAttributes(name="s", path="/app", domain="app.example", samesite="None", partitioned=True)
    sessions = make_sessions(cookie=attributes)
    cookie = sessions.mint({"n": 1}).header
    outcome = harness.request(sessions, lambda session: session.discard(), cookie=cookie, cause="emptied")
    assert outcome.set_cookies == [
        "s=; Path=/app; Domain=app.example; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=0"
    ]


def test_sign_out_with_a_message_begins_another_session(harness: Any, sessions: Sessions, cart: str) -> None:
    def sign_out(session: Session[Any]) -> None:
        session.discard()
        session.flash.add("info", "signed out")

    outcome = harness.request(sessions, sign_out, cookie=cart, cause="written")
    after = sessions.read(outcome.cookie).session
    assert (dict(after), after.flash.peek("info")) == ({}, ["signed out"])
    assert after.sid != sessions.read(cart).session.sid


def test_remembered_session_keeps_its_lifetime(harness: Any, sessions: Sessions, clock: Any) -> None:
    def remember(session: Session[Any]) -> None:
        session["user"] = "alice"
        session.set_lifetime(idle_timeout=timedelta(days=60), absolute_lifetime=timedelta(days=365))

    cookie = harness.request(sessions, remember, cause="written").cookie
    for _ in range(6):
        clock.now += 50 * DAY
        cookie = harness.request(sessions, read, cookie=cookie, cause="renewal").cookie
    assert dict(sessions.read(cookie).session) == {"user": "alice"}


def test_csrf_token_of_a_new_session_is_good_in_the_next_request(harness: Any, sessions: Sessions) -> None:
    tokens: list[str] = []
    seen: list[bool] = []
    outcome = harness.request(sessions, lambda session: tokens.append(session.csrf_token()), cause="asked")
    harness.request(sessions, lambda session: seen.append(session.check_csrf_token(tokens[0])), cookie=outcome.cookie)
    assert seen == [True]


# Keys


@pytest.mark.parametrize("due", [False, True], ids=["within 300 s", "after 300 s"])
def test_retired_key_is_resealed_after_a_pause(harness: Any, make_sessions: Make, clock: Any, due: bool) -> None:
    old, new = Key.generate(), Key.generate()
    cookie = make_sessions(Keyring.parse(old.to_text())).mint({"n": 1}).header
    clock.now += 300 if due else 299
    sessions = make_sessions(Keyring.parse(f"{new.to_text()} {old.to_text()}"))
    outcome = harness.request(sessions, read, cookie=cookie, cause="reseal" if due else None)
    assert bool(outcome.cookie) is due


def test_visitor_stays_through_a_rotation(harness: Any, make_sessions: Make, clock: Any) -> None:
    a, b = Key.generate().to_text(), Key.generate().to_text()
    seen: list[Any] = []
    cookie = harness.request(make_sessions(Keyring.parse(a)), put(user="alice"), cause="written").cookie
    for ring, cause in ((f"{a} {b}", None), (f"{b} {a}", "reseal"), (b, None)):
        clock.now += 300
        outcome = harness.request(
            make_sessions(Keyring.parse(ring)),
            lambda session: seen.append(session["user"]),
            cookie=cookie,
            cause=cause,
        )
        cookie = outcome.cookie or cookie
    assert seen == ["alice"] * 3


def test_staged_key_seals_from_its_time_on(harness: Any, make_sessions: Make, clock: Any) -> None:
    a, b = Key.generate(), Key.generate()
    staged = Keyring.parse(f"{b.to_text()}@from=2026-01-01T00:10:00Z {a.to_text()}", now=NOW)
    sessions = make_sessions(staged)
    cookie = harness.request(sessions, put(user="alice"), cause="written").cookie
    only_b = make_sessions(Keyring.parse(b.to_text()))
    assert only_b.read(cookie).reason == "unknown-key"
    clock.now += 600
    cookie = harness.request(sessions, read, cookie=cookie, cause="reseal").cookie
    assert only_b.read(cookie).session["user"] == "alice"


def test_environment_is_not_read_at_a_request(harness: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    sessions: Sessions = CookieSessions()
    cookie = sessions.mint({"user": "alice"}).header
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", "junk")
    seen: list[Any] = []
    harness.request(sessions, lambda session: seen.append(session["user"]), cookie=cookie)
    assert seen == ["alice"]


# Several cookies


def test_renamed_cookie_moves_and_the_old_one_goes(harness: Any, make_sessions: Make) -> None:
    old = CookieAttributes(name="old", path="/app")
    sessions = make_sessions(previous=[old])
    cookie = make_sessions(cookie=old).mint({"user": "alice"}).header
    outcome = harness.request(sessions, read, cookie=cookie, cause="move")
    assert take_content(sessions, outcome) == {"user": "alice"}
    assert outcome.set_cookies[1] == "old=; Path=/app; Secure; HttpOnly; SameSite=Lax; Max-Age=0"


def test_cookie_with_another_path_or_domain_goes_with_the_next_write(harness: Any, make_sessions: Make) -> None:
    previous = [CookieAttributes(name="s", path="/app"), CookieAttributes(name="s", domain="app.example")]
    sessions = make_sessions(cookie=CookieAttributes(name="s"), previous=previous)
    outcome = harness.request(sessions, write, cookie=sessions.mint({"n": 1}).header, cause="written")
    assert [each.partition("; ")[2].partition("; Secure")[0] for each in outcome.set_cookies] == [
        "Path=/", "Path=/app", "Path=/; Domain=app.example",
    ]  # fmt: skip


def test_two_cookies_on_one_application_do_not_mix(harness: Any, make_sessions: Make, answer: Any) -> None:
    login, prefs = make_sessions(), make_sessions(cookie=CookieAttributes(name="prefs"))
    app = harness.stack.make_app(login, put(user="alice"), answer(), None)
    twice = harness.stack.make_app(prefs, put(theme="dark"), answer(), None)
    cookies = []
    for inner in (app, twice):
        wrapped = harness.stack.wrap(prefs, harness.stack.wrap(login, inner))
        sessions = login if inner is app else prefs
        cookies.append(harness.serve(sessions, wrapped, cookie="; ".join(cookies), cause="written").cookie)
    assert [dict(login.read(cookies[0]).session), dict(prefs.read(cookies[1]).session)] == [
        {"user": "alice"}, {"theme": "dark"},
    ]  # fmt: skip


# Plain http


def test_secure_cookie_over_plain_http_is_warned_of_once(
    harness: Any, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        harness.request(sessions, write, cause="written", scheme="http")
    assert [record.levelname for record in caplog.records if "plain http" in record.getMessage()] == ["WARNING"]


@pytest.mark.parametrize(
    "options",
    [{"scheme": "https"}, {"scheme": "http", "headers": [("x-forwarded-proto", "https")]}],
    ids=["https", "behind a proxy"],
)
def test_secure_cookie_that_arrives_is_not_warned_of(
    harness: Any, sessions: Sessions, caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    harness.request(sessions, write, cause="written", **options)
    assert caplog.records == []


# Nothing shows secrets


def test_session_shows_no_secret(harness: Any, sessions: Sessions, cart: str) -> None:
    def script(session: Session[Any]) -> None:
        shown = repr(session) + str(session) + repr(session.flash) + repr(vars(type(session))) + repr(sessions.settings)
        assert "alice" not in shown
        assert session.sid.hex() not in shown
        assert repr(session.sid) not in shown
        with pytest.raises(TypeError):
            pickle.dumps(session)

    assert harness.request(sessions, script, cookie=cart).status == 200


def test_log_of_a_whole_life_holds_no_secret(
    harness: Any, make_sessions: Make, events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    key = Key.generate()
    sessions = make_sessions(Keyring.parse(key.to_text()), on_event=events.append)
    with caplog.at_level(logging.DEBUG):
        cookie = harness.request(sessions, put(user="alice"), cause="written").cookie
        harness.request(sessions, read, cookie=flip_cookie(cookie), cause="dead")
        harness.request(sessions, put(blob="alice" * 1000), cookie=cookie)
        harness.request(sessions, lambda session: session.discard(), cookie=cookie, cause="emptied")
    shown = caplog.text + repr(events)
    sid = sessions.read(cookie).session.sid
    secrets = ["alice", sid.hex(), repr(sid), cookie.partition("=cj1.")[2], key.to_text(), key.to_text()[5:48]]
    assert [secret for secret in secrets if secret in shown] == []
    assert "discarded" in shown


def flip_cookie(cookie: str) -> str:
    name, _, token = cookie.partition("=")
    return f"{name}={flip(token, 500)}"


# The ledger


def run_past(new_ledger: Any, harness: Any, sessions: Sessions, outcome: Any, cookie: str, cause: str | None) -> str:
    """What a ledger of its own says of one exchange."""
    ledger = new_ledger()
    ledger.record("a test", sessions, cookies=(cookie,), outcome=outcome, cause=cause, now=NOW)
    try:
        ledger.check()
    except AssertionError as exc:
        return str(exc)
    return ""


@pytest.mark.parametrize(
    ("script", "true", "false"),
    [(read, None, "written"), (write, "written", None), (write, "written", "renewal"), (write, "written", "emptied")],
    ids=["cookie missing", "cookie without cause", "token for another cause", "deletion missing"],
)
def test_ledger_notices_what_was_not_due(
    harness: Any, sessions: Sessions, new_ledger: Any, cart: str, script: Any, true: str | None, false: str | None
) -> None:
    outcome = harness.request(sessions, script, cookie=cart, cause=true)
    assert run_past(new_ledger, harness, sessions, outcome, cart, true) == ""
    assert "a test" in run_past(new_ledger, harness, sessions, outcome, cart, false)


def test_ledger_notices_a_token_with_nothing_new(harness: Any, sessions: Sessions, new_ledger: Any, cart: str) -> None:
    outcome = harness.request(sessions, lambda session: session.renew(), cookie=cart, cause="asked")
    assert "another cause" in run_past(new_ledger, harness, sessions, outcome, cart, "written")
    assert "another cause" in run_past(new_ledger, harness, sessions, outcome, cart, "reseal")


# Memory


@pytest.mark.parametrize(
    "script",
    [
        lambda session: None,
        lambda session: session.get("n"),
        lambda session: session.update(n=2),
        lambda session: session.flash.add("info", "hi"),
    ],
    ids=["untouched", "read", "written", "flash"],
)
def test_a_request_leaves_nothing_for_the_cyclic_collector(harness: Any, sessions: Sessions, script: Any) -> None:
    request = harness.stack.make_request((sessions.mint({"n": 1}).header,))

    def answer_wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        script(sessions.get(environ))
        start_response("200 OK", [])
        return [b"ok"]

    async def answer_asgi(scope: Any, receive: Any, send: Any) -> None:
        script(sessions.get(scope))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    async def swallow(message: Any) -> None:
        """A server that is not there."""

    def serve() -> None:
        if harness.stack.name == "wsgi":
            sessions.wsgi(answer_wsgi)(dict(request), lambda *_: None)
            return
        with contextlib.suppress(StopIteration):
            sessions.asgi(answer_asgi)(request, None, swallow).send(None)

    serve()
    assert name_garbage(serve) == []


def test_session_is_closed_before_its_state_is_looked_at(
    harness: Any, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In the other order, a thread that opens the session in between would write into one that is never committed.
    looked: list[bool] = []
    state: Any = vars(SessionMapping)["_state"]

    def look(session: Any) -> Any:
        looked.append(session._closed is not None)
        return state.__get__(session)

    monkeypatch.setattr(SessionMapping, "_state", property(look, state.__set__))
    harness.request(sessions)
    assert len(looked) >= 2
    assert all(looked)


# A poll, or a display of the time left, keeps nobody signed in


@pytest.mark.parametrize(("polls", "is_signed_in"), [(True, False), (False, True)], ids=["keep_expiry", "reads"])
def test_an_hour_of_polling_keeps_a_visitor_signed_in_only_without_keep_expiry(
    harness: Any, make_sessions: Make, clock: Any, polls: bool, is_signed_in: bool
) -> None:
    sessions = make_sessions(policy=Policy(idle_timeout=timedelta(minutes=15)))
    cookie = sessions.mint({"user": "ada"}, now=clock.now).header
    found: list[Any] = []

    def poll(session: Session[Any]) -> None:
        if polls:
            session.keep_expiry()
        found.append(session.get("user"))

    for minute in range(60):
        clock.now += 60
        is_due = not polls and minute % 2 == 1
        outcome = harness.request(sessions, poll, cookie=cookie, cause="renewal" if is_due else None)
        cookie = outcome.cookie or cookie
    assert found[13] == "ada"
    assert (found[-1] == "ada") is is_signed_in


def test_a_look_with_read_renews_nothing_and_varies_nothing(harness: Any, make_sessions: Make, clock: Any) -> None:
    sessions = make_sessions(policy=Policy(idle_timeout=timedelta(minutes=15)))
    cookie = sessions.mint({"user": "ada"}, now=clock.now).header
    clock.now += 14 * 60
    found: list[Any] = []
    outcome = harness.request(
        sessions, lambda session: found.append(sessions.read(cookie).session["user"]), cookie=cookie
    )
    assert found == ["ada"]
    assert (outcome.set_cookies, outcome.values("vary")) == ([], [])


# What the log says of a request


def test_log_lines_name_method_and_path_and_not_the_query(
    harness: Any, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "cookiejar_session")
    stranger = CookieSessions(Keyring.generate()).mint({"user": "ada"}, now=NOW).header
    harness.request(
        sessions,
        lambda session: session.update(blob="x" * 4000),
        cookie=(stranger, f"{NAME}=junk"),
        path="/cart",
        query="token=hidden",
        scheme="http",
    )
    shown = [record.getMessage() for record in caplog.records if record.name == "cookiejar_session"]
    assert len(shown) == 4
    assert [text for text in shown if not text.endswith(" (request 'GET /cart')")] == []


def test_unknown_key_is_warned_of_and_other_refusals_are_not(
    harness: Any, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = CookieSessions(Keyring.generate()).mint({"user": "ada"}, now=NOW).header
    for _ in range(2):
        harness.request(sessions, lambda session: session.get("n"), cookie=(stranger, f"{NAME}=junk"))
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert "reason=unknown-key" in line
    assert "the processes have different keys" in line


def test_unknown_key_beside_a_generated_key_says_so(harness: Any, caplog: pytest.LogCaptureFixture) -> None:
    stranger = CookieSessions(Keyring.generate()).mint({"user": "ada"}, now=NOW).header
    harness.request(CookieSessions(Keyring.generate()), lambda session: session.get("n"), cookie=stranger)
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert "this process made its own key, with Keyring.generate()" in line


def test_logout_with_a_second_valid_cookie_is_warned_of(
    harness: Any, sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    cookies = tuple(sessions.mint({"user": "ada"}, now=NOW - age).header for age in (10, 0))
    harness.request(sessions, lambda session: session.discard(), cookie=cookies, cause="emptied")
    assert "the browser sent 2 valid cookies with the name __Host-session" in caplog.text


def test_logout_by_an_own_deletion_is_told_to_discard(
    harness: Any, sessions: Sessions, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    own = answer.with_headers(("Set-Cookie", f"{NAME}=; Path=/; Max-Age=0"))
    cookie = sessions.mint({"user": "ada"}, now=NOW).header
    harness.request(sessions, lambda session: session.pop("user"), cookie=cookie, answer=own, cause="emptied")
    assert "call session.discard() instead" in caplog.text
    assert "wrap once" not in caplog.text


def test_session_of_flask_beside_ours_is_warned_of(
    harness: Any, sessions: Sessions, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    flasks = answer.with_headers(("Set-Cookie", "session=eyJ1c2VyIjoiYWRhIn0.aSrxyQ.mL0; HttpOnly; Path=/"))
    harness.request(sessions, lambda session: session.get("user"), answer=flasks)
    assert "response also sets a cookie of Flask's or Starlette's own session" in caplog.text
