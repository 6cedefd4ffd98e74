"""Run every example of docs/how-to/testing.md: its tests are called with the arguments that pytest would give them."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import flask_login
import pytest
from django.http import JsonResponse
from django.test import Client as DjangoClient
from django.test import override_settings
from django.urls import path as django_path
from documents import Page
from fastapi import FastAPI, Request
from flask import Flask, request
from shared_django import configure_django, make_python_path
from starlette.testclient import TestClient

import pytest_cookiejar_session
from cookiejar_session import CookieSessions, Key, Keyring, UnsupportedValueError
from cookiejar_session.integrations.flask import FlaskSessions
from cookiejar_session.testing import sign_in

PAGE = Page("docs/how-to/testing.md")
run_example = PAGE.run_example
SITE = "https://testserver"


@pytest.fixture
def names() -> dict[str, Any]:
    """What the first example defines, which the later ones use."""
    return run_example("def test_whoami")


@pytest.fixture
def client(names: dict[str, Any]) -> TestClient:
    return TestClient(names["app"], base_url=SITE)


def make_flask(sessions: CookieSessions[None]) -> Flask:
    app = Flask("shop")
    app.add_url_rule("/whoami", view_func=lambda: {"user": sessions.get(request).get("user")})
    return app


def make_login_app(sessions: CookieSessions[None]) -> Flask:
    app = Flask("shop")
    FlaskSessions(sessions).init_app(app)

    def load_user(name: str) -> flask_login.UserMixin:
        user = flask_login.UserMixin()
        user.id = name
        return user

    def show_user() -> str:
        return str(flask_login.current_user.id)

    flask_login.LoginManager(app).user_loader(load_user)
    app.add_url_rule("/account", "account", flask_login.login_required(show_user))
    app.add_url_rule("/fresh", "fresh", flask_login.fresh_login_required(show_user))
    return app


def test_sign_in_with_the_client_of_fastapi(names: dict[str, Any]) -> None:
    names["test_whoami"]()


def test_sign_in_with_the_client_of_flask(names: dict[str, Any]) -> None:
    run_example("def test_flask(app", **names)["test_flask"](Flask("shop"), names["sessions"])


def test_sign_in_of_flask_login(names: dict[str, Any]) -> None:
    run = run_example("def test_flask_login", **names)["test_flask_login"]
    run(make_login_app(names["sessions"]), names["sessions"])


@pytest.mark.parametrize(
    ("data", "path", "protection", "answer"),
    [
        ({"_user_id": "ada"}, "/account", "basic", (200, True)),
        ({"_user_id": "ada", "_fresh": True}, "/fresh", "basic", (401, True)),
        ({"_user_id": "ada", "_fresh": True}, "/fresh", None, (200, False)),
    ],
    ids=["without _fresh", "fresh", "fresh, no protection"],
)
def test_first_request_of_flask_login_without_its_id(
    data: dict[str, Any], path: str, protection: str | None, answer: tuple[int, bool]
) -> None:
    sessions = CookieSessions(Keyring.generate())
    app = make_login_app(sessions)
    app.config["SESSION_PROTECTION"] = protection
    client = app.test_client()
    sign_in(client, data, sessions=sessions)
    response = client.get(path)
    assert (response.status_code, "Set-Cookie" in response.headers) == answer


def test_session_transaction_takes_what_sign_in_refuses() -> None:
    sessions = CookieSessions(Keyring.generate())
    client, since = make_login_app(sessions).test_client(), datetime(2026, 1, 2)
    with pytest.raises(UnsupportedValueError):
        sign_in(client, {"since": since}, sessions=sessions)
    with client.session_transaction(base_url="https://localhost") as session:
        session["since"] = since
    cookie = client.get_cookie("__Host-session")
    assert cookie is not None
    assert sessions.read(cookie.value).session == {"since": {" d": "2026-01-02T00:00:00"}}


def test_sign_in_with_webtest(names: dict[str, Any]) -> None:
    names = run_example("def test_any_wsgi_app", **names)
    names["test_any_wsgi_app"](make_flask(names["sessions"]), names["sessions"])


def test_sign_in_with_httpx(names: dict[str, Any]) -> None:
    names = run_example("async def test_any_asgi_app", **names)
    asyncio.run(names["test_any_asgi_app"](names["app"], names["sessions"]))


@pytest.fixture
def django_urls() -> Iterator[list[Any]]:
    """The URL patterns of a Django project, which a test fills."""
    configure_django()
    urls = sys.modules["cookiejar_testing_docs_urls"] = ModuleType("cookiejar_testing_docs_urls")
    urls.urlpatterns = []  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=urls.__name__, ALLOWED_HOSTS=["*"]):
        yield urls.urlpatterns


def test_sign_in_with_the_client_of_django(
    names: dict[str, Any], django_urls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    middleware = "cookiejar_session.integrations.django.SessionMiddleware"
    with override_settings(
        MIDDLEWARE=[middleware], SESSION_ENGINE=middleware.rpartition(".")[0], SESSION_COOKIE_NAME="sessionid"
    ):
        run = run_example("get_sessions()", **names)["test_django"]
        django_urls.append(django_path("cart", lambda request: JsonResponse({"items": len(request.session["cart"])})))
        run(DjangoClient())


def test_sign_in_with_the_client_of_django_without_the_integration(
    names: dict[str, Any], django_urls: list[Any]
) -> None:
    names = run_example("def show_user", **names, JsonResponse=JsonResponse)
    django_urls.append(django_path("whoami", names["show_user"]))
    names["test_django_without_the_integration"](DjangoClient())


COUNT_VIEW = """
def count(request):
    request.session["n"] = request.session.get("n", 0) + 1
    return HttpResponse(str(request.session["n"]))

urlpatterns.append(path("count", count))
"""
OVERRIDE = "@override_settings(SESSION_COOKIE_SECURE=False)\n"
PREFIXED = 'SESSION_COOKIE_NAME = "__Host-shop"\n'
# Each request began a new session.
LOST = "First differing element 1:\n'1'\n'2'"
OWN_SESSIONS = """
from cookiejar_session import CookieAttributes, CookieSessions
COOKIEJAR_SESSIONS = CookieSessions(cookie=CookieAttributes(name="sessionid"))
"""


@pytest.mark.parametrize(
    ("override", "more_settings", "printed"),
    [
        (OVERRIDE, "", "OK"),
        ("", "", LOST),
        (OVERRIDE, PREFIXED, "cookiejar_session.E004"),
        (OVERRIDE.replace("False", 'False, SESSION_COOKIE_NAME="sessionid"'), PREFIXED, "OK"),
        (OVERRIDE, OWN_SESSIONS, LOST),
    ],
    ids=["overridden", "Secure", "prefix", "prefix, overridden", "COOKIEJAR_SESSIONS"],
)
def test_session_over_http_of_a_live_server_of_django(
    tmp_path: Path, override: str, more_settings: str, printed: str
) -> None:
    engine = "cookiejar_session.integrations.django"
    project = tmp_path / "project"
    shutil.copytree(Path(__file__).parent / "integrations" / "django_shop", project)
    settings = (project / "shop" / "settings.py").read_text()
    settings = settings.replace("django.contrib.sessions.middleware", engine)
    settings = settings.replace('"django.contrib.sessions"', f'"{engine}"')
    (project / "shop" / "settings.py").write_text(f'{settings}STATIC_URL = "static/"\n{more_settings}')
    with (project / "shop" / "urls.py").open("a") as urls:
        urls.write(COUNT_VIEW)
    test = PAGE.find_example("class CountTest(LiveServerTestCase)")
    assert OVERRIDE in test
    (project / "test_count.py").write_text(test.replace(OVERRIDE, override))
    environment = {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "COOKIEJAR_SESSION_KEYS": Key.generate().to_text(),
        "PYTHONPATH": make_python_path(project),
    }
    done = subprocess.run(
        [sys.executable, "-m", "django", "test"],
        cwd=project,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode == 0) is (printed == "OK"), done.stderr
    assert printed in done.stderr


def test_header_of_a_minted_cookie(names: dict[str, Any], client: TestClient) -> None:
    run_example("def test_header", **names)["test_header"](client)


def test_old_sessions_end_and_are_renewed(names: dict[str, Any], client: TestClient) -> None:
    names = run_example("def test_session_ends", **names)
    names["test_session_ends"](client)
    names["test_session_is_renewed"](client)


def test_cookie_of_a_response_is_read(names: dict[str, Any], client: TestClient) -> None:
    run_example("def test_session_is_unchanged", **names)["test_session_is_unchanged"](client)


def test_fixture_is_given_to_an_application(names: dict[str, Any]) -> None:
    names = run_example("def test_app(cookie_sessions)", **names, make_app=lambda sessions: names["app"])
    names["test_app"](names["sessions"])


def test_rotation_around_a_client(names: dict[str, Any], tmp_path: Path) -> None:
    def make_app(sessions: CookieSessions[None]) -> FastAPI:
        app = FastAPI()

        @app.get("/whoami")
        def show_user(request: Request) -> dict[str, Any]:
            return {"user": sessions.get(request).get("user")}

        return app

    names = run_example("def test_rotation_signs", **names, make_app=make_app, timedelta=timedelta)
    names["test_rotation_signs_nobody_out"](tmp_path)


@pytest.fixture
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COOKIEJAR_SESSION_KEYS", "COOKIEJAR_SESSION_KEYS_FILE"):
        # Set first, so that the variable is restored after the test, then deleted.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("_no_keys")
def test_lines_for_other_runners_set_a_key() -> None:
    run_example('os.environ["COOKIEJAR_SESSION_KEYS"] = ')
    assert not Keyring.from_environment().is_generated


@pytest.mark.usefixtures("_no_keys")
@pytest.mark.parametrize("variable", ["COOKIEJAR_SESSION_KEYS", "COOKIEJAR_SESSION_KEYS_FILE"])
def test_lines_for_other_runners_keep_the_keys_that_are_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    key, file = Key.generate(), tmp_path / "session.key"
    file.write_text(key.to_text())
    monkeypatch.setenv(variable, str(file) if variable.endswith("FILE") else key.to_text())
    run_example('os.environ["COOKIEJAR_SESSION_KEYS"] = ')
    assert Keyring.from_environment().ring(0).primary(0).key == key


def test_setting_for_pytest_is_the_one_of_the_plugin() -> None:
    (lines,) = Page("docs/how-to/testing.md").take_blocks("ini", 1)
    assert lines == f"[pytest]\n{pytest_cookiejar_session.OPTION} = true\n"
