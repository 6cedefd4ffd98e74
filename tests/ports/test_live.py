"""live.py: its checks hold for a second Python application, so that a failure in a port is the port's fault."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import HERE, PORTS, Pair, Visitor, each_check, start_pair

from cookiejar_session import CookieSessions, Keyring

SERVE = (
    "import os, uvicorn; uvicorn.run('live_app:app', app_dir='.', port=int(os.environ['PORT']), log_level='warning')"
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    key_file = tmp_path_factory.mktemp("live") / "keys"
    with start_pair([sys.executable, "-c", SERVE], folder=HERE, key_file=key_file) as started:
        yield started


@each_check
def test_live(pair: Pair, check: Callable[[Pair], None]) -> None:
    check(pair)


def test_a_visitor_sends_what_it_was_given(pair: Pair) -> None:
    visitor = Visitor()
    visitor.post(pair.python, "/sign-in", name="ada")
    assert visitor.read(pair.port)["user"] == "ada"


@pytest.mark.parametrize("port", ["go", "ruby"])
def test_the_command_of_each_readme_writes_the_configuration(port: str, tmp_path: Path) -> None:
    (command,) = re.findall(r"^    (python -c .*)$", (PORTS / port / "README.md").read_text(), re.MULTILINE)
    (tmp_path / "shop.py").write_text(
        "from cookiejar_session import CookieSessions, Keyring\nsessions = CookieSessions(Keyring.generate())\n"
    )
    shell = shutil.which("sh")
    assert shell is not None
    command = command.replace("python", sys.executable, 1)
    # tox sets PYTHONSAFEPATH, which a user does not.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    subprocess.run([shell, "-ec", command], cwd=tmp_path, env=environment, check=True, timeout=60)
    expected = CookieSessions(Keyring.generate()).configuration_json()
    assert json.loads((tmp_path / "session.json").read_text()) == json.loads(expected)
