"""All cases through one adapter. Knows nothing of how the outcome is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from time import monotonic

from .adapter import Declaration
from .case import Case
from .driver import Driver, LateFaultError, NoAnswerError
from .suite import Suite
from .verdict import Status, Verdict, judge_result, judge_undeclared

# SPEC 6.6: a reader whose language cannot hold these values must say so, so it is asked even where it lacks them.
NEVER_SILENT = frozenset({"wide-integers", "whole-floats"})
READING_OPS = frozenset({"decode", "open"})


@dataclass
class Run:
    """What became of each case, in order, and what was wrong besides."""

    suite: Suite
    command: list[str]
    verdicts: list[Verdict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    declaration: Declaration | None = None

    def count(self, status: Status, op: str | None = None) -> int:
        return sum(verdict.status is status and op in (None, verdict.case.op) for verdict in self.verdicts)

    def count_skipped_by_cause(self) -> Counter[str]:
        return Counter(verdict.message for verdict in self.verdicts if verdict.status is Status.SKIPPED)

    @property
    def has_passed(self) -> bool:
        """Nothing failed, and something was shown: a run in which all is skipped shows nothing."""
        is_clean = not self.problems and not self.count(Status.FAILED) and not self.count(Status.ERROR)
        return is_clean and self.count(Status.PASSED) > 0


def run_cases(suite: Suite, cases: Iterable[Case], driver: Driver) -> Run:
    """Asks for each of ``cases`` and ends the adapter."""
    run = Run(suite, driver.command, problems=list(suite.problems))
    asked: dict[int, int] = {}
    try:
        for case in cases:
            run.verdicts.append(_ask(case, driver, run, asked))
        _stop(driver, run, asked)
    finally:
        driver.kill()
    run.declaration = driver.declaration
    return run


def _ask(case: Case, driver: Driver, run: Run, asked: dict[int, int]) -> Verdict:
    started = monotonic()
    try:
        declaration = driver.start()
        cause = _find_cause_to_skip(case, declaration)
        if cause is not None and not _must_be_unfit(case, declaration):
            return Verdict(case, Status.SKIPPED, cause)
        try:
            result = driver.ask(case.op, case.input, seconds=case.seconds)
        except LateFaultError as exc:
            # The fault is the case's before: that one is in error, and this one is asked afresh.
            if not _blame(exc, run, asked):
                raise
            result = driver.ask(case.op, case.input, seconds=case.seconds)
    except NoAnswerError as exc:
        return Verdict(case, Status.ERROR, str(exc), stderr=exc.stderr, seconds=monotonic() - started)
    asked[driver.number] = len(run.verdicts)
    seconds = monotonic() - started
    verdict = judge_result(case, result, seconds) if cause is None else judge_undeclared(case, result, cause, seconds)
    return verdict if verdict.status is not Status.FAILED else replace(verdict, stderr=driver.read_stderr())


def _stop(driver: Driver, run: Run, asked: dict[int, int]) -> None:
    try:
        driver.stop()
    except LateFaultError as exc:
        if not _blame(exc, run, asked):
            run.problems.append(f"the adapter {exc}")
    except NoAnswerError as exc:
        run.problems.append(f"the adapter {exc}")


def _blame(fault: LateFaultError, run: Run, asked: dict[int, int]) -> bool:
    """Puts a case in error that seemed answered; False where no case is to blame."""
    place = asked.get(fault.number)
    if place is None:
        return False
    run.verdicts[place] = Verdict(run.verdicts[place].case, Status.ERROR, str(fault), stderr=fault.stderr)
    return True


def _find_cause_to_skip(case: Case, declaration: Declaration) -> str | None:
    """Why this case is not for this adapter; nothing but what it did not declare is a cause."""
    if case.op not in declaration.ops:
        return f"{case.op} not declared"
    missing = _list_missing(case, declaration)
    return f"{missing[0]} not declared" if missing else None


def _must_be_unfit(case: Case, declaration: Declaration) -> bool:
    """Whether the adapter, lacking what this case needs, must say unfit-data."""
    is_read = case.op in READING_OPS and case.op in declaration.ops
    return is_read and NEVER_SILENT.issuperset(_list_missing(case, declaration))


def _list_missing(case: Case, declaration: Declaration) -> list[str]:
    return [name for name in case.needs if name not in declaration.capabilities]
