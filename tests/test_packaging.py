"""What the wheel holds, and that tox tests the wheel."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, entry_points, metadata, version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

import cookiejar_session

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TOX_ENVIRONMENT = os.environ.get("TOX_ENV_NAME", "")

only_under_tox = pytest.mark.skipif(not TOX_ENVIRONMENT, reason="only tox builds and installs the wheel")


@only_under_tox
def test_installed_wheel_is_tested_and_not_the_checkout() -> None:
    assert "site-packages" in Path(cookiejar_session.__file__).parts


@only_under_tox
def test_processes_that_tests_start_import_the_installed_wheel() -> None:
    command = [sys.executable, "-c", "import cookiejar_session; print(cookiejar_session.__file__)"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "site-packages" in Path(found.strip()).parts


@only_under_tox
def test_wheel_holds_the_package_and_the_pytest_plugin_alone() -> None:
    files = distribution("cookiejar-session").files or []
    # __pycache__ is written at the installation.
    folders = {file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}
    scripts = {file.stem for file in files if file.parts[0] == ".."}
    assert folders == {
        "cookiejar_session",
        "pytest_cookiejar_session.py",
        f"cookiejar_session-{PROJECT['version']}.dist-info",
    }
    assert scripts == {"cookiejar-session"}


@only_under_tox
def test_pytest_finds_the_plugin() -> None:
    (plugin,) = entry_points(group="pytest11", name="pytest_cookiejar_session")
    assert plugin.value == "pytest_cookiejar_session"


@only_under_tox
def test_installed_version_is_the_one_in_pyproject() -> None:
    assert version("cookiejar-session") == PROJECT["version"]


def load_build_hooks() -> ModuleType:
    spec = spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    hooks = module_from_spec(spec)
    spec.loader.exec_module(hooks)
    return hooks


def test_links_of_readme_lead_to_the_files_of_the_repository_on_the_package_index() -> None:
    source = PROJECT["urls"]["Source"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", load_build_hooks().make_links_absolute(text, source=source))
    assert [picture for picture, _ in links].count("!") == 1
    for picture, link in links:
        start = f"{source}/{'raw' if picture else 'blob'}/main/"
        assert link == source or (link.startswith(start) and (ROOT / link.removeprefix(start)).is_file())


@only_under_tox
def test_metadata_have_readme_with_absolute_links() -> None:
    found = metadata("cookiejar-session")
    assert found["Description-Content-Type"] == "text/markdown"
    source = PROJECT["urls"]["Source"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    expected = load_build_hooks().make_links_absolute(text, source=source)
    description = str(found.get_payload() or found["Description"])
    assert description.split() == expected.split()


def test_types_of_the_package_are_seen_by_type_checkers() -> None:
    assert (Path(cookiejar_session.__file__).parent / "py.typed").is_file()


def lower_bounds() -> dict[str, str]:
    return dict(dependency.split(">=") for dependency in PROJECT["dependencies"])


def read_pins(environment: str) -> dict[str, str]:
    section = (ROOT / "tox.ini").read_text(encoding="utf-8").split(f"[testenv:{environment}]")[1].split("[testenv")[0]
    return dict(re.findall(r"^ +([a-z]+)==([0-9.]+)$", section, re.MULTILINE))


def test_lowest_environment_pins_the_lower_bounds_of_pyproject() -> None:
    assert read_pins("lowest") == lower_bounds()


@pytest.mark.skipif(TOX_ENVIRONMENT != "lowest", reason="only the environment lowest has the lowest versions")
def test_lowest_versions_are_the_ones_tested() -> None:
    assert {name: version(name) for name in lower_bounds()} == lower_bounds()


def test_environment_of_the_frameworks_pins_the_lower_bounds_of_the_extras() -> None:
    section = (
        (ROOT / "tox.ini").read_text(encoding="utf-8").split("[testenv:frameworks_lowest]")[1].split("[testenv")[0]
    )
    pins = dict(re.findall(r"^ +([a-z-]+)==([0-9.]+)$", section, re.MULTILINE))
    assert pins.pop("opentelemetry-sdk") == pins["opentelemetry-api"]
    extras = {name: found for name, found in PROJECT["optional-dependencies"].items() if name != "demo"}
    bounds = dict(found.split(">=") for (found,) in extras.values())
    assert pins.keys() == bounds.keys()
    # 3.0.0 is the first version that >=3.0 allows.
    assert {name: pin for name, pin in pins.items() if pin.removesuffix(".0") != bounds[name]} == {}


def test_import_of_the_package_imports_no_framework() -> None:
    code = "import cookiejar_session, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    frameworks = {"starlette", "fastapi", "flask", "quart", "django", "werkzeug", "pydantic", "webtest", "pytest"}
    assert frameworks.isdisjoint(found)
