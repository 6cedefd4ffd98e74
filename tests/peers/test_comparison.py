"""docs/explanation/comparison.md says what the compared libraries do."""

from __future__ import annotations

import inspect
import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from beaker.session import Session as BeakerSession
from compared_stacks import IRON_SESSION, PYTHON_STACKS, ask_wsgi, make_flask, never_fail
from comparison import TABLES, Browser, find_table
from documents import ROOT, Page
from flask import Flask, session
from page_runner import make_environment
from starlette.middleware.sessions import SessionMiddleware
from starsessions import SessionMiddleware as StarsessionsMiddleware

PAGE = Page("docs/explanation/comparison.md")
(COMMANDS,) = Page("docs/explanation/comparison.md").take_blocks("sh", 1)
SECRET = "a secret of 32 characters or more, first"


@pytest.mark.skipif(
    os.environ.get("CI") != "true" and shutil.which("npm") is None,
    reason="npm, which installs iron-session, is missing",
)
def test_tables_are_what_the_libraries_do(tmp_path: Path) -> None:
    # Longer than page_runner.run waits: every question to every library.
    command = ["sh", "-e", "-c", COMMANDS.replace("tests/peers/", f"{ROOT}/tests/peers/")]
    environ = make_environment(tmp_path)
    # tox sets this. The program imports modules from its own folder, as it does for a reader.
    environ.pop("PYTHONSAFEPATH", None)
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("table", TABLES)
def test_page_has_a_row_for_each_library(table: str) -> None:
    rows = find_table(table, PAGE.text)[0].splitlines()[2:]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == [*PYTHON_STACKS, "iron-session"]


@pytest.mark.parametrize(
    "name", ["Starlette", "Flask", "Django", "Litestar", "starsessions", "Flask-Session", "Beaker"]
)
def test_page_names_the_measured_version(name: str) -> None:
    assert f"{name} {version(name)}" in PAGE.prose


def test_page_names_the_measured_version_of_iron_session() -> None:
    assert IRON_SESSION.replace("@", " ") in PAGE.prose


@pytest.mark.parametrize(
    ("constructor", "option"),
    [
        (SessionMiddleware, "https_only"),
        (StarsessionsMiddleware, "lifetime"),
        (BeakerSession, "timeout"),
        (BeakerSession, "secure"),
    ],
)
def test_option_that_the_page_names_exists(constructor: type, option: str) -> None:
    assert option in inspect.signature(constructor).parameters


def test_beaker_uses_pickle_by_default() -> None:
    assert inspect.signature(BeakerSession).parameters["data_serializer"].default == "pickle"


@pytest.mark.parametrize("name", ["Flask", "Django, signed_cookies"])
def test_library_that_compresses_has_room_for_usual_text(name: str) -> None:
    browser = Browser(PYTHON_STACKS[name](SECRET, None))
    browser.get("/write", "usual" * 1200)
    assert browser.get("/read").body == "usual" * 1200


def make_permanent(app: Flask) -> None:
    @app.before_request
    def set_permanent() -> None:
        session.permanent = True


def test_permanent_session_of_flask_sends_a_cookie_with_each_read() -> None:
    app = make_flask(lambda session: session.clear(), SECRET_KEY=SECRET)
    make_permanent(app)
    browser = Browser(never_fail(ask_wsgi, app))
    browser.get("/write", "strawberry")
    assert "Set-Cookie" in dict(browser.get("/read").fields)


@pytest.mark.parametrize("name", ["Starlette", "Flask", "Django, signed_cookies", "starsessions, cookie"])
def test_data_that_is_only_signed_is_found_in_the_cookie(name: str) -> None:
    """A control: the question about encryption answers yes where base64 is all there is."""
    assert TABLES["content"]["the visitor can read it"](PYTHON_STACKS[name]) == "yes"


def test_program_finds_a_table_that_is_not_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import comparison

    page = tmp_path / "comparison.md"
    page.write_text(PAGE.text)
    monkeypatch.setattr(comparison, "PAGE", page)
    monkeypatch.setattr(comparison, "TABLES", {"content": {"the data is": lambda stack: "elsewhere"}})
    stacks = {"Beaker": PYTHON_STACKS["Beaker"]}
    assert comparison.compare_page(stacks, write=False) == 1
    assert comparison.compare_page(stacks, write=True) == 0
    assert comparison.compare_page(stacks, write=False) == 0
    assert "| Beaker | elsewhere |" in page.read_text()
