"""The PHP port beside a started Python application, and its installation by composer as its README says.

The port runs in one process for all requests (worker.php), and behind PHP's own server, which begins anew with each
request, as php-fpm does.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import (
    CHECKS,
    COOKIE,
    PORTS,
    Pair,
    Visitor,
    check_a_key_file_without_a_key_keeps_the_keys_in_use,
    each_check,
    find_program,
    send_request,
    start_pair,
)

PHP_PORT = PORTS / "php"
LIVE = PHP_PORT / "tests" / "live"
# PHP's own server takes its address as an argument.
SERVER = ["sh", "-c", 'exec php -S "127.0.0.1:$PORT" index.php']
# Each request reads the file: with a bad file there are no keys from before.
CHECKS_OF_REQUESTS = [check for check in CHECKS if check is not check_a_key_file_without_a_key_keeps_the_keys_in_use]


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    command = [find_program("php"), "worker.php"]
    with start_pair(command, folder=LIVE, key_file=tmp_path_factory.mktemp("worker") / "keys") as started:
        yield started


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    find_program("php")
    with start_pair(SERVER, folder=LIVE, key_file=tmp_path_factory.mktemp("requests") / "keys") as started:
        yield started


@each_check
def test_one_process_for_all_requests(worker: Pair, check: Callable[[Pair], None]) -> None:
    check(worker)


@pytest.mark.parametrize("check", CHECKS_OF_REQUESTS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_each_request_begins_anew(requests: Pair, check: Callable[[Pair], None]) -> None:
    check(requests)


def test_a_bad_key_file_where_each_request_begins_anew_sends_no_cookie(requests: Pair) -> None:
    visitor = Visitor()
    visitor.post(requests.python, "/sign-in", name="ada")
    content = requests.key_file.read_text()
    requests.key_file.write_text("nothing\n")
    try:
        answer = send_request(requests.port, "GET", "/read", visitor.cookies)
    finally:
        requests.key_file.write_text(content)
    assert (answer.status, answer.set_cookies) == (500, [])
    assert visitor.cookies[COOKIE]
    assert visitor.read(requests.port)["user"] == "ada"


def test_install_commands_of_the_readme_work(tmp_path: Path) -> None:
    find_program("composer")
    readme = (PHP_PORT / "README.md").read_text()
    (block,) = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "cookiejar-session-php").symlink_to(PHP_PORT)
    # An empty folder.
    application = tmp_path / "application"
    application.mkdir()
    # Without the package index, which the port does not need.
    (tmp_path / "config.json").write_text('{"repositories": {"packagist.org": false}}')
    environment = {
        **os.environ,
        "COMPOSER_HOME": str(tmp_path),
        "COMPOSER_ALLOW_SUPERUSER": "1",
        "COMPOSER_NO_AUDIT": "1",
    }
    for line in block.splitlines():
        command = [*shlex.split(line), "--no-interaction"]
        subprocess.run(command, cwd=application, env=environment, check=True, timeout=120, capture_output=True)
    probe = "require 'vendor/autoload.php'; echo CookiejarSession\\Key::generate()->toText();"
    shown = subprocess.run(
        ["php", "-r", probe], cwd=application, check=True, timeout=60, capture_output=True, text=True
    )
    assert re.fullmatch(r"cjk1_[\w-]{48}", shown.stdout)
