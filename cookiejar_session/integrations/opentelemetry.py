"""Metrics for OpenTelemetry: observable instruments over ``sessions.stats()``, and a histogram of token sizes.

observe_sessions(sessions)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

try:
    from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter
except ModuleNotFoundError as _error:
    if _error.name is None or not _error.name.startswith("opentelemetry"):
        raise
    raise ModuleNotFoundError(
        'this integration needs OpenTelemetry; install it with pip install "cookiejar-session[opentelemetry]"',
        name=_error.name,
    ) from None

from ..cookie_sessions import CookieSessions
from ..counters import SIZE_BOUNDS
from ..events import SEALING_KINDS, Event
from ..stats import KeyStats, SessionStats
from .metric_names import check_names

SCOPE = "cookiejar_session"
_COOKIE, _KEY_ID, _VERSION = f"{SCOPE}.cookie.name", f"{SCOPE}.key.id", f"{SCOPE}.token.version"
_KIND, _REASON = f"{SCOPE}.seal.kind", f"{SCOPE}.refusal.reason"


def observe_sessions(*sessions: CookieSessions[Any], meter_provider: MeterProvider | None = None) -> None:
    """Make instruments over the counts of ``sessions.stats()``. Requests do no extra work for them.

    Pass every CookieSessions object of the process in one call, because a meter keeps only the first instrument of a
    name. Without ``meter_provider``, the global one is used. In a server that forks, call this function in each worker
    process: a fork does not copy the threads that export. Raises ConfigError if two of the objects have the same cookie
    name.
    """
    check_names(sessions)
    meter = get_meter(SCOPE, meter_provider=meter_provider)
    for name, unit, text, observe in _COUNTERS:
        meter.create_observable_counter(f"{SCOPE}.{name}", [_call(observe, sessions)], unit, text)
    for name, unit, text, observe in _GAUGES:
        meter.create_observable_gauge(f"{SCOPE}.{name}", [_call(observe, sessions)], unit, text)


class TokenSizeHistogram:
    """A histogram of the lengths of the sealed tokens, fed by events: pass ``record`` as ``on_event``.

    OpenTelemetry has no observable histogram, so this class is not part of :func:`observe_sessions`.
    """

    def __init__(self, *, meter_provider: MeterProvider | None = None) -> None:
        self._sizes = get_meter(SCOPE, meter_provider=meter_provider).create_histogram(
            f"{SCOPE}.token.size",
            unit="By",
            description="The lengths of the sealed tokens. A character is an octet.",
            explicit_bucket_boundaries_advisory=SIZE_BOUNDS,
        )

    def record(self, event: Event) -> None:
        """Record the length of a token that was sealed. Other events are ignored."""
        if event.kind in SEALING_KINDS and event.characters is not None:
            self._sizes.record(event.characters, {_COOKIE: event.cookie, _KIND: event.kind})


_Observe = Callable[[SessionStats], Iterable[Observation]]


def _call(observe: _Observe, sessions: Iterable[CookieSessions[Any]]) -> Callable[[CallbackOptions], list[Observation]]:
    def observe_all(_: CallbackOptions) -> list[Observation]:
        return [observation for each in sessions for observation in observe(each.stats())]

    return observe_all


def _observe_total(name: str) -> _Observe:
    return lambda stats: [Observation(getattr(stats, name), {_COOKIE: stats.cookie})]


def _observe_last_reload(stats: SessionStats) -> Iterable[Observation]:
    return [Observation(int(stats.keyring_problem is None), {_COOKIE: stats.cookie})]


def _label(stats: SessionStats, key: KeyStats) -> dict[str, str | int]:
    return {_COOKIE: stats.cookie, _KEY_ID: key.key_id, _VERSION: key.version}


def _observe_opened(stats: SessionStats) -> Iterable[Observation]:
    return [Observation(key.opened, _label(stats, key)) for key in stats.keys]


def _observe_sealed(stats: SessionStats) -> Iterable[Observation]:
    pairs = [(key, kind) for key in stats.keys for kind in SEALING_KINDS]
    return [Observation(getattr(key, kind), {**_label(stats, key), _KIND: kind}) for key, kind in pairs]


def _observe_refused(stats: SessionStats) -> Iterable[Observation]:
    return [
        Observation(count, {_COOKIE: stats.cookie, _REASON: str(reason)}) for reason, count in stats.refused.items()
    ]


# No time is reported for a key that never opened a token, or never sealed one. A 0 would be shown as the year 1970.
def _observe_last_opened(stats: SessionStats) -> Iterable[Observation]:
    return [Observation(key.last_opened_at, _label(stats, key)) for key in stats.keys if key.last_opened_at]


def _observe_last_sealed(stats: SessionStats) -> Iterable[Observation]:
    return [Observation(key.last_sealed_at, _label(stats, key)) for key in stats.keys if key.last_sealed_at]


# The name, unit, description and callback of each instrument. Units are written as in UCUM: the unit of a count is its
# noun in braces, such as {token}.
_COUNTERS = (
    ("opened", "{token}", "Accepted tokens, by the key that sealed them.", _observe_opened),
    ("sealed", "{token}", "Sealed tokens, by key and by why they were sealed.", _observe_sealed),
    ("refused", "{token}", "Refused tokens, by reason.", _observe_refused),
    ("discarded", "{response}", "Responses that deleted the cookie.", _observe_total("discarded")),
    ("late_writes", "{session}", "Changes that came too late and are lost.", _observe_total("late_writes")),
    ("too_large", "{session}", "Sessions that were too large to be saved.", _observe_total("too_large")),
)
_GAUGES = (
    ("key.last_opened", "s", "When the key last opened a token, in Unix time.", _observe_last_opened),
    ("key.last_sealed", "s", "When the key last sealed a token, in Unix time.", _observe_last_sealed),
    ("counting_started", "s", "Since when this process counts, in Unix time.", _observe_total("started_at")),
    ("idle_timeout", "s", "The idle timeout of new sessions.", _observe_total("idle_timeout")),
    (
        "keyring.last_reload_successful",
        "1",
        "1 if the keyring has the keys of its source, 0 if it ignores them.",
        _observe_last_reload,
    ),
    ("token.size.limit", "By", "The longest token that is written.", _observe_total("max_token_characters")),
)
