"""The floors: the time of two programs that do less than the package. They decide no target."""

from __future__ import annotations

from . import asgi_stacks, codec, codec_peers, least, middleware, tightest, wsgi_stacks
from .contents import TYPICAL
from .estimates import estimate_median, estimate_ratio
from .tables import Cell, Table
from .timing import Effort

OURS = codec_peers.OURS
# The keys are the names of the rows.
FLOORS = {"no checks": least, "all checks, no other case": tightest}


def make_tables(effort: Effort) -> list[Table]:
    """Return a table of seal and open and a table of requests for each stack."""
    asgi = {OURS: asgi_stacks.make_ours(), **{name: floor.make_asgi_stack() for name, floor in FLOORS.items()}}
    wsgi = {OURS: wsgi_stacks.make_ours(), **{name: floor.make_wsgi_stack() for name, floor in FLOORS.items()}}
    title = "What the package and the floors add to a bare {} application"
    return [
        _make_codec_table(effort),
        middleware.make_table("floors-asgi", title.format("ASGI"), asgi, {}, effort=effort),
        middleware.make_table("floors-wsgi", title.format("WSGI"), wsgi, {}, effort=effort),
    ]


def _make_codec_table(effort: Effort) -> Table:
    codecs = {OURS: codec_peers.make_ours(), **{name: floor.make_codec() for name, floor in FLOORS.items()}}
    sealing, opening = codec.measure_codecs(codecs, TYPICAL, effort=effort)
    both = codec.add_rounds(sealing, opening)
    rows: dict[str, tuple[Cell, ...]] = {}
    for name in both:
        figures = [estimate_median(times[name]).scaled(1e-3) for times in (sealing, opening, both)]
        rows[name] = (*figures, estimate_ratio(both[OURS], both[name]))
    columns = ("seal", "open", "seal + open", "ours over it")
    return Table(
        "floors-codec", "Seal and open of a typical session by the package and the floors", "µs", columns, rows
    )
