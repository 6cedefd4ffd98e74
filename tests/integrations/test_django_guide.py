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
from shared_django import make_python_path

from cookiejar_session import Key

SHOP = Path(__file__).with_name("django_shop")
BLOCKS = Page("docs/how-to/django.md").take_blocks("python", 8)
LOGGING, REMEMBER, MODULE, SETTINGS, NEXT_DOOR, RUNNER, RUNNER_SETTING, TEST = BLOCKS
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
    environ = {**os.environ, "PYTHONPATH": make_python_path(folder), "DJANGO_SETTINGS_MODULE": "shop.settings"}
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


@pytest.mark.parametrize("setting", ["SECURE", "HTTPONLY"])
def test_a_warning_of_ours_takes_the_place_of_djangos(project: Path, setting: str) -> None:
    found = []
    for folder in (SHOP, project):
        copy = project.parent / f"{folder.name}_without"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        with (copy / "shop" / "settings.py").open("a") as settings:
            settings.write(f"SESSION_COOKIE_{setting} = False\n")
        finished = run(copy, "-m", "django", "check", "--deploy", key=Key.generate().to_text())
        # W010 to W015 are Django's warnings of the session cookie.
        found.append(set(re.findall(r"\((security\.W01[0-5]|cookiejar_session\.\w+)\)", finished.stderr)))
    assert found == [{"security.W012" if setting == "SECURE" else "security.W015"}, {"cookiejar_session.W009"}]


RELOAD = """
import os
import django
from pathlib import Path
django.setup()
from cookiejar_session import Key
from cookiejar_session.integrations.django import get_sessions
keyring = get_sessions().settings.keyring
file = Path(os.environ["COOKIEJAR_SESSION_KEYS_FILE"])
file.write_text(f"{Key.generate().to_text()}\\n{file.read_text()}")
keyring.reload()
"""


def test_the_logging_setting_shows_that_the_key_file_was_read_again(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "session.key"
    printed = []
    for setting in ("", LOGGING):
        file.write_text(Key.generate().to_text())
        with (project / "shop" / "settings.py").open("a") as settings:
            settings.write(setting)
        finished = run(project, "-c", RELOAD, key_file=file)
        assert finished.returncode == 0, finished.stderr
        printed.append("keyring file read again" in finished.stderr)
    assert printed == [False, True]


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


# The receiver of the guide is in shop/limits.py. The other one shows that what it writes is saved too.
REMEMBER_TEST = """
import shop.limits
from cookiejar_session.integrations.django import get_sessions
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.test import TestCase

HOUR, DAY = 60 * 60, 24 * 60 * 60
UNTIL_CLOSED, REMEMBERED = [14 * DAY, 90 * DAY, False], [60 * DAY, 90 * DAY, True]
STAFF, REMEMBERED_STAFF = [14 * DAY, 12 * HOUR, False], [60 * DAY, 12 * HOUR, True]

@receiver(user_logged_in)
def welcome(request, **kwargs):
    get_sessions().get(request)["welcomed"] = True

class LimitsTest(TestCase):
    def setUp(self):
        self.users = {
            "ada": User.objects.create_user("ada", password="secret"),
            "root": User.objects.create_superuser("root", password="secret"),
        }

    def check_limits(self, client, expected):
        session = get_sessions().read(client.cookies["sessionid"].value).session
        self.assertTrue(session["welcomed"])
        limits = [session.idle_timeout.total_seconds(), session.absolute_lifetime.total_seconds()]
        # The absolute lifetime counts from the call of set_lifetime(), created_at from the beginning of the session.
        self.assertAlmostEqual(limits[1], expected[1], delta=5)
        self.assertEqual([limits[0], session.is_persistent], [expected[0], expected[2]])

    def test_login_pages(self):
        for page in ("/accounts/login/", "/admin/login/"):
            for form, limits in (({"remember": "on"}, REMEMBERED_STAFF), ({}, STAFF)):
                self.client.post(page, {"username": "root", "password": "secret", **form}, secure=True)
                self.check_limits(self.client, limits)
        for form, limits in (({"remember": "on"}, REMEMBERED), ({}, UNTIL_CLOSED)):
            self.client.post("/accounts/login/", {"username": "ada", "password": "secret", **form}, secure=True)
            self.check_limits(self.client, limits)

    def test_login(self):
        for name, limits in (("ada", UNTIL_CLOSED), ("root", STAFF), ("ada", UNTIL_CLOSED)):
            self.assertTrue(self.client.login(username=name, password="secret"))
            self.check_limits(self.client, limits)
        self.assertEqual(self.client.get("/account", secure=True).content, b"account of ada")

    def test_force_login(self):
        for name, limits in (("ada", UNTIL_CLOSED), ("root", STAFF)):
            self.client.force_login(self.users[name])
            self.check_limits(self.client, limits)

    async def test_login_async(self):
        for name, limits in (("ada", UNTIL_CLOSED), ("root", STAFF)):
            self.assertTrue(await self.async_client.alogin(username=name, password="secret"))
            self.check_limits(self.async_client, limits)

    async def test_force_login_async(self):
        for name, limits in (("ada", UNTIL_CLOSED), ("root", STAFF)):
            await self.async_client.aforce_login(self.users[name])
            self.check_limits(self.async_client, limits)
"""


def test_a_receiver_sets_the_limits_of_each_login_also_of_the_test_clients_and_the_admin(project: Path) -> None:
    (project / "shop" / "limits.py").write_text(REMEMBER)
    (project / "test_limits.py").write_text(REMEMBER_TEST)
    assert_passed(run(project, "-m", "django", "test", key=Key.generate().to_text()), 5)


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


def assert_passed(finished: subprocess.CompletedProcess[str], count: int = 1) -> None:
    assert finished.returncode == 0, finished.stderr
    assert f"Ran {count} test" in finished.stderr
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
