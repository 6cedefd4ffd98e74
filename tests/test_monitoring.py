"""docs/how-to/monitoring.md and its files: every example runs, and every metric and label that is named is exported."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from documents import ROOT, Page
from fastapi import FastAPI
from opentelemetry import metrics as opentelemetry_metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest
from promql_parser import MatchOp, VectorSelector, parse, walk
from shared_values import NOW
from starlette.testclient import TestClient

from cookiejar_session import CookieSessions, Key, Keyring, Policy, Reason
from cookiejar_session.cli.count_formats import parse_counts, render_query
from cookiejar_session.cli.key_use import Counts, describe_basis
from cookiejar_session.cli.keys_source import name_rotation
from cookiejar_session.cli.main import build_parser
from cookiejar_session.integrations.prometheus import CookieSessionsCollector, CookieSessionsMetrics

PAGE = Page("docs/how-to/monitoring.md")
run_example = PAGE.run_example
FOLDER = ROOT / "docs" / "how-to" / "monitoring"
DASHBOARD = json.loads(FOLDER.joinpath("grafana-dashboard.json").read_text())
ALERTS = yaml.safe_load(FOLDER.joinpath("alerts.yaml").read_text())
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PREFIX = "cookiejar_session_"
# Prometheus adds the address that it read the metrics from.
TARGET_LABELS = {"instance"}
LABEL_VALUES = re.compile(r"label_values\((\w+), (\w+)\)")


@pytest.fixture
def sessions() -> CookieSessions[None]:
    return CookieSessions(Keyring.generate())


@pytest.fixture
def default_registry() -> Iterator[CollectorRegistry]:
    """The registry of prometheus-client, without what a test registers in it."""
    before = set(REGISTRY._collector_to_names)
    yield REGISTRY
    for collector in set(REGISTRY._collector_to_names) - before:
        REGISTRY.unregister(collector)


def export() -> list[Metric]:
    sessions: CookieSessions[None] = CookieSessions(Keyring.generate())
    sessions.read(sessions.mint({}).token)
    sessions.settings.telemetry.counters.count_sealed("committed", b"12345678", characters=132, now=NOW)
    return list(CookieSessionsCollector(sessions).collect())


# The labels of each sample by its name, such as a histogram's _bucket.
EXPORTED: dict[str, set[str]] = {}
VALUES: dict[str, set[str]] = {}
for _metric in export():
    for _sample in _metric.samples:
        EXPORTED.setdefault(_sample.name, set()).update(_sample.labels)
        for _label, _value in _sample.labels.items():
            VALUES.setdefault(_label, set()).add(_value)


def list_selectors(query: str) -> list[VectorSelector]:
    """Return what a query reads. Grafana's variables are replaced first."""
    text = query.replace("$__rate_interval", "5m").replace("$cookie", "session")
    found: list[VectorSelector] = []
    walk(parse(text), lambda each: found.append(each) if isinstance(each, VectorSelector) else None)
    return found


def list_dashboard_queries() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


QUERIES = [*list_dashboard_queries(), *(rule["expr"] for rule in RULES), render_query(14 * 86400)]


# Metrics


@pytest.mark.parametrize("query", QUERIES)
def test_query_reads_only_metrics_and_labels_that_are_exported(query: str) -> None:
    selectors = list_selectors(query)
    assert selectors
    for selector in selectors:
        assert selector.name in EXPORTED
        assert {matcher.name for matcher in selector.matchers.matchers} <= EXPORTED[selector.name]


def test_every_exported_metric_is_in_the_dashboard() -> None:
    names = {selector.name for query in list_dashboard_queries() for selector in list_selectors(query)}
    assert names == set(EXPORTED)


def test_every_exported_metric_is_described_on_the_page() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*?)\|", PAGE.text, re.MULTILINE)
    described = {name: set(re.findall(r"`(\w+)`", labels)) | {"cookie"} for name, labels in rows}
    exported = {
        re.sub(r"_(bucket|sum|count)$", "", name.removeprefix(PREFIX)): labels for name, labels in EXPORTED.items()
    }
    exported["token_size_characters"] = EXPORTED[f"{PREFIX}token_size_characters_bucket"]
    assert {name: described[name] for name in exported} == exported


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_value_of_a_label_in_an_alert_is_one_that_is_exported(rule: dict[str, Any]) -> None:
    for selector in list_selectors(rule["expr"]):
        for matcher in selector.matchers.matchers:
            assert matcher.op in (MatchOp.Equal, MatchOp.NotRe)
            assert set(matcher.value.split("|")) <= VALUES[matcher.name]


@pytest.mark.parametrize("query", QUERIES)
def test_query_groups_by_labels_that_are_exported(query: str) -> None:
    grouped = {label.strip() for labels in re.findall(r"\b(?:by|on) \(([^)]*)\)", query) for label in labels.split(",")}
    assert grouped <= TARGET_LABELS.union(*EXPORTED.values())


@pytest.mark.parametrize(
    "rule", [each for each in RULES if each["alert"] != "CookieSessionsSize"], ids=lambda rule: rule["alert"]
)
def test_alert_about_keys_judges_each_server_and_names_it(rule: dict[str, Any]) -> None:
    """The sum over all servers would hide one that has an older ring."""
    groups = re.findall(r"\b(?:by|on) \(([^)]*)\)", rule["expr"])
    assert groups
    assert all("instance" in group.split(", ") for group in groups)
    assert all("$labels.instance" in text for text in rule["annotations"].values())


def test_legends_of_the_dashboard_show_labels_that_their_query_keeps() -> None:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            kept = {
                each.strip() for group in re.findall(r"by \(([^)]*)\)", target["expr"]) for each in group.split(",")
            }
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= kept


# The files


def test_alerts_have_the_form_of_a_rule_file_of_prometheus() -> None:
    """The fields of https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/."""
    assert set(ALERTS) == {"groups"}
    assert all(set(group) == {"name", "rules"} for group in ALERTS["groups"])
    for rule in RULES:
        assert {"alert", "expr", "annotations"} <= set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch("[A-Za-z]+", rule["alert"])
        assert re.fullmatch("[0-9]+[smh]", rule.get("for", "1m"))
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert all(isinstance(text, str) for text in rule["annotations"].values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_annotations_use_labels_that_the_alert_keeps(rule: dict[str, Any]) -> None:
    kept = set(re.search(r"(?:sum|min) by \(([^)]*)\)", rule["expr"])[1].split(", "))  # type: ignore[index]
    used = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
    assert used
    assert used <= kept


def test_there_are_four_alerts_and_the_page_says_what_to_do_at_each() -> None:
    names = [rule["alert"] for rule in RULES]
    kinds = ["UnknownKeys", "Refused", "Size", "KeysIgnored"]
    assert names == [f"CookieSessions{kind}" for kind in kinds]
    assert re.findall(r"^### (CookieSessions\w+)$", PAGE.text, re.MULTILINE) == names


def test_page_says_what_to_do_at_each_reason() -> None:
    table = PAGE.text.split("### CookieSessionsRefused")[1].split("###")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall("`(.+?)`", row)}
    assert named == set(Reason) - {Reason.EXPIRED, Reason.UNKNOWN_KEY}


def test_panels_of_the_dashboard_fit_and_have_ids_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    squares = [
        (x, y)
        for panel in panels
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(squares) == len(set(squares))
    assert max(x for x, _ in squares) < 24
    assert all(panel["title"] and panel["description"] for panel in panels)


def test_queries_of_one_panel_have_letters_of_their_own() -> None:
    for panel in DASHBOARD["panels"]:
        letters = [target["refId"] for target in panel["targets"]]
        assert len(letters) == len(set(letters))


def test_dashboard_asks_the_chosen_data_source_and_cookie() -> None:
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["query"] == "prometheus"
    found = LABEL_VALUES.fullmatch(variables["cookie"]["query"]["query"])
    assert found is not None
    assert found[2] in EXPORTED[found[1]]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            assert '{cookie=~"$cookie"}' in target["expr"]


# The page


def test_counts_are_printed(sessions: CookieSessions[None], capsys: pytest.CaptureFixture[str]) -> None:
    run_example("print(sessions.stats()", sessions=sessions)
    shown = json.loads(capsys.readouterr().out)
    assert shown["format"] == "cookiejar-session-stats/1"


def test_page_describes_every_field_of_the_json(sessions: CookieSessions[None]) -> None:
    fields = {
        name for row in re.findall(r"^\| (`.*?`) \|", PAGE.text, re.MULTILINE) for name in re.findall(r"[\w]+", row)
    }
    shown = sessions.stats().to_dict()
    assert [name for name in [*shown, *shown["keys"][0]] if name not in fields] == []


def test_counts_of_a_running_server_are_for_its_own_machine(sessions: CookieSessions[None]) -> None:
    app = FastAPI()
    run_example('"/session-counts"', sessions=sessions, app=app)
    here, elsewhere = (TestClient(app, client=(host, 4711)) for host in ("127.0.0.1", "192.0.2.1"))
    assert elsewhere.get("/session-counts").status_code == 404
    shown = here.get("/session-counts")
    assert shown.headers["content-type"] == "application/json"
    (counts,) = parse_counts(shown.content, name="counts", taken_at=NOW)
    assert sessions.settings.keyring.ring(NOW).entries[0].key.key_id.hex() in counts.known


@pytest.mark.parametrize(
    ("idle_timeout", "age", "kind"),
    [
        (49 * 60, 299, "renewed"),
        (49 * 60, 300, "resealed"),
        (14 * 86400, 299, None),
        (14 * 86400, 2 * 86400, "resealed"),
    ],
)
def test_session_moves_to_the_new_key_as_resealed_after_five_minutes_and_as_renewed_before(
    idle_timeout: int, age: int, kind: str | None
) -> None:
    old, new = Key.generate().to_text(), Key.generate().to_text()
    policy = Policy(idle_timeout=timedelta(seconds=idle_timeout))
    minted = CookieSessions(Keyring.parse(old), policy=policy).mint({"n": 1}, now=NOW - age)
    sessions = CookieSessions(Keyring.parse(f"{new} {old}"), policy=policy)
    exchange = sessions.begin(minted.header, now=NOW)
    assert exchange.session["n"] == 1
    exchange.finish([])
    key = sessions.stats(now=NOW).keys[0]
    assert {name for name in ("renewed", "resealed") if getattr(key, name)} == ({kind} if kind else set())


def test_collector_is_served(sessions: CookieSessions[None], default_registry: CollectorRegistry) -> None:
    app = FastAPI()
    run_example("CookieSessionsCollector(sessions)", sessions=sessions, app=app)
    redirect = TestClient(app).get("/metrics", follow_redirects=False)
    assert (redirect.status_code, redirect.headers["location"]) == (307, "http://testserver/metrics/")
    text = TestClient(app).get("/metrics/").text
    assert f"{PREFIX}opened_total{{" in text


def test_several_workers_are_served(
    default_registry: CollectorRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tests/integrations/test_prometheus.py runs two processes. Here, the folder has no files."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    app = FastAPI()
    names = run_example("MultiProcessCollector(registry)", CookieSessions=CookieSessions, app=app)
    names["sessions"].read("junk")
    exchange = names["sessions"].begin("__Host-session=junk")
    exchange.session.get("n")
    assert isinstance(names["metrics"], CookieSessionsMetrics)
    text = generate_latest(default_registry).decode()
    assert f'{PREFIX}refused_total{{cookie="__Host-session",reason="malformed"}} 1.0' in text
    assert TestClient(app).get("/metrics/").status_code == 200


def test_opentelemetry_is_set_up(sessions: CookieSessions[None], monkeypatch: pytest.MonkeyPatch) -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    monkeypatch.setattr(opentelemetry_metrics._internal, "_METER_PROVIDER", provider)
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    run_example("observe_sessions(sessions)", sessions=sessions)
    names = run_example("TokenSizeHistogram()", CookieSessions=CookieSessions)
    exchange = names["sessions"].begin("")
    exchange.session["n"] = 1
    exchange.finish([])
    sessions.read(sessions.mint({}).token)
    sessions.settings.telemetry.counters.count_sealed("committed", b"12345678", characters=132, now=NOW)
    data: Any = reader.get_metrics_data()
    found = data.resource_metrics[0].scope_metrics[0].metrics
    section = PAGE.text.split("## OpenTelemetry")[1].split("## ")[0]
    described = set(re.findall(r"`(?:cookiejar_session)?\.([\w.]+)`", section)) | {"token.size"}
    assert {metric.name.removeprefix("cookiejar_session.") for metric in found} <= described
    labels = {label for metric in found for point in metric.data.data_points for label in point.attributes}
    assert {label.removeprefix("cookiejar_session.") for label in labels} <= described
    provider.shutdown()


def test_query_on_the_page_is_one_that_prometheus_can_parse() -> None:
    (query,) = [block for block in re.findall(r"```text\n(.*?)```", PAGE.text, re.DOTALL) if block.startswith("max by")]
    assert [selector.name for selector in list_selectors(query)] == [f"{PREFIX}key_last_opened_timestamp_seconds"]


def test_command_on_the_page_is_one_that_the_program_takes() -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE.text, re.DOTALL)
    options = build_parser("keyring show").parse_args(shlex.split(block)[1:])
    assert options.stats == ["http://prometheus:9090/api/v1/query"]


def test_command_that_drops_a_key_is_on_the_page() -> None:
    assert name_rotation(Path("session.keys"), " --stage drop --idle-timeout 14d --stats ...") in PAGE.text


def test_basis_on_the_page_is_what_the_command_says() -> None:
    url = "http://prometheus:9090/api/v1/query"
    counts = Counts(url, NOW, 1800172800, {}, {}, frozenset())
    assert describe_basis([counts]) in PAGE.text
