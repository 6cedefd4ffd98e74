"""The examples of docs/how-to/ports.md: each language shares the session of the page's Python application."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from documents import Page
from live import HERE, PORTS, Visitor, find_program, start_server
from node_program import find_installed_node

from cookiejar_session import CookieSessions, Key, Keyring, SessionTooLargeError

PAGE = Page("docs/how-to/ports.md")
LANGUAGES = {"JavaScript": "js", "Go": "go", "PHP": "php", "Ruby": "ruby"}
BLOCKS = {
    "python": Page("docs/how-to/ports.md").take_blocks("python", 1),
    "sh": Page("docs/how-to/ports.md").take_blocks("sh", 1),
    "js": Page("docs/how-to/ports.md").take_blocks("js", 1),
    "go": Page("docs/how-to/ports.md").take_blocks("go", 1),
    "php": Page("docs/how-to/ports.md").take_blocks("php", 1),
    "ruby": Page("docs/how-to/ports.md").take_blocks("ruby", 1),
}


def find_block(language: str) -> str:
    """Return the one code block of a language."""
    (block,) = BLOCKS[language]
    return block


# Each function writes the service of one language into a folder and returns the command that starts it.


def write_javascript(folder: Path) -> list[str]:
    node = find_installed_node()
    (folder / "service.mjs").write_text(find_block("js"))
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "cookiejar-session").symlink_to(PORTS / "node")
    return [node, "service.mjs"]


def write_go(folder: Path) -> list[str]:
    go = find_program("go")
    # A program of the module itself: the libraries come from Debian's packages, since tests use no network.
    port = folder / "port"
    shutil.copytree(PORTS / "go", port)
    (port / "page").mkdir()
    (port / "page" / "main.go").write_text(find_block("go"))
    homeless = {"GOCACHE": str(folder / "cache"), "GOPATH": str(folder / "go")}
    environment = {**({} if "HOME" in os.environ else homeless), **os.environ, "GOPROXY": "off"}
    for arguments in (["vet"], ["build", "-o", str(folder / "service")]):
        command = [go, arguments[0], "-buildvcs=false", "-modfile=debian.mod", *arguments[1:], "./page"]
        subprocess.run(command, cwd=port, env=environment, check=True, timeout=300)
    return [str(folder / "service")]


def write_php(folder: Path) -> list[str]:
    php = find_program("php")
    (folder / "service.php").write_text(find_block("php"))
    (folder / "vendor").mkdir()
    (folder / "vendor" / "autoload.php").write_text(f"<?php require '{PORTS / 'php' / 'autoload.php'}';")
    return ["sh", "-c", f'exec {php} -S "127.0.0.1:$PORT" service.php']


def write_ruby(folder: Path) -> list[str]:
    ruby = find_program("ruby")
    if subprocess.run([ruby, "-e", 'require "rbnacl"'], capture_output=True, timeout=60, check=False).returncode:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("needs the gem rbnacl")
    (folder / "config.ru").write_text(find_block("ruby"))
    return [ruby, "-I", str(PORTS / "ruby" / "lib"), str(HERE / "rack_server.rb")]


WRITERS: dict[str, Callable[[Path], list[str]]] = {
    "JavaScript": write_javascript,
    "Go": write_go,
    "PHP": write_php,
    "Ruby": write_ruby,
}


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    return {"COOKIEJAR_SESSION_KEYS": Key.generate().to_text()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[tuple[str, Path]]:
    """The address of the page's Python application, and the configuration that the page's command printed."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.py").write_text(find_block("python"))
    command = find_block("sh").replace("python", sys.executable, 1)
    # tox sets PYTHONSAFEPATH, which a user does not.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    subprocess.run(["sh", "-ec", command], cwd=folder, env={**inherited, **environment}, check=True, timeout=60)
    serve = [sys.executable, "-m", "uvicorn", "shop:app", "--app-dir", str(folder), "--log-level", "warning"]
    with start_server(serve, folder=folder, environment=environment, log=folder / "log") as address:
        yield address, folder / "session.json"


@pytest.mark.parametrize("language", WRITERS)
def test_a_visitor_of_the_python_application_is_known_to_the_service(
    shop: tuple[str, Path], environment: dict[str, str], language: str, tmp_path: Path
) -> None:
    python, configuration = shop
    command = WRITERS[language](tmp_path)
    (tmp_path / "session.json").write_text(configuration.read_text())
    with start_server(command, folder=tmp_path, environment=environment, log=tmp_path / "log") as service:
        visitor = Visitor()
        visitor.post(python, "/sign-in", name="ada")
        assert [visitor.read(service) for _ in range(2)] == [{"user": "ada", "visits": count} for count in (1, 2)]
        assert visitor.read(python) == {"user": "ada", "visits": 2}
        check_a_refused_cookie_is_logged(service, tmp_path / "log")
        check_a_session_that_is_too_large_gets_an_answer(service, python, environment)


def check_a_refused_cookie_is_logged(service: str, log: Path) -> None:
    assert "refused" not in log.read_text()
    stranger = Visitor()
    stranger.cookies["__Host-session"] = CookieSessions(Keyring.generate()).mint({"user": "eve"}).token
    # A write would replace the cookie, although the service may have its key in a moment.
    answer = stranger.ask(service, "GET", "/read")
    assert (answer.status, answer.headers["retry-after"], answer.set_cookies) == (503, "10", [])
    assert answer.body.strip() == b"please try again in a moment"
    assert "session cookie refused: unknown-key\n" in log.read_text()
    stranger.cookies["__Host-session"] = "cj1.x"
    assert stranger.read(service) == {"user": None, "visits": 1}
    assert "session cookie refused: malformed\n" in log.read_text()


def check_a_session_that_is_too_large_gets_an_answer(service: str, python: str, environment: dict[str, str]) -> None:
    visitor = Visitor()
    visitor.cookies["__Host-session"] = mint_full_session(environment)
    answer = visitor.ask(service, "GET", "/read")
    assert (answer.status, answer.set_cookies) == (500, [])
    assert answer.body.strip() == b"the session cannot be kept"
    assert visitor.read(python)["visits"] == 0


def test_the_php_service_answers_503_while_the_key_file_is_not_valid(
    shop: tuple[str, Path], environment: dict[str, str], tmp_path: Path
) -> None:
    command = write_php(tmp_path)
    (tmp_path / "session.json").write_text(shop[1].read_text())
    (key_file := tmp_path / "keys").write_text(environment["COOKIEJAR_SESSION_KEYS"])
    keys = {"COOKIEJAR_SESSION_KEYS_FILE": str(key_file)}
    with start_server(command, folder=tmp_path, environment=keys, log=tmp_path / "log") as service:
        visitor = Visitor()
        assert visitor.read(service)["visits"] == 1
        key_file.write_text("nothing\n")
        answer = visitor.ask(service, "GET", "/read")
        assert (answer.status, answer.headers["retry-after"], answer.set_cookies) == (503, "10", [])
        assert answer.body == b"please try again in a moment"
        assert f"key file {key_file}: entry 1: " in (tmp_path / "log").read_text()
        key_file.write_text(environment["COOKIEJAR_SESSION_KEYS"])
        assert visitor.read(service)["visits"] == 2


def mint_full_session(environment: dict[str, str]) -> str:
    """Return a token that has no room for a count of visits."""
    sessions = CookieSessions(Keyring.from_environment(environment))
    for length in range(2000, 0, -1):
        with suppress(SessionTooLargeError):
            return sessions.mint({"user": "x" * length}).token
    raise AssertionError("every session is too large")


def test_every_language_with_an_example_has_a_test() -> None:
    headings = re.findall(r"^### (.*)$", PAGE.text, re.MULTILINE)
    assert headings == list(WRITERS) == list(LANGUAGES)
    assert set(re.findall(r"^```(\w+)$", PAGE.text, re.MULTILINE)) == {"python", "sh", *LANGUAGES.values()}
