"""Instructions: callgrind's counts for seal, open and the four ASGI request cases, and their budget.

Counts are repeatable where seconds are not. They hold for one build of Python and of the dependencies. Another build
needs its own budget.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from .instruction_work import BARE_PAIR, BUDGETED, OPEN, OVERHEAD, SEAL, WORK
from .middleware import CASES
from .tables import Table

BUDGET_FILE = Path(__file__).with_name("budget.json")
# CI fails when a count grows by more.
TOLERANCE = 0.03
REPETITIONS = 300
# The time limit of the run under callgrind. An idle machine needs a tenth of it.
SECONDS = 300
# In each file of callgrind: the name of the count, and the instructions since the count before.
_find_name = re.compile(r"^desc: Trigger: dump (.+)$", re.MULTILINE).search
_find_count = re.compile(r"^summary: (\d+)$", re.MULTILINE).search

Budget = dict[str, dict[str, int]]


class Growth(NamedTuple):
    """A count that is over its budget."""

    case: str
    budget: int
    found: int

    def __str__(self) -> str:
        return f"{self.case}: {self.found:,} instructions, {self.found / self.budget - 1:+.1%} over {self.budget:,}"


def count_all(names: Iterable[str] = tuple(WORK)) -> dict[str, int]:
    """Return the instructions of one repetition of each work. Raises RuntimeError without valgrind."""
    if shutil.which("valgrind") is None:
        raise RuntimeError("valgrind is not installed; install it, or leave out the part instructions")
    with TemporaryDirectory() as folder:
        counts = _count(tuple(names), Path(folder))
    return {name: round((counts[name] - counts[OVERHEAD]) / REPETITIONS) for name in names}


def compare_with_budget(counts: Mapping[str, int], budget: Mapping[str, int]) -> list[Growth]:
    """Return the counts that are over their budget by more than TOLERANCE."""
    grown = (Growth(name, limit, counts[name]) for name, limit in budget.items() if name in counts)
    return [growth for growth in grown if growth.found > growth.budget * (1 + TOLERANCE)]


def read_budget() -> Budget:
    """Return the budgets by Python's minor version."""
    budget: Budget = json.loads(BUDGET_FILE.read_text()) if BUDGET_FILE.exists() else {}
    return budget


def write_budget(counts: Mapping[str, int]) -> None:
    """Write ``counts`` as the budget of this Python's minor version. Keep the budgets of other versions."""
    budget = {**read_budget(), name_version(): {name: counts[name] for name in BUDGETED}}
    BUDGET_FILE.write_text(json.dumps(dict(sorted(budget.items())), indent=2) + "\n")


def name_version() -> str:
    """Return the minor version of this Python, as the budget names it."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def make_table(counts: Mapping[str, int], budget: Mapping[str, int]) -> Table:
    """Return the table of the counts, with Starlette's beside ours and with their budget."""
    rows: dict[str, tuple[int | str, ...]] = {}
    for name in (SEAL, OPEN, BARE_PAIR):
        rows[name] = (counts[name], "", "", _render_budget(counts, budget, name))
    for case in CASES:
        ours = f"ours, {case}"
        others = counts[f"bare, {case}"], counts[f"Starlette, {case}"]
        rows[case] = (counts[ours], *others, _render_budget(counts, budget, ours))
    columns = ("ours", "bare", "Starlette", "over budget")
    rows[BARE_PAIR] = ("", counts[BARE_PAIR], "", "")
    return Table("instructions", "Instructions of one call or request", "", columns, rows)


def _render_budget(counts: Mapping[str, int], budget: Mapping[str, int], name: str) -> str:
    return f"{counts[name] / budget[name] - 1:+.1%}" if name in budget else "none"


def _count(names: Sequence[str], folder: Path) -> dict[str, int]:
    work = [sys.executable, "-m", f"{__package__}.instruction_work", str(REPETITIONS), *names]
    valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/count", *work]
    # Without a fixed seed, each run has another layout of its sets and dicts.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    ended = subprocess.run(valgrind, env=environment, capture_output=True, text=True, timeout=SECONDS)  # noqa: S603
    if ended.returncode:
        raise RuntimeError(f"callgrind ended with {ended.returncode}: {ended.stderr[-2000:]}")
    counts: dict[str, int] = {}
    for text in (file.read_text() for file in folder.iterdir()):
        name, count = _find_name(text), _find_count(text)
        if name and count:
            counts[name[1]] = int(count[1])
    return counts
