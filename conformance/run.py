"""Run the conformance suite over an adapter. Needs only the standard library.

python conformance/run.py [OPTIONS] -- COMMAND…    ask all vectors of the adapter that COMMAND starts
python conformance/run.py cross A B [OPTIONS]      random sessions, sealed by A and opened by B, and the other way
python conformance/run.py ports [--write|--check]  build, test and run every port of ports/ports.json, print a table
python conformance/run.py explain CASE-ID          one case, and its octets part by part

Exit status: 0 if nothing failed and something passed, 1 otherwise, 2 for a wrong command line, 143 after SIGTERM.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

FOLDER = Path(__file__).resolve().parent
# Under PYTHONSAFEPATH a script's own folder is not searched.
sys.path.insert(0, str(FOLDER))

from runner.case import Case  # noqa: E402
from runner.cross import cross_all, cross_ports  # noqa: E402
from runner.driver import SECONDS, START_SECONDS, Driver  # noqa: E402
from runner.explanation import explain_case  # noqa: E402
from runner.port import MalformedPortsError, find_command, load_ports  # noqa: E402
from runner.port_table import check_table, run_ports, write_table  # noqa: E402
from runner.progress import choose_progress  # noqa: E402
from runner.report import MAX_FAILURES, RENDERERS, render_text, render_total  # noqa: E402
from runner.run import run_cases  # noqa: E402
from runner.suite import MalformedSuiteError, Suite, load_suite  # noqa: E402


def main(arguments: list[str]) -> int:
    try:
        if arguments[:1] == ["cross"]:
            return cross(arguments[1:])
        if arguments[:1] == ["ports"]:
            return ports(arguments[1:])
        if arguments[:1] == ["explain"]:
            return explain(arguments[1:])
        return run(arguments)
    except (MalformedSuiteError, MalformedPortsError) as exc:
        print(exc, file=sys.stderr)
        return 1


def run(arguments: list[str]) -> int:
    place = arguments.index("--") if "--" in arguments else len(arguments)
    command = arguments[place + 1 :]
    parser = _make_parser(None)
    parser.add_argument("--format", choices=RENDERERS, default="text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the report goes; the total is still printed")
    parser.add_argument("--op", action="append", help="only cases of this op; may be given again")
    parser.add_argument("--case", action="append", metavar="ID", help="only this case; may be given again")
    _add_vectors(parser)
    _add_progress(parser)
    parser.add_argument(
        "--failures", type=_read_count, default=MAX_FAILURES, metavar="N", help="failures printed in full (20)"
    )
    parser.add_argument("--keep-going", action="store_true", help="ask the other operations although derive failed")
    parser.add_argument("--seconds", type=_read_seconds, default=SECONDS, help="for one answer, unless its case says")
    parser.add_argument("--start-seconds", type=_read_seconds, default=START_SECONDS, help="for the adapter to start")
    options = parser.parse_args(arguments[:place])
    if not command:
        parser.error('no adapter to run; write it behind "--", such as: -- node conformance/ports/node/adapter.js')
    suite = load_suite(options.vectors)
    for op in options.op or ():
        if op not in suite.ops:
            parser.error(f"there is no op {op}")
    for case_id in options.case or ():
        if not suite.problems and not any(case.id == case_id for case in suite.cases):
            parser.error(f"there is no case {case_id}")
    driver = Driver(
        [sys.executable if command[0] == "python" else command[0], *command[1:]],
        ops=suite.ops,
        capabilities=suite.capabilities,
        seconds=options.seconds,
        start_seconds=options.start_seconds,
    )
    outcome = run_cases(
        suite,
        _select(suite, options.op, options.case),
        driver,
        keeps_going=options.keep_going,
        progress=choose_progress(options.progress),
    )
    is_text = options.format == "text"
    report = render_text(outcome, options.failures) if is_text else RENDERERS[options.format](outcome)
    if options.output is None:
        sys.stdout.write(report)
    else:
        options.output.write_text(report, encoding="utf-8")
        print(render_total(outcome))
    return 0 if outcome.has_passed else 1


def cross(arguments: list[str]) -> int:
    parser = _make_parser("cross")
    parser.add_argument("ports", nargs="*", metavar="PORT", help="two names of ports.json, or two commands in quotes")
    parser.add_argument("--all", action="store_true", help="every ordered pair of ports.json")
    parser.add_argument("--cases", type=_read_count, default=2000, help="sessions for each ordered pair (2000)")
    parser.add_argument("--seed", default="0", help="another seed is other sessions")
    _add_vectors(parser)
    _add_progress(parser)
    options = parser.parse_args(arguments)
    suite = load_suite(options.vectors)
    progress = choose_progress(options.progress)
    if options.all:
        if options.ports:
            parser.error("name two ports, or give --all")
        return cross_all(load_ports(FOLDER), suite, count=options.cases, seed=options.seed, progress=progress)
    if len(options.ports) != 2:
        parser.error("name two ports, or give --all")
    pair = [find_command(name, FOLDER) for name in options.ports]
    return cross_ports(pair[0], pair[1], suite, count=options.cases, seed=options.seed, progress=progress)


def ports(arguments: list[str]) -> int:
    parser = _make_parser("ports")
    table_use = parser.add_mutually_exclusive_group()
    table_use.add_argument("--write", action="store_true", help="put the table into README.md")
    table_use.add_argument("--check", action="store_true", help="fail where README.md has another table")
    _add_vectors(parser)
    _add_progress(parser)
    options = parser.parse_args(arguments)
    progress = choose_progress(options.progress)
    table, has_passed = run_ports(load_ports(FOLDER), load_suite(options.vectors), progress=progress)
    print(table)
    if options.write:
        write_table(table, FOLDER / "README.md")
    difference = check_table(table, FOLDER / "README.md") if options.check else None
    if difference is not None:
        print(difference, file=sys.stderr)
    return 0 if has_passed and difference is None else 1


def explain(arguments: list[str]) -> int:
    parser = _make_parser("explain")
    parser.add_argument("case", metavar="CASE-ID")
    _add_vectors(parser)
    options = parser.parse_args(arguments)
    suite = load_suite(options.vectors)
    for problem in suite.problems:
        print(problem, file=sys.stderr)
    found = [case for case in suite.cases if case.id == options.case]
    if not found:
        parser.error(f"there is no case {options.case}")
    print(explain_case(found[0]))
    return 0


def _select(suite: Suite, ops: list[str] | None, case_ids: list[str] | None) -> list[Case]:
    return [
        case for case in suite.cases if (ops is None or case.op in ops) and (case_ids is None or case.id in case_ids)
    ]


def _make_parser(command: str | None) -> argparse.ArgumentParser:
    name = "conformance/run.py"
    return argparse.ArgumentParser(
        prog=name if command is None else f"{name} {command}",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_vectors(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vectors", type=Path, metavar="DIR", default=FOLDER, help="another folder with a manifest")


def _add_progress(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--progress",
        choices=("auto", "always", "never"),
        default="auto",
        help="how far the run has come, on stderr; auto: only on a terminal",
    )


def _end(number: int, frame: FrameType | None) -> None:
    """On SIGTERM leave by an exception, so that every adapter is ended on the way out."""
    sys.exit(128 + number)


def _read_seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 86400:
        raise ValueError
    return seconds


def _read_count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError
    return count


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main(sys.argv[1:]))
