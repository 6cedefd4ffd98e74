"""The journal: which requests it lists for which session."""

from contextvars import Context, copy_context
from typing import Any

import pytest

from cookiejar_session import Event
from cookiejar_session.demo.journal import MAX_RECORDS, MAX_SESSIONS, Journal


def tell(journal: Journal, request: str, *events: Event) -> None:
    """Record one request with its events, in its own context."""

    def run() -> None:
        journal.begin_request(request)
        for event in events:
            journal.record_event(event)

    Context().run(run)


def opened(log_id: str) -> Event:
    return Event("opened", "session", log_id=log_id)


def committed(log_id: str) -> Event:
    return Event("committed", "session", log_id=log_id, characters=132)


def list_requests(journal: Journal, log_id: str) -> list[str]:
    return [record.request for record in journal.list_records(log_id)]


def test_records_of_a_session_come_latest_first() -> None:
    journal = Journal()
    tell(journal, "GET /", opened("a"))
    tell(journal, "POST /count", opened("a"), committed("a"))
    assert list_requests(journal, "a") == ["POST /count", "GET /"]


def test_record_has_the_events_of_its_request_in_order() -> None:
    journal = Journal()
    tell(journal, "POST /count", opened("a"), committed("a"))
    assert [event.kind for event in journal.list_records("a")[0].events] == ["opened", "committed"]


def test_equal_requests_are_two_records() -> None:
    journal = Journal()
    tell(journal, "GET /", opened("a"))
    tell(journal, "GET /", opened("a"))
    assert list_requests(journal, "a") == ["GET /", "GET /"]


def test_each_session_has_its_own_records() -> None:
    journal = Journal()
    tell(journal, "GET /", opened("a"))
    assert list_requests(journal, "b") == []


def test_current_request_is_not_listed() -> None:
    journal = Journal()
    tell(journal, "POST /count", committed("a"))
    journal.begin_request("GET /")
    journal.record_event(opened("a"))
    assert list_requests(journal, "a") == ["POST /count"]


def test_session_keeps_its_records_under_a_new_log_id() -> None:
    journal = Journal()
    tell(journal, "GET /", opened("a"))
    tell(journal, "POST /sign-in", opened("a"), committed("b"))
    assert list_requests(journal, "b") == ["POST /sign-in", "GET /"]


def test_session_behind_a_refused_token_begins_anew() -> None:
    journal = Journal()
    tell(journal, "GET /", Event("refused", "session"), committed("a"))
    assert [event.kind for event in journal.list_records("a")[0].events] == ["refused", "committed"]


def test_event_in_a_copy_of_the_context_belongs_to_its_request() -> None:
    journal = Journal()

    def run() -> None:
        journal.begin_request("GET /wsgi/")
        copy_context().run(journal.record_event, opened("a"))
        journal.record_event(committed("a"))

    Context().run(run)
    assert [len(record.events) for record in journal.list_records("a")] == [2]


def test_event_outside_of_a_request_is_taken() -> None:
    journal = Journal()
    Context().run(journal.record_event, opened("a"))
    assert list_requests(journal, "a") == [""]


def test_oldest_records_of_a_session_are_forgotten() -> None:
    journal = Journal()
    for number in range(MAX_RECORDS + 3):
        tell(journal, f"GET /{number}", opened("a"))
    assert list_requests(journal, "a") == [f"GET /{number}" for number in range(MAX_RECORDS + 2, 2, -1)]


def test_session_not_seen_for_longest_is_forgotten() -> None:
    journal = Journal()
    for number in range(MAX_SESSIONS):
        tell(journal, "GET /", opened(str(number)))
    tell(journal, "GET /", opened("0"))
    tell(journal, "GET /", opened("one more"))
    assert [bool(journal.list_records(log_id)) for log_id in ("0", "1", "2")] == [True, False, True]


@pytest.mark.parametrize("event", [opened("a"), Event("discarded", "session")])
def test_listener_hears_each_event_with_its_request(event: Event) -> None:
    heard: list[tuple[Any, ...]] = []
    tell(Journal(lambda *told: heard.append(told)), "GET /", event)
    assert heard == [("GET /", event)]
