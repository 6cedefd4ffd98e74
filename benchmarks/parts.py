"""The parts of the benchmarks: the tables of each part and their plotted columns. Measures nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from . import codec, codec_peers, floors, growth, instructions, memory, middleware, servers
from .asgi_stacks import ASGI_STACKS
from .framework_stacks import FRAMEWORKS
from .stacks import make_all
from .tables import Table
from .timing import Effort
from .wsgi_stacks import WSGI_STACKS


class Part(NamedTuple):
    """A function that measures, and the columns of its tables that the plots show."""

    measure: Callable[[Effort], list[Table]]
    plotted: tuple[str, ...]


def measure_codec(effort: Effort) -> list[Table]:
    """Seal and open of every codec, a table for each content."""
    return codec.make_tables(*make_all(codec_peers.CODECS), effort)


def measure_middleware(effort: Effort) -> list[Table]:
    """What each library adds to a request, a table for ASGI and one for WSGI."""
    title = "What a session library adds to a bare {} application"
    return [
        middleware.make_table("middleware-asgi", title.format("ASGI"), *make_all(ASGI_STACKS), effort=effort),
        middleware.make_table("middleware-wsgi", title.format("WSGI"), *make_all(WSGI_STACKS), effort=effort),
    ]


def measure_integrations(effort: Effort) -> list[Table]:
    """What each integration adds to a request, beside the framework's own sessions."""
    return [
        middleware.make_table(
            f"integration-{name.lower()}",
            f"What sessions add to a request of {name}",
            *make_all(stacks),
            effort=effort,
        )
        for name, stacks in FRAMEWORKS.items()
    ]


def measure_memory(_effort: Effort) -> list[Table]:
    """Memory of a request in flight."""
    return [memory.make_table()]


def measure_instructions(_effort: Effort) -> list[Table]:
    """Instruction counts beside their budget."""
    budget = instructions.read_budget().get(instructions.name_version(), {})
    return [instructions.make_table(instructions.count_all(), budget)]


def measure_servers(effort: Effort) -> list[Table]:
    """Requests per second behind real servers."""
    return [servers.make_table(effort)]


PARTS: dict[str, Part] = {
    "codec": Part(measure_codec, ("seal", "open")),
    "middleware": Part(measure_middleware, middleware.CASES),
    "integrations": Part(measure_integrations, middleware.CASES),
    "growth": Part(growth.make_tables, ("time", "seal", "open")),
    "floors": Part(floors.make_tables, ("seal", "open", *middleware.CASES)),
    "memory": Part(measure_memory, ("untouched", "opened")),
    "servers": Part(measure_servers, tuple(servers.PATHS)),
    "instructions": Part(measure_instructions, ("ours", "bare", "Starlette")),
}
