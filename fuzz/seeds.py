"""Seeds of the fuzzers: the inputs of the vectors, by operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference.vectors import list_vectors


def list_inputs(*ops: str) -> Iterator[dict[str, Any]]:
    """The inputs of all vectors of these ops."""
    return (vector.given for vector in list_vectors() if vector.op in ops)
