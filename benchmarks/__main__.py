"""The command line of the benchmarks: ``python -m benchmarks [PART …] [--check] [--quick] [--write-budget]``."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from . import instructions
from .instruction_work import BUDGETED
from .machine import describe_machine, summarize_machine
from .parts import PARTS, Part
from .targets import FLOORS, MEASUREMENTS, Row
from .timing import FULL, QUICK, Effort

RESULTS = Path(__file__).with_name("results")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for; exit status 1 if a target is missed or an instruction count outgrew its budget."""
    options = _parse(arguments)
    # Pyramid warns of its own imports.
    warnings.filterwarnings("ignore", category=UserWarning, module="pyramid")
    effort = QUICK if options.quick else FULL
    print(f"{summarize_machine()}\n", flush=True)
    if options.check:
        return 0 if check_targets(effort) else 1
    if options.check_budget or options.write_budget:
        return 0 if settle_budget(write=options.write_budget) else 1
    for name in options.part or PARTS:
        write_part(name, PARTS[name], effort, folder=options.results)
    return 0


def check_targets(effort: Effort) -> bool:
    """Prints each target's row as it is measured; whether all are reached."""
    rows: list[Row] = []
    print(" " * 95 + "".join(f"{name:>16}" for name in FLOORS))
    for measure in MEASUREMENTS:
        for row in measure(effort):
            rows.append(row)
            print(render_row(row), flush=True)
    missed = sum(not row.is_reached for row in rows)
    print(f"\n{len(rows) - missed} of {len(rows)} targets reached")
    return not missed


def render_row(row: Row) -> str:
    """A target with its figure and 95 % interval, of which the worse end counts."""
    median, low, high = row.ratio
    mark = "reached" if row.is_reached else "beyond reach" if row.is_beyond_reach else "MISSED"
    floors = "".join(f"{floor.median:16.2f}" for floor in row.floors)
    return (
        f"{row.target.case:58} {median:6.2f} [{low:6.2f}, {high:6.2f}]  {row.target.text:6}  {mark:12}{floors}".rstrip()
    )


def settle_budget(*, write: bool) -> bool:
    """Counts instructions and writes them as the budget, or tells which outgrew it; whether none did."""
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
    """Measures a part, prints its tables, and writes them as JSON and as plots."""
    # Only here: who checks targets or budgets needs no plots.
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
    parser.add_argument("--check", action="store_true", help="measure the targets instead; exit 1 if one is missed")
    parser.add_argument(
        "--check-budget", action="store_true", help="count instructions; exit 1 if one outgrew its budget"
    )
    parser.add_argument("--write-budget", action="store_true", help="make the counts of this machine the budget")
    parser.add_argument("--quick", action="store_true", help="few, short rounds: a first look, no figure to quote")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the folder for JSON and SVG")
    options = parser.parse_args(arguments)
    for name in options.part:
        if name not in PARTS:
            parser.error(f"{name} is no part; choose from {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
