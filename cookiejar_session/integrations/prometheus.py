"""Metrics for prometheus-client: a collector for one process, and metrics for servers with several worker processes.

REGISTRY.register(CookieSessionsCollector(sessions))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

try:
    from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, values
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
    from prometheus_client.registry import Collector
except ModuleNotFoundError as _error:
    if _error.name != "prometheus_client":
        raise
    raise ModuleNotFoundError(
        'this integration needs prometheus-client; install it with pip install "cookiejar-session[prometheus]"',
        name=_error.name,
    ) from None

from ..cookie_sessions import CookieSessions
from ..counters import SIZE_BOUNDS
from ..errors import ConfigError, Reason
from ..events import DISCARDED, LATE_WRITE, OPENED, REFUSED, SEALING_KINDS, TOO_LARGE, Event
from ..stats import KeyStats, SessionStats
from .metric_names import check_names


class _Description(NamedTuple):
    """A metric: its name (without the prefix and the suffix ``_total``), its help text and its labels."""

    name: str
    text: str
    labels: tuple[str, ...] = ("cookie",)


# The key ids among the labels are those of the keyring. A visitor cannot choose them.
_KEY_LABELS = ("cookie", "key_id", "version")
_COUNTERS = {
    "opened": _Description("opened", "Accepted tokens, by the key that sealed them.", _KEY_LABELS),
    "sealed": _Description("sealed", "Sealed tokens, by key and by why they were sealed.", (*_KEY_LABELS, "kind")),
    "refused": _Description("refused", "Refused tokens, by reason.", ("cookie", "reason")),
    "discarded": _Description("discarded", "Responses that deleted the cookie."),
    "late_writes": _Description("late_writes", "Changes of a session that came too late and are lost."),
    "too_large": _Description("too_large", "Sessions that were too large to be saved."),
}
_GAUGES = {
    "last_opened": _Description(
        "key_last_opened_timestamp_seconds", "When the key last opened a token, in Unix time.", _KEY_LABELS
    ),
    "last_sealed": _Description(
        "key_last_sealed_timestamp_seconds", "When the key last sealed a token, in Unix time.", _KEY_LABELS
    ),
    "started": _Description("counting_started_timestamp_seconds", "Since when this process counts, in Unix time."),
    "limit": _Description("token_size_limit_characters", "The longest token that is written, in characters."),
    "idle_timeout": _Description("idle_timeout_seconds", "The idle timeout of new sessions."),
}
# Nothing reports a change of this value, so CookieSessionsMetrics cannot show it.
_RELOAD = _Description(
    "keyring_last_reload_successful", "1 if the keyring has the keys of its source, 0 if it ignores them."
)
_SIZE = _Description("token_size_characters", "The lengths of the sealed tokens, in characters.")
_PREFIX = "cookiejar_session_"


class CookieSessionsCollector(Collector):
    """The counts of ``sessions.stats()`` as Prometheus metrics. Requests do no extra work for them.

    Pass every CookieSessions object of the process to one collector. Raises ConfigError if two of them have the same
    cookie name. Raises ConfigError also in prometheus-client's multiprocess mode, because the collector would show only
    one process. Use CookieSessionsMetrics there.
    """

    def __init__(self, *sessions: CookieSessions[Any]) -> None:
        check_names(sessions)
        if values.ValueClass is not values.MutexValue:
            raise ConfigError(
                "PROMETHEUS_MULTIPROC_DIR is set, and this collector would show one process of several; "
                "use CookieSessionsMetrics"
            )
        self._sessions = sessions

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics as they are now."""
        stats = [each.stats() for each in self._sessions]
        for key, list_samples in _COUNTER_SAMPLES.items():
            yield _fill(CounterMetricFamily, _COUNTERS[key], stats, list_samples)
        for key, list_samples in _GAUGE_SAMPLES.items():
            yield _fill(GaugeMetricFamily, _GAUGES[key], stats, list_samples)
        yield _fill(GaugeMetricFamily, _RELOAD, stats, lambda each: [((each.cookie,), each.keyring_problem is None)])
        sizes = HistogramMetricFamily(_PREFIX + _SIZE.name, _SIZE.text, labels=_SIZE.labels)
        for each in stats:
            counts = [*accumulate(each.token_sizes.counts), each.token_sizes.count]
            bounds = [*(str(float(bound)) for bound in each.token_sizes.bounds), "+Inf"]
            sizes.add_metric([each.cookie], list(zip(bounds, counts, strict=True)), each.token_sizes.sum)
        yield sizes


class CookieSessionsMetrics:
    """The metrics of CookieSessionsCollector, fed by events. They work in prometheus-client's multiprocess mode.

    ``keyring_last_reload_successful`` is missing, because no event reports a change of it.
    Pass ``record`` as ``on_event``, then pass the CookieSessions object to :meth:`add`. An event takes more time of a
    request than a count: the page :doc:`/how-to/monitoring` has the figures. Without ``registry``, the metrics are in
    the default one.
    """

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        make_counter = partial(_make, Counter, registry=registry)
        # The mode is "max": the highest value is the latest time. A forked process begins with gauges of 0, which "min"
        # would show.
        make_gauge = partial(_make, Gauge, registry=registry, multiprocess_mode="max")
        self._counters: dict[str, Counter] = {key: make_counter(each) for key, each in _COUNTERS.items()}
        self._gauges: dict[str, Gauge] = {key: make_gauge(each) for key, each in _GAUGES.items()}
        self._sizes: Histogram = _make(Histogram, _SIZE, registry=registry, buckets=SIZE_BOUNDS)

    def add(self, sessions: CookieSessions[Any]) -> None:
        """Set the values that no event reports.

        These are the time when counting began, the length of the longest allowed token, the idle timeout of new
        sessions, and 0 for each key and reason.
        """
        stats = sessions.stats()
        for key, list_samples in _COUNTER_SAMPLES.items():
            for labels, _ in list_samples(stats):
                self._counters[key].labels(*labels)
        self._sizes.labels(stats.cookie)
        for key in ("started", "limit", "idle_timeout"):
            for labels, value in _GAUGE_SAMPLES[key](stats):
                self._gauges[key].labels(*labels).set(value)

    def record(self, event: Event) -> None:
        """Count an event. Events of kinds that are not known yet are ignored."""
        if event.kind == REFUSED:
            self._counters["refused"].labels(event.cookie, event.reason).inc()
        elif event.kind in _COUNTED_KINDS:
            self._counters[_COUNTED_KINDS[event.kind]].labels(event.cookie).inc()
        elif event.version is not None and event.happened_at is not None:
            labels = (event.cookie, event.key_id, event.version)
            if event.kind == OPENED:
                self._counters["opened"].labels(*labels).inc()
                self._gauges["last_opened"].labels(*labels).set(event.happened_at)
            elif event.kind in SEALING_KINDS:
                self._counters["sealed"].labels(*labels, event.kind).inc()
                self._gauges["last_sealed"].labels(*labels).set(event.happened_at)
                self._sizes.labels(event.cookie).observe(event.characters or 0)


_COUNTED_KINDS = {DISCARDED: "discarded", LATE_WRITE: "late_writes", TOO_LARGE: "too_large"}

_Sample = tuple[Sequence[str], float]
_ListSamples = Callable[[SessionStats], Iterable[_Sample]]


def _label(stats: SessionStats, key: KeyStats) -> tuple[str, ...]:
    return stats.cookie, key.key_id, str(key.version)


_COUNTER_SAMPLES: dict[str, _ListSamples] = {
    "opened": lambda stats: [(_label(stats, key), key.opened) for key in stats.keys],
    "sealed": lambda stats: [
        ((*_label(stats, key), kind), getattr(key, kind)) for key in stats.keys for kind in SEALING_KINDS
    ],
    "refused": lambda stats: [((stats.cookie, str(reason)), stats.refused[reason]) for reason in Reason],
    "discarded": lambda stats: [((stats.cookie,), stats.discarded)],
    "late_writes": lambda stats: [((stats.cookie,), stats.late_writes)],
    "too_large": lambda stats: [((stats.cookie,), stats.too_large)],
}
# No time is reported for a key that never opened a token, or never sealed one. A 0 would be shown as the year 1970.
_GAUGE_SAMPLES: dict[str, _ListSamples] = {
    "last_opened": lambda stats: [(_label(stats, key), key.last_opened_at) for key in stats.keys if key.last_opened_at],
    "last_sealed": lambda stats: [(_label(stats, key), key.last_sealed_at) for key in stats.keys if key.last_sealed_at],
    "started": lambda stats: [((stats.cookie,), stats.started_at)],
    "limit": lambda stats: [((stats.cookie,), stats.max_token_characters)],
    "idle_timeout": lambda stats: [((stats.cookie,), stats.idle_timeout)],
}


def _fill(
    family: type[CounterMetricFamily | GaugeMetricFamily],
    described: _Description,
    stats: Iterable[SessionStats],
    list_samples: _ListSamples,
) -> Metric:
    metric = family(_PREFIX + described.name, described.text, labels=described.labels)
    for each in stats:
        for labels, value in list_samples(each):
            metric.add_metric(labels, value)
    return metric


def _make(kind: Any, described: _Description, **options: Any) -> Any:
    return kind(_PREFIX + described.name, described.text, described.labels, **options)
