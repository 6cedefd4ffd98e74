"""integrations/prometheus.py: both ways to export, read again by prometheus-client's own parser."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from shared_values import NOW

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Event, Key, Keyring, Reason
from cookiejar_session.integrations import prometheus
from cookiejar_session.integrations.prometheus import CookieSessionsCollector, CookieSessionsMetrics

NAME = "__Host-session"
KEY_ID = "6fc7081d3e766c36"
KEY = {"cookie": NAME, "key_id": KEY_ID, "version": "1"}
PREFIX = "cookiejar_session_"


def run_requests(sessions: CookieSessions[Any]) -> None:
    """Open two tokens, refuse one, seal two, discard one, refuse a large one and change one too late."""
    minted = sessions.mint({"n": 1}, now=NOW)
    scripts: list[tuple[str, Callable[[Any], object]]] = [
        (minted.header, lambda session: session["n"]),
        (minted.header, lambda session: session.update(n=2)),
        ("", lambda session: session.update(text="x" * 900)),
        (f"{NAME}=cj1.junk", lambda session: session.get("n")),
    ]
    for header, script in scripts:
        exchange = sessions.begin(header, now=NOW + 5)
        script(exchange.session)
        exchange.finish([])
        exchange.end()
    late = sessions.begin("", now=NOW + 5)
    late.session["n"] = 1
    late.end()
    large = sessions.begin("", now=NOW + 5)
    large.session["text"] = "x" * 4000
    with pytest.raises(ValueError, match="limit"):
        large.finish([])


def list_samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return the value of each sample, by its name without the prefix and by its labels."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    samples: list[Sample] = [each for family in text_string_to_metric_families(text) for each in family.samples]
    for sample in samples:
        name = sample.name.removeprefix(PREFIX)
        if not name.endswith("_created"):
            assert (name, tuple(sample.labels.items())) not in found
            found[name, tuple(sorted(sample.labels.items()))] = sample.value
    return found


def look_up(text: str, name: str, **labels: str) -> float:
    return list_samples(text)[name, tuple(sorted(labels.items()))]


def export_by_collector(make_sessions: Any) -> str:
    sessions = make_sessions()
    run_requests(sessions)
    registry = CollectorRegistry(auto_describe=True)
    registry.register(CookieSessionsCollector(sessions))
    return generate_latest(registry).decode()


def export_by_events(make_sessions: Any) -> str:
    registry = CollectorRegistry()
    metrics = CookieSessionsMetrics(registry)
    sessions = make_sessions(on_event=metrics.record)
    metrics.add(sessions)
    run_requests(sessions)
    return generate_latest(registry).decode()


both_ways = pytest.mark.parametrize("export", [export_by_collector, export_by_events], ids=["collector", "events"])


@both_ways
def test_metrics_have_what_requests_did(export: Callable[[Any], str], make_sessions: Any, clock: Any) -> None:
    text = export(make_sessions)
    assert look_up(text, "opened_total", **KEY) == 2
    assert look_up(text, "sealed_total", **KEY, kind="committed") == 2
    assert look_up(text, "sealed_total", **KEY, kind="renewed") == 0
    assert look_up(text, "refused_total", cookie=NAME, reason="malformed") == 1
    assert look_up(text, "refused_total", cookie=NAME, reason="unknown-key") == 0
    assert look_up(text, "late_writes_total", cookie=NAME) == 1
    assert look_up(text, "too_large_total", cookie=NAME) == 1
    assert look_up(text, "discarded_total", cookie=NAME) == 1
    assert look_up(text, "key_last_opened_timestamp_seconds", **KEY) == NOW + 5
    assert look_up(text, "key_last_sealed_timestamp_seconds", **KEY) == NOW + 5
    assert look_up(text, "counting_started_timestamp_seconds", cookie=NAME) == NOW
    assert look_up(text, "token_size_limit_characters", cookie=NAME) == 2660
    assert look_up(text, "idle_timeout_seconds", cookie=NAME) == 14 * 86400
    assert look_up(text, "token_size_characters_bucket", cookie=NAME, le="256.0") == 1
    assert look_up(text, "token_size_characters_bucket", cookie=NAME, le="3972.0") == 2
    assert look_up(text, "token_size_characters_bucket", cookie=NAME, le="+Inf") == 2
    assert look_up(text, "token_size_characters_count", cookie=NAME) == 2


def test_both_ways_export_the_same_samples(make_sessions: Any, clock: Any) -> None:
    collected = list_samples(export_by_collector(make_sessions))
    assert collected.pop(("keyring_last_reload_successful", (("cookie", NAME),))) == 1
    assert collected == list_samples(export_by_events(make_sessions))


def test_collector_shows_that_the_key_file_is_ignored(tmp_path: Path) -> None:
    file = tmp_path / "ring"
    file.write_text(Key.generate().to_text())
    sessions = CookieSessions[Any](Keyring.from_file(file, now=0))
    registry = CollectorRegistry()
    registry.register(CookieSessionsCollector(sessions))
    file.write_text("")
    text = generate_latest(registry).decode()
    assert look_up(text, "keyring_last_reload_successful", cookie=NAME) == 0


@both_ways
def test_help_and_types_are_the_same_and_every_name_has_the_prefix(
    export: Callable[[Any], str], make_sessions: Any, clock: Any
) -> None:
    families = [
        each for each in text_string_to_metric_families(export(make_sessions)) if not each.name.endswith("_created")
    ]
    assert {family.type for family in families} == {"counter", "gauge", "histogram"}
    assert [family for family in families if not family.documentation] == []
    assert [family.name for family in families if not family.name.startswith(PREFIX)] == []


def test_openmetrics_parser_accepts_the_metrics(make_sessions: Any) -> None:
    """This parser is strict: it checks suffixes, buckets and the order of the samples."""
    sessions = make_sessions()
    run_requests(sessions)
    registry = CollectorRegistry()
    registry.register(CookieSessionsCollector(sessions))
    families = list(parse_openmetrics(generate_openmetrics(registry).decode()))
    assert len(families) == 13


@both_ways
def test_key_that_was_never_used_has_a_zero_and_no_time(export: Callable[[Any], str], clock: Any) -> None:
    unused = Key.generate()
    used = Key.generate()

    def make(**options: Any) -> CookieSessions[Any]:
        return CookieSessions(Keyring.parse(f"{used.to_text()} {unused.to_text()}"), **options)

    samples = list_samples(export(make))
    labels = tuple(sorted({**KEY, "key_id": unused.key_id.hex()}.items()))
    assert samples["opened_total", labels] == 0
    assert ("key_last_opened_timestamp_seconds", labels) not in samples
    assert ("key_last_sealed_timestamp_seconds", labels) not in samples


@both_ways
def test_key_id_of_a_visitor_is_no_label(export: Callable[[Any], str], make_sessions: Any, clock: Any) -> None:
    stranger = CookieSessions(Keyring.generate())
    token = stranger.mint({"n": 1}).token

    def make(**options: Any) -> CookieSessions[Any]:
        sessions: CookieSessions[Any] = make_sessions(**options)
        if options:
            exchange = sessions.begin(f"{NAME}={token}")
            assert exchange.session.get("n") is None
        else:
            sessions.read(token)
        return sessions

    text = export(make)
    assert stranger.stats().keys[0].key_id not in text
    reasons = [value for (name, labels), value in list_samples(text).items() if ("reason", "unknown-key") in labels]
    assert len(reasons) == 1


def test_unknown_key_is_counted_by_its_reason(make_sessions: Any) -> None:
    sessions = make_sessions()
    sessions.read(CookieSessions(Keyring.generate()).mint({}).token)
    registry = CollectorRegistry()
    registry.register(CookieSessionsCollector(sessions))
    text = generate_latest(registry).decode()
    assert look_up(text, "refused_total", cookie=NAME, reason="unknown-key") == 1


@pytest.mark.parametrize("kind", ["committed", "renewed", "resealed", "moved"])
def test_each_kind_of_sealing_is_counted(kind: str) -> None:
    registry = CollectorRegistry()
    event = Event(kind, NAME, key_id=KEY_ID, characters=132, version=1, happened_at=NOW)
    CookieSessionsMetrics(registry).record(event)
    assert look_up(generate_latest(registry).decode(), "sealed_total", **KEY, kind=kind) == 1


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_is_counted(reason: Reason) -> None:
    registry = CollectorRegistry()
    CookieSessionsMetrics(registry).record(Event("refused", NAME, reason))
    assert look_up(generate_latest(registry).decode(), "refused_total", cookie=NAME, reason=reason) == 1


@pytest.mark.parametrize(
    "event",
    [
        Event("later kind", NAME),
        Event("later kind", NAME, version=1),
        Event("later kind", NAME, key_id=KEY_ID, characters=132, version=1, happened_at=NOW),
    ],
    ids=["bare", "version", "like a token"],
)
def test_event_of_an_unknown_kind_is_ignored(event: Event) -> None:
    registry = CollectorRegistry()
    CookieSessionsMetrics(registry).record(event)
    assert list_samples(generate_latest(registry).decode()) == {}


def test_collector_takes_several_sessions(make_sessions: Any) -> None:
    registry = CollectorRegistry(auto_describe=True)
    registry.register(CookieSessionsCollector(make_sessions(), make_sessions(cookie=CookieAttributes(name="other"))))
    text = generate_latest(registry).decode()
    assert look_up(text, "discarded_total", cookie=NAME) == look_up(text, "discarded_total", cookie="other") == 0


def test_two_sessions_with_one_cookie_name_are_refused(make_sessions: Any) -> None:
    with pytest.raises(ConfigError, match=f"two of the sessions have the cookie name {NAME}"):
        CookieSessionsCollector(make_sessions(), make_sessions(cookie=CookieAttributes(name="other")), make_sessions())


def test_collector_is_refused_in_multiprocess_mode(make_sessions: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "ValueClass", object)
    with pytest.raises(ConfigError, match=r"PROMETHEUS_MULTIPROC_DIR is set.*use CookieSessionsMetrics"):
        CookieSessionsCollector(make_sessions())


WORKER = """
import os, sys
from prometheus_client import CollectorRegistry
from cookiejar_session import CookieSessions, Keyring
from cookiejar_session.integrations.prometheus import CookieSessionsMetrics

metrics = CookieSessionsMetrics()
sessions = CookieSessions(Keyring.parse(os.environ["RING"]), on_event=metrics.record)
metrics.add(sessions)

def run(header, now):
    exchange = sessions.begin(header, now=now)
    exchange.session.get("n")
    exchange.finish([])
    exchange.end()
"""
FORKING = """
token = sessions.mint({"n": 1}, now=1767225600).header
for moment in (7, 3):
    if os.fork() == 0:
        run(token, 1767225600 + moment)
        run("__Host-session=junk", 1767225600)
        os._exit(0)
    os.wait()
print(sessions.stats().started_at)
"""
SEPARATE = """
run(sys.argv[1], int(sys.argv[2]))
print(sessions.stats().started_at)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of prometheus-client's multiprocess mode."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    return folder


def run_worker(folder: Path, program: str, ring: str, *arguments: str) -> int:
    """Run a process that exports to ``folder``. Return when it began to count."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder), "RING": ring}
    command = [sys.executable, "-c", WORKER + program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


def read_folder(folder: Path) -> str:
    """Return what a request for the metrics answers, which collects from every process."""
    program = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode(), end="")
"""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


def test_two_processes_are_added_up(folder: Path) -> None:
    key = Key.generate()
    header = CookieSessions(Keyring.parse(key.to_text())).mint({"n": 1}, now=NOW).header
    starts = [run_worker(folder, SEPARATE, key.to_text(), header, str(NOW + second)) for second in (7, 3)]
    text = read_folder(folder)
    labels = {**KEY, "key_id": key.key_id.hex()}
    assert look_up(text, "opened_total", **labels) == 2
    assert look_up(text, "key_last_opened_timestamp_seconds", **labels) == NOW + 7
    # The later of both, since only from then on do both count.
    assert look_up(text, "counting_started_timestamp_seconds", cookie=NAME) == max(starts)
    assert look_up(text, "token_size_limit_characters", cookie=NAME) == 2660


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forked_processes_are_added_up(folder: Path) -> None:
    """A server that loads the application first, and then forks: gauges begin at 0 in each worker."""
    key = Key.generate()
    started_at = run_worker(folder, FORKING, key.to_text())
    text = read_folder(folder)
    labels = {**KEY, "key_id": key.key_id.hex()}
    assert look_up(text, "opened_total", **labels) == 2
    assert look_up(text, "refused_total", cookie=NAME, reason="malformed") == 2
    assert look_up(text, "key_last_opened_timestamp_seconds", **labels) == NOW + 7
    assert look_up(text, "counting_started_timestamp_seconds", cookie=NAME) == started_at
    assert look_up(text, "token_size_limit_characters", cookie=NAME) == 2660


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("prometheus_client", r"pip install \"cookiejar-session\[prometheus\]\""),
        ("prometheus_client.core", "prometheus_client.core"),
    ],
)
def test_missing_package_names_the_extra(missing: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModuleNotFoundError, match=message):
        importlib.reload(prometheus)
