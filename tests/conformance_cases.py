"""The cases of the conformance suite as they stand in conformance/, for the tests that need them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from values import CAPABILITIES

Case = dict[str, Any]
CONFORMANCE = Path(__file__).parent.parent / "conformance"
MANIFEST = json.loads((CONFORMANCE / "manifest.json").read_bytes())
FIELDS = {"id", "clauses", "comment", "flags", "needs", "input", "expect"}


def load_cases(name: str) -> list[Case]:
    vectors = json.loads((CONFORMANCE / name).read_bytes())
    assert set(vectors) == {"suite", "version", "op", "comment", "cases"}
    assert vectors["cases"], f"{name} is empty"
    for case in vectors["cases"]:
        assert FIELDS <= set(case) <= FIELDS | {"seconds"}, f"{name}: {case.get('id')} has unknown fields"
    return [{**case, "op": vectors["op"]} for case in vectors["cases"]]


CASES = [case for file in MANIFEST["files"] for case in load_cases(file["name"])]
SAYABLE = [case for case in CASES if set(case["needs"]) <= set(CAPABILITIES)]


def of_op(*ops: str) -> list[Case]:
    return [case for case in SAYABLE if case["op"] in ops]
