"""integrations/opentelemetry.py: what OpenTelemetry's own SDK reads from the sessions."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from shared_values import NOW

from cookiejar_session import ConfigError, CookieAttributes, CookieSessions, Event, Key, Keyring, Reason
from cookiejar_session.integrations import opentelemetry
from cookiejar_session.integrations.opentelemetry import TokenSizeHistogram, observe_sessions

KEY_ID = "6fc7081d3e766c36"
NAME = "__Host-session"
COOKIE = {"cookiejar_session.cookie.name": NAME}
KEY = {**COOKIE, "cookiejar_session.key.id": KEY_ID, "cookiejar_session.token.version": 1}


@pytest.fixture
def reader() -> InMemoryMetricReader:
    return InMemoryMetricReader()


@pytest.fixture
def provider(reader: InMemoryMetricReader) -> Any:
    provider = MeterProvider([reader])
    yield provider
    provider.shutdown()


def list_metrics(reader: InMemoryMetricReader) -> dict[str, Any]:
    data: Any = reader.get_metrics_data()
    (resource,) = data.resource_metrics
    (scope,) = resource.scope_metrics
    assert scope.scope.name == "cookiejar_session"
    return {metric.name: metric for metric in scope.metrics}


def list_points(reader: InMemoryMetricReader) -> dict[str, list[tuple[dict[str, Any], float]]]:
    """Return the attributes and the value of each point, by the name of its metric without the prefix."""
    return {
        name.removeprefix("cookiejar_session."): [
            (dict(point.attributes), point.value) for point in metric.data.data_points
        ]
        for name, metric in list_metrics(reader).items()
    }


def change(sessions: CookieSessions[Any], header: str) -> None:
    exchange = sessions.begin(header, now=NOW + 5)
    exchange.session["n"] = 1
    exchange.finish([])
    exchange.end()


def test_every_count_is_observed(make_sessions: Any, clock: Any, reader: Any, provider: Any) -> None:
    sessions = make_sessions()
    observe_sessions(sessions, meter_provider=provider)
    change(sessions, sessions.mint({}, now=NOW).header)
    change(sessions, f"{NAME}=junk")
    points = list_points(reader)
    kind = "cookiejar_session.seal.kind"
    assert points.pop("sealed") == [
        ({**KEY, kind: "committed"}, 2),
        ({**KEY, kind: "renewed"}, 0),
        ({**KEY, kind: "resealed"}, 0),
        ({**KEY, kind: "moved"}, 0),
    ]
    refused = points.pop("refused")
    assert [(attributes, value) for attributes, value in refused if value] == [
        ({**COOKIE, "cookiejar_session.refusal.reason": "malformed"}, 1)
    ]
    assert len(refused) == len(Reason)
    assert points == {
        "opened": [(KEY, 1)],
        "discarded": [(COOKIE, 0)],
        "late_writes": [(COOKIE, 0)],
        "too_large": [(COOKIE, 0)],
        "key.last_opened": [(KEY, NOW + 5)],
        "key.last_sealed": [(KEY, NOW + 5)],
        "counting_started": [(COOKIE, NOW)],
        "idle_timeout": [(COOKIE, 14 * 86400)],
        "keyring.last_reload_successful": [(COOKIE, 1)],
        "token.size.limit": [(COOKIE, 2660)],
    }


def test_an_ignored_key_file_is_observed(tmp_path: Path, reader: Any, provider: Any) -> None:
    file = tmp_path / "ring"
    file.write_text(Key.generate().to_text())
    observe_sessions(CookieSessions[Any](Keyring.from_file(file, now=0)), meter_provider=provider)
    file.write_text("")
    assert list_points(reader)["keyring.last_reload_successful"] == [(COOKIE, 0)]


def test_key_that_was_never_used_has_no_time(make_sessions: Any, reader: Any, provider: Any) -> None:
    observe_sessions(make_sessions(), meter_provider=provider)
    points = list_points(reader)
    assert points["opened"] == [(KEY, 0)]
    assert "key.last_opened" not in points
    assert "key.last_sealed" not in points


def test_counters_only_grow_and_have_units(make_sessions: Any, reader: Any, provider: Any) -> None:
    observe_sessions(make_sessions(), meter_provider=provider)
    found = list_metrics(reader)
    sums = {name: metric.unit for name, metric in found.items() if hasattr(metric.data, "is_monotonic")}
    assert all(found[name].data.is_monotonic for name in sums)
    assert sums == {
        "cookiejar_session.opened": "{token}",
        "cookiejar_session.sealed": "{token}",
        "cookiejar_session.refused": "{token}",
        "cookiejar_session.discarded": "{response}",
        "cookiejar_session.late_writes": "{session}",
        "cookiejar_session.too_large": "{session}",
    }
    assert {metric.unit for name, metric in found.items() if name not in sums} == {"s", "By", "1"}
    assert all(metric.description for metric in found.values())


def test_two_sessions_are_observed_together(make_sessions: Any, clock: Any, reader: Any, provider: Any) -> None:
    observe_sessions(make_sessions(), make_sessions(cookie=CookieAttributes(name="other")), meter_provider=provider)
    cookies = [attributes["cookiejar_session.cookie.name"] for attributes, _ in list_points(reader)["discarded"]]
    assert cookies == [NAME, "other"]


def test_two_sessions_with_one_cookie_name_are_refused(make_sessions: Any) -> None:
    with pytest.raises(ConfigError, match=f"two of the sessions have the cookie name {NAME}"):
        observe_sessions(make_sessions(), make_sessions(cookie=CookieAttributes(name="other")), make_sessions())


def test_global_provider_is_used_if_none_is_given(
    make_sessions: Any, reader: Any, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics._internal, "_METER_PROVIDER", provider)
    observe_sessions(make_sessions())
    assert list_points(reader)["discarded"] == [(COOKIE, 0)]


def test_histogram_has_the_lengths_of_sealed_tokens(make_sessions: Any, reader: Any, provider: Any) -> None:
    sizes = TokenSizeHistogram(meter_provider=provider)
    sessions = make_sessions(on_event=sizes.record)
    change(sessions, sessions.mint({"text": "x" * 300}, now=NOW).header)
    change(sessions, "")
    metric = list_metrics(reader)["cookiejar_session.token.size"]
    (point,) = metric.data.data_points
    assert dict(point.attributes) == {**COOKIE, "cookiejar_session.seal.kind": "committed"}
    assert (point.count, point.sum, metric.unit) == (2, sessions.stats().token_sizes.sum, "By")
    assert point.explicit_bounds == (256, 512, 768, 1024, 1536, 2048, 2660, 3200, 3972)


@pytest.mark.parametrize(
    "event", [Event("opened", NAME), Event("too-large", NAME, characters=4000), Event("committed", NAME)]
)
def test_histogram_ignores_other_events(event: Event, reader: Any, provider: Any) -> None:
    TokenSizeHistogram(meter_provider=provider).record(event)
    assert reader.get_metrics_data() is None


def test_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install \"cookiejar-session\[opentelemetry\]\""):
        importlib.reload(opentelemetry)


def test_missing_module_of_another_package_is_not_blamed_on_opentelemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "opentelemetry.metrics":
                raise ModuleNotFoundError("no module named other", name="other")

    monkeypatch.delitem(sys.modules, "opentelemetry.metrics")
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(ModuleNotFoundError, match="other"):
        importlib.reload(opentelemetry)
