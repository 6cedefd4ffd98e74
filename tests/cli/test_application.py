"""cli/application.py: the settings behind module:object."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cookiejar_session import ConfigError
from cookiejar_session.cli.application import load_settings

MODULE = """
from fastapi import FastAPI
from flask import Flask
from starlette.middleware import Middleware
from cookiejar_session import CookieAttributes, CookieSessions, Keyring
from cookiejar_session.asgi import SessionMiddleware

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


@pytest.mark.parametrize("name", ["sessions", "flask_app", "asgi_app", "added", "listed", "bound", "Inner.app"])
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
        ("no_such_app:app", "importing 'no_such_app' raised ModuleNotFoundError"),
    ],
)
def test_other_places_are_refused(place: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings(place)


def test_error_of_the_configuration_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS", raising=False)
    folder.joinpath("broken_app.py").write_text("from cookiejar_session import *\nsessions = CookieSessions()\n")
    with pytest.raises(ConfigError, match="COOKIEJAR_SESSION_KEYS is not set"):
        load_settings("broken_app:sessions")


@pytest.mark.parametrize("error", ["RuntimeError", "SystemExit"])
def test_other_errors_are_named_without_their_message(folder: Path, error: str) -> None:
    folder.joinpath("broken_app.py").write_text(f"raise {error}('secret')\n")
    with pytest.raises(ConfigError, match=f"importing 'broken_app' raised {error}; python -c") as caught:
        load_settings("broken_app:sessions")
    assert "secret" not in str(caught.value)
