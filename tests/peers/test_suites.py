"""The peers' own tests of their sessions pass against ours, but for those that their row lists with a reason."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from suite_run import PEERS_FOLDER, download, judge, run

SUITES = sorted(path.stem for path in PEERS_FOLDER.glob("*_suite.py"))


@pytest.mark.parametrize("suite", SUITES)
def test_suite_of_a_peer_passes(suite: str, tmp_path: Path) -> None:
    peer = import_module(suite).PEER
    installed = version(peer.name)
    outcomes, printed = run(peer, suite, download(peer, installed, tmp_path))
    faults = judge(peer, installed, outcomes)
    assert not faults, "\n".join([*faults, "", printed])
