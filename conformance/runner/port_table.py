"""Every port through the whole suite, as a table for README.md. Knows nothing of how a port is built and tested."""

from __future__ import annotations

import sys
from itertools import zip_longest
from pathlib import Path

from .driver import Driver
from .port import Port, PortCommandError, build_port, run_tests
from .progress import Progress
from .report import render_text
from .run import Run, run_cases
from .suite import Suite
from .verdict import Status

BEGIN, END = "<!-- ports -->", "<!-- /ports -->"


def run_ports(ports: list[Port], suite: Suite, *, progress: Progress | None = None) -> tuple[str, bool]:
    """A Markdown table, and whether every port passed. Failures are printed to stderr."""
    rows: list[str] = []
    has_passed = True
    for port in ports:
        fault = "not built"
        try:
            build_port(port)
            fault = "own tests failed"
            run_tests(port)
        except PortCommandError as exc:
            print(f"{port.name}: {fault}: {exc}", file=sys.stderr)
            rows.append(_render_row(port, fault, "", "", ""))
            has_passed = False
            continue
        driver = Driver(port.adapter, ops=suite.ops, capabilities=suite.capabilities, cwd=port.root)
        run = run_cases(suite, suite.cases, driver, progress=progress, label=port.name)
        if not run.has_passed:
            has_passed = False
            print(f"{port.name}:\n{render_text(run)}", file=sys.stderr)
        if run.declaration is None:
            rows.append(_render_row(port, "not started", "", "", ""))
            continue
        failed = run.count(Status.FAILED) + run.count(Status.ERROR)
        skipped = run.count(Status.SKIPPED)
        rows.append(_render_row(port, str(run.count(Status.PASSED)), str(failed), str(skipped), _render_causes(run)))
    head = "| port | language | cryptography | passed | failed | skipped | because it did not declare |"
    title = f"Suite {suite.version}, {len(suite.cases)} cases:"
    return "\n".join([title, "", head, "|---|---|---|---|---|---|---|", *rows]), has_passed


def write_table(table: str, path: Path) -> None:
    """Puts ``table`` between the two marks in ``path``."""
    before, _, after = _split_at_table(path)
    path.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def check_table(table: str, path: Path) -> str | None:
    """A line on where the table in ``path`` is another one, if it is. A port that declares less passes all the same."""
    found = _split_at_table(path)[1].strip("\n")
    if found == table:
        return None
    lines = zip_longest(found.splitlines(), table.splitlines(), fillvalue="")
    there, here = next((old, new) for old, new in lines if old != new)
    return f"{path.name}: its table of ports is not that of this run: there {there!r}, here {here!r}"


def _split_at_table(path: Path) -> tuple[str, str, str]:
    """What is before, between and behind the two marks."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    table, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path.name}: has no place for the table; put {BEGIN} and {END} there")
    return before, table, after


def _render_row(port: Port, *cells: str) -> str:
    return "| " + " | ".join([port.name, port.language, port.crypto, *cells]) + " |"


def _render_causes(run: Run) -> str:
    causes = sorted(run.count_skipped_by_cause().items())
    return ", ".join(f"{cause.removesuffix(' not declared')} ({count})" for cause, count in causes)
