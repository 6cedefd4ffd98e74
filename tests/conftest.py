"""Shared fixtures: published keys, a clock that tests set, and configured objects."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import secret_search
from shared_values import NOW, PUBLISHED_KEY

from cookiejar_session import CookieSessions, Keyring

# The published key of SPEC 18. Keyrings refuse it without _allow_published.
HARNESS = "cookiejar_session_harness"
# The files that take longest, the longest first. tox -e py313 -- --durations 50 tests shows the slowest tests.
SLOWEST = (
    "test_drill.py",
    "test_servers.py",
    "test_live_servers.py",
    "test_docs.py",
    "test_reader_mutants.py",
    "test_browser.py",
    "test_conformance_runner.py",
    "test_introspection.py",
    "test_conformance.py",
    "test_caches.py",
    "test_three_frameworks.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugins: harness.py, since test files cannot import one another, and secret_search.py."""
    spec = spec_from_file_location(HARNESS, Path(__file__).with_name("harness.py"))
    assert spec is not None
    assert spec.loader is not None
    harness = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(harness)
    config.pluginmanager.register(harness, spec.name)
    secret_search.install(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest files first, so that at the end no worker of pytest-xdist waits long for another."""
    order = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the ledger of a worker of pytest-xdist to the process that prints it; the worker itself fails by it."""
    output = getattr(session.config, "workeroutput", None)
    ledger = session.config.stash.get(find_harness().LEDGER, None)
    if output is not None and ledger is not None:
        output["ledger"] = (dict(ledger.counts), ledger.faults)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the ledger of a worker to the one that is printed."""
    harness = find_harness()
    counts, faults = getattr(node, "workeroutput", {}).get("ledger", ({}, []))
    ledger = node.config.stash.setdefault(harness.LEDGER, harness.Ledger())
    ledger.counts.update(counts)
    ledger.faults.extend(faults)


def find_harness() -> Any:
    return sys.modules[HARNESS]


@pytest.fixture(autouse=True)
def unknown_keys(monkeypatch: pytest.MonkeyPatch) -> set[bytes]:
    """The key ids that the process has warned about: none at the beginning of each test."""
    warned = set[bytes]()
    monkeypatch.setattr("cookiejar_session.telemetry._unknown_keys", warned)
    return warned


class Clock:
    """The clock of the wrappers, in seconds. Tests set it."""

    def __init__(self, now: int) -> None:
        self.now = now

    def time(self) -> float:
        return float(self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that wsgi.py, asgi.py and cookie_sessions.py read, stopped at 2026-01-01T00:00:00Z."""
    stopped = Clock(NOW)
    for module in ("wsgi", "asgi", "cookie_sessions"):
        monkeypatch.setattr(f"cookiejar_session.{module}.time", SimpleNamespace(time=stopped.time))
    return stopped


@pytest.fixture
def published_keyring() -> Keyring:
    """The keyring of the golden tokens."""
    return Keyring.parse(PUBLISHED_KEY, now=NOW, _allow_published=True)


@pytest.fixture
def make_sessions(published_keyring: Keyring) -> Callable[..., CookieSessions[Any]]:
    """Make CookieSessions under the published key. Keyword arguments are those of the class."""

    def make(keyring: Keyring = published_keyring, **options: Any) -> CookieSessions[Any]:
        return CookieSessions(keyring, **options)

    return make
