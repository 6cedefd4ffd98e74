"""The Node port beside a started Python application, and the installation and the Express example of its README."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator

import pytest
from live import COOKIE, Pair, Visitor, each_check, find_program, start_pair, start_server
from live_sessions import make_sessions
from node_program import NODE_PORT, find_installed_node

from cookiejar_session import Key, Keyring

README = (NODE_PORT / "README.md").read_text()
NPM_OPTIONS = {"prefer_offline": "true", "audit": "false", "fund": "false"}
FAILING_ROUTES = """
app.get("/by-name/:name", (request, response) => response.send("found"));
app.get("/fill", ({ session }, response) => {
  session.set("text", "x".repeat(5000));
  session.commitTo(response);
  response.send("never sent");
});
app.get("/big", ({ session }, response) => {
  session.set("big", 2n ** 60n);
  session.commitTo(response);
  response.json(session.get("big"));
});
"""


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
    keyring = Keyring.generate()
    (application / "session.json").write_text(make_sessions(keyring).configuration_json())
    for name, text in re.findall(r"```js\n// (\S+)\n(.*?)```", README, re.DOTALL):
        # The harness waits until the application answers /read. The other paths fail, before, in and after commitTo.
        (application / name).write_text(text.replace('app.get("/",', f'{FAILING_ROUTES}app.get(["/", "/read"],'))
    (commands,) = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)
    find_program("npm")
    options = {f"npm_config_{name}": value for name, value in NPM_OPTIONS.items()}
    # npm ci fails where the lock file does not have what the port needs.
    for line in (commands, "npm install express@5", "npm ci"):
        subprocess.run(
            ["sh", "-ec", line],
            cwd=application,
            env={**os.environ, **options},
            check=True,
            timeout=300,
            stdout=subprocess.DEVNULL,
        )
    assert not (application / "node_modules" / "cookiejar-session").is_symlink()
    environment = {"COOKIEJAR_SESSION_KEYS": Key.generate().to_text(), "NODE_ENV": "production"}
    start = [find_program("node"), "express.js"]
    with start_server(start, folder=application, environment=environment, log=folder / "log") as address:
        yield address


def test_express_counts_and_keeps_its_response_private(express: str) -> None:
    visitor = Visitor()
    answers = [visitor.ask(express, "GET", "/") for _ in range(2)]
    assert [answer.body for answer in answers] == [{"user": None, "visits": visits, "notices": []} for visits in (1, 2)]
    assert [(answer.headers["cache-control"], answer.headers["vary"]) for answer in answers] == [
        ("private", "Cookie")
    ] * 2


def test_express_keeps_the_session_of_a_redirect(express: str) -> None:
    visitor = Visitor()
    answer = visitor.ask(express, "POST", "/sign-in")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert visitor.ask(express, "GET", "/").body == {"user": "ada", "visits": 1, "notices": ["Welcome!"]}
    assert visitor.ask(express, "GET", "/").body == {"user": "ada", "visits": 2, "notices": []}


def test_express_writes_nothing_where_another_server_may_open_the_cookie(express: str) -> None:
    visitor = Visitor()
    visitor.cookies[COOKIE] = make_sessions(Keyring.generate()).mint({"user": "ada"}).token
    before = dict(visitor.cookies)
    answer = visitor.ask(express, "GET", "/")
    assert (answer.status, answer.headers["retry-after"], answer.set_cookies) == (503, "10", [])
    assert visitor.cookies == before
    assert visitor.ask(express, "POST", "/sign-in").status == 303
    assert visitor.ask(express, "GET", "/").body["user"] == "ada"


def test_express_answers_other_errors_itself(express: str) -> None:
    visitor = Visitor()
    assert visitor.ask(express, "GET", "/by-name/%ff").status == 400
    answer = visitor.ask(express, "GET", "/big")
    assert answer.status == 500
    # README: the cookie goes out with the error page, and the stack trace does not where NODE_ENV is "production".
    assert len(answer.set_cookies) == 1
    assert b"express.js" not in answer.body


def test_express_answers_500_where_the_session_is_too_large(express: str) -> None:
    visitor = Visitor()
    visitor.ask(express, "GET", "/")
    before = dict(visitor.cookies)
    answer = visitor.ask(express, "GET", "/fill")
    assert (answer.status, answer.body, answer.set_cookies) == (500, b"Sorry, that was too much.", [])
    assert visitor.cookies == before
    assert visitor.ask(express, "GET", "/").body["visits"] == 2
