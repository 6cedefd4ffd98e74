"""The command line of the benchmarks: ``python -m benchmarks [PART …]`` or one of the options below."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from . import beside, instructions
from .instruction_work import BUDGETED
from .machine import describe_machine, summarize_machine
from .other_commit import CommitError
from .parts import PARTS, Part
from .targets import MEASUREMENTS, Row
from .timing import FULL, QUICK, Effort

RESULTS = Path(__file__).with_name("results")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for, and return the exit status.

    The exit status is 1 if a target is missed, if an instruction count is over its budget, or if the package is slower
    than the commit beside it. It is 2 if that commit cannot be measured.
    """
    options = _parse(arguments)
    # Pyramid's own imports warn.
    warnings.filterwarnings("ignore", category=UserWarning, module="pyramid")
    effort = QUICK if options.quick else FULL
    print(f"{summarize_machine()}\n", flush=True)
    if options.beside is not None:
        return compare_commit(options.beside, effort)
    if options.check:
        return 0 if check_targets(effort) else 1
    if options.check_budget or options.write_budget:
        return 0 if settle_budget(write=options.write_budget) else 1
    for name in options.part or PARTS:
        write_part(name, PARTS[name], effort, folder=options.results)
    return 0


def compare_commit(commit: str, effort: Effort) -> int:
    """Print the package beside ``commit``, and return the exit status."""
    try:
        comparison = beside.compare_commit(commit, effort)
    except CommitError as exc:
        print(f"python -m benchmarks: error: {exc}", file=sys.stderr)
        return 2
    for table in beside.make_tables(comparison, commit):
        print(table.render(), flush=True)
    return 0 if comparison.is_accepted else 1


def check_targets(effort: Effort) -> bool:
    """Print the row of each target as soon as it is measured. Return whether all targets are reached."""
    rows: list[Row] = []
    for measure in MEASUREMENTS:
        for row in measure(effort):
            rows.append(row)
            print(render_row(row), flush=True)
    missed = sum(not row.is_reached for row in rows)
    print(f"\n{len(rows) - missed} of {len(rows)} targets reached")
    return not missed


def render_row(row: Row) -> str:
    """Return the text of a target with its ratio and 95 % interval."""
    median, low, high = row.ratio
    mark = "reached" if row.is_reached else "MISSED"
    return f"{row.target.case:75} {median:6.2f} [{low:6.2f}, {high:6.2f}]  {row.target.text:6}  {mark}"


def settle_budget(*, write: bool) -> bool:
    """Count instructions and write them as the budget, or print those over budget. Return whether there are none."""
    counts = instructions.count_all(BUDGETED)
    for name, count in counts.items():
        print(f"{name:30} {count:10,}")
    if write:
        instructions.write_budget(counts)
        return True
    version = instructions.name_version()
    budget = instructions.read_budget().get(version)
    if budget is None:
        print(f"there is no budget for Python {version}; write one with --write-budget")
        return False
    grown = instructions.compare_with_budget(counts, budget)
    for growth in grown:
        print(f"over budget: {growth}")
    return not grown


def write_part(name: str, part: Part, effort: Effort, *, folder: Path) -> None:
    """Measure a part, print its tables, and write them as JSON and as plots."""
    # Imported here because --check, --beside and the budget need no plots.
    from .plots import write_plot

    tables = part.measure(effort)
    folder.mkdir(exist_ok=True)
    for table in tables:
        print(table.render(), flush=True)
        columns = tuple(column for column in table.columns if column in part.plotted)
        write_plot(table, folder, columns=columns, note=summarize_machine())
    measured = {
        "machine": describe_machine(),
        "rounds": effort.rounds,
        "tables": {table.name: table.to_json() for table in tables},
    }
    (folder / f"{name}.json").write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"any of {', '.join(PARTS)}; all if left out")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--check", action="store_true", help="measure the targets instead; exit 1 if one is missed")
    instead.add_argument(
        "--beside",
        metavar="COMMIT",
        help="measure the package beside another commit of itself instead; exit 1 if the package is slower or WSGI "
        "adds too much, exit 2 if the commit cannot be measured",
    )
    instead.add_argument(
        "--check-budget", action="store_true", help="count instructions instead; exit 1 if a count is over its budget"
    )
    instead.add_argument("--write-budget", action="store_true", help="count instructions and write them as the budget")
    parser.add_argument(
        "--quick", action="store_true", help="few, short rounds; the results are not good enough to quote"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder for JSON and SVG")
    options = parser.parse_args(arguments)
    for name in options.part:
        if name not in PARTS:
            parser.error(f"{name} is not a part; choose from {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
