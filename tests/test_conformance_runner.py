"""The runner of the conformance suite: what bad adapters and malformed files come to, and what it shows.

The cases here are made up: the log id of a sid is its first half, which no port would answer.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
from nacl.bindings import crypto_secretbox_easy

from cookiejar_session import Envelope
from cookiejar_session.wire.envelope import encode_envelope

CONFORMANCE = Path(__file__).parent.parent / "conformance"


def load_run() -> ModuleType:
    """conformance/run.py, which finds its own modules; no test file may import another by name."""
    spec = importlib.util.spec_from_file_location("conformance_run", CONFORMANCE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RUN = load_run()

from runner import adapter as runner_adapter  # noqa: E402
from runner import port_table  # noqa: E402
from runner.explanation import explain_case  # noqa: E402
from runner.port import Port  # noqa: E402
from runner.random_session import count_octets, make_session  # noqa: E402
from runner.report import render_total  # noqa: E402
from runner.run import Run  # noqa: E402
from runner.secretbox import open_secretbox  # noqa: E402
from runner.suite import Case, load_suite  # noqa: E402
from runner.verdict import Status, Verdict, describe_difference  # noqa: E402

LISTS = json.loads((CONFORMANCE / "manifest.json").read_text())
NAMES = ["one", "two", "three"]
TROUBLE = "22" * 16

HONEST = """
def handle(message):
    say({"type": "result", "number": message["number"], "result": {"accept": {"log_id": message["input"]["sid"][:16]}}})
"""
# It imports little: each test starts it.
ADAPTER = """
import json, os, signal, sys, time

def say(message):
    print(json.dumps(message), flush=True)

def declare(**changes):
    say({{"type": "started", "protocol": 1, "name": "made-up", "version": "1", "ops": ["log-id"], "capabilities": [],
         **changes}})

start = declare
{honest}
honest = handle
{code}
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "start":
        start()
    elif message["type"] == "stop":
        break
    else:
        handle(message)
"""
# For adapters that behave badly once: what they do when the second case is asked.
TROUBLED = """
def handle(message):
    if message["input"]["sid"] == "22" * 16:
        number = message["number"]
{trouble}
    else:
        honest(message)
"""


def make_case(name: str, **changes: Any) -> dict[str, Any]:
    digits = {"one": "11", "two": "22", "three": "33"}.get(name, "44")
    return {
        "id": f"case-{name}",
        "clauses": ["14.5"],
        "comment": f"the case called {name}",
        "flags": [],
        "needs": [],
        "input": {"sid": digits * 16},
        "expect": {"accept": {"log_id": digits * 8}},
        **changes,
    }


def list_cases() -> list[dict[str, Any]]:
    # What goes wrong with the second must not pass for the refusal that it wants.
    return [make_case("one"), make_case("two", expect={"refuse": "refused"}), make_case("three")]


def write_suite(folder: Path, files: dict[str, str | list[dict[str, Any]]], **changes: Any) -> Path:
    """A suite of these files, each its cases or its very text, with a manifest that fits as far as it can."""
    (folder / "v1").mkdir(parents=True, exist_ok=True)
    entries = []
    results: dict[str, int] = {}
    for name, content in files.items():
        head = {"suite": "cookiejar-session", "version": 1, "op": "log-id", "comment": "made up"}
        text = content if isinstance(content, str) else json.dumps({**head, "cases": content})
        (folder / name).write_text(text)
        count = 1
        if not isinstance(content, str):
            count = len(content)
            for case in content:
                result = case["expect"].get("refuse", "accept")
                results[result] = results.get(result, 0) + 1
        digest = sha256(text.encode()).hexdigest()
        entries.append({"name": name, "op": "log-id", "cases": count, "sha256": digest})
    (folder / "keys.json").write_text("[]")
    total = sum(results.values())
    manifest = {
        "suite": "cookiejar-session",
        "version": "1.0.0",
        "spec": 1,
        "files": entries,
        "cases": total,
        "by_op": {"log-id": total},
        "by_result": results,
        "keys": {"name": "keys.json", "sha256": sha256(b"[]").hexdigest()},
        **{name: LISTS[name] for name in ("ops", "reasons", "flags", "capabilities")},
        **changes,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite(tmp_path / "suite", {"v1/log-id.json": list_cases()})


@pytest.fixture
def write_adapter(tmp_path: Path) -> Callable[[str], list[str]]:
    """Writes an adapter around ``code`` and gives its command."""

    def write(code: str) -> list[str]:
        path = tmp_path / "adapter.py"
        path.write_text(ADAPTER.format(honest=HONEST, code=code))
        # -I and -S: it needs nothing that is installed.
        return [sys.executable, "-I", "-S", str(path)]

    return write


@dataclass
class Done:
    """What a command line printed and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str) -> Done:
    """The command line, in this process."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            status = RUN.main(list(arguments))
        except SystemExit as exc:
            status = exc.code
    return Done(status, stdout.getvalue(), stderr.getvalue())


def run_suite(suite: Path, command: list[str], *options: str) -> Done:
    return run("--vectors", str(suite), *options, "--", *command)


# Adapters


def test_a_good_adapter_passes(suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    trouble = '        say({"type": "result", "number": number, "result": {"refuse": "refused"}})'
    done = run_suite(suite, write_adapter(TROUBLED.format(trouble=trouble)))
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("\n3 cases: 3 passed, 0 failed, 0 errors, 0 skipped\n")


def test_it_runs_alone_where_scripts_do_not_see_their_own_folder(
    suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    # -I: no PYTHONPATH, no site-packages of the user, and, as with PYTHONSAFEPATH, no folder of the script.
    command = [sys.executable, "-I", str(CONFORMANCE / "run.py"), "--vectors", str(suite), "--case", "case-one", "--"]
    done = subprocess.run([*command, *write_adapter("")], capture_output=True, text=True, check=False)
    assert done.stdout.endswith("\n1 cases: 1 passed, 0 failed, 0 errors, 0 skipped\n")
    assert done.returncode == 0


TROUBLES = {
    "junk": ('print("junk", flush=True)', r"printed what is no JSON object: 'junk'"),
    "a list": ("say([number])", r"printed what is no JSON object"),
    "a key twice": (
        'print(\'{"type": "result", "type": "result", "number": %d, "result": {"refuse": "refused"}}\' % number,'
        " flush=True)",
        r"printed what is no JSON object",
    ),
    "a constant": (
        'print(\'{"type": "result", "number": %d, "result": {"accept": {"x": NaN}}}\' % number, flush=True)',
        r"printed what is no JSON object",
    ),
    "another number": (
        'say({"type": "result", "number": number + 5, "result": {"refuse": "refused"}})',
        r"answered run '7' when run 2 was asked",
    ),
    "a number as text": (
        'say({"type": "result", "number": str(number), "result": {"refuse": "refused"}})',
        r"answered run '\"2\"' when run 2 was asked",
    ),
    "another type": ('say({"type": "answer", "number": number})', r"has the type '\"answer\"', which is neither"),
    "exit": ('print("no more", file=sys.stderr); sys.exit(3)', r"exited with status 3 before it answered"),
    "exit with 0": ("sys.exit(0)", r"exited with status 0 before it answered"),
    "crash": ("os.kill(os.getpid(), signal.SIGSEGV)", r"was ended by signal 11 before it answered"),
    "closed": ("os.close(1); time.sleep(60)", r"closed its stdout before it answered"),
    "cut": (
        'sys.stdout.write(\'{"type": "result", "number"\'); sys.stdout.flush(); os._exit(0)',
        r"printed what is no JSON object",
    ),
    "hang": ("time.sleep(60)", r"no answer within 1 s"),
    "hang with noise": (
        "while True: print('noise', file=sys.stderr, flush=True)",
        r"no answer within 1 s",
    ),
    "flood": ('sys.stdout.write("x" * (1 << 24)); sys.stdout.flush()', r"printed a line of more than 1048576 octets"),
    "error": (
        'say({"type": "error", "number": number, "message": "cannot do it"})',
        r"the adapter could not answer: cannot do it",
    ),
    "an error that cannot be printed": (
        r'say({"type": "error", "number": number, "message": "one\ud800\x1b\ntwo"})',
        r"the adapter could not answer: one\\ud800\\x1b\\ntwo$",
    ),
    "a field that cannot be printed": (
        r'say({"type": "result", "number": number, "result": {"refuse": "refused"}, "\ud800\x1b\n": 1})',
        r"fields of result that are missing or unknown: \\ud800\\x1b\\n$",
    ),
    "both": (
        'say({"type": "result", "number": number, "result": {"refuse": "refused", "accept": {}}})',
        r'holds not one of "accept" and "refuse"',
    ),
    "neither": ('say({"type": "result", "number": number, "result": {}})', r'holds not one of "accept" and "refuse"'),
    "a refusal that is no text": (
        'say({"type": "result", "number": number, "result": {"refuse": None}})',
        r'"refuse" in a result is of another type',
    ),
    "another field": (
        'say({"type": "result", "number": number, "result": {"refuse": "refused"}, "why": 1})',
        r"fields of result that are missing or unknown: why",
    ),
    "twice": (
        'say({"type": "result", "number": number, "result": {"refuse": "refused"}});'
        'say({"type": "result", "number": number, "result": {"refuse": "refused"}})',
        r"(said more than it was asked|was answered twice)",
    ),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_bad_answer_is_an_error_of_its_case_and_the_others_still_run(
    name: str, suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    code, message = TROUBLES[name]
    options = ("--seconds", "1") if "within 1 s" in message else ()
    done = run_suite(suite, write_adapter(TROUBLED.format(trouble=f"        {code}")), *options)
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert first.startswith("ERROR case-two: "), done.stdout
    assert re.search(message, first), first
    assert done.stdout.endswith("\n3 cases: 2 passed, 0 failed, 1 errors, 0 skipped\n"), done.stdout
    assert not done.stderr


def test_lines_that_nobody_asked_for_are_an_error(suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    trouble = '        honest(message); print("x\\n" * (1 << 22))'
    done = run_suite(suite, write_adapter(TROUBLED.format(trouble=trouble)), "--case", "case-one", "--case", "case-two")
    assert "ERROR case-two: said more than it was asked: 'x'" in done.stdout
    assert done.returncode == 1
    # With a case behind them, it is one of the two that shows them.
    done = run_suite(suite, write_adapter(TROUBLED.format(trouble=trouble)))
    assert re.search("ERROR case-(two|three): ", done.stdout)
    assert done.returncode == 1


def test_an_answer_that_comes_twice_at_the_end_is_an_error(
    suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    done = run_suite(suite, write_adapter("def handle(message):\n    honest(message); honest(message)"))
    assert done.stdout.count("ERROR case-") == 3
    assert done.stdout.endswith("\n3 cases: 0 passed, 0 failed, 3 errors, 0 skipped\n")


def test_what_an_adapter_says_on_stderr_is_shown(suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    command = write_adapter(TROUBLED.format(trouble='        print("it was me", file=sys.stderr); sys.exit(3)'))
    assert "\n    stderr: it was me\n" in run_suite(suite, command).stdout


def test_what_an_adapter_says_on_stderr_is_shown_in_lines_that_can_be_printed(
    suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    trouble = r'        sys.stderr.buffer.write(b"one\xff\x1b[1m\r\n\xed\xa0\x80\x0ctwo\n"); sys.exit(3)'
    done = run_suite(suite, write_adapter(TROUBLED.format(trouble=trouble)))
    shown = [line for line in done.stdout.splitlines() if line.startswith("    stderr: ")]
    assert shown == [r"    stderr: one\ufffd\x1b[1m", r"    stderr: \ufffd\ufffd\ufffd", "    stderr: two"]


def test_what_an_adapter_started_ends_with_it(
    tmp_path: Path, suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    trouble = f"""
        import subprocess
        child = subprocess.Popen(["sleep", "60"])
        open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
        time.sleep(60)"""
    run_suite(suite, write_adapter(TROUBLED.format(trouble=trouble)), "--seconds", "0.5")
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and _is_running(child):
        pass
    assert not _is_running(child)


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_an_adapter_that_does_not_read_is_out_of_time(
    tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    large = make_case("large", input={"sid": "44" * (1 << 20)})
    suite = write_suite(tmp_path / "suite", {"v1/log-id.json": [make_case("one"), large]})
    code = "def start():\n    declare()\n    first = sys.stdin.readline(); handle(json.loads(first)); time.sleep(60)"
    done = run_suite(suite, write_adapter(code), "--seconds", "0.5")
    assert "ERROR case-large: did not read what it was asked in time" in done.stdout
    assert done.stdout.endswith("\n2 cases: 1 passed, 0 failed, 1 errors, 0 skipped\n")


def test_a_case_may_have_more_time(tmp_path: Path, write_adapter: Callable[[str], list[str]]) -> None:
    suite = write_suite(tmp_path / "suite", {"v1/log-id.json": [make_case("one", seconds=20)]})
    code = "def handle(message):\n    time.sleep(0.4)\n    honest(message)"
    assert run_suite(suite, write_adapter(code), "--seconds", "0.2").returncode == 0


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sys.exit(4)", "did not start: exited with status 4 before it answered"),
        ("time.sleep(60)", "did not start: no answer within 0.2 s"),
        ("def start(): print('hello', flush=True)", "did not start: printed what is no JSON object: 'hello'"),
        ("def start(): declare(protocol=2)", "did not start: speaks protocol '2', this runner speaks 1"),
        ("def start(): declare(protocol=True)", "did not start: speaks protocol 'true'"),
        ("def start(): declare(capabilities=['whole-float'])", 'did not start: declares "whole-float"'),
        ("def start(): declare(ops=['log_id'])", 'did not start: declares "log_id"'),
        ("def start(): declare(ops='log-id')", "did not start: ops in started is of another type"),
        (r"def start(): declare(ops=['\ud800\x1b\n'])", r'did not start: declares "\ud800\x1b\n", which is not in'),
        ("def start(): declare(extra=1)", "did not start: fields of started that are missing or unknown: extra"),
        ("def start(): say({'type': 'hello'})", "did not start: the answer to start has the type"),
    ],
)
def test_an_adapter_that_does_not_start_stops_the_run(
    code: str, message: str, suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    done = run_suite(suite, write_adapter(code), "--start-seconds", "0.2" if "0.2 s" in message else "30")
    assert done.returncode == 1
    assert done.stdout.startswith(f"PROBLEM the adapter {message}")
    assert "ERROR case-" not in done.stdout
    assert done.stdout.endswith(
        "\n0 cases: 0 passed, 0 failed, 0 errors, 0 skipped; operations passed: none; 3 not asked; 1 problem\n"
    )


STARTLESS = """
print("the package is missing", file=sys.stderr)
for number in range(20):
    print("line", number, file=sys.stderr)
sys.exit(1)
"""
TOLD = ["the package is missing", *(f"line {number}" for number in range(20))]


# The first cases are of derive: the runner must not say that derive is wrong.
@pytest.mark.parametrize("options", [(), ("--keep-going",)], ids=str)
def test_all_that_an_adapter_says_that_does_not_start_is_shown(
    options: tuple[str, ...], tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    started = tmp_path / "started"
    code = f'open({str(started)!r}, "a").write("x")\n{STARTLESS}'
    done = run_suite(write_derive_suite(tmp_path), write_adapter(code), *options)
    assert done.returncode == 1
    assert done.stdout.splitlines()[:22] == [
        "PROBLEM the adapter did not start: exited with status 1 before it answered; no case was asked",
        *(f"    stderr: {line}" for line in TOLD),
    ]
    assert "fix derive first" not in done.stdout
    assert "; 5 not asked; 1 problem\n" in done.stdout
    assert started.read_text() == "x"


def test_what_an_adapter_says_that_does_not_start_is_bounded(
    suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    code = 'sys.stderr.write("x" * 20000 + "\\nthe end\\n"); sys.exit(1)'
    done = run_suite(suite, write_adapter(code))
    assert done.stdout.splitlines()[2] == "    stderr: the end"
    assert len(done.stdout) < 5000


def test_the_other_reports_say_that_an_adapter_did_not_start(
    suite: Path, tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    command = write_adapter(STARTLESS)
    report = json.loads(run_suite(suite, command, "--format", "json").stdout)
    assert (report["has_passed"], report["adapter"], report["cases"]) == (False, None, [])
    assert report["stderr"].splitlines() == TOLD
    output = tmp_path / "report.xml"
    run_suite(suite, command, "--format", "junit", "--output", str(output))
    (found,) = ElementTree.parse(output).getroot()  # noqa: S314 - our own
    assert (found.get("name"), found.get("errors")) == ("suite", "1")
    assert found.findtext("system-err", "").splitlines() == TOLD


# How it fails makes no difference to the count: it ends, or it has to be ended.
@pytest.mark.parametrize(("code", "seconds"), [("sys.exit(4)", "30"), ("time.sleep(60)", "0.05")])
def test_an_adapter_that_never_answers_is_given_up(
    code: str, seconds: str, tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    cases = [make_case(f"number-{number}") for number in range(25)]
    suite = write_suite(tmp_path / "suite", {"v1/log-id.json": cases})
    command = write_adapter(f"def handle(message): {code}")
    done = run_suite(suite, command, "--seconds", seconds, "--failures", "25")
    assert done.returncode == 1
    assert "ERROR case-number-20: given up: the adapter was started 20 times in a row without an answer" in done.stdout
    assert "ERROR case-number-24: not asked: the runner has given up on the adapter" in done.stdout
    assert done.stdout.endswith("\n25 cases: 0 passed, 0 failed, 25 errors, 0 skipped\n")


def test_a_command_that_is_not_there_is_told(suite: Path) -> None:
    done = run_suite(suite, ["no-such-adapter"])
    assert done.stdout.startswith(
        "PROBLEM no-such-adapter cannot be started: No such file or directory; no case was asked\n"
    )
    assert "; 3 not asked; 1 problem\n" in done.stdout
    assert done.returncode == 1


def test_an_adapter_that_declares_less_after_a_fault_is_in_error(
    tmp_path: Path, suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    mark = tmp_path / "started"
    code = f"""
def start():
    declare(ops=[] if os.path.exists({str(mark)!r}) else ["log-id"])
    open({str(mark)!r}, "w").close()
""" + TROUBLED.format(trouble="        sys.exit(1)")
    done = run_suite(suite, write_adapter(code))
    assert "ERROR case-three: the adapter did not start: declares other things than at its first start" in done.stdout
    assert done.returncode == 1


def test_nothing_but_what_is_not_declared_is_skipped(tmp_path: Path, write_adapter: Callable[[str], list[str]]) -> None:
    cases = [make_case("one"), make_case("four", needs=["dates"], input={"sid": "45" * 16})]
    suite = write_suite(tmp_path / "suite", {"v1/log-id.json": cases})
    done = run_suite(suite, write_adapter(""))
    assert done.stdout.endswith("\n2 cases: 1 passed, 0 failed, 0 errors, 1 skipped (dates not declared: 1)\n")
    assert done.returncode == 0


# Made up as well: what decode finds in a plaintext, and what a port that does not declare the need answers.
READER = """
def start():
    declare(ops=["decode"], capabilities={capabilities})

def handle(message):
    say({{"type": "result", "number": message["number"], "result": {result}}})
"""
FOUND = {"accept": {"envelope": {"data": "1.0"}}}
ROUNDED = {"accept": {"envelope": {"data": "1"}}}


def run_reader(
    tmp_path: Path, write_adapter: Callable[[str], list[str]], *, needs: list[str], capabilities: list[str], result: Any
) -> Done:
    needy = make_case("needy", needs=needs, input={"plaintext": "98"}, expect=FOUND)
    text = make_text(op="decode", cases=[needy])
    suite = write_suite(tmp_path / "suite", {"v1/log-id.json": [make_case("one")], "v1/decode.json": text})
    manifest = json.loads((suite / "manifest.json").read_text())
    manifest["files"][1]["op"] = "decode"
    manifest |= {"cases": 2, "by_op": {"log-id": 1, "decode": 1}, "by_result": {"accept": 2}}
    (suite / "manifest.json").write_text(json.dumps(manifest))
    command = write_adapter(READER.format(capabilities=capabilities, result=result))
    return run_suite(suite, command, "--op", "decode")


@pytest.mark.parametrize("capability", ["wide-integers", "whole-floats"])
def test_a_reader_that_says_unfit_data_of_what_it_cannot_hold_is_skipped(
    capability: str, tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    done = run_reader(tmp_path, write_adapter, needs=[capability], capabilities=[], result={"refuse": "unfit-data"})
    assert f"1 cases: 0 passed, 0 failed, 0 errors, 1 skipped ({capability} not declared: 1)" in done.stdout


@pytest.mark.parametrize("result", [ROUNDED, FOUND, {"refuse": "bad-encoding"}], ids=str)
@pytest.mark.parametrize("capabilities", [[], ["wide-integers"]], ids=str)
def test_a_reader_that_answers_otherwise_without_declaring_it_has_failed(
    result: Any, capabilities: list[str], tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    needs = [*capabilities, "whole-floats"]
    done = run_reader(tmp_path, write_adapter, needs=needs, capabilities=capabilities, result=result)
    assert done.stdout.startswith(
        "FAILED case-needy: whole-floats not declared, and yet answered otherwise than unfit-data (SPEC 6.6)\n"
    )
    assert f"    found    {json.dumps(result)}\n" in done.stdout
    assert done.returncode == 1


def test_a_reader_that_declares_a_value_must_hold_it(tmp_path: Path, write_adapter: Callable[[str], list[str]]) -> None:
    for result, passed in ((FOUND, 1), ({"refuse": "unfit-data"}, 0)):
        done = run_reader(tmp_path, write_adapter, needs=["whole-floats"], capabilities=["whole-floats"], result=result)
        assert f"1 cases: {passed} passed, {1 - passed} failed, 0 errors, 0 skipped" in done.stdout


def test_a_reader_is_not_asked_what_it_cannot_say_for_another_cause(
    tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    needs = ["whole-floats", "dates"]
    done = run_reader(tmp_path, write_adapter, needs=needs, capabilities=[], result=ROUNDED)
    assert "0 failed, 0 errors, 1 skipped" in done.stdout


def test_a_run_that_shows_nothing_does_not_pass(suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    done = run_suite(suite, write_adapter("def start(): declare(ops=[])"))
    total = "3 cases: 0 passed, 0 failed, 0 errors, 3 skipped (log-id not declared: 3); operations passed: none"
    assert done.stdout.splitlines()[-1] == total
    assert done.returncode == 1


def test_an_adapter_that_ends_badly_is_told(suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    command = write_adapter("import atexit; atexit.register(lambda: os._exit(9))")
    done = run_suite(suite, command, "--case", "case-one")
    assert "PROBLEM the adapter exited with status 9 when it was told to stop" in done.stdout
    assert done.returncode == 1


def test_an_adapter_that_does_not_end_is_ended(
    suite: Path, write_adapter: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_adapter, "STOP_SECONDS", 0.3)
    command = write_adapter("import atexit; atexit.register(time.sleep, 60)")
    done = run_suite(suite, command, "--case", "case-one")
    assert "PROBLEM the adapter did not end within 0.3 s of being told to stop" in done.stdout
    assert done.returncode == 1


def test_an_adapter_never_sees_an_id_or_what_is_expected(
    tmp_path: Path, suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    seen = tmp_path / "seen"
    code = f"""
log = open({str(seen)!r}, "a")
log.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
class Stdin:
    def __iter__(self):
        for line in sys.__stdin__:
            log.write(line); log.flush()
            yield line
sys.stdin = Stdin()
"""
    assert run_suite(suite, write_adapter(code)).returncode == 1
    lines = seen.read_text().splitlines()
    messages = [json.loads(line) for line in lines[1:]]
    assert [message["type"] for message in messages] == ["start", "run", "run", "run", "stop"]
    assert all(message.keys() == {"type", "number", "op", "input"} for message in messages[1:4])
    assert "case-" not in seen.read_text()
    assert "refused" not in seen.read_text()


# Results


@pytest.mark.parametrize("found", ["1", "1.0", "true"])
@pytest.mark.parametrize("expected", ["1", "1.0", "true"])
def test_one_and_one_point_zero_and_true_are_three_things(
    expected: str, found: str, tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    case = make_case("one", expect={"accept": {"log_id": json.loads(expected)}})
    suite = write_suite(tmp_path / "suite", {"v1/log-id.json": [case]})
    code = f"""
def handle(message):
    say({{"type": "result", "number": 1, "result": {{"accept": {{"log_id": json.loads({found!r})}}}}}})
"""
    done = run_suite(suite, write_adapter(code))
    assert (done.returncode == 0) is (expected == found)


def test_a_failure_shows_what_was_expected_and_found(suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    done = run_suite(suite, write_adapter("def handle(message):\n    message['input']['sid'] *= 2; honest(message)"))
    assert done.stdout.splitlines()[:4] == [
        'FAILED case-two: result: expected {"refuse": "refused"}, found {"accept": {"log_id": "2222222222222222"}}',
        "    the case called two (SPEC 14.5; log-id in v1/log-id.json)",
        '    expected {"refuse": "refused"}',
        '    found    {"accept": {"log_id": "2222222222222222"}}',
    ]
    assert done.returncode == 1


def test_twenty_failures_are_printed_in_full_and_the_others_counted(
    tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    cases = [make_case(f"number-{number}") for number in range(25)]
    suite = write_suite(tmp_path / "suite", {"v1/log-id.json": cases})
    command = write_adapter("def handle(message):\n    message['input']['sid'] = '99' * 16; honest(message)")
    for options, printed in (((), 20), (("--failures", "3"), 3), (("--failures", "25"), 25)):
        done = run_suite(suite, command, *options)
        assert done.stdout.count("FAILED case-number-") == printed
        assert (f"\nand {25 - printed} more failures; " in done.stdout) is (printed < 25)
        assert done.stdout.endswith("\n25 cases: 0 passed, 25 failed, 0 errors, 0 skipped\n")
    report = json.loads(run_suite(suite, command, "--format", "json").stdout)
    assert sum("found" in case for case in report["cases"]) == 25


@pytest.mark.parametrize(
    ("expected", "found", "difference"),
    [
        ("00" * 20, "00" * 7 + "01" + "00" * 12, 'octet 7: expected "0000000000000000", found "0100000000000000"'),
        ("00" * 20, "00" * 7 + "10" + "00" * 12, 'octet 7: expected "0000000000000000", found "1000000000000000"'),
        ("00" * 20, "00" * 19, 'octet 19: expected "00", found the end'),
        ("cj1." + "A" * 132, "cj1.B" + "A" * 131, 'character 4, octet 0 of raw (key_id): expected "A'),
        ("cj1." + "A" * 132, "cj1." + "A" * 11 + "B" + "A" * 120, "character 15, octet 8 of raw (nonce)"),
        ("cj1." + "A" * 132, "cj1." + "A" * 43 + "B" + "A" * 88, "character 47, octet 32 of raw (tag)"),
        ("cj1." + "A" * 132, "cj1." + "A" * 131 + "B", 'character 135, octet 98 of raw (ciphertext): expected "A"'),
        (
            "s=cj1.AAAA; Path=/; Secure",
            "s=cj1.AAAA; Path=/; HttpOnly",
            'character 20: expected "Secure", found "HttpOn',
        ),
    ],
    ids=lambda text: text[:24],
)
def test_the_first_difference_of_long_texts_is_located(expected: str, found: str, difference: str) -> None:
    assert f"; first difference at {difference}" in describe_difference({"token": expected}, {"token": found})


@pytest.mark.parametrize(("expected", "found"), [("no", "yes"), ("00", "01"), (1, "x" * 30), ("x" * 30, None)])
def test_short_texts_and_other_values_have_no_offset(expected: Any, found: Any) -> None:
    assert "first difference" not in describe_difference(expected, found)


# The first operation


def write_derive_suite(tmp_path: Path) -> Path:
    """Two cases of derive, where the second expects a refusal, then three of log-id."""
    asked = {"key": "00" * 32, "purpose": "p"}
    accepted = {"key_id": "00" * 8, "box_key": "00" * 32, "key_text": "x"}
    derived = [
        make_case("derive", input=asked, expect={"accept": accepted}),
        make_case("purpose", input={**asked, "purpose": ""}, expect={"refuse": "refused"}),
    ]
    suite = write_suite(
        tmp_path / "suite", {"v1/derive.json": make_text(op="derive", cases=derived), "v1/log-id.json": list_cases()}
    )
    manifest = json.loads((suite / "manifest.json").read_text())
    manifest["files"][0] |= {"op": "derive", "cases": 2}
    manifest |= {"cases": 5, "by_op": {"derive": 2, "log-id": 3}, "by_result": {"accept": 3, "refused": 2}}
    (suite / "manifest.json").write_text(json.dumps(manifest))
    return suite


DERIVER = """
def start(): declare(ops=["derive", "log-id"])
def handle(message):
    if message["op"] != "derive":
        return honest(message)
    accepted = {{"key_id": "{key_id}" * 8, "box_key": "00" * 32, "key_text": "x"}}
    result = {{"accept": accepted}} if message["input"]["purpose"] or {takes_all} else {{"refuse": "refused"}}
    say({{"type": "result", "number": message["number"], "result": result}})
"""


def test_a_run_stops_after_derive_failed(tmp_path: Path, write_adapter: Callable[[str], list[str]]) -> None:
    suite, command = write_derive_suite(tmp_path), write_adapter(DERIVER.format(key_id="11", takes_all=False))
    done = run_suite(suite, command)
    assert done.returncode == 1
    assert done.stdout.startswith(
        "PROBLEM stopped after derive: 1 of its 2 cases failed. Nearly every other operation uses a derived key, so 3 "
        "cases were not asked; fix derive first, or give --keep-going\n"
    )
    assert done.stdout.endswith(
        "\n2 cases: 1 passed, 1 failed, 0 errors, 0 skipped; operations passed: none; 3 not asked; 1 problem\n"
    )
    done = run_suite(suite, command, "--keep-going")
    assert done.returncode == 1
    assert "not asked" not in done.stdout
    assert "5 cases: 3 passed, 2 failed, 0 errors, 0 skipped" in done.stdout


def test_a_run_goes_on_where_derive_only_lacks_a_refusal(
    tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    command = write_adapter(DERIVER.format(key_id="00", takes_all=True))
    done = run_suite(write_derive_suite(tmp_path), command)
    assert done.stdout.endswith("\n5 cases: 3 passed, 2 failed, 0 errors, 0 skipped\n")


# Progress and signals


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_terminal_alone_unless_asked_for(
    suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    command = write_adapter(TROUBLED.format(trouble="        sys.exit(1)"))
    assert run_suite(suite, command).stderr == ""
    assert run_suite(suite, command, "--progress", "always").stderr == (
        "cases: 1 of 3, 0 failed\ncases: 3 of 3, 1 failed\n"
    )
    for options, is_shown in (((), True), (("--progress", "never"), False)):
        terminal = Terminal()
        with redirect_stdout(io.StringIO()), redirect_stderr(terminal):
            RUN.main(["--vectors", str(suite), *options, "--", *command])
        shown = "\rcases: 1 of 3, 0 failed\rcases: 3 of 3, 1 failed\r                       \r"
        assert terminal.getvalue() == (shown if is_shown else "")


def test_crossing_shows_progress() -> None:
    done = run("cross", "python", "python", "--cases", "2", "--progress", "always")
    assert done.stderr.endswith("python seals, python opens: 2 of 2, 0 failed\n")


def test_the_table_of_ports_shows_progress(readme: Path) -> None:
    done = run("ports", "--vectors", str(readme.parent), "--progress", "always")
    assert done.stderr.endswith("made-up: 2 of 2, 0 failed\n")


def test_an_adapter_ends_with_a_runner_that_is_told_to_end(
    tmp_path: Path, suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    mark = tmp_path / "adapter.pid"
    trouble = f"""
        open({str(mark) + ".new"!r}, "w").write(str(os.getpid()))
        os.rename({str(mark) + ".new"!r}, {str(mark)!r})
        time.sleep(60)"""
    command = [sys.executable, str(CONFORMANCE / "run.py"), "--vectors", str(suite), "--seconds", "60", "--"]
    runner = subprocess.Popen(
        [*command, *write_adapter(TROUBLED.format(trouble=trouble))], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        deadline = time.monotonic() + 60
        while not mark.exists() and time.monotonic() < deadline:
            pass
        runner.terminate()
        runner.communicate(timeout=60)
    finally:
        runner.kill()
    assert runner.returncode == 128 + signal.SIGTERM
    child = int(mark.read_text())
    while time.monotonic() < deadline and _is_running(child):
        pass
    assert not _is_running(child)


LIFE_CYCLE = {
    "keyring": "",
    "cookie": {},
    "purpose": None,
    "previous": [],
    "policy": {},
    "max_token_characters": 2660,
    "cookie_headers": [],
    "opened_at": 0,
    "actions": [],
    "status": 200,
    "response": [],
    "sealed_at": 0,
}


@pytest.mark.parametrize(
    ("sid", "message"),
    [
        ("ab" * 16, None),
        ("00" * 16, "expected a new sid, found one from before"),
        ("ab" * 15, "expected a new sid"),
        ("AB" * 16, "expected a new sid"),
        (None, "expected a new sid"),
    ],
)
def test_a_new_sid_is_any_but_an_old_one(
    sid: str | None, message: str | None, tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    accepted: dict[str, Any] = {"set_cookies": [], "vary": [], "cache_control": [], "others": []}
    token = {"key_id": "00" * 8, "envelope": {"sid": "new"}, "old_sids": ["00" * 16]}
    case = make_case("one", input=LIFE_CYCLE, expect={"accept": {**accepted, "token": token}})
    head = {"suite": "cookiejar-session", "version": 1, "op": "life-cycle", "comment": "made up"}
    suite = write_suite(tmp_path / "suite", {"v1/a.json": json.dumps({**head, "cases": [case]})})
    manifest = json.loads((suite / "manifest.json").read_text())
    manifest |= {"cases": 1, "by_op": {"life-cycle": 1}, "by_result": {"accept": 1}}
    manifest["files"][0]["op"] = "life-cycle"
    (suite / "manifest.json").write_text(json.dumps(manifest))
    found = {**accepted, "token": {"key_id": "00" * 8, "envelope": {"sid": sid}}}
    code = f"""
def start(): declare(ops=["life-cycle"])
def handle(message): say({{"type": "result", "number": 1, "result": {{"accept": {found!r}}}}})
"""
    done = run_suite(suite, write_adapter(code))
    assert (done.returncode == 0) is (message is None), done.stdout
    assert message is None or message in done.stdout


# Malformed files

SECOND = "v1/second.json"


def make_text(**changes: Any) -> str:
    content = {"suite": "cookiejar-session", "version": 1, "op": "log-id", "comment": "x", "cases": [make_case("four")]}
    return json.dumps({**content, **changes})


MALFORMED = {
    "no JSON": ("{", "is not JSON at line 1"),
    "a key twice": ('{"suite": 1, "suite": 1}', "is not JSON: has a key twice in one object"),
    "no object": ("[]", "is no object"),
    "an unknown field": (make_text(extra=1), 'unknown field "extra"'),
    "another suite": (make_text(suite="x"), "is not for version 1"),
    "a version that is a bool": (make_text(version=True), "is not for version 1"),
    "another version": (make_text(version=2), "is not for version 1"),
    "another op": (make_text(op="scan"), "its op scan is not the manifest's"),
    "no cases": (make_text(cases=[]), "cases is an empty list"),
    "a case that is none": (make_text(cases=[1]), "case number 1: is no object"),
    "a field of a case": (make_text(cases=[make_case("four", extra=1)]), 'case case-four: unknown field "extra"'),
    "an id": (make_text(cases=[make_case("Four")]), "case case-Four: id is not kebab-case words"),
    "no clauses": (make_text(cases=[make_case("four", clauses=[])]), "case case-four: clauses is an empty list"),
    "a clause": (make_text(cases=[make_case("four", clauses=["8,2"])]), 'case case-four: clause "8,2"'),
    "no comment": (make_text(cases=[make_case("four", comment="")]), "case case-four: comment is not one line"),
    "a flag": (
        make_text(cases=[make_case("four", flags=["bold"])]),
        'case case-four: flags: "bold" is not in the list',
    ),
    "a need": (
        make_text(cases=[make_case("four", needs=["gold"])]),
        'case case-four: needs: "gold" is not in the list',
    ),
    "seconds": (make_text(cases=[make_case("four", seconds=True)]), "case case-four: seconds is not an integer"),
    "an input": (make_text(cases=[make_case("four", input={"sid": "", "x": 1})]), 'input: unknown field "x"'),
    "no input": (make_text(cases=[make_case("four", input={})]), 'case case-four: input: field "sid" is missing'),
    "no expectation": (make_text(cases=[make_case("four", expect={})]), "case case-four: expect is not one of"),
    "a reason": (
        make_text(cases=[make_case("four", expect={"refuse": "expired"})]),
        'case case-four: expect: "expired" is no reason that log-id can have',
    ),
    "a refusal that is no text": (make_text(cases=[make_case("four", expect={"refuse": []})]), "is no reason"),
    "an answer": (
        make_text(cases=[make_case("four", expect={"accept": {}})]),
        'case case-four: expect: field "log_id" is missing',
    ),
    "an id twice": (make_text(cases=[make_case("one")]), "case case-one: this id stands already in v1/log-id.json"),
    "a count": (make_text(cases=[make_case("four"), make_case("five")]), "has 2 cases, 1 in the manifest"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_one_line_and_the_others_still_run(
    name: str, tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    text, message = MALFORMED[name]
    suite = write_suite(tmp_path / "suite", {SECOND: text, "v1/log-id.json": [make_case("one"), make_case("three")]})
    # The one that is malformed comes last, so that an id is there twice only in it.
    manifest = json.loads((suite / "manifest.json").read_text())
    manifest["files"].reverse()
    (suite / "manifest.json").write_text(json.dumps(manifest))
    done = run_suite(suite, write_adapter(""))
    assert done.returncode == 1
    problems = [line for line in done.stdout.splitlines() if line.startswith("PROBLEM ")]
    assert len(problems) == 1
    assert problems[0].startswith(f"PROBLEM {SECOND}: ")
    assert message in problems[0]
    assert done.stdout.endswith("\n2 cases: 2 passed, 0 failed, 0 errors, 0 skipped; 1 problem\n")


SURROGATES = {
    "a field": (make_text(**{"\ud800": 1}), 'unknown field "\\ud800"'),
    "an id": (make_text(cases=[make_case("\ud800")]), "case case-\\ud800: id is not kebab-case words"),
    "a clause": (make_text(cases=[make_case("four", clauses=["\ud800"])]), 'case case-four: clause "\\ud800"'),
    "a flag": (make_text(cases=[make_case("four", flags=["\ud800"])]), 'case case-four: flags: "\\ud800" is not'),
}


@pytest.mark.parametrize("options", [[], ["--output", "report"]], ids=["stdout", "file"])
@pytest.mark.parametrize("name", SURROGATES)
def test_a_problem_with_a_lone_surrogate_is_told_in_a_line_that_can_be_printed(
    name: str, options: list[str], tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    text, message = SURROGATES[name]
    suite = write_suite(tmp_path / "suite", {"v1/log-id.json": [make_case("one")], SECOND: text})
    # A process of its own: what this one has for stdout takes any text.
    command = [sys.executable, str(CONFORMANCE / "run.py"), "--vectors", str(suite), *options, "--", *write_adapter("")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    report = (tmp_path / "report").read_text() if options else done.stdout
    assert f"PROBLEM {SECOND}: {message}" in report
    assert done.stdout.endswith("1 cases: 1 passed, 0 failed, 0 errors, 0 skipped; 1 problem\n")


def test_a_comment_with_a_lone_surrogate_is_shown_in_a_line_that_can_be_printed(
    tmp_path: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    cases = [make_case("one", comment="\ud800", expect={"refuse": "refused"})]
    done = run_suite(write_suite(tmp_path / "suite", {"v1/log-id.json": cases}), write_adapter(""))
    assert done.returncode == 1
    assert "\n    \\ud800 (SPEC 14.5; log-id in v1/log-id.json)\n" in done.stdout


@pytest.mark.parametrize("name", ["\ud800", "\0"], ids=ascii)
def test_a_name_that_no_file_can_have_is_told(
    name: str, suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    manifest = json.loads((suite / "manifest.json").read_text())
    manifest["files"].append({**manifest["files"][0], "name": name})
    manifest["keys"]["name"] = name
    (suite / "manifest.json").write_text(json.dumps(manifest))
    done = run_suite(suite, write_adapter(""))
    assert done.returncode == 1
    assert done.stdout.count(f"PROBLEM {ascii(name)[1:-1]}: is no name of a file") == 2


@pytest.mark.parametrize("path", ["v1/log-id.json", "keys.json"])
def test_one_changed_octet_is_told(path: str, suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    file = suite / path
    file.write_text(file.read_text() + " ")
    done = run_suite(suite, write_adapter(""))
    assert f"PROBLEM {path}: its SHA-256 is not that of the manifest" in done.stdout
    assert done.returncode == 1


def test_a_file_that_is_missing_or_not_listed_is_told(suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    (suite / "v1" / "log-id.json").rename(suite / "v1" / "other.json")
    done = run_suite(suite, write_adapter(""))
    assert "PROBLEM v1/log-id.json: No such file or directory" in done.stdout
    assert "PROBLEM v1/other.json: is not in the manifest" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("name", ["cases", "by_op", "by_result"])
def test_totals_that_are_wrong_are_told(name: str, suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    manifest = json.loads((suite / "manifest.json").read_text())
    manifest[name] = 4 if name == "cases" else {**manifest[name], "seal": 1}
    (suite / "manifest.json").write_text(json.dumps(manifest))
    done = run_suite(suite, write_adapter(""))
    assert f"PROBLEM manifest.json: {name} is not what the files hold" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"suite": "other"}, 'is not the manifest of the suite "cookiejar-session"'),
        ({"extra": 1}, "fields that are missing or unknown: extra"),
        ({"files": []}, "files is an empty list"),
        ({"files": [1]}, "an entry of files: is no object"),
        ({"files": {}}, "files is of another type"),
        ({"spec": True}, "spec is of another type"),
        ({"keys": {"name": "keys.json"}}, "keys: fields that are missing or unknown: sha256"),
        ({"ops": {"fly": "with wings"}}, "this runner does not know the op fly"),
    ],
)
def test_a_wrong_manifest_ends_the_run(
    change: dict[str, Any], message: str, suite: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    manifest = json.loads((suite / "manifest.json").read_text())
    (suite / "manifest.json").write_text(json.dumps({**manifest, **change}))
    done = run_suite(suite, write_adapter(""))
    assert done.returncode == 1
    assert done.stderr.startswith("manifest.json: ")
    assert message in done.stderr


def test_a_folder_without_a_suite_is_told(tmp_path: Path) -> None:
    done = run_suite(tmp_path, ["adapter"])
    assert done.returncode == 1
    assert "name a folder with a suite" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [[], ["--"], ["--op", "fly", "--", "x"], ["--case", "case-nine", "--", "x"], ["--seconds", "0", "--", "x"],
     ["--format", "yaml", "--", "x"], ["cross", "python"], ["cross", "--all", "python"], ["explain", "no-such-case"]],
    ids=str,
)  # fmt: skip
def test_a_wrong_command_line_is_told(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "error: " in done.stderr


# Telemetry


def make_mixed(tmp_path: Path) -> Path:
    cases = [*list_cases(), make_case("four", needs=["dates"], input={"sid": "45" * 16})]
    return write_suite(tmp_path / "suite", {"v1/log-id.json": cases})


MIXED = TROUBLED.format(trouble='        print("\\x1b[1m", file=sys.stderr); sys.exit(1)')


def test_the_json_report_says_all(tmp_path: Path, write_adapter: Callable[[str], list[str]]) -> None:
    done = run_suite(make_mixed(tmp_path), write_adapter(MIXED), "--format", "json")
    report = json.loads(done.stdout)
    assert report["totals"] == {"cases": 4, "passed": 2, "failed": 0, "error": 1, "skipped": 1}
    assert report["adapter"] == {"name": "made-up", "version": "1", "ops": ["log-id"], "capabilities": []}
    assert [case["status"] for case in report["cases"]] == ["passed", "error", "passed", "skipped"]
    assert report["has_passed"] is False
    assert done.returncode == 1


def test_the_junit_report_is_well_formed(tmp_path: Path, write_adapter: Callable[[str], list[str]]) -> None:
    output = tmp_path / "report.xml"
    suite = make_mixed(tmp_path)
    (suite / "v1" / "other.json").write_text("{}")
    done = run_suite(suite, write_adapter(MIXED), "--format", "junit", "--output", str(output))
    assert done.stdout == ("4 cases: 2 passed, 0 failed, 1 errors, 1 skipped (dates not declared: 1); 1 problem\n")
    root = ElementTree.parse(output).getroot()  # noqa: S314 - our own
    assert [(suite.get("name"), suite.get("errors")) for suite in root] == [("log-id", "1"), ("suite", "1")]
    assert [case.get("name") for case in root[0]] == ["case-one", "case-two", "case-three", "case-four"]
    assert [child.tag for case in root[0] for child in case] == ["error", "skipped"]


def test_only_the_cases_that_are_asked_for_run(suite: Path, write_adapter: Callable[[str], list[str]]) -> None:
    done = run_suite(suite, write_adapter(""), "--op", "log-id", "--case", "case-one", "--case", "case-three")
    assert done.stdout.endswith("\n2 cases: 2 passed, 0 failed, 0 errors, 0 skipped\n")


@pytest.mark.parametrize(
    ("statuses", "operations"),
    [
        ({"log-id": "passed", "derive": "passed", "seal": "passed"}, ""),
        ({"log-id": "passed", "derive": "failed", "seal": "error"}, ""),
        ({"log-id": "passed", "derive": "passed", "seal": "skipped"}, "; operations skipped: seal"),
        ({"log-id": "passed", "derive": "passed"}, "; operations skipped: seal"),
        ({"log-id": "passed", "derive": "skipped"}, "; operations passed: log-id"),
        ({"log-id": "passed", "derive": "failed", "seal": "skipped"}, "; operations skipped: seal"),
        ({"log-id": "failed"}, "; operations passed: none"),
    ],
    ids=str,
)
def test_the_total_names_the_operations_that_were_left_out(
    statuses: dict[str, str], operations: str, tmp_path: Path
) -> None:
    suite = load_suite(write_suite(tmp_path / "suite", {"v1/log-id.json": [make_case("one")]}))
    (case,) = suite.cases
    suite.cases = [replace(case, op=op) for op in ("log-id", "derive", "seal")]
    verdicts = [Verdict(case, Status(statuses[case.op])) for case in suite.cases if case.op in statuses]
    total = render_total(Run(suite, [], verdicts))
    assert "".join(total.partition("; ")[1:]) == operations


# Crossing

LIAR = f"""
import sys
sys.path.insert(0, {str(CONFORMANCE / "ports" / "python")!r})
import adapter
honest = adapter.OPERATIONS["open"]
def lie(given):
    accepted = honest(given)
    accepted["envelope"]["idle"] += accepted["envelope"]["persistent"]
    return accepted
adapter.OPERATIONS["open"] = lie
adapter.main()
"""


def test_a_port_that_lies_is_caught(tmp_path: Path) -> None:
    (tmp_path / "liar.py").write_text(LIAR)
    done = run("cross", "python", f"python {tmp_path / 'liar.py'}", "--cases", "30", "--seed", "x")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert re.search(r"session \d+ of seed x: accept.envelope.idle: expected \d+, found \d+", done.stdout)
    assert re.fullmatch(r"python .*liar.py seals, python opens: 30 sessions, 30 as they were, 0 not", lines[-1])
    (found,) = [line for line in lines if re.search(r"python seals, .* opens: 30 sessions, \d+ as they were", line)]
    assert not found.endswith(", 0 not")


def test_the_python_port_opens_what_it_seals() -> None:
    done = run("cross", "python", "python", "--cases", "50")
    assert done.stdout == "python seals, python opens: 50 sessions, 50 as they were, 0 not\n"
    assert done.returncode == 0


def test_a_port_that_cannot_seal_is_not_crossed(write_adapter: Callable[[str], list[str]]) -> None:
    done = run("cross", "python", " ".join(write_adapter("")), "--cases", "1")
    assert "does not declare seal" in done.stdout
    assert done.returncode == 1


def test_all_that_a_port_says_that_does_not_start_is_shown_when_it_is_crossed(
    write_adapter: Callable[[str], list[str]],
) -> None:
    done = run("cross", "python", " ".join(write_adapter(STARTLESS)), "--cases", "1")
    assert "".join(f"\n    stderr: {line}" for line in TOLD) in done.stdout
    assert done.returncode == 1


def test_a_port_that_is_not_there_is_told() -> None:
    done = run("cross", "python", "cobol")
    assert done.returncode == 1
    assert done.stderr.startswith("there is no port cobol; there are python, ")


SEEDS = range(300)
ALL = frozenset({"wide-integers", "whole-floats"})


def list_scalars(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [scalar for item in value for scalar in list_scalars(item)]
    if isinstance(value, dict) and ("array" in value or "map" in value):
        return list_scalars(next(iter(value.values())))
    return [value]


def read_value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((tag, content),) = value.items()
    if tag == "map":
        return {key: read_value(item) for key, item in content}
    if tag == "array":
        return [read_value(item) for item in content]
    return int(content) if tag == "int" else bytes.fromhex(content) if tag == "bin" else _read_float(content)


def _read_float(octets: str) -> float:
    (number,) = struct.unpack(">d", bytes.fromhex(octets))
    return float(number)


def test_every_random_session_can_be_sealed_and_is_the_same_again() -> None:
    for number in SEEDS:
        session = make_session("x", number, ALL)
        found = session.found
        data, flash = read_value(found["data"]), [(category, read_value(value)) for category, value in found["flash"]]
        times = [found[name] for name in ("created", "issued", "idle", "until")]
        encoded = encode_envelope(Envelope(bytes.fromhex(found["sid"]), *times, found["persistent"], data, flash))
        assert len(encoded) <= 60 + count_octets(found["data"]) + count_octets(
            {"array": [{"array": entry} for entry in found["flash"]]}
        )
        assert len(encoded) <= 2927
        # The pairs already stand as on the wire.
        assert [key for key, _ in found["data"]["map"]] == sorted(data, key=str.encode)
        assert make_session("x", number, ALL) == session


def test_random_sessions_hold_what_both_ports_can_say_and_all_of_it() -> None:
    for capabilities in (ALL, frozenset()):
        scalars = [
            scalar
            for number in SEEDS
            for scalar in list_scalars(make_session("x", number, capabilities).envelope["data"])
        ]
        integers = [int(scalar["int"]) for scalar in scalars if isinstance(scalar, dict) and "int" in scalar]
        floats = [_read_float(scalar["float"]) for scalar in scalars if isinstance(scalar, dict) and "float" in scalar]
        assert (max(map(abs, integers)) > 2**53) is bool(capabilities)
        assert any(number.is_integer() for number in floats) is bool(capabilities)
        assert {None, True, False} <= {scalar for scalar in scalars if not isinstance(scalar, dict)}


# The table of ports


def make_port(
    name: str,
    root: Path,
    command: list[str],
    build: tuple[str, ...] | None = None,
    test: tuple[str, ...] | None = None,
) -> Port:
    return Port(name, "Made-up", "none", tuple(command), root, root, build, test)


def test_the_table_tells_each_port_and_why_cases_were_skipped(
    tmp_path: Path, write_adapter: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [make_case("one"), make_case("four", needs=["dates"], input={"sid": "45" * 16})]
    suite = load_suite(write_suite(tmp_path / "suite", {"v1/log-id.json": cases}))
    command = write_adapter("")
    built = (sys.executable, "-c", "open('built', 'w').close()")
    tested = (sys.executable, "-c", "open('built').close()")
    broken = (sys.executable, "-c", "raise SystemExit('no compiler')")
    ports = [
        make_port("good", tmp_path, command, built, tested),
        make_port("broken", tmp_path, command, broken, tested),
        make_port("untrue", tmp_path, command, built, (sys.executable, "-c", "assert 1 == 2, 'one is not two'")),
        make_port("startless", tmp_path, [sys.executable, "-c", "raise SystemExit('no package')"]),
    ]
    table, has_passed = port_table.run_ports(ports, suite)
    assert table.splitlines()[4:] == [
        "| good | Made-up | none | 1 | 0 | 1 | dates (1) |",
        "| broken | Made-up | none | not built |  |  |  |",
        "| untrue | Made-up | none | own tests failed |  |  |  |",
        "| startless | Made-up | none | not started |  |  |  |",
    ]
    assert not has_passed
    told = capsys.readouterr().err
    assert re.search(r"^broken: not built: .* ended with status 1\nno compiler$", told, re.MULTILINE)
    assert re.search(r"^untrue: own tests failed: .* ended with status 1\n", told, re.MULTILINE)
    assert "AssertionError: one is not two\n" in told
    assert "\n    stderr: no package\n" in told
    assert port_table.run_ports(ports[:1], suite) == ("\n".join(table.splitlines()[:5]), True)


def test_the_table_goes_between_its_marks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- ports -->\nold\n<!-- /ports -->\nafter\n")
    port_table.write_table("new", readme)
    assert readme.read_text() == "before\n<!-- ports -->\nnew\n<!-- /ports -->\nafter\n"
    readme.write_text("no marks")
    with pytest.raises(SystemExit, match="no place for the table"):
        port_table.write_table("new", readme)
    assert readme.read_text() == "no marks"


@pytest.fixture
def readme(tmp_path: Path, write_adapter: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder's README.md with the table of its one port, which ``run("ports", …)`` then runs."""
    folder = write_suite(tmp_path / "suite", {"v1/log-id.json": [make_case("one"), make_case("two", needs=["dates"])]})
    readme = folder / "README.md"
    readme.write_text("before\n<!-- ports -->\nold\n<!-- /ports -->\nafter\n")
    entry = {"name": "made-up", "language": "Made-up", "crypto": "none", "folder": "", "build": None, "test": None}
    (folder / "ports").mkdir()
    (folder / "ports" / "ports.json").write_text(
        json.dumps([{**entry, "adapter": write_adapter("def start(): declare(capabilities=['dates'])")}])
    )
    monkeypatch.setattr(RUN, "FOLDER", folder)
    assert run("ports", "--vectors", str(folder), "--write").returncode == 0
    return readme


def test_a_port_as_the_table_has_it_is_in_order(readme: Path) -> None:
    before = readme.read_text()
    done = run("ports", "--vectors", str(readme.parent), "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert readme.read_text() == before


def test_a_port_that_declares_less_than_the_table_has_is_told(
    readme: Path, write_adapter: Callable[[str], list[str]]
) -> None:
    before = readme.read_text()
    write_adapter("")
    assert run("ports", "--vectors", str(readme.parent)).returncode == 0
    done = run("ports", "--vectors", str(readme.parent), "--check")
    assert done.returncode == 1
    assert done.stderr == (
        "README.md: its table of ports is not that of this run: there '| made-up | Made-up | none | 2 | 0 | 0 |  |', "
        "here '| made-up | Made-up | none | 1 | 0 | 1 | dates (1) |'\n"
    )
    assert readme.read_text() == before


def test_a_port_that_the_table_has_no_more_is_told(readme: Path) -> None:
    readme.write_text(readme.read_text().replace("| made-up | Made-up | none | 2 | 0 | 0 |  |\n", ""))
    done = run("ports", "--vectors", str(readme.parent), "--check")
    assert done.returncode == 1
    assert done.stderr.endswith("there '', here '| made-up | Made-up | none | 2 | 0 | 0 |  |'\n")


# Explaining


@pytest.mark.parametrize("octets", [0, 1, 16, 31, 32, 33, 64, 72, 500])
def test_a_box_opens_without_a_library(octets: int) -> None:
    key, nonce, message = os.urandom(32), os.urandom(24), os.urandom(octets)
    box = crypto_secretbox_easy(message, nonce, key)
    assert open_secretbox(box, nonce=nonce, key=key) == (message, True)
    assert open_secretbox(bytes([box[0] ^ 1]) + box[1:], nonce=nonce, key=key) == (message, False)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """All cases of the real suite."""
    return load_suite(CONFORMANCE).cases


def test_every_case_of_the_suite_can_be_explained_in_printable_ascii(cases: list[Case]) -> None:
    for case in cases:
        text = explain_case(case)
        assert text.isascii(), case.id
        assert text.replace("\n", "").isprintable(), case.id


@pytest.mark.parametrize(
    "word", ["bad-padding", "bad-encoding", "bad-envelope", "malformed", "too-long", "not-authentic"]
)
def test_why_octets_are_refused_is_explained(word: str, cases: list[Case]) -> None:
    refused = [case for case in cases if case.expect.get("refuse") == word and case.op in ("open", "decode")]
    assert refused
    assert [case.id for case in refused if "  <- " not in explain_case(case)] == []


def test_a_token_is_explained_part_by_part() -> None:
    done = run("explain", "open-golden-prefs")
    assert done.returncode == 0
    for line in (
        "clauses  SPEC 18.3",
        "       0  key_id  6fc7081d3e766c36  entry 1 of the ring",
        "    opens for the purpose 'prefs'",
        "        1  c410                        sid: bin of 16: a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
        "      111  a4                            key: str of 4: '\\U0001f600'",
    ):
        assert f"\n{line}" in done.stdout
    assert "<-" not in done.stdout


def test_what_is_wrong_with_a_plaintext_is_explained_where_it_stands() -> None:
    done = run("explain", "decode-refuse-encoding-level-17-array")
    assert re.search(r"array of 0, level 17  <- 6\.3 item 10", done.stdout), done.stdout + done.stderr
