"""The package beside another commit of itself, and WSGI beside ASGI. Knows only the package's public names."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import cookiejar_session

from . import asgi_stacks, codec_peers, wsgi_stacks
from .codec import make_actions
from .contents import TYPICAL
from .estimates import Estimate, estimate_added_ratio, estimate_difference, estimate_median, estimate_ratio
from .middleware import CASES, prepare_bare_case, prepare_case
from .other_commit import ROOT, import_commit
from .tables import Cell, Table
from .timing import Action, Effort, Timings, time_actions

MAKERS = {"ASGI": asgi_stacks.make_ours, "WSGI": wsgi_stacks.make_ours}
# Two measurements of the same code differ by less than 3 % on an idle machine.
MOST_OVER_THEN = 1.03
MOST_OVER_ASGI = 1.15
NOW, THEN, BARE = "now", "then", "bare"


class Operation(NamedTuple):
    """One operation of both commits: its cost in nanoseconds now and then, and the ratio of the two.

    The cost of a request is what the session adds to it. The cost of seal and open, which have no stack, is their time.
    """

    case: str
    stack: str
    now: Estimate
    then: Estimate
    ratio: Estimate

    @property
    def is_slower(self) -> bool:
        """Whether the upper end of the ratio is above MOST_OVER_THEN."""
        return self.ratio.high > MOST_OVER_THEN


class Comparison(NamedTuple):
    """The result of a comparison. ``over_asgi`` is WSGI's added cost over ASGI's, both now, by request case."""

    operations: list[Operation]
    over_asgi: dict[str, Estimate]

    @property
    def is_accepted(self) -> bool:
        """Whether no operation is slower and no ratio of WSGI to ASGI is above MOST_OVER_ASGI."""
        slower = any(operation.is_slower for operation in self.operations)
        return not slower and all(ratio.high <= MOST_OVER_ASGI for ratio in self.over_asgi.values())


def compare_commit(commit: str, effort: Effort, *, root: Path = ROOT) -> Comparison:
    """Measure the package beside ``commit``. Raises CommitError if the commit cannot be imported."""
    with import_commit(commit, root=root) as then:
        operations = _compare_codec(then, effort)
        over_asgi: dict[str, Estimate] = {}
        for case in CASES:
            compared, over_asgi[case] = _compare_requests(then, case, effort)
            operations += compared
    return Comparison(operations, over_asgi)


def make_tables(comparison: Comparison, commit: str) -> list[Table]:
    """Return a table of the two commits and a table of WSGI beside ASGI."""
    rows: dict[str, tuple[Cell, ...]] = {}
    for each in comparison.operations:
        name = f"{each.case}, {each.stack}" if each.stack else each.case
        verdict = "NO" if each.is_slower else "yes"
        rows[name] = (each.now.scaled(1e-3), each.then.scaled(1e-3), each.ratio, verdict)
    title = f"What a session adds to a request, and seal and open alone, now and in {commit}"
    columns = ("now", "then", "now over then", f"at most {MOST_OVER_THEN:g}")
    ratios: dict[str, tuple[Cell, ...]] = {
        case: (ratio, "yes" if ratio.high <= MOST_OVER_ASGI else "NO") for case, ratio in comparison.over_asgi.items()
    }
    asgi_title, asgi_columns = (
        "What a session adds now: WSGI beside ASGI",
        ("WSGI over ASGI", f"at most {MOST_OVER_ASGI:g}"),
    )
    return [
        Table("beside", title, "µs", columns, rows),
        Table("wsgi-over-asgi", asgi_title, "", asgi_columns, ratios),
    ]


def measure_over_asgi(case: str, effort: Effort) -> Estimate:
    """Measure WSGI's added cost over ASGI's for a request of ``case``."""
    actions: dict[str, Action] = {}
    for stack, make in MAKERS.items():
        ours = make()
        actions[f"{stack} {NOW}"] = prepare_case(ours, case).run
        actions[f"{stack} {BARE}"] = prepare_bare_case(ours, case).run
    return _estimate_over_asgi(time_actions(actions, effort=effort))


def _compare_codec(then: ModuleType, effort: Effort) -> list[Operation]:
    actions: dict[str, Action] = {}
    for name, package in {NOW: cookiejar_session, THEN: then}.items():
        actions[f"seal {name}"], actions[f"open {name}"] = make_actions(codec_peers.make_ours(package), TYPICAL)
    times = time_actions(actions, effort=effort)
    operations = []
    for case in ("seal", "open"):
        now_times, then_times = times[f"{case} {NOW}"], times[f"{case} {THEN}"]
        ratio = estimate_ratio(now_times, then_times)
        operations.append(Operation(case, "", estimate_median(now_times), estimate_median(then_times), ratio))
    return operations


def _compare_requests(then: ModuleType, case: str, effort: Effort) -> tuple[list[Operation], Estimate]:
    actions: dict[str, Action] = {}
    for stack, make in MAKERS.items():
        ours = make()
        actions[f"{stack} {NOW}"] = prepare_case(ours, case).run
        actions[f"{stack} {THEN}"] = prepare_case(make(then), case).run
        # The application without a session is the same for both commits.
        actions[f"{stack} {BARE}"] = prepare_bare_case(ours, case).run
    times = time_actions(actions, effort=effort)
    operations = []
    for stack in MAKERS:
        now_times, then_times, bare = (times[f"{stack} {each}"] for each in (NOW, THEN, BARE))
        operations.append(
            Operation(
                case,
                stack,
                estimate_difference(now_times, bare),
                estimate_difference(then_times, bare),
                estimate_added_ratio(now_times, bare, then_times, bare),
            )
        )
    return operations, _estimate_over_asgi(times)


def _estimate_over_asgi(times: Timings) -> Estimate:
    wsgi, asgi = ((times[f"{stack} {NOW}"], times[f"{stack} {BARE}"]) for stack in ("WSGI", "ASGI"))
    return estimate_added_ratio(*wsgi, *asgi)
