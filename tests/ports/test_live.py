"""live.py: its checks hold for a second Python application, so that a failure in a port is the port's fault."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from live import HERE, Pair, Visitor, each_check, start_pair

SERVE = "import os, uvicorn; uvicorn.run('live_app:app', port=int(os.environ['PORT']), log_level='warning')"


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
