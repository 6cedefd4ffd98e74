"""cli/count_formats.py: our JSON, the Prometheus text and an answer of Prometheus, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from promql_parser import parse
from shared_values import NOW

from cookiejar_session import ConfigError, CookieSessions, Key, Keyring
from cookiejar_session.cli.count_formats import parse_counts, render_query
from cookiejar_session.cli.key_use import Counts
from cookiejar_session.integrations.prometheus import CookieSessionsCollector

DAY = 86400
A, B = "6fc7081d3e766c36", "4ea2f157ffded898"


def read(text: str | bytes | Any) -> list[Counts]:
    octets = text if isinstance(text, bytes) else (text if isinstance(text, str) else json.dumps(text)).encode()
    return parse_counts(octets, name="x", taken_at=NOW)


def read_one(text: str | bytes | Any) -> Counts:
    (counts,) = read(text)
    return counts


# Our JSON


def make_snapshot(**changed: Any) -> dict[str, Any]:
    sessions: CookieSessions[Any] = CookieSessions(Keyring.generate())
    return {**sessions.stats(now=NOW + 9).to_dict(), "pid": 7, "started_at": NOW, **changed}


def make_key(key_id: str, opened: int | None, sealed: int | None, *, is_in_keyring: bool = True) -> dict[str, Any]:
    times = {"last_opened_at": opened, "last_sealed_at": sealed}
    return {**make_snapshot()["keys"][0], "key_id": key_id, "is_in_keyring": is_in_keyring, **times}


def test_snapshot_is_read() -> None:
    keys = [make_key(A, NOW - 5, None), make_key(B, None, NOW - 6, is_in_keyring=False)]
    counts = read_one(make_snapshot(keys=keys))
    assert (counts.name, counts.taken_at, counts.started_at) == ("x (process 7)", NOW + 9, NOW)
    assert counts.opened == {A: NOW - 5, B: 0}
    assert counts.sealed == {A: 0, B: NOW - 6}
    assert (counts.known, counts.idle_timeout, counts.is_cut) == ({A}, 14 * DAY, False)
    assert (counts.keyring, counts.problem) == ({A}, "")


def test_snapshot_says_why_the_keys_are_ignored() -> None:
    assert read_one(make_snapshot(keyring_problem="it is bad")).problem == "it is bad"


def test_snapshot_may_leave_out_why_the_keys_are_ignored() -> None:
    snapshot = make_snapshot()
    del snapshot["keyring_problem"]
    assert read_one(snapshot).problem == ""


def test_snapshot_of_real_sessions_is_read() -> None:
    key = Key.generate()
    sessions: CookieSessions[Any] = CookieSessions(Keyring.parse(key.to_text()))
    sessions.read(sessions.mint({}, now=NOW).token, now=NOW + 3)
    counts = read_one(sessions.stats(now=NOW + 9).to_json())
    assert (counts.opened, counts.known) == ({key.key_id.hex(): NOW + 3}, {key.key_id.hex()})


@pytest.mark.parametrize(("opened", "refused"), [(NOW - 5, NOW - 3), (NOW - 3, NOW - 5)])
def test_refusal_of_an_unknown_key_counts_as_its_use(opened: int, refused: int) -> None:
    unknown = [{"key_id": key_id, "refused": 1, "last_refused_at": refused} for key_id in (A, B)]
    counts = read_one(make_snapshot(keys=[make_key(A, opened, None)], unknown_keys=unknown))
    assert counts.opened == {A: NOW - 3, B: refused}
    assert counts.refused == ((A, 1, refused), (B, 1, refused))


def test_snapshot_that_does_not_list_all_unknown_keys_is_cut() -> None:
    assert read_one(make_snapshot(other_unknown_keys=1)).is_cut


def test_time_of_zero_is_not_known() -> None:
    assert read_one(make_snapshot(started_at=0)).started_at is None


def test_list_of_snapshots_is_read() -> None:
    assert [counts.started_at for counts in read([make_snapshot(), make_snapshot(started_at=NOW + 1)])] == [
        NOW,
        NOW + 1,
    ]


def test_fields_of_later_versions_are_ignored() -> None:
    assert read_one(make_snapshot(later=True)).started_at == NOW


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "has no snapshot"),
        ("{", "no JSON of sessions.stats"),
        ("{}", "no JSON of sessions.stats"),
        ("[1]", "no JSON of sessions.stats"),
        (b'{"format": "\xff"}', "no JSON of sessions.stats"),
        pytest.param("[" * 100_000, "no JSON of sessions.stats", id="nested-too-deeply"),
        (json.dumps(make_snapshot(started_at="soon")), "no JSON of sessions.stats"),
        (json.dumps(make_snapshot(format="cookiejar-session-stats/2")), "has the format 'cookiejar-session-stats/2'"),
    ],
)
def test_other_json_is_refused(text: str | bytes, problem: str) -> None:
    with pytest.raises(ConfigError, match=rf"^x: .*{problem}"):
        read(text)


# The Prometheus text


LINES = {
    "comment": "# HELP cookiejar_session_opened_total text",
    "foreign": 'process_cpu_seconds_total{key_id="1111111111111111"} 5',
    "opened_a": f'cookiejar_session_opened_total{{cookie="s",key_id="{A}",version="1"}} 3.0',
    "opened_b": f'cookiejar_session_opened_total{{cookie="s",key_id="{B}",version="1"}} 0.0',
    "time": f'cookiejar_session_key_last_opened_timestamp_seconds{{cookie="s",key_id="{A}"}} {NOW - 5}.0',
    "sealed": f'cookiejar_session_key_last_sealed_timestamp_seconds{{key_id="{B}",cookie="s"}} 1.767225594e+09',
    "start": f'cookiejar_session_counting_started_timestamp_seconds{{cookie="s"}} {NOW - 100} 1700000000',
    "idle": 'cookiejar_session_idle_timeout_seconds{cookie="s"} 1209600.0',
}


def make_text(**changed: str) -> str:
    return "\n".join({**LINES, **changed}.values()) + "\n"


def test_text_of_prometheus_is_read() -> None:
    assert read_one(make_text()) == Counts(
        name="x",
        taken_at=NOW,
        started_at=NOW - 100,
        opened={A: NOW - 5},
        sealed={B: NOW - 6},
        known=frozenset({A, B}),
        idle_timeout=14 * DAY,
    )


def test_text_of_the_integration_is_read() -> None:
    sessions: CookieSessions[Any] = CookieSessions(Keyring.generate())
    sessions.read(sessions.mint({}, now=NOW).token, now=NOW + 3)
    registry = CollectorRegistry()
    registry.register(CookieSessionsCollector(sessions))
    counts, stats = read_one(generate_latest(registry)), sessions.stats()
    key_id = stats.keys[0].key_id
    assert (counts.opened, counts.sealed, counts.known) == ({key_id: NOW + 3}, {}, {key_id})
    assert (counts.started_at, counts.idle_timeout) == (stats.started_at, 14 * DAY)


def test_latest_use_under_all_cookies_counts() -> None:
    more = f'cookiejar_session_key_last_opened_timestamp_seconds{{cookie="t",key_id="{A}"}} '
    assert read_one(make_text(more=f"{more}{NOW - 3}")).opened == {A: NOW - 3}
    assert read_one(make_text(more=f"{more}{NOW - 9}")).opened == {A: NOW - 5}


@pytest.mark.parametrize(("start", "known"), [(NOW - 50, NOW - 50), (NOW - 500, NOW - 100), (0, None)])
def test_latest_beginning_counts_and_zero_is_not_known(start: int, known: int | None) -> None:
    more = f'cookiejar_session_counting_started_timestamp_seconds{{cookie="t"}} {start}'
    assert read_one(make_text(more=more)).started_at == known


def test_missing_beginning_and_idle_timeout_are_not_known() -> None:
    counts = read_one(make_text(start="", idle=""))
    assert (counts.started_at, counts.idle_timeout) == (None, 0)


def test_part_of_a_second_makes_a_use_later() -> None:
    line = f'cookiejar_session_key_last_opened_timestamp_seconds{{key_id="{A}"}} {NOW}.1'
    assert read_one(make_text(more=line)).opened == {A: NOW + 1}


def test_label_that_is_no_key_id_is_ignored() -> None:
    line = 'cookiejar_session_key_last_opened_timestamp_seconds{key_id="no \\"key\\" }"} 5'
    assert read_one(make_text(more=line)).opened == {A: NOW - 5}


@pytest.mark.parametrize("text", ["", "hello", "<html>", make_text(opened_a="", opened_b="")])
def test_text_without_our_metrics_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^x: has no metrics of cookiejar-session"):
        read(text)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "soon"])
@pytest.mark.parametrize("name", ["time", "sealed", "start", "idle"])
def test_value_that_is_no_number_is_refused(name: str, value: str) -> None:
    line = LINES[name].split(" ")[0]
    with pytest.raises(ConfigError, match=r"^x: has a value that is no number"):
        read(make_text(**{name: f"{line} {value}"}))


# An answer of Prometheus


def make_answer(*samples: tuple[dict[str, str], str], kind: str = "vector") -> dict[str, Any]:
    result = [{"metric": labels, "value": [NOW + 0.7, value]} for labels, value in samples]
    return {"status": "success", "data": {"resultType": kind, "result": result}}


OPENED = ({"key_id": A, "stat": "last_opened"}, str(NOW - 41 * DAY))
SEALED = ({"key_id": A, "stat": "last_sealed"}, str(NOW - 55 * DAY))
KNOWN = ({"key_id": B, "stat": "known"}, "2")
IDLE = ({"stat": "idle_timeout"}, "1209600")
HOURS = ({"stat": "hours_of_337"}, "337")


def test_answer_to_our_query_is_read() -> None:
    assert read_one(make_answer(OPENED, SEALED, KNOWN, IDLE, HOURS))._replace(gap="") == Counts(
        name="x",
        taken_at=NOW,
        started_at=NOW - 337 * 3600,
        asked_for=337 * 3600,
        opened={A: NOW - 41 * DAY},
        sealed={A: NOW - 55 * DAY},
        known=frozenset({B}),
        idle_timeout=14 * DAY,
    )


@pytest.mark.parametrize(("hours", "is_covered"), [("338", True), ("334", True), ("333", False), ("1", False)])
def test_prometheus_may_miss_one_hour_of_a_hundred(hours: str, is_covered: bool) -> None:
    counts = read_one(make_answer(OPENED, ({"stat": "hours_of_337"}, hours)))
    assert (counts.started_at is not None) is is_covered
    assert is_covered or counts.gap == f"has counts of {hours} of the last 337 hours only"


def test_answer_to_another_query_has_the_last_openings_alone() -> None:
    counts = read_one(make_answer(({"key_id": A}, str(NOW - 41 * DAY))))
    assert (counts.opened, counts.started_at, counts.known) == ({A: NOW - 41 * DAY}, None, frozenset())
    assert counts.gap == "does not say since when it counts"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (make_answer(OPENED, kind="matrix"), "is no vector"),
        (make_answer(), "Prometheus has no metrics of cookiejar-session"),
        (make_answer(({"key_id": A}, "NaN")), "has a value that is no number"),
        (make_answer(({"stat": "hours_of_many"}, "3")), "has a value that is no number"),
        ({"data": []}, "no answer of Prometheus"),
        ({"status": "error", "error": "bad_data"}, "no answer of Prometheus"),
        ({"data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, 2]}]}}, "no answer of Prometheus"),
    ],
)
def test_other_answers_are_refused(answer: Any, problem: str) -> None:
    with pytest.raises(ConfigError, match=rf"^x: .*{problem}"):
        read(answer)


def test_query_is_one_that_prometheus_can_parse() -> None:
    parse(render_query(14 * DAY))


def test_query_asks_for_every_metric_that_a_verdict_needs() -> None:
    query = render_query(14 * DAY)
    names = ("key_last_opened_timestamp_seconds", "key_last_sealed_timestamp_seconds", "opened_total")
    for name in (*names, "idle_timeout_seconds", "counting_started_timestamp_seconds"):
        assert f"cookiejar_session_{name}" in query


@pytest.mark.parametrize(("idle_timeout", "hours"), [(14 * DAY, 337), (14 * DAY - 60, 336), (1, 1)])
def test_query_covers_the_life_of_a_session_and_the_clock_skew(idle_timeout: int, hours: int) -> None:
    query = render_query(idle_timeout)
    assert f"[{hours}h:1h]" in query
    assert query.count(f"[{hours}h]") == 4
    assert f'"hours_of_{hours}"' in query
