"""Download a peer's source distribution, run its tests against our sessions, and judge the outcomes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from peer import Peer

PEERS_FOLDER = Path(__file__).parent
# In seconds. Django's suite is the longest.
RUN_LIMIT = 600


def download(peer: Peer, version: str, folder: Path) -> Path:
    """Download and unpack the source distribution, and return its folder.

    pip builds the metadata before it keeps the file, so the build backend must be installed.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--no-binary", ":all:", "--dest", str(folder), f"{peer.name}=={version}"]
    subprocess.run(command, check=True, timeout=RUN_LIMIT)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as source:
        source.extractall(folder, filter="data")
    (unpacked,) = (each for each in folder.iterdir() if each.is_dir())
    return unpacked


def run(peer: Peer, suite: str, unpacked: Path) -> tuple[dict[str, str], str]:
    """Run the tests in a process of their own. Returns the outcome of each test, and what the run printed."""
    outcomes = unpacked / "peer_outcomes.json"
    # PYTHONSAFEPATH: the framework comes from the installed wheel, not from the folder of the source distribution.
    names = {"PEER_SUITE": suite, "PEER_OUTCOMES": str(outcomes)}
    environ = {**os.environ, **names, "PYTHONPATH": str(PEERS_FOLDER), "PYTHONSAFEPATH": "1"}
    command = [sys.executable, *peer.command, *peer.tests]
    finished = subprocess.run(
        command, cwd=unpacked / peer.folder, env=environ, capture_output=True, text=True, check=False, timeout=RUN_LIMIT
    )
    printed = finished.stdout + finished.stderr
    return json.loads(outcomes.read_text()) if outcomes.exists() else {}, printed


def judge(peer: Peer, version: str, outcomes: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the outcomes: one text for each test, and one for the number of tests that pass."""
    deselected = {**peer.deselected, **peer.deselected_in.get(version, {})}
    # The entry of each deselected test that ran: its own, or the one without parameters.
    entries = {test: entry for test in outcomes for entry in (test.partition("[")[0], test) if entry in deselected}
    faults = [f"{test} failed" for test, outcome in outcomes.items() if outcome == "failed" and test not in entries]
    for entry in deselected:
        found = {outcomes[test] for test in entries if entries[test] == entry}
        if found != {"failed"}:
            faults.append(f"{entry} is deselected, but {' and '.join(sorted(found)) or 'not there'}")
    passed = list(outcomes.values()).count("passed")
    if passed != peer.versions.get(version):
        faults.append(f"{passed} tests of {peer.name} {version} passed, the row says {peer.versions.get(version)}")
    return faults
