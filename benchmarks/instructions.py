"""Instructions: what seal, open and the four ASGI cases execute, counted by callgrind, and their budget.

Repeatable where seconds are not. All works run in one process, and only what they do is counted.
The counts are those of one build of Python and of the dependencies: another one needs a budget of its own.
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

from .instruction_work import BARE_PAIR, BUDGETED, FLOORS, OPEN, OVERHEAD, SEAL, WORK
from .middleware import CASES, CHANGED
from .tables import Table

# What the two targets are computed of.
TARGETED = (
    *(SEAL, OPEN, BARE_PAIR, f"bare, {CHANGED}", f"ours, {CHANGED}", f"Starlette, {CHANGED}"),
    *(f"{floor}, {work}" for floor in FLOORS for work in (SEAL, OPEN, CHANGED)),
)
BUDGET_FILE = Path(__file__).with_name("budget.json")
# CI fails when one grows by more.
TOLERANCE = 0.03
REPETITIONS = 300
# The most that the run may take; on an idle machine it takes a tenth.
SECONDS = 300
# In each file that callgrind writes: what was asked for, and the instructions since the one before.
_find_name = re.compile(r"^desc: Trigger: dump (.+)$", re.MULTILINE).search
_find_count = re.compile(r"^summary: (\d+)$", re.MULTILINE).search

Budget = dict[str, dict[str, int]]


class Growth(NamedTuple):
    """A case that needs more instructions than its budget allows."""

    case: str
    budget: int
    found: int

    def __str__(self) -> str:
        return f"{self.case}: {self.found:,} instructions, {self.found / self.budget - 1:+.1%} over {self.budget:,}"


def count_all(names: Iterable[str] = tuple(WORK)) -> dict[str, int]:
    """Instructions of one repetition of each work."""
    if shutil.which("valgrind") is None:
        raise RuntimeError("valgrind is not installed; install it, or leave the instructions out")
    with TemporaryDirectory() as folder:
        counts = _count(tuple(names), Path(folder))
    return {name: round((counts[name] - counts[OVERHEAD]) / REPETITIONS) for name in names}


def compare_with_budget(counts: Mapping[str, int], budget: Mapping[str, int]) -> list[Growth]:
    """The cases that have a budget and grew over it by more than the tolerance."""
    grown = (Growth(name, limit, counts[name]) for name, limit in budget.items() if name in counts)
    return [growth for growth in grown if growth.found > growth.budget * (1 + TOLERANCE)]


def read_budget() -> Budget:
    """The budgets by Python's minor version."""
    budget: Budget = json.loads(BUDGET_FILE.read_text()) if BUDGET_FILE.exists() else {}
    return budget


def write_budget(counts: Mapping[str, int]) -> None:
    """Makes ``counts`` the budget of this Python's minor version; those of others stay."""
    budget = {**read_budget(), name_version(): {name: counts[name] for name in BUDGETED}}
    BUDGET_FILE.write_text(json.dumps(dict(sorted(budget.items())), indent=2) + "\n")


def name_version() -> str:
    """The Python whose budget counts here."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def compute_ratios(counts: Mapping[str, int]) -> tuple[list[float], list[float]]:
    """Seal and open over the bare pair; what Starlette's changed request adds to the bare one over what ours adds.

    Each first for ours, then for each of FLOORS.
    """
    pairs = [counts[SEAL] + counts[OPEN], *(counts[f"{name}, {SEAL}"] + counts[f"{name}, {OPEN}"] for name in FLOORS)]
    bare, changed = counts[f"bare, {CHANGED}"], [counts[f"{name}, {CHANGED}"] for name in ("ours", *FLOORS)]
    starlette = counts[f"Starlette, {CHANGED}"] - bare
    return [pair / counts[BARE_PAIR] for pair in pairs], [starlette / (count - bare) for count in changed]


def make_table(counts: Mapping[str, int], budget: Mapping[str, int]) -> Table:
    """The counts with their budget, and Starlette's beside ours."""
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
    # Without a fixed seed each run lays its dictionaries out differently.
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
