"""Every vector of the conformance suite, by each way into the package.

The adapter of conformance/ports/python answers the cases in this process. Beside it, what opens is opened once more by
`CookieSessions.read` and behind both middlewares, and each life cycle is lived once more by a wrapped application.
"""

from __future__ import annotations

import json
from typing import Any

import adapter
import pytest
from conformance_cases import SAYABLE, Case, of_op
from cookiejar_session_harness import Answer
from life_cycle import act
from operations import parse_keyring
from values import read_attributes, read_policy, write_envelope, write_value

from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Event,
    TokenError,
    UnsupportedValueError,
    open_token,
)


def by_id(cases: list[Case]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


# Every vector


def match_sid(expect: Any, found: Any) -> Any:
    """The two, with the word "new" for a sid also in ``found`` where a new one is wanted and it is one."""
    token, its = (one.get("accept", {}).get("token") for one in (expect, found))
    if not isinstance(token, dict) or token["envelope"]["sid"] != "new" or not isinstance(its, dict):
        return expect, found
    old_sids = token["old_sids"]
    expect = {"accept": {**expect["accept"], "token": {name: token[name] for name in ("key_id", "envelope")}}}
    found = json.loads(json.dumps(found))
    sid = found["accept"]["token"]["envelope"]["sid"]
    assert len(sid) == 32
    assert sid not in old_sids
    found["accept"]["token"]["envelope"]["sid"] = "new"
    return expect, found


def exact(value: Any) -> str:
    """JSON text, in which 1, 1.0 and true are three things."""
    return json.dumps(value, sort_keys=True)


@by_id(SAYABLE)
def test_vector(case: Case) -> None:
    expect, found = match_sid(case["expect"], adapter.run(case["op"], case["input"]))
    assert exact(found) == exact(expect)


# What opens, by other ways in

POLICY_OF_OPEN = ("longest_idle", "longest_lifetime", "not_before")


def goes_into_a_header(case: Case) -> bool:
    """Whether a server hands the value on as it is: no control characters, nothing that ends or trims it."""
    value = bytes.fromhex(case["input"]["value"])
    return value == value.strip(b" \t") and not any(octet in b";," or octet < 0x20 or octet == 0x7F for octet in value)


# A refused ring text or purpose is no answer about a value: nothing is opened with it.
OPENED = [case for case in of_op("open") if case["expect"] != {"refuse": "refused"}]
CARRIED = [case for case in OPENED if goes_into_a_header(case)]
TAKEN = [case for case in OPENED if not any(case["input"]["policy"][name] is not None for name in POLICY_OF_OPEN)]


def make_sessions(given: dict[str, Any], **options: Any) -> CookieSessions[Any]:
    return CookieSessions(
        parse_keyring(given["keyring"], given["now"]),
        purpose=given["purpose"],
        policy=read_policy(given["policy"]),
        max_token_characters=3972,
        **options,
    )


def test_nearly_all_values_go_through_a_header() -> None:
    assert len(CARRIED) > len(OPENED) * 0.8


@by_id(TAKEN)
def test_open_token(case: Case) -> None:
    given = case["input"]
    keyring = parse_keyring(given["keyring"], given["now"])
    value = bytes.fromhex(given["value"]).decode("latin-1")
    try:
        envelope = open_token(value, keyring=keyring, purpose=given["purpose"], now=given["now"])
    except TokenError as exc:
        found = {"refuse": str(exc.reason)}
    else:
        found = {"accept": {"envelope": write_envelope(envelope)}}
    assert exact(found) == exact(case["expect"])


def describe_session(session: Any) -> dict[str, Any]:
    flash = [[category, write_value(value)] for category, value in session.flash.pop_all()]
    return {
        "sid": session.sid.hex(),
        "created": int(session.created_at.timestamp()),
        "data": write_value(dict(session)),
        "flash": flash,
    }


def describe_expected(case: Case) -> dict[str, Any]:
    envelope = case["expect"]["accept"]["envelope"]
    return {name: envelope[name] for name in ("sid", "created", "data", "flash")}


def is_in_python_s_calendar(case: Case) -> bool:
    """A datetime ends with the year 9999, a session with 2^48 - 1 seconds."""
    return "refuse" in case["expect"] or case["expect"]["accept"]["envelope"]["until"] < 253_402_300_800


@by_id(CARRIED)
def test_read(case: Case) -> None:
    given = case["input"]
    value = bytes.fromhex(given["value"]).decode("latin-1")
    session, reason = make_sessions(given).read(f"__Host-session={value}", now=given["now"])
    if reason is not None:
        assert {"refuse": str(reason)} == case["expect"]
        assert (session.is_new, len(session)) == (True, 0)
    else:
        assert (session.sid.hex(), write_value(dict(session))) == (
            describe_expected(case)["sid"],
            describe_expected(case)["data"],
        )


@by_id([case for case in CARRIED if is_in_python_s_calendar(case)])
def test_middleware(case: Case, harness: Any, clock: Any) -> None:
    given, events = case["input"], list[Event]()
    sessions = make_sessions(given, on_event=events.append)
    clock.now = given["now"]
    found: list[dict[str, Any]] = []

    def script(session: Any) -> None:
        found.append({} if session.is_new else describe_session(session))

    serve(harness, sessions, script, [bytes.fromhex(given["value"])], [])
    if "refuse" in case["expect"]:
        assert (found, [str(event.reason) for event in events][:1]) == ([{}], [case["expect"]["refuse"]])
    else:
        assert exact(found) == exact([describe_expected(case)])


def serve(harness: Any, sessions: CookieSessions[Any], script: Any, values: list[bytes], headers: Any) -> Any:
    cookies = tuple(f"__Host-session={value.decode('latin-1')}" for value in values)
    return serve_cookies(harness, sessions, script, cookies, headers)


def serve_cookies(
    harness: Any, sessions: Any, script: Any, cookies: tuple[str, ...], headers: Any, status: int = 200
) -> Any:
    stack = harness.stack
    fields = [(name, value) for name, value in headers]
    if not any(name.lower() == "content-type" for name, _ in fields):
        # wsgiref's validator wants one.
        fields.append(("Content-Type", "text/plain"))
    answer = Answer(status=status, headers=fields)
    app = stack.wrap(sessions, stack.make_app(sessions, script, answer, None))
    # Legal (RFC 9110 5.5 and 15.4.5), but not to wsgiref's validator: a tab in a field value, a Content-Type in a 304.
    is_valid = status not in (204, 304) and not any("\t" in value for _, value in fields)
    options = {"validates": is_valid} if stack.name == "wsgi" else {}
    return stack.serve(app, stack.make_request(cookies), **options)


# Life cycles, lived behind both middlewares


def live(case: Case, harness: Any, clock: Any) -> dict[str, Any]:
    given = case["input"]
    clock.now = given["opened_at"]
    try:
        keyring = parse_keyring(given["keyring"], given["opened_at"])
    except ConfigError:
        return {"refuse": "refused"}
    sessions = CookieSessions(
        keyring,
        cookie=read_attributes(given["cookie"]),
        policy=read_policy(given["policy"]),
        purpose=given["purpose"],
        previous=[read_attributes(attributes) for attributes in given["previous"]],
        max_token_characters=given["max_token_characters"],
    )

    def script(session: Any) -> None:
        for action in given["actions"]:
            act(session, action)
        clock.now = given["sealed_at"]

    cookies = tuple(bytes.fromhex(octets).decode("latin-1") for octets in given["cookie_headers"])
    try:
        outcome = serve_cookies(harness, sessions, script, cookies, given["response"], given["status"])
    except UnsupportedValueError:
        # Raised at the application's own line, where nothing of its response has gone out.
        return {"refuse": "refused"}
    if outcome.status == 500:
        assert outcome.set_cookies == []
        return {"refuse": "refused"}
    return {"accept": describe_outcome(outcome, sessions, case)}


def describe_outcome(outcome: Any, sessions: CookieSessions[Any], case: Case) -> dict[str, Any]:
    given = case["input"]
    fields = [(name.lower(), value) for name, value in outcome.headers]
    if not any(name.lower() == "content-type" for name, _ in given["response"]):
        fields.remove(("content-type", "text/plain"))
    own = [value for name, value in given["response"] if name.lower() == "set-cookie"]
    set_cookies = [value for name, value in fields if name == "set-cookie"][len(own) :]
    token = set_cookies[0].partition(";")[0].partition("=")[2] if set_cookies else ""
    found: dict[str, Any] = {
        "set_cookies": [text.replace(token, "{token}", 1) if token else text for text in set_cookies],
        "vary": [value for name, value in fields if name == "vary"],
        "cache_control": [value for name, value in fields if name == "cache-control"],
        "others": [
            [name, value]
            for name, value in fields
            if name not in ("vary", "cache-control") and not (name == "set-cookie" and value in set_cookies)
        ],
        "token": None,
    }
    if token:
        settings, now = sessions.settings, max(given["opened_at"], given["sealed_at"])
        envelope = open_token(token, keyring=settings.keyring, purpose=settings.purpose, now=now)
        key_id = settings.keyring.ring(now).primary(now).key.key_id.hex()
        found["token"] = {"key_id": key_id, "envelope": write_envelope(envelope)}
    return found


@by_id(of_op("life-cycle"))
def test_life_cycle(case: Case, harness: Any, clock: Any) -> None:
    expect, found = match_sid(case["expect"], live(case, harness, clock))
    assert exact(found) == exact(expect)


def test_default_attributes_are_those_of_the_suite() -> None:
    given = of_op("life-cycle")[0]["input"]["cookie"]
    assert read_attributes(given) == CookieAttributes()
