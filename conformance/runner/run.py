"""Ask one adapter all cases and collect the verdicts. Knows nothing of how the report looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from .adapter import Declaration
from .case import Case
from .driver import Driver, LateFaultError, NoAnswerError
from .progress import NoProgress, Progress
from .suite import Suite
from .verdict import Status, Verdict, judge_result, judge_undeclared

# SPEC 6.6: a reader whose language cannot hold these values must say so, so it is asked even where it lacks them.
NEVER_SILENT = frozenset({"wide-integers", "whole-floats"})
READING_OPS = frozenset({"decode", "open"})
# Nearly every other operation uses a derived key.
FIRST_OP = "derive"


@dataclass
class Run:
    """The verdict on each case that was asked, in order, and the problems that are of no one case.

    ``stderr`` is what an adapter that did not start wrote there.
    """

    suite: Suite
    command: list[str]
    verdicts: list[Verdict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    declaration: Declaration | None = None
    not_asked: int = 0
    stderr: str = ""

    def count(self, status: Status, op: str | None = None) -> int:
        return sum(verdict.status is status and op in (None, verdict.case.op) for verdict in self.verdicts)

    def count_skipped_by_cause(self) -> Counter[str]:
        return Counter(verdict.message for verdict in self.verdicts if verdict.status is Status.SKIPPED)

    @property
    def has_passed(self) -> bool:
        """Whether nothing failed and at least one case passed: a run that skips every case shows nothing."""
        is_clean = not self.problems and not self.count(Status.FAILED) and not self.count(Status.ERROR)
        return is_clean and self.count(Status.PASSED) > 0


def run_cases(
    suite: Suite,
    cases: Sequence[Case],
    driver: Driver,
    *,
    keeps_going: bool = False,
    progress: Progress | None = None,
    label: str = "cases",
) -> Run:
    """Ask each of ``cases`` and end the adapter.

    Stops if the adapter does not start, and, unless ``keeps_going``, when ``derive`` failed.
    """
    run = Run(suite, driver.command, problems=list(suite.problems))
    progress = progress or NoProgress()
    asked: dict[int, int] = {}
    failed = 0
    try:
        if cases and not _start(driver, run):
            run.not_asked = len(cases)
            return run
        for case in cases:
            if not keeps_going and case.op != FIRST_OP and _has_wrong_keys(run):
                run.not_asked = len(cases) - len(run.verdicts)
                run.problems.append(_describe_stop(run))
                break
            verdict = _ask(case, driver, run, asked)
            run.verdicts.append(verdict)
            failed += verdict.status in (Status.FAILED, Status.ERROR)
            progress.show(label, len(run.verdicts), len(cases), failed)
        _stop(driver, run, asked)
    finally:
        progress.end()
        driver.kill()
    run.declaration = driver.declaration
    return run


def _start(driver: Driver, run: Run) -> bool:
    """Start the adapter. An adapter that does not start the first time is not started again for each case."""
    try:
        driver.start()
    except NoAnswerError as exc:
        run.problems.append(f"{exc}; no case was asked")
        run.stderr = exc.stderr
        return False
    return True


def _has_wrong_keys(run: Run) -> bool:
    """Whether the adapter failed a case of ``derive`` that has a result. A refusal that it lacks spoils no key."""
    last = run.verdicts[-1] if run.verdicts else None
    return last is not None and last.case.op == FIRST_OP and bool(_list_wrong_keys(run))


def _list_wrong_keys(run: Run) -> list[Verdict]:
    bad = (Status.FAILED, Status.ERROR)
    derived = [verdict for verdict in run.verdicts if verdict.case.op == FIRST_OP]
    return [verdict for verdict in derived if verdict.status in bad and "accept" in verdict.case.expect]


def _describe_stop(run: Run) -> str:
    return (
        f"stopped after {FIRST_OP}: {len(_list_wrong_keys(run))} of its {len(run.verdicts)} cases failed. Nearly every "
        f"other operation uses a derived key, so {run.not_asked} cases were not asked; fix {FIRST_OP} first, or give "
        "--keep-going"
    )


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
