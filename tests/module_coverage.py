"""Run each module's own test file alone and demand that it covers the module wholly, branches included.

`wire/sealing.py` is covered by `tests/wire/test_sealing.py`, `asgi.py` by `tests/test_asgi.py`.
Arguments name the modules to run (`asgi wire/sealing`); without any, all run. Exits 1 and names each module that has
no test file, whose tests fail, or that they do not wholly cover.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "cookiejar_session"
TESTS = Path(__file__).resolve().parent
CONFIG = TESTS.parent / "pyproject.toml"
# They only put other modules together: the public names, and the call of cli.main.
WITHOUT_A_TEST_FILE = {"__init__", "__main__"}


def find_modules() -> dict[str, Path]:
    """The module files by their path in the package, without the suffix."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed; run this through tox -e modules")
    folder = Path(spec.origin).parent
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in sorted(folder.rglob("*.py"))
        if path.stem not in WITHOUT_A_TEST_FILE
    }


def find_test_file(name: str) -> Path:
    """The module's own test file, which may be missing."""
    *folders, module = name.split("/")
    return TESTS.joinpath(*folders, f"test_{module}.py")


def measure_test_file(name: str) -> int:
    """The octets of the module's own test file."""
    test_file = find_test_file(name)
    return test_file.stat().st_size if test_file.is_file() else 0


def judge_module(name: str, path: Path, folder: Path) -> tuple[str, str]:
    """What is wrong with the module's tests, or an empty string, and the output that shows it."""
    test_file = find_test_file(name)
    if not test_file.is_file():
        return f"no {test_file.relative_to(TESTS)}", ""
    coverage = [sys.executable, "-m", "coverage"]
    environment = os.environ | {"COVERAGE_FILE": str(folder / f"{name.replace('/', '.')}.coverage")}
    output = ""
    for step, arguments in {
        "tests fail": ["run", "-m", "pytest", "-q", "-c", str(CONFIG), "-p", "no:cacheprovider", str(test_file)],
        "not wholly covered": ["report", "--include", str(path)],
    }.items():
        command = [*coverage, arguments[0], f"--rcfile={CONFIG}", *arguments[1:]]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        output += done.stdout + done.stderr
        if done.returncode != 0:
            return step, output
    return "", output


def judge_modules(modules: dict[str, Path]) -> Iterator[tuple[str, str, str]]:
    """The name, the fault and the output of each module, in the order of their names."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        # The largest test files first: at the end no core waits long for another.
        order = sorted(modules, key=measure_test_file, reverse=True)
        pending = {name: pool.submit(judge_module, name, modules[name], Path(folder)) for name in order}
        for name in modules:
            yield name, *pending[name].result()


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
