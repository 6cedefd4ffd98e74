"""Run each module's own test file alone and demand that it covers the module wholly, branches included.

`wire/sealing.py` is covered by `tests/wire/test_sealing.py`, `asgi.py` by `tests/test_asgi.py`.
Arguments name the modules to run (`asgi wire/sealing`); without any, all run. Exits 1 and names each module that has
no test file, whose tests fail, or that they do not wholly cover.

So every line and branch of the package is covered, and the other environments measure no coverage: it would double the
time of their tests. No line depends on the version of Python (test_architecture.py checks that), so one version is
enough.

Each test file runs in a process of its own. To start quickly, it is a fork of a process that has imported pytest and
the frameworks, but nothing of the package.
"""

import ast
import contextlib
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import coverage
import pytest

PACKAGE = "cookiejar_session"
TESTS = Path(__file__).resolve().parent
CONFIG = TESTS.parent / "pyproject.toml"
# Modules that only put others together, and the test file that covers them.
OTHER_TEST_FILES = {
    "__init__": "test_public_names.py",
    "__main__": "cli/test_main.py",
    "cli/__init__": "cli/test_main.py",
    "integrations/django/__init__": "integrations/django/test_configuration.py",
    "integrations/flask/__init__": "integrations/flask/test_interface.py",
}
# What many test files import, and what takes longest. Never the package, whose import is measured.
FRAMEWORKS = ("asgiref.testing", "fastapi.testclient", "flask", "quart", "django.test", "webtest", "wsgiref.validate")
# Why a module fails, by the exit status of the process that ran its tests.
FAULTS = {1: "tests fail", 2: "not wholly covered"}


def find_modules() -> dict[str, Path]:
    """The files with code by their path in the package, without the suffix."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed; run this through tox -e modules")
    folder = Path(spec.origin).parent
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in sorted(folder.rglob("*.py"))
        if len(ast.parse(path.read_bytes()).body) > 1  # more than a docstring
    }


def find_test_file(name: str) -> Path:
    """The module's own test file, which may be missing."""
    if name in OTHER_TEST_FILES:
        return TESTS / OTHER_TEST_FILES[name]
    *folders, module = name.split("/")
    return TESTS.joinpath(*folders, f"test_{module}.py")


def measure_test_file(name: str) -> int:
    """The octets of the module's own test file."""
    test_file = find_test_file(name)
    return test_file.stat().st_size if test_file.is_file() else 0


def import_what_tests_need(folder: Path) -> None:
    """Import pytest's plugins and the frameworks, so that forks find them."""
    # pytest rewrites the assertions of packages that bring a plugin along, such as Hypothesis and anyio. It warns of
    # those that were imported without it. So a run without tests imports all, as if they were plugins.
    plugins = [argument for name in ("hypothesis", *FRAMEWORKS) for argument in ("-p", name)]
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main(["-q", "-c", str(CONFIG), "-p", "no:cacheprovider", *plugins, str(folder)])
    imported = {name.partition(".")[0] for name in sys.modules}
    assert {*(name.partition(".")[0] for name in FRAMEWORKS)} <= imported
    assert PACKAGE not in imported, "the import of the package would not be measured"


def judge_module(name: str, path: Path) -> int:
    """Run the module's own test file in this process and return 0 or the number of a fault."""
    measured = coverage.Coverage(data_file=None, config_file=str(CONFIG))
    measured.start()
    status = pytest.main(["-q", "-c", str(CONFIG), "-p", "no:cacheprovider", str(find_test_file(name))])
    measured.stop()
    if status != 0:
        return 1
    try:
        return 0 if measured.report(include=[str(path)]) == 100 else 2
    except coverage.exceptions.NoDataError as exc:
        print(exc)
        return 2


def start_judging(name: str, path: Path, folder: Path) -> int:
    """Judge a module in a new process, whose exit status is the answer, and return its id."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        folder.mkdir(parents=True)
        os.chdir(folder)
        output = os.open("output", os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        status = judge_module(name, path)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def judge_modules(modules: dict[str, Path]) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the fault and the output of each module when it is judged, as many at once as there are cores."""
    # The largest test files first: at the end no core waits long for another.
    waiting = sorted(modules, key=measure_test_file)
    running: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        import_what_tests_need(Path(folder))
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                name = waiting.pop()
                if find_test_file(name).is_file():
                    running[start_judging(name, modules[name], Path(folder, name))] = name
                else:
                    yield name, f"no {find_test_file(name).relative_to(TESTS)}", ""
            if running:
                process, status = os.wait()
                name = running.pop(process)
                fault = FAULTS.get(code, f"ended with {code}") if (code := os.waitstatus_to_exitcode(status)) else ""
                yield name, fault, Path(folder, name, "output").read_text()


def main(wanted: list[str]) -> int:
    modules = find_modules()
    if unknown := set(wanted) - set(modules):
        raise SystemExit(f"no such module: {', '.join(sorted(unknown))}; there are {', '.join(modules)}")
    faults = []
    for name, fault, output in judge_modules({name: modules[name] for name in wanted or modules}):
        if fault:
            faults.append(name)
            print(output)
        print(f"{name}: {fault or 'wholly covered by its own tests'}", flush=True)
    print(f"{len(wanted or modules) - len(faults)} passed, {len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
