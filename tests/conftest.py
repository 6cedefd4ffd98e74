"""Shared fixtures: published keys, a clock that tests set, and configured objects."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import secret_search
from shared_values import NOW, PUBLISHED_KEY

from cookiejar_session import CookieSessions, Keyring, telemetry

# The published key of SPEC 18. Keyrings refuse it without _allow_published.
HARNESS = "cookiejar_session_harness"
# The files that take longest, the longest first. Each run of tox prints the present order at its end ("slowest files").
SLOWEST = (
    "test_docs.py",
    "test_browser.py",
    "test_servers.py",
    "test_reader_mutants.py",
    "test_live_servers.py",
    "test_conformance_runner.py",
    "test_drill.py",
    "test_benchmarks.py",
    "test_introspection.py",
    "test_conformance.py",
    "test_caches.py",
    "test_envelope.py",
    "test_django_guide.py",
    "test_wsgi.py",
    "test_exchange.py",
    "test_node_live.py",
    "test_app.py",
    "test_traps.py",
    "test_three_frameworks.py",
    "test_mixed_stacks.py",
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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: the tests of servers and of the browser wait much of their time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector away from the 20,000 tests: it would visit them in each of its full collections.

    A test that calls it needs a second then, and there are hundreds. What a test itself makes is collected as ever.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest files first, so that at the end no worker of pytest-xdist waits long for another."""
    order = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def pytest_runtest_setup() -> None:
    """Forget the key ids that the process has warned about. A hook, since a fixture of each test takes longer."""
    telemetry._unknown_keys.clear()


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


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print how many seconds the tests of the slowest files took, where --durations asks for the slowest tests."""
    count = config.option.durations
    if count is None:
        return
    seconds = Counter[str]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration
    terminalreporter.section("slowest files")
    for name, sum_ in seconds.most_common(count or None):
        terminalreporter.write_line(f"{sum_:8.2f}s {name}")


def find_harness() -> Any:
    return sys.modules[HARNESS]


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
