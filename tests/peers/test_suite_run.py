"""How the outcomes of a peer's suite are judged: every deselected test must fail, every other test must not."""

from __future__ import annotations

import pytest
from peer import Peer
from suite_run import judge

PEER = Peer(
    name="web",
    versions={"1.0": 1, "1.1": 1},
    tests=("t.py",),
    deselected={"t.py::odd": "odd", "t.py::one[b]": "b"},
    deselected_in={"1.1": {"t.py::new": "new"}},
)
GOOD = {"t.py::even": "passed", "t.py::odd[a]": "failed", "t.py::odd[b]": "failed", "t.py::one[b]": "failed"}


def test_deselected_tests_that_fail_are_no_fault() -> None:
    assert judge(PEER, "1.0", GOOD) == []


def test_test_that_is_deselected_in_one_version_must_not_fail_in_another() -> None:
    outcomes = {**GOOD, "t.py::new": "failed"}
    assert judge(PEER, "1.1", outcomes) == []
    assert judge(PEER, "1.0", outcomes) == ["t.py::new failed"]


def test_skipped_test_is_no_fault() -> None:
    assert judge(PEER, "1.0", {**GOOD, "t.py::late": "skipped"}) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"t.py::late": "failed"}, "t.py::late failed"),
        ({"t.py::one[a]": "failed"}, "t.py::one[a] failed"),
        ({"t.py::odd[a]": "skipped"}, "t.py::odd is deselected, but failed and skipped"),
    ],
)
def test_fault_names_the_test(change: dict[str, str], fault: str) -> None:
    assert judge(PEER, "1.0", {**GOOD, **change}) == [fault]


def test_deselected_test_that_passes_is_a_fault() -> None:
    faults = judge(PEER, "1.0", {**GOOD, "t.py::odd[a]": "passed"})
    assert faults[0] == "t.py::odd is deselected, but failed and passed"


def test_deselected_test_that_is_not_there_is_a_fault() -> None:
    outcomes = {test: outcome for test, outcome in GOOD.items() if "odd" not in test}
    assert judge(PEER, "1.0", outcomes) == ["t.py::odd is deselected, but not there"]


def test_number_of_tests_that_pass_is_the_row_s() -> None:
    fault = "2 tests of web 1.0 passed, the row says 1"
    assert judge(PEER, "1.0", {**GOOD, "t.py::late": "passed"}) == [fault]


def test_version_without_a_row_is_a_fault() -> None:
    assert judge(PEER, "2.0", GOOD) == ["1 tests of web 2.0 passed, the row says None"]
