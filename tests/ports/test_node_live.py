"""The Node port beside a started Python application, and the installation and the Express example of its README."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator

import pytest
from live import Pair, Visitor, each_check, find_program, start_pair, start_server
from live_sessions import make_sessions
from node_program import NODE_PORT, find_installed_node

from cookiejar_session import Key, Keyring

README = (NODE_PORT / "README.md").read_text()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    command = [find_installed_node(), "test/live.js"]
    with start_pair(command, folder=NODE_PORT, key_file=tmp_path_factory.mktemp("node") / "keys") as started:
        yield started


@each_check
def test_live(pair: Pair, check: Callable[[Pair], None]) -> None:
    check(pair)


@pytest.fixture(scope="module")
def express(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of README's Express application, in a folder into which README's command has installed the port."""
    folder = tmp_path_factory.mktemp("express")
    (folder / "cookiejar-session-node").symlink_to(NODE_PORT)
    application = folder / "application"
    application.mkdir()
    (application / "package.json").write_text('{"type": "module"}')
    keyring = Keyring.generate()
    (application / "session.json").write_text(make_sessions(keyring).configuration_json())
    for name, text in re.findall(r"```js\n// (\S+)\n(.*?)```", README, re.DOTALL):
        # The harness waits until the application answers this path.
        (application / name).write_text(text.replace('app.get("/",', 'app.get(["/", "/read"],'))
    (command,) = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)
    find_program("npm")
    for line in (command, "npm install express@5"):
        options = ["--prefer-offline", "--no-audit", "--no-fund"]
        subprocess.run(
            [*shlex.split(line), *options], cwd=application, check=True, timeout=300, stdout=subprocess.DEVNULL
        )
    environment = {"COOKIEJAR_SESSION_KEYS": Key.generate().to_text()}
    start = [find_program("node"), "express.js"]
    with start_server(start, folder=application, environment=environment, log=folder / "log") as address:
        yield address


def test_express_counts_and_keeps_its_response_private(express: str) -> None:
    visitor = Visitor()
    answers = [visitor.ask(express, "GET", "/") for _ in range(2)]
    assert [answer.body for answer in answers] == [{"user": None, "visits": visits} for visits in (1, 2)]
    assert [(answer.headers["cache-control"], answer.headers["vary"]) for answer in answers] == [
        ("private", "Cookie")
    ] * 2


def test_express_answers_500_where_the_session_is_too_large(express: str) -> None:
    visitor = Visitor()
    visitor.ask(express, "GET", "/")
    before = dict(visitor.cookies)
    answer = visitor.ask(express, "GET", "/fill")
    assert (answer.status, answer.body, answer.set_cookies) == (500, b"Sorry, that was too much.", [])
    assert visitor.cookies == before
    assert visitor.ask(express, "GET", "/").body["visits"] == 2
