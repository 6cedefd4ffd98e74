"""The formats of counts of key use: our JSON, the text format of Prometheus, and a response of a Prometheus server.

docs/how-to/monitoring.md describes the formats. A text without counts of this package, or with a value that is no
number, is refused. If it were ignored, the counts of a process could be missing, and nobody would notice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from math import ceil, isfinite
from typing import Any

import msgspec

from ..errors import ConfigError
from ..stats import JSON_FORMAT
from ..wire.clock_skew import CLOCK_SKEW
from .key_use import Counts

_HOUR = 3600
# The samples in Prometheus may have gaps: up to one hour in a hundred may be missing. A process keeps the time of the
# last use of each key, so its next sample after a gap still shows what the process did during the gap. Only what a
# process did during a gap in which it ended is missing.
_MISSING_ONE_IN = 100
_PREFIX = "cookiejar_session_"
_match_sample = re.compile(r"cookiejar_session_(\w+)\{(.*)\} (\S+)(?: \S+)?").fullmatch
_find_labels = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"').findall
_match_key_id = re.compile("[0-9a-f]{16}").fullmatch


class _KeyRow(msgspec.Struct):
    key_id: str
    is_in_keyring: bool
    last_opened_at: int | None
    last_sealed_at: int | None


class _UnknownKeyRow(msgspec.Struct):
    key_id: str
    refused: int
    last_refused_at: int


class _Snapshot(msgspec.Struct):
    """The fields of a snapshot that are needed here. A snapshot of the same format may have more fields."""

    format: str
    cookie: str
    pid: int
    started_at: int
    taken_at: int
    keys: list[_KeyRow]
    unknown_keys: list[_UnknownKeyRow]
    other_unknown_keys: int
    idle_timeout: int
    keyring_problem: str | None = None


class _Sample(msgspec.Struct):
    metric: dict[str, str]
    value: tuple[float, str]


class _Vector(msgspec.Struct):
    result_type: str = msgspec.field(name="resultType")
    result: list[_Sample]


class _Answer(msgspec.Struct):
    data: _Vector


def render_query(idle_timeout: int) -> str:
    """Return the query that asks Prometheus for all counts that judge_ring() needs. ``idle_timeout`` is in seconds."""
    hours = ceil((idle_timeout + CLOCK_SKEW) / _HOUR)
    parts = {
        "last_opened": f"max by (key_id) (max_over_time({_PREFIX}key_last_opened_timestamp_seconds[{hours}h]))",
        "last_sealed": f"max by (key_id) (max_over_time({_PREFIX}key_last_sealed_timestamp_seconds[{hours}h]))",
        "known": f"count by (key_id) (count_over_time({_PREFIX}opened_total[{hours}h]))",
        "idle_timeout": f"max(max_over_time({_PREFIX}idle_timeout_seconds[{hours}h]))",
        f"hours_of_{hours}": f"count_over_time(count({_PREFIX}counting_started_timestamp_seconds)[{hours}h:1h])",
    }
    return " or ".join(f'label_replace({query}, "stat", "{name}", "", "")' for name, query in parts.items())


def parse_counts(octets: bytes, *, name: str, taken_at: int) -> list[Counts]:
    """Return the counts in a text. ``name`` is for messages.

    ``taken_at`` is the time of the counts. It is ignored if the text itself says when the counts were taken. Raises
    ConfigError for a text in none of the three formats.
    """
    first = octets.lstrip()[:1]
    if first not in (b"{", b"["):
        return [_parse_exposition(octets, name, taken_at)]
    try:
        found: Any = msgspec.json.decode(octets)
        items: list[Any] = found if first == b"[" else [found]
        is_answer = first == b"{" and "data" in found
        answers = msgspec.convert(items if is_answer else [], list[_Answer])
        rows = msgspec.convert([] if is_answer else items, list[_Snapshot])
    # For octets that are not UTF-8, msgspec 0.19 raises UnicodeDecodeError. Deeply nested arrays raise RecursionError.
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise ConfigError(
            f"{name}: is no JSON of sessions.stats() and no answer of Prometheus with a vector: {exc}"
        ) from None
    counts = [*(_read_answer(answer, name) for answer in answers), *(_read_snapshot(row, name) for row in rows)]
    if not counts:
        raise ConfigError(f"{name}: has no snapshot; name a file with at least one")
    return counts


def _read_snapshot(row: _Snapshot, name: str) -> Counts:
    if row.format != JSON_FORMAT:
        raise ConfigError(f"{name}: has the format {row.format[:40]!a}, and this version reads {JSON_FORMAT}")
    opened = {key.key_id: key.last_opened_at or 0 for key in row.keys}
    for key in row.unknown_keys:
        opened[key.key_id] = max(key.last_refused_at, opened.get(key.key_id, 0))
    keyring = frozenset(key.key_id for key in row.keys if key.is_in_keyring)
    return Counts(
        name=f"{name} (process {row.pid})",
        taken_at=row.taken_at,
        started_at=row.started_at or None,
        opened=opened,
        sealed={key.key_id: key.last_sealed_at or 0 for key in row.keys},
        known=keyring,
        idle_timeout=row.idle_timeout,
        is_cut=row.other_unknown_keys > 0,
        refused=tuple((key.key_id, key.refused, key.last_refused_at) for key in row.unknown_keys),
        keyring=keyring,
        problem=row.keyring_problem or "",
    )


def _parse_exposition(octets: bytes, name: str, taken_at: int) -> Counts:
    """Read the Prometheus text format: a line is a sample, with labels in braces, or a comment.

    Samples of other libraries, and lines that are not samples, are skipped.
    """
    values = _LastValues()
    starts, idle_timeouts, known = list[int](), list[int](), set[str]()
    for line in octets.decode("utf-8", "replace").splitlines():
        found = _match_sample(line.strip())
        if found is None:
            continue
        metric, labels = found[1], dict(_find_labels(found[2]))
        if metric == "counting_started_timestamp_seconds":
            starts.append(_read_number(found[3], name))
        elif metric == "idle_timeout_seconds":
            idle_timeouts.append(_read_number(found[3], name))
        elif metric == "opened_total":
            known.add(labels.get("key_id", ""))
        else:
            values.add(metric, labels, found[3], name)
    if not known:
        raise ConfigError(
            f"{name}: has no metrics of cookiejar-session; name the URL or file that Prometheus reads, or the JSON of "
            "sessions.stats()"
        )
    return Counts(
        name=name,
        taken_at=taken_at,
        # In prometheus-client's multiprocess mode, a process that did not set this time shows 0, which means unknown.
        started_at=max(starts) if starts and min(starts) > 0 else None,
        opened=values.of("key_last_opened_timestamp_seconds"),
        sealed=values.of("key_last_sealed_timestamp_seconds"),
        known=frozenset(known),
        idle_timeout=max(idle_timeouts, default=0),
    )


def _read_answer(answer: _Answer, name: str) -> Counts:
    """Read the response of Prometheus to the query of render_query().

    A sample without the label ``stat`` is the time at which a key last opened a token.
    """
    if answer.data.result_type != "vector":
        raise ConfigError(f"{name}: is no vector; ask Prometheus with /api/v1/query, not with query_range")
    if not answer.data.result:
        raise ConfigError(f"{name}: Prometheus has no metrics of cookiejar-session; is it the right server?")
    values = _LastValues()
    idle_timeout, asked_for, started_at, gap = 0, 0, None, "does not say since when it counts"
    taken_at = int(min(sample.value[0] for sample in answer.data.result))
    for sample in answer.data.result:
        stat, value = sample.metric.get("stat", "last_opened"), sample.value[1]
        if stat == "idle_timeout":
            idle_timeout = _read_number(value, name)
        elif stat.startswith("hours_of_"):
            wanted, found = _read_number(stat.removeprefix("hours_of_"), name), _read_number(value, name)
            asked_for = wanted * _HOUR
            if found >= wanted - wanted // _MISSING_ONE_IN:
                started_at = taken_at - asked_for
            gap = f"has counts of {min(found, wanted)} of the last {wanted} hours only"
        else:
            values.add(stat, sample.metric, value, name)
    return Counts(
        name=name,
        taken_at=taken_at,
        started_at=started_at,
        opened=values.of("last_opened"),
        sealed=values.of("last_sealed"),
        known=frozenset(values.of("known")),
        idle_timeout=idle_timeout,
        gap=gap,
        asked_for=asked_for,
    )


class _LastValues:
    """The highest value of each metric and key id."""

    def __init__(self) -> None:
        self._values: defaultdict[str, dict[str, int]] = defaultdict(dict)

    def add(self, metric: str, labels: Mapping[str, str], value: str, name: str) -> None:
        key_id = labels.get("key_id", "")
        if _match_key_id(key_id):
            by_key = self._values[metric]
            by_key[key_id] = max(_read_number(value, name), by_key.get(key_id, 0))

    def of(self, metric: str) -> dict[str, int]:
        return self._values[metric]


def _read_number(text: str, name: str) -> int:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ConfigError(f"{name}: has a value that is no number")
    # Round up. If a time were too early, a key could seem to be unused too soon.
    return ceil(value)
