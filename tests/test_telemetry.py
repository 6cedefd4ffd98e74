"""telemetry.py: who receives which event, what is logged and how often, and what a listener cannot do to a request."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterable
from traceback import walk_tb
from types import SimpleNamespace
from typing import Any

import pytest
from shared_values import KEY, NOW, SID

from cookiejar_session import ConfigError, Envelope, Event, Reason, SessionTooLargeError, UnsupportedValueError
from cookiejar_session.events import (
    COMMITTED,
    DISCARDED,
    LATE_WRITE,
    LEVELS,
    MOVED,
    OPENED,
    REFUSED,
    RENEWED,
    RESEALED,
    TOO_LARGE,
)
from cookiejar_session.keys.rotation import RingEntry
from cookiejar_session.telemetry import Telemetry, explain_failure
from cookiejar_session.wire.opening import Refusal

LOGGER = "cookiejar_session"
KEY_ID = "6fc7081d3e766c36"
# The log id that SPEC 18 gives for this sid.
LOG_ID = "9894b7fb5073b5bc"
KINDS = [OPENED, REFUSED, RESEALED, RENEWED, MOVED, COMMITTED, DISCARDED, TOO_LARGE, LATE_WRITE]
LATE_WRITE_TEXT = "session changed after its response headers were sent, or without any; the change is lost"


def make_envelope(keys: Iterable[str] = ("user",)) -> Envelope:
    data = dict.fromkeys(keys, "hidden")
    return Envelope(SID, created=NOW, issued=NOW, idle=60, until=NOW + 60, persistent=True, data=data, flash=[])


def make_reports(listener: Callable[[Event], object] | None = None, *, limit: int = 2660) -> Telemetry:
    return Telemetry(listener, cookie="s", max_token_characters=limit)


ACCEPTED: Any = SimpleNamespace(envelope=make_envelope(), entry=RingEntry(KEY, 0))


def read_log(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    assert {record.name for record in caplog.records} <= {LOGGER}
    return [(record.levelno, record.getMessage()) for record in caplog.records]


# Events


def report_each(reports: Telemetry) -> None:
    """Report one event of each kind, in the order of KINDS."""
    envelope = make_envelope()
    refusal = Refusal(Reason.EXPIRED, KEY.key_id, LOG_ID)
    reports.report_reading(ACCEPTED, [], is_late=False, now=NOW)
    reports.report_reading(None, [refusal], is_late=False, now=NOW)
    for kind in (RESEALED, RENEWED, MOVED, COMMITTED):
        reports.report_sealed(kind, envelope, key_id=KEY.key_id, characters=132)
    reports.report_discarded(envelope)
    reports.report_too_large(envelope, 2692)
    reports.report_late_write(envelope)


# All times are that of the request, and that at which the envelope was issued.
SEALED: Any = {"key_id": KEY_ID, "log_id": LOG_ID, "characters": 132, "version": 1, "happened_at": NOW}
EVENTS = [
    Event(OPENED, "s", key_id=KEY_ID, log_id=LOG_ID, version=1, happened_at=NOW),
    Event(REFUSED, "s", Reason.EXPIRED, key_id=KEY_ID, log_id=LOG_ID, happened_at=NOW),
    Event(RESEALED, "s", **SEALED),
    Event(RENEWED, "s", **SEALED),
    Event(MOVED, "s", **SEALED),
    Event(COMMITTED, "s", **SEALED),
    Event(DISCARDED, "s", log_id=LOG_ID),
    Event(TOO_LARGE, "s", log_id=LOG_ID, characters=2692),
    Event(LATE_WRITE, "s", log_id=LOG_ID),
]


def test_the_examples_have_one_event_of_each_kind() -> None:
    assert [event.kind for event in EVENTS] == KINDS


def test_a_listener_receives_each_kind_of_event(caplog: pytest.LogCaptureFixture) -> None:
    # Whatever the log shows.
    caplog.set_level(logging.CRITICAL, LOGGER)
    heard: list[Event] = []
    report_each(make_reports(heard.append))
    assert heard == EVENTS


def test_the_log_shows_each_event_at_its_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    report_each(make_reports())
    events = [line for line in read_log(caplog) if line[1] != LATE_WRITE_TEXT]
    assert events == [(LEVELS[event.kind], str(event)) for event in EVENTS]


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL])
def test_the_log_shows_only_events_of_its_level(level: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(level, LOGGER)
    report_each(make_reports())
    events = [text for _, text in read_log(caplog) if text != LATE_WRITE_TEXT]
    assert events == [str(event) for event in EVENTS if LEVELS[event.kind] >= level]


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_that_nobody_receives_is_not_made(
    kind: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(LEVELS[kind] + 1, LOGGER)
    monkeypatch.setattr("cookiejar_session.telemetry.Event", None)
    make_reports().report(kind, make_envelope())
    assert caplog.records == []


def test_an_accepted_token_that_nobody_hears_of_makes_no_event(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    monkeypatch.setattr("cookiejar_session.telemetry.Event", None)
    make_reports().report_reading(ACCEPTED, [], is_late=False, now=NOW)
    assert caplog.records == []


def test_an_event_without_an_envelope_has_no_log_id() -> None:
    heard: list[Event] = []
    make_reports(heard.append).report(DISCARDED, None)
    assert heard == [Event(DISCARDED, "s")]


def test_neither_events_nor_log_show_data_or_sid(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    heard: list[Event] = []
    report_each(make_reports(heard.append, limit=200))
    shown = f"{heard} {caplog.text}"
    assert [text for text in ("hidden", "user", SID.hex(), repr(SID)) if text in shown] == []


def test_everything_is_counted_although_nobody_receives_events(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, LOGGER)
    reports = make_reports()
    report_each(reports)
    counted = reports.counters.take_snapshot(
        cookie="s", key_ids=[], keyring_problem=None, max_token_characters=2660, idle_timeout=9, now=NOW
    )
    kinds = (counted.opened, counted.resealed, counted.renewed, counted.moved, counted.committed)
    assert kinds == (1, 1, 1, 1, 1)
    assert (counted.discarded, counted.too_large, counted.late_writes) == (1, 1, 1)
    assert counted.refused[Reason.EXPIRED] == 1
    assert (counted.keys[0].last_opened_at, counted.keys[0].last_sealed_at) == (NOW, NOW)
    assert (counted.token_sizes.count, counted.token_sizes.largest) == (4, 132)


def test_refusals_that_are_not_reported_are_counted() -> None:
    reports = make_reports()
    reports.report_reading(None, [Refusal(Reason.MALFORMED)] * 16, is_late=False, now=NOW)
    counted = reports.counters.take_snapshot(
        cookie="s", key_ids=[], keyring_problem=None, max_token_characters=2660, idle_timeout=9, now=NOW
    )
    assert counted.refused[Reason.MALFORMED] == 16


# Reading


def test_a_request_without_cookies_is_not_reported(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    heard: list[Event] = []
    make_reports(heard.append).report_reading(None, [], is_late=False, now=NOW)
    assert (heard, caplog.records) == ([], [])


def test_refusals_are_reported_before_the_accepted_token() -> None:
    heard: list[Event] = []
    refusals = [Refusal(Reason.MALFORMED), Refusal(Reason.UNKNOWN_KEY, bytes(8))]
    make_reports(heard.append).report_reading(ACCEPTED, refusals, is_late=False, now=NOW)
    assert heard == [
        Event(REFUSED, "s", Reason.MALFORMED, happened_at=NOW),
        Event(REFUSED, "s", Reason.UNKNOWN_KEY, key_id="00" * 8, happened_at=NOW),
        EVENTS[0],
    ]


@pytest.mark.parametrize(("came", "reported"), [(7, 7), (8, 8), (9, 8), (100, 8)])
def test_at_most_eight_refusals_are_reported(came: int, reported: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    heard: list[Event] = []
    make_reports(heard.append).report_reading(None, [Refusal(Reason.MALFORMED)] * came, is_late=False, now=NOW)
    assert (len(heard), len(caplog.records)) == (reported, reported)


def test_a_first_read_after_the_headers_were_sent_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    make_reports().report_reading(None, [], is_late=True, now=NOW)
    assert read_log(caplog) == [
        (logging.WARNING, "session first read after the response headers were sent: they lack Vary: Cookie")
    ]


def test_a_first_read_after_a_websocket_was_accepted_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    make_reports().report_reading(None, [], is_late=True, now=NOW, carrier={"type": "websocket", "path": "/"})
    assert read_log(caplog) == []


# Writing


@pytest.mark.parametrize(("characters", "is_warned"), [(1330, False), (1331, True), (2660, True)])
def test_a_token_of_more_than_half_the_limit_is_warned_of(
    characters: int, is_warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    make_reports().report_sealed(COMMITTED, make_envelope(), key_id=KEY.key_id, characters=characters)
    expected = [(logging.WARNING, f"session token has {characters} of 2660 characters")]
    assert read_log(caplog) == (expected if is_warned else [])


def test_a_large_token_is_warned_of_once_for_each_set_of_keys(caplog: pytest.LogCaptureFixture) -> None:
    reports = make_reports()
    for keys in ("ab", "ba", "abc", "ab", ""):
        reports.report_sealed(COMMITTED, make_envelope(keys), key_id=KEY.key_id, characters=2000)
    assert len(caplog.records) == 3


def test_no_more_than_256_subjects_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    reports = make_reports()
    for number in range(300):
        reports.report_sealed(COMMITTED, make_envelope([str(number)]), key_id=KEY.key_id, characters=2000)
    reports.warn_plain_http()
    assert len(caplog.records) == 256


def test_a_late_write_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> None:
    make_reports().report_late_write(make_envelope())
    assert read_log(caplog) == [
        (logging.ERROR, LATE_WRITE_TEXT),
        (logging.ERROR, f"late-write cookie=s log_id={LOG_ID}"),
    ]


# Listeners


def raise_error(event: Event) -> None:
    raise LookupError("the listener's own")


def test_a_listener_that_raises_does_not_fail_the_request() -> None:
    report_each(make_reports(raise_error))


def test_a_listener_that_raises_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    make_reports(raise_error).report(OPENED, make_envelope())
    found = [(record.levelno, record.getMessage(), record.exc_info is not None) for record in caplog.records]
    assert found == [(logging.ERROR, "on_event raised LookupError for opened", True)]


def test_the_traceback_of_a_listener_does_not_hold_the_request(caplog: pytest.LogCaptureFixture) -> None:
    carrier = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_COOKIE": "s=cj1.secret"}
    make_reports(raise_error).report(OPENED, make_envelope(), carrier=carrier)
    shown = caplog.records[0].exc_info
    assert shown is not None
    frames = [frame for frame, _ in walk_tb(shown[2])]
    assert [frame.f_code.co_name for frame in frames] == ["raise_error"]
    assert not any(value is carrier for frame in frames for value in frame.f_locals.values())


def test_a_listener_that_returns_a_coroutine_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def count(event: Event) -> None: ...

    reports = make_reports(lambda event: count(event))
    report_each(reports)
    found = [text for _, text in read_log(caplog) if "coroutine" in text]
    assert found == ["on_event returned a coroutine, which nobody awaits; pass a function that is not async"]


def test_a_listener_can_end_the_process() -> None:
    def stop(event: Event) -> None:
        raise KeyboardInterrupt

    reports = make_reports(stop)
    with pytest.raises(KeyboardInterrupt):
        reports.report(OPENED, make_envelope())


def test_only_errors_are_printed_where_logging_is_not_configured() -> None:
    program = """
from cookiejar_session.events import COMMITTED, TOO_LARGE
from cookiejar_session.telemetry import Telemetry
reports = Telemetry(None, cookie="s", max_token_characters=2660)
reports.report(COMMITTED, None)
reports.report(TOO_LARGE, None)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300)
    assert (ended.stdout, ended.stderr) == ("", "too-large cookie=s\n")


# Warnings about a response


def test_a_cookie_that_is_set_twice_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> None:
    make_reports().warn_set_twice()
    assert read_log(caplog) == [
        (
            logging.ERROR,
            "cookie s is set twice in one response and the browser keeps the last: something between two wrappers of "
            "one session hid the outer request from the inner; wrap once, or give two different sessions two names",
        )
    ]


def test_a_response_that_was_made_private_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    make_reports().warn_made_private(["cache-control: public or s-maxage", "cdn-cache-control"])
    message = (
        "response sets cookie s and was made private: removed cache-control: public or s-maxage, cdn-cache-control"
    )
    assert read_log(caplog) == [(logging.WARNING, message)]


def test_replaced_session_is_warned_of_once_for_each_configuration(caplog: pytest.LogCaptureFixture) -> None:
    for reports in (make_reports(), make_reports()):
        reports.warn_replaced()
        reports.warn_replaced()
    message = (
        'scope["session"] was replaced by a mapping that these sessions do not save: remove the other session '
        "middleware, or change the session in place with update() and clear()"
    )
    assert read_log(caplog) == [(logging.WARNING, message)] * 2


def test_plain_http_is_warned_of_once_for_each_configuration(caplog: pytest.LogCaptureFixture) -> None:
    for reports in (make_reports(), make_reports()):
        reports.warn_plain_http()
        reports.warn_plain_http()
    message = (
        "cookie s is Secure but is sent over plain http, where browsers and most test clients drop it: "
        "serve https, use an https base URL in tests, or CookieAttributes.for_development()"
    )
    assert read_log(caplog) == [(logging.WARNING, message)] * 2


WARNED_ONCE = {
    "warn_outer": "another session middleware is around this one, so request.session is not the session of cookie s: ",
    "warn_same_name": "two different sessions use the cookie name s in one request, and each overwrites the other's ",
    "warn_deleted_by_application": "the application deletes the cookie s by its own Set-Cookie, which a change of the ",
    "warn_signed_session": "response also sets a cookie of Flask's or Starlette's own session: what is written to ",
}


@pytest.mark.parametrize("method", WARNED_ONCE)
def test_it_is_warned_of_once_for_each_configuration(method: str, caplog: pytest.LogCaptureFixture) -> None:
    for reports in (make_reports(), make_reports()):
        getattr(reports, method)()
        getattr(reports, method)()
    assert [(level, text.startswith(WARNED_ONCE[method])) for level, text in read_log(caplog)] == [
        (logging.WARNING, True)
    ] * 2


def test_an_application_that_deletes_the_cookie_is_told_to_discard(caplog: pytest.LogCaptureFixture) -> None:
    make_reports().warn_deleted_by_application()
    assert "call session.discard() instead" in caplog.text


def test_a_logout_that_leaves_a_valid_cookie_is_warned_of_each_time(caplog: pytest.LogCaptureFixture) -> None:
    reports = make_reports()
    reports.warn_still_signed_in(2)
    reports.warn_still_signed_in(3)
    assert [level for level, _ in read_log(caplog)] == [logging.WARNING] * 2
    assert "the browser sent 3 valid cookies with the name s" in caplog.text


# Unknown keys


def report_unknown(reports: Telemetry, *numbers: int) -> None:
    for number in numbers:
        reports.report_reading(None, [Refusal(Reason.UNKNOWN_KEY, number.to_bytes(8))], is_late=False, now=NOW)


def test_an_unknown_key_is_warned_of_once_for_each_key_id_and_process(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    for reports in (make_reports(), make_reports()):
        report_unknown(reports, 1, 2, 1)
    levels = [logging.WARNING, logging.WARNING, *[logging.INFO] * 4]
    assert [level for level, _ in read_log(caplog)] == levels
    assert all(f"key_id={key:016x}" in text for key, (_, text) in zip([1, 2, 1] * 2, read_log(caplog), strict=True))


@pytest.mark.parametrize(
    ("is_generated", "hint"),
    [
        (False, "; if a process of yours sealed it, the processes have different keys: give all of them the same"),
        (True, "; this process made its own key, with Keyring.generate(), so no other process can read its cookies"),
    ],
)
def test_the_warning_of_an_unknown_key_says_what_the_cause_may_be(
    is_generated: bool, hint: str, caplog: pytest.LogCaptureFixture
) -> None:
    reports = Telemetry(None, cookie="s", max_token_characters=2660, has_generated_key=is_generated)
    report_unknown(reports, 1)
    assert read_log(caplog) == [(logging.WARNING, f"refused cookie=s reason=unknown-key key_id={1:016x}{hint}")]


def test_a_visitor_cannot_fill_the_log_with_unknown_keys(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, LOGGER)
    report_unknown(make_reports(), *range(300))
    assert len(caplog.records) == 256


def test_unknown_keys_do_not_use_up_the_other_warnings(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, LOGGER)
    reports = make_reports()
    report_unknown(reports, *range(300))
    reports.warn_plain_http()
    assert len(caplog.records) == 257


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.UNKNOWN_KEY])
def test_every_other_refusal_is_at_info(reason: Reason, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    make_reports().report_reading(None, [Refusal(reason, KEY.key_id, LOG_ID)], is_late=False, now=NOW)
    assert [level for level, _ in read_log(caplog)] == [logging.INFO]


# The request in a log line

ENVIRON = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "/shop", "PATH_INFO": "/cart", "QUERY_STRING": "token=hidden"}
SCOPE = {"type": "http", "method": "GET", "path": "/shop/cart", "query_string": b"token=hidden"}


@pytest.mark.parametrize("carrier", [ENVIRON, SCOPE], ids=["wsgi", "asgi"])
def test_every_line_about_a_request_names_its_method_and_path(
    carrier: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    reports, envelope = make_reports(raise_error, limit=200), make_envelope()
    refusals = [Refusal(Reason.UNKNOWN_KEY, KEY.key_id), Refusal(Reason.EXPIRED)]
    reports.report_reading(ACCEPTED, refusals, is_late=True, now=NOW, carrier=carrier)
    reports.report_sealed(COMMITTED, envelope, key_id=KEY.key_id, characters=132, carrier=carrier)
    reports.report_too_large(envelope, 2692, carrier=carrier)
    reports.report_late_write(envelope, carrier=carrier)
    reports.report_discarded(envelope, carrier=carrier)
    reports.warn_still_signed_in(2, carrier=carrier)
    reports.warn_made_private(["edge-control"], carrier)
    for name in {name for name in dir(reports) if name.startswith("warn_")} - {
        "warn_still_signed_in",
        "warn_made_private",
    }:
        getattr(reports, name)(carrier)
    shown = [text for _, text in read_log(caplog)]
    assert len(shown) > 20
    assert [text for text in shown if not text.endswith(" (request 'GET /shop/cart')")] == []


# Failures


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("hidden"), "ValueError"),
        (UnicodeDecodeError("utf-8", b"hidden", 0, 1, "hidden"), "UnicodeDecodeError"),
        (ConfigError("no key may seal"), "ConfigError: no key may seal"),
        (UnsupportedValueError("cart: Decimal"), "UnsupportedValueError: cart: Decimal"),
    ],
    ids=["builtin", "unicode", "config", "unsupported"],
)
def test_of_a_foreign_error_only_the_type_is_shown(error: Exception, text: str) -> None:
    assert explain_failure(error) == text


def test_too_large_is_explained_with_its_numbers() -> None:
    error = SessionTooLargeError(characters=2692, limit=2660, octets_by_key={"cart": 1900})
    assert explain_failure(error) == f"SessionTooLargeError: {error}"
