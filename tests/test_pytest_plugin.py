"""The pytest plugin: its fixture, the key for a run, and that it imports nothing in runs that do not use it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cookiejar_session import Key

APP = "from cookiejar_session import CookieSessions\nsessions = CookieSessions()\n"
OPTION = "[pytest]\ncookiejar_session_test_key = true\n"
VARIABLES = ("COOKIEJAR_SESSION_KEYS", "COOKIEJAR_SESSION_KEYS_FILE")


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


class Runner:
    """Runs pytest, or other code, in a new process in a folder of its own, where the environment has no keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, code: str = "import pytest; raise SystemExit(pytest.main(ARGUMENTS))", **options: str) -> str:
        """Return the output. ``options`` are the files to write, by stem, and environment variables in capitals."""
        environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        environment |= {name: value for name, value in options.items() if name.isupper()}
        for stem, text in options.items():
            if not stem.isupper():
                self._folder.joinpath("pytest.ini" if stem == "pytest" else f"{stem}.py").write_text(text)
        # The installed package may have been built before it had the entry point.
        arguments = ["-q", "-p", "pytest_cookiejar_session", "-p", "no:cacheprovider", "-p", "no:xdist"]
        done = subprocess.run(
            [sys.executable, "-c", code.replace("ARGUMENTS", repr(arguments))],
            cwd=self._folder,
            env=environment | {"PYTHONPATH": str(self._folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return done.stdout + done.stderr


def test_fixture_gives_each_test_a_key_of_its_own(run: Runner) -> None:
    test = (
        "seen = []\n"
        "import pytest\n"
        "@pytest.mark.parametrize('time', [1, 2])\n"
        "def test_sessions(cookie_sessions, time):\n"
        "    seen.append(cookie_sessions.mint({'user': 'ada'}).token)\n"
        "    users = [cookie_sessions.read(token).session.get('user') for token in seen]\n"
        "    assert users == [None] * (time - 1) + ['ada']\n"
    )
    assert "2 passed" in run(test_shop=test, pytest="[pytest]\n")


def test_application_without_a_key_is_imported_by_conftest(run: Runner) -> None:
    assert "1 passed" in run(shop=APP, conftest="import shop\n", test_shop="def test(): pass\n", pytest=OPTION)


def test_application_without_a_key_fails_unless_the_project_asks_for_one(run: Runner) -> None:
    found = run(shop=APP, conftest="import shop\n", test_shop="def test(): pass\n", pytest="[pytest]\n")
    assert "COOKIEJAR_SESSION_KEYS is not set" in found


def test_key_in_the_environment_is_left(run: Runner) -> None:
    key = Key.generate().to_text()
    test = f"import os\ndef test(): assert os.environ['COOKIEJAR_SESSION_KEYS'] == {key!r}\n"
    assert "1 passed" in run(test_shop=test, pytest=OPTION, COOKIEJAR_SESSION_KEYS=key)


def test_key_file_in_the_environment_is_left(run: Runner) -> None:
    test = "import os\ndef test(): assert 'COOKIEJAR_SESSION_KEYS' not in os.environ\n"
    assert "1 passed" in run(test_shop=test, pytest=OPTION, COOKIEJAR_SESSION_KEYS_FILE="key")


def test_key_is_removed_from_the_environment_after_the_run(run: Runner) -> None:
    test = "import os\ndef test(): assert os.environ['COOKIEJAR_SESSION_KEYS']\n"
    code = "import os, pytest\npytest.main(ARGUMENTS)\nprint('COOKIEJAR_SESSION_KEYS' in os.environ)"
    found = run(code, test_shop=test, pytest=OPTION)
    assert "1 passed" in found
    assert found.endswith("False\n")


def test_run_that_does_not_use_the_plugin_imports_no_package(run: Runner) -> None:
    test = (
        "import sys\n"
        "def test(pytestconfig):\n"
        "    assert pytestconfig.pluginmanager.has_plugin('pytest_cookiejar_session')\n"
        "    assert {'cookiejar_session', 'nacl', 'msgspec', 'asgiref'}.isdisjoint(sys.modules)\n"
    )
    assert "1 passed" in run(test_shop=test, pytest="[pytest]\n")
