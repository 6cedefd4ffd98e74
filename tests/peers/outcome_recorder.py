"""A pytest plugin inside a peer's test run: puts our sessions in place, and records the outcome of each test."""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path

import pytest

OUTCOMES: dict[str, str] = {}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Call the row's ``put_in_place`` before the suite's own conftest.py imports the framework's sessions."""
    import_module(os.environ["PEER_SUITE"]).put_in_place()


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        OUTCOMES[report.nodeid] = "failed"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test has three reports. It failed if one of them did, and passed if it was called and none failed."""
    if report.failed:
        OUTCOMES[report.nodeid] = "failed"
    elif report.skipped or report.when == "call":
        OUTCOMES.setdefault(report.nodeid, report.outcome)


def pytest_sessionfinish() -> None:
    Path(os.environ["PEER_OUTCOMES"]).write_text(json.dumps(OUTCOMES))
