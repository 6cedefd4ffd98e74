"""The reference reader of conformance/: it answers every vector of its ops, cites SPEC.md, and is on its own."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "conformance"))

from reference.mutants import SOURCES, list_imported, read_clauses  # noqa: E402
from reference.reader import OPS, answer  # noqa: E402
from reference.vectors import Vector, list_vectors, render_result  # noqa: E402

SPEC = (ROOT / "SPEC.md").read_text(encoding="utf-8")
VECTORS = [vector for vector in list_vectors() if vector.op in OPS]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_the_reference_answers_each_vector_exactly(vector: Vector) -> None:
    assert render_result(answer(vector.op, vector.given)) == vector.expect


def test_there_are_vectors_of_each_op_of_the_reference() -> None:
    assert {vector.op for vector in VECTORS} == set(OPS)


@pytest.mark.parametrize("module", SOURCES)
def test_the_reference_imports_nothing_but_the_standard_library_and_nacl(module: str) -> None:
    nodes = list(ast.walk(ast.parse(SOURCES[module])))
    absolute = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    absolute |= {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    assert {name.partition(".")[0] for name in absolute} <= sys.stdlib_module_names | {"nacl"}
    assert set(list_imported(SOURCES[module])) <= SOURCES.keys()


@pytest.mark.parametrize("module", SOURCES)
def test_each_refusal_of_the_reference_cites_its_clause(module: str) -> None:
    clauses = read_clauses(SOURCES[module])
    refusals = [node for node in ast.walk(ast.parse(SOURCES[module])) if isinstance(node, ast.Raise)]
    assert [node.lineno for node in refusals if "Refused" in ast.unparse(node) and node.lineno not in clauses] == []


@pytest.mark.parametrize("module", SOURCES)
def test_each_clause_that_the_reference_cites_is_in_the_specification(module: str) -> None:
    for cited in read_clauses(SOURCES[module]).values():
        for clause in cited:
            number = re.fullmatch(r"([0-9.]+[0-9])(?: (?:step|item) [0-9]+)?", clause)
            assert number is not None, clause
            assert re.search(rf"^(\*\*|### ){re.escape(number[1])}[ .*]", SPEC, re.MULTILINE), clause
