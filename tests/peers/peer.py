"""One row of the table of peers: a framework whose own tests of its sessions run against ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A source distribution and the tests in it.

    ``name`` is the distribution on the package index. ``versions`` maps each version whose tests are known to the
    number of them that pass. ``tests`` are paths in the source distribution, and ``folder`` is the folder in it where
    they run. ``deselected`` maps the id of each test that fails on purpose to the reason. An id without parameters
    stands for the test with every parameter. ``deselected_in`` maps a version to what only this version deselects.

    ``command`` are the arguments of Python that run the tests; ``tests`` follow. The tests run in a process of their
    own. The environment variable PEER_SUITE names the module of the row, and PEER_OUTCOMES the file into which the
    command writes a JSON object: the id of each test that ran, with "passed", "failed" or "skipped".
    """

    name: str
    versions: Mapping[str, int]
    tests: tuple[str, ...]
    deselected: Mapping[str, str] = field(default_factory=dict)
    deselected_in: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    folder: str = "."
    # The suite's own pytest configuration applies; the plugin puts our sessions in place and records the outcomes.
    command: tuple[str, ...] = ("-m", "pytest", "-p", "outcome_recorder", "-p", "no:cacheprovider", "-q", "--tb=short")
