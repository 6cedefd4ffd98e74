"""The vectors as they stand in the files. Knows nothing of who answers them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Vector:
    """One case, with the op of its file; ``expect`` is JSON text that :func:`render_result` gives."""

    id: str
    op: str
    clauses: tuple[str, ...]
    given: dict[str, Any]
    expect: str


def list_vectors() -> list[Vector]:
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return [vector for file in manifest["files"] for vector in read_vectors(FOLDER / file["name"])]


def read_vectors(path: Path) -> list[Vector]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return [
        Vector(case["id"], content["op"], tuple(case["clauses"]), case["input"], render_result(case["expect"]))
        for case in content["cases"]
    ]


def render_result(result: object) -> str:
    """JSON text in which 1, 1.0 and true are three things and the order of an object's fields is none."""
    return json.dumps(result, sort_keys=True)
