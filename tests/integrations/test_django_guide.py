"""docs/how-to/django.md: each of its code blocks runs, and its two-line change leaves a project as it was.

The project is django_shop, which is written for Django's own sessions. Each run is a process of its own: a process has
one Django project.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from documents import Page

from cookiejar_session import Key

SHOP = Path(__file__).with_name("django_shop")
MODULE, SETTINGS, NEXT_DOOR, RUNNER, RUNNER_SETTING, TEST = Page("docs/how-to/django.md").take_blocks("python", 6)
(DIFF,) = Page("docs/how-to/django.md").take_blocks("diff", 1)
INSTALL, EXPORT = Page("docs/how-to/django.md").take_blocks("sh", 2)
# In seconds.
PATIENCE = 300


def change(settings: str) -> str:
    """Make the two changes of the guide."""
    removed = re.findall(r"^-(.*)$", DIFF, re.MULTILINE)
    added = re.findall(r"^\+(.*)$", DIFF, re.MULTILINE)
    assert len(removed) == len(added) == 2
    for before, after in zip(removed, added, strict=True):
        assert settings.count(before) == 1
        settings = settings.replace(before, after)
    return settings


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the shop after the change."""
    folder = tmp_path / "project"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = folder / "shop" / "settings.py"
    settings.write_text(change(settings.read_text()))
    return folder


def run(
    folder: Path, *arguments: str, key: str | None = None, key_file: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "shop.settings"}
    for name, value in {"COOKIEJAR_SESSION_KEYS": key, "COOKIEJAR_SESSION_KEYS_FILE": key_file}.items():
        environ.pop(name, None)
        if value is not None:
            environ[name] = str(value)
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def visit(folder: Path) -> dict[str, Any]:
    finished = run(folder, "visit.py", key=Key.generate().to_text())
    assert finished.returncode == 0, finished.stderr
    steps: dict[str, Any] = json.loads(finished.stdout)
    return steps


def test_a_project_answers_the_same_before_and_after_the_change(project: Path) -> None:
    before, after = visit(SHOP), visit(project)
    assert before["the account"] == [200, None, "account of ada"]
    assert before["the cart that the test filled"] == [200, None, "eve has 2 items; []"]
    assert after == before


def test_the_changed_project_has_no_mistakes(project: Path) -> None:
    finished = run(project, "-m", "django", "check")
    assert finished.stdout == "System check identified no issues (0 silenced).\n", finished.stderr


def test_deploying_without_a_key_is_an_error(project: Path) -> None:
    finished = run(project, "-m", "django", "check", "--deploy")
    assert finished.returncode != 0
    assert "cookiejar_session.E006" in finished.stderr


@pytest.mark.parametrize("command", ["migrate", "showmigrations"])
def test_a_command_needs_no_key(project: Path, command: str) -> None:
    finished = run(project, "-m", "django", command)
    assert finished.returncode == 0, finished.stderr


def test_a_server_without_a_key_does_not_start(project: Path) -> None:
    finished = run(project, "-c", "from django.core.wsgi import get_wsgi_application; get_wsgi_application()")
    assert finished.returncode != 0
    assert "COOKIEJAR_SESSION_KEYS" in finished.stderr


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (
            '"cookiejar_session.integrations.django.SessionMiddleware",',
            '"cookiejar_session.integrations.django.SessionMiddleware",'
            '"django.contrib.sessions.middleware.SessionMiddleware",',
            "E002",
        ),
        (
            '"cookiejar_session.integrations.django.SessionMiddleware",',
            '"django.contrib.sessions.middleware.SessionMiddleware",',
            "E001",
        ),
        ("USE_TZ", 'SESSION_ENGINE = "django.contrib.sessions.backends.cache"\nUSE_TZ', "E003"),
    ],
    ids=["Django's middleware left in place", "the middleware forgotten", "the engine left in place"],
)
def test_manage_py_check_finds_a_mistake(project: Path, before: str, after: str, found: str) -> None:
    settings = project / "shop" / "settings.py"
    text = settings.read_text()
    settings.write_text(text.replace(before, after))
    finished = run(project, "-m", "django", "check")
    assert finished.returncode != 0
    assert f"cookiejar_session.{found}" in finished.stderr


NEXT_DOOR_VISIT = """
import django
from django.core.management import call_command
from django.test import Client
django.setup()
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
from next_door import app
from starlette.testclient import TestClient
user = User.objects.create_user("ada")
client = Client()
client.force_login(user)
shop = TestClient(app, base_url="https://testserver")
stranger = shop.get("/api/me").status_code
cookie = client.cookies["__Host-shop"]
known = shop.get("/api/me", headers={"Cookie": f"__Host-shop={cookie.value}"}).json()
print(stranger, known, user.pk)
"""


def share_sessions(project: Path, module: str = MODULE) -> None:
    """Do what the guide says about a session that other applications share."""
    (project / "shop" / "sessions.py").write_text(module)
    with (project / "shop" / "settings.py").open("a") as settings:
        settings.write(SETTINGS)
        settings.write('ALLOWED_HOSTS = ["*"]\n')


def test_an_application_next_door_reads_the_user(project: Path) -> None:
    share_sessions(project)
    (project / "next_door.py").write_text(NEXT_DOOR)
    finished = run(project, "-c", NEXT_DOOR_VISIT, key=Key.generate().to_text())
    assert finished.stdout == "401 {'user': '1'} 1\n", finished.stderr


@pytest.fixture
def runner(project: Path) -> None:
    """The test runner of the guide, and its test."""
    (project / "shop" / "test_runner.py").write_text(RUNNER)
    with (project / "shop" / "settings.py").open("a") as settings:
        settings.write(RUNNER_SETTING)
    (project / "test_cart.py").write_text(TEST)


def assert_passed(finished: subprocess.CompletedProcess[str]) -> None:
    assert finished.returncode == 0, finished.stderr
    assert "Ran 1 test" in finished.stderr
    assert "System check identified no issues" in finished.stdout


@pytest.mark.usefixtures("runner")
def test_a_test_of_the_project_needs_no_key_in_the_environment(project: Path) -> None:
    assert_passed(run(project, "-m", "django", "test"))


@pytest.mark.usefixtures("runner")
def test_a_test_of_the_project_uses_the_key_file_of_the_environment(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "session.key"
    file.write_text(Key.generate().to_text())
    assert_passed(run(project, "-m", "django", "test", key_file=file))


# The view and the test of a project with a policy, which the settings for tests must keep.
POLICY = "from cookiejar_session import Policy\n" + MODULE.replace("))", "), policy=Policy(persistent=False))")
VIEW = """
def mark_seen(request):
    from shop.sessions import sessions
    sessions.get(request)["seen"] = True
    return HttpResponse()

urlpatterns.append(path("seen", mark_seen))
"""
VIEW_TEST = """
from django.test import TestCase

class SeenTest(TestCase):
    def test_the_session_is_that_of_the_module_with_its_policy(self):
        self.client.get("/seen")
        self.assertEqual(self.client.cookies["__Host-shop"]["max-age"], "")
"""


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize("is_in_settings", [False, True], ids=["runner", "settings for tests"])
def test_a_test_of_the_project_has_the_object_and_the_policy_of_its_module(project: Path, is_in_settings: bool) -> None:
    share_sessions(project, POLICY)
    with (project / "shop" / "urls.py").open("a") as urls:
        urls.write(VIEW)
    (project / "test_cart.py").write_text(VIEW_TEST)
    options = []
    if is_in_settings:
        lines = [line.strip() for line in RUNNER.splitlines()]
        first = next(number for number, line in enumerate(lines) if line.startswith("if "))
        text = f"import os\nfrom cookiejar_session import Key\n{lines[first]}\n    {lines[first + 1]}\n"
        (project / "shop" / "test_settings.py").write_text(
            f"{text}from shop.sessions import sessions\nfrom shop.settings import *\ndel TEST_RUNNER\n"
        )
        options = ["--settings", "shop.test_settings"]
    assert_passed(run(project, "-m", "django", "test", *options))


def test_lines_for_the_environment_make_a_key_file_and_name_it(tmp_path: Path) -> None:
    # INSTALL is checked by tests/test_docs.py.
    command = f"{EXPORT}cd /\ncookiejar-session keyring show"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environ = os.environ | {"PATH": path}
    environ.pop("COOKIEJAR_SESSION_KEYS", None)
    done = subprocess.run(
        ["sh", "-e", "-c", command], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    (file,) = tmp_path.iterdir()
    assert Key.parse(file.read_text().strip()).key_id.hex() in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
