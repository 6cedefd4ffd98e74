"""cli/application.py: the settings behind module:object."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.handlers.wsgi import WSGIHandler

from cookiejar_session import ConfigError
from cookiejar_session.cli.application import load_settings

MODULE = """
from fastapi import FastAPI
from flask import Flask
from quart import Quart
from starlette.middleware import Middleware
from cookiejar_session import CookieAttributes, CookieSessions, Keyring
from cookiejar_session.asgi import SessionMiddleware
from cookiejar_session.integrations.flask import FlaskSessions
from cookiejar_session.integrations.quart import QuartSessions

sessions = CookieSessions(Keyring.generate(), cookie=CookieAttributes(name="found"))
flask_app = Flask(__name__)
flask_app.wsgi_app = sessions.wsgi(flask_app.wsgi_app)
asgi_app = sessions.asgi(FastAPI())
added = FastAPI()
added.add_middleware(SessionMiddleware, sessions=sessions)
listed = FastAPI(middleware=[Middleware(sessions.asgi)])
bound = sessions.asgi
class Inner:
    app = sessions.wsgi(lambda environ, start_response: [])
plain = FastAPI()
number = 1
quart_app = Quart(__name__)
quart_app.asgi_app = sessions.asgi(quart_app.asgi_app)

def make_flask(name="flask", *, keyed=True):
    app = Flask(name)
    FlaskSessions(sessions if keyed else None).init_app(app)
    return app

def make_quart():
    app = Quart(__name__)
    QuartSessions(sessions).init_app(app)
    return app

def make_keyless():
    return CookieSessions()

def make_broken():
    raise ValueError("secret")

flask_interface, quart_interface = make_flask(), make_quart()
plain_flask = Flask(__name__)
"""
DJANGO = """
from django.conf import settings
from cookiejar_session import CookieAttributes, CookieSessions, Keyring
settings.configure(SECRET_KEY="only for a test", MIDDLEWARE=["cookiejar_session.integrations.django.SessionMiddleware"],
    SESSION_ENGINE="cookiejar_session.integrations.django",
    SESSION_COOKIE_NAME="found",
    COOKIEJAR_SESSIONS=CookieSessions(Keyring.generate(), cookie=CookieAttributes(name="found")))
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
from cookiejar_session.cli.application import load_settings
print(load_settings("__main__:application").cookie.name)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, with an application in it."""
    tmp_path.joinpath("loaded_app.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    for name in ("loaded_app", "broken_app"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    "name",
    [
        *("sessions", "flask_app", "quart_app", "asgi_app", "added", "listed", "bound", "Inner.app"),
        *("flask_interface", "quart_interface", "make_flask()", "make_flask('shop', keyed=True)", "make_quart( )"),
    ],
)
def test_settings_are_found(name: str) -> None:
    assert load_settings(f"loaded_app:{name}").cookie.name == "found"


def test_current_folder_is_searched_once() -> None:
    load_settings("loaded_app:sessions")
    before = [*sys.path]
    load_settings("loaded_app:sessions")
    assert sys.path == before


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("loaded_app", "'loaded_app' is not module:object"),
        (":app", "is not module:object"),
        ("loaded_app:other", "'loaded_app' has no 'other'; name a CookieSessions or an application of the module"),
        ("loaded_app:plain", "is a FastAPI without sessions; name the CookieSessions"),
        ("loaded_app:number", "is a int without sessions"),
        ("loaded_app:plain_flask", "is a Flask without sessions"),
        (
            "loaded_app:make_flask",
            r"is a function without sessions; .*, or call the factory, such as app:create_app\(\)",
        ),
        ("loaded_app:make_flask(keyed=False)", "COOKIEJAR_SESSION_KEYS is not set"),
        ("loaded_app:make_flask(", r"is not module:factory\(\); write literals as arguments"),
        ("loaded_app:make_flask(number)", r"is not module:factory\(\)"),
        ("loaded_app:(1)", r"is not module:factory\(\)"),
        ("loaded_app:make_flask({[]: 1})", r"is not module:factory\(\); write literals as arguments"),
        (f"loaded_app:make_flask({'-' * 9999}1)", r"is not module:factory\(\)"),
        ("loaded_app:make_flask(1, 2)", "calling 'make_flask' raised TypeError; call it in a Python shell"),
        ("loaded_app:make_keyless()", "COOKIEJAR_SESSION_KEYS is not set"),
        ("no_such_app:app", "importing 'no_such_app' raised ModuleNotFoundError"),
    ],
)
def test_other_places_are_refused(place: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS", raising=False)
    with pytest.raises(ConfigError, match=message):
        load_settings(place)


def test_error_of_the_configuration_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS", raising=False)
    folder.joinpath("broken_app.py").write_text("from cookiejar_session import *\nsessions = CookieSessions()\n")
    with pytest.raises(ConfigError, match="COOKIEJAR_SESSION_KEYS is not set"):
        load_settings("broken_app:sessions")


def test_error_of_a_factory_is_named_without_its_message() -> None:
    with pytest.raises(ConfigError, match="calling 'make_broken' raised ValueError") as caught:
        load_settings("loaded_app:make_broken()")
    assert "secret" not in str(caught.value)


def test_django_project_is_found_by_its_application() -> None:
    # Django's settings can be made once in a process.
    done = subprocess.run([sys.executable, "-c", DJANGO], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("found\n", "")


@pytest.mark.parametrize(("is_used", "names"), [(True, ["found"]), (False, [])])
def test_django_application_has_sessions_if_the_integration_is_imported(
    monkeypatch: pytest.MonkeyPatch, *, is_used: bool, names: list[str]
) -> None:
    load_settings("loaded_app:sessions")
    loaded = sys.modules["loaded_app"]
    loaded.application = object.__new__(WSGIHandler)  # type: ignore[attr-defined]
    module = "cookiejar_session.integrations.django.configuration"
    monkeypatch.setitem(sys.modules, module, SimpleNamespace(get_sessions=lambda: loaded.sessions))
    if not is_used:
        monkeypatch.delitem(sys.modules, module)
    found = []
    with contextlib.suppress(ConfigError):
        found.append(load_settings("loaded_app:application").cookie.name)
    assert found == names


@pytest.mark.parametrize("error", ["RuntimeError", "SystemExit"])
def test_other_errors_are_named_without_their_message(folder: Path, error: str) -> None:
    folder.joinpath("broken_app.py").write_text(f"raise {error}('secret')\n")
    with pytest.raises(ConfigError, match=f"importing 'broken_app' raised {error}; python -c") as caught:
        load_settings("broken_app:sessions")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("error", [RecursionError, MemoryError])
def test_arguments_that_are_too_deep_are_refused(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """Which of the two the parser raises, and for what, depends on the version of Python."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("cookiejar_session.cli.application.ast.parse", fail)
    with pytest.raises(ConfigError, match=r"is not module:factory\(\)"):
        load_settings("loaded_app:make_flask([])")
