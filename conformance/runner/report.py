"""Render a run as text, JSON or JUnit XML. Knows nothing of how the run is made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from xml.etree import ElementTree as Xml

from .printable import escape
from .run import Run
from .verdict import Status, Verdict

MAX_SHOWN = 1500
# So many failures are printed in full; the others are counted.
MAX_FAILURES = 20
_find_unfit_for_xml = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_text(run: Run, failures: int = MAX_FAILURES) -> str:
    """The first ``failures`` with what was expected and found, a table by op, and one line with the totals."""
    lines = [f"PROBLEM {problem}" for problem in run.problems]
    lines += [f"    stderr: {line}" for line in run.stderr.splitlines()]
    failed = [verdict for verdict in run.verdicts if verdict.status in (Status.FAILED, Status.ERROR)]
    for verdict in failed[:failures]:
        lines += _describe_failure(verdict)
    if len(failed) > failures:
        lines.append(f"and {len(failed) - failures} more failures; --failures N prints more, --format json lists all")
    if lines:
        lines.append("")
    # They may quote the vectors, whose texts can hold anything.
    lines = [escape(line) for line in lines]
    return "\n".join([*lines, *_render_table(run), "", render_total(run)]) + "\n"


def render_total(run: Run) -> str:
    """One line: cases by status, why some were skipped, and which operations were left out."""
    passed, failed, errors, skipped = (run.count(status) for status in Status)
    causes = ", ".join(f"{cause}: {count}" for cause, count in sorted(run.count_skipped_by_cause().items()))
    line = f"{len(run.verdicts)} cases: {passed} passed, {failed} failed, {errors} errors, {skipped} skipped"
    line += f" ({escape(causes)})" if causes else ""
    line += _render_ops_left_out(run)
    line += f"; {run.not_asked} not asked" if run.not_asked else ""
    if not run.problems:
        return line
    return f"{line}; {len(run.problems)} {'problem' if len(run.problems) == 1 else 'problems'}"


def render_json_report(run: Run) -> str:
    declaration = run.declaration
    adapter = None
    if declaration is not None:
        adapter = {
            "name": declaration.name,
            "version": declaration.version,
            "ops": sorted(declaration.ops),
            "capabilities": sorted(declaration.capabilities),
        }
    report = {
        "suite": "cookiejar-session",
        "version": run.suite.version,
        "spec": run.suite.spec,
        "command": run.command,
        "adapter": adapter,
        "has_passed": run.has_passed,
        "totals": {"cases": len(run.verdicts)} | {str(status): run.count(status) for status in Status},
        "problems": run.problems,
        "stderr": run.stderr,
        "cases": [_describe_verdict(verdict) for verdict in run.verdicts],
    }
    return json.dumps(report, indent=1, ensure_ascii=True) + "\n"


def render_junit(run: Run) -> str:
    root = Xml.Element("testsuites", name="cookiejar-session", tests=str(len(run.verdicts)))
    for op in _list_ops(run):
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=op,
            tests=str(sum(verdict.case.op == op for verdict in run.verdicts)),
            failures=str(run.count(Status.FAILED, op)),
            errors=str(run.count(Status.ERROR, op)),
            skipped=str(run.count(Status.SKIPPED, op)),
        )
        for verdict in run.verdicts:
            if verdict.case.op == op:
                _add_testcase(suite, verdict)
    if run.problems:
        count = str(len(run.problems))
        suite = Xml.SubElement(root, "testsuite", name="suite", tests=count, failures="0", errors=count, skipped="0")
        for problem in run.problems:
            testcase = Xml.SubElement(suite, "testcase", name=_clean(problem), classname="suite")
            Xml.SubElement(testcase, "error", message=_clean(problem))
        if run.stderr:
            Xml.SubElement(suite, "system-err").text = _clean(run.stderr)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


RENDERERS: dict[str, Callable[[Run], str]] = {
    "text": render_text,
    "json": render_json_report,
    "junit": render_junit,
}


def _describe_failure(verdict: Verdict) -> list[str]:
    case = verdict.case
    word = "FAILED" if verdict.status is Status.FAILED else "ERROR"
    lines = [
        f"{word} {case.id}: {verdict.message}",
        f"    {case.comment} (SPEC {', '.join(case.clauses)}; {case.op} in {case.file})",
    ]
    if verdict.status is Status.FAILED:
        lines += [f"    expected {_shorten(case.expect)}", f"    found    {_shorten(verdict.found)}"]
    lines += [f"    stderr: {line}" for line in verdict.stderr.splitlines()[-5:]]
    return lines


def _describe_verdict(verdict: Verdict) -> dict[str, object]:
    case = verdict.case
    described: dict[str, object] = {
        "id": case.id,
        "op": case.op,
        "file": case.file,
        "clauses": case.clauses,
        "status": verdict.status,
        "seconds": round(verdict.seconds, 6),
    }
    if verdict.message:
        described["message"] = verdict.message
    if verdict.status is Status.FAILED:
        described |= {"comment": case.comment, "expected": case.expect, "found": verdict.found}
    if verdict.stderr:
        described["stderr"] = verdict.stderr
    return described


def _add_testcase(suite: Xml.Element, verdict: Verdict) -> None:
    case = verdict.case
    testcase = Xml.SubElement(suite, "testcase", name=case.id, classname=case.file, time=f"{verdict.seconds:.6f}")
    name = {Status.FAILED: "failure", Status.ERROR: "error", Status.SKIPPED: "skipped"}.get(verdict.status)
    if name is None:
        return
    child = Xml.SubElement(testcase, name, message=_clean(verdict.message))
    if verdict.status is not Status.SKIPPED:
        child.text = _clean("\n".join(_describe_failure(verdict)))


def _render_table(run: Run) -> list[str]:
    heads = ["op", "cases", "passed", "failed", "errors", "skipped"]
    rows = [[op, *_count(run, op)] for op in _list_ops(run)]
    rows.append(["all", *_count(run, None)])
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in [heads, *rows]
    ]


def _count(run: Run, op: str | None) -> list[str]:
    total = sum(op in (None, verdict.case.op) for verdict in run.verdicts)
    return [str(total), *(str(run.count(status, op)) for status in Status)]


def _render_ops_left_out(run: Run) -> str:
    """Which operations of the suite were not asked at all, or, if they are fewer, which passed."""
    asked = {verdict.case.op for verdict in run.verdicts if verdict.status is not Status.SKIPPED}
    ops = list(dict.fromkeys(case.op for case in run.suite.cases))
    skipped = [op for op in ops if op not in asked]
    passed = [op for op in ops if op in asked and not run.count(Status.FAILED, op) + run.count(Status.ERROR, op)]
    if not skipped:
        return ""
    if len(skipped) <= len(passed):
        return f"; operations skipped: {', '.join(skipped)}"
    return f"; operations passed: {', '.join(passed) or 'none'}"


def _list_ops(run: Run) -> list[str]:
    return list(dict.fromkeys(verdict.case.op for verdict in run.verdicts))


def _shorten(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({len(text)} characters)"


def _clean(text: str) -> str:
    return _find_unfit_for_xml.sub("\N{REPLACEMENT CHARACTER}", text)
