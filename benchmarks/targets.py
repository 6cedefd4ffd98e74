"""The targets: rows of a ratio and what it is to reach, judged by the worse end of its interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import asgi_stacks, codec, codec_peers, middleware
from .contents import TYPICAL
from .estimates import Estimate, estimate_added_ratio, estimate_ratio
from .timing import Effort, time_actions


class Target(NamedTuple):
    """What a ratio is to reach: at most, or at least, this."""

    case: str
    limit: float
    at_most: bool

    @property
    def text(self) -> str:
        """As it stands in the table."""
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"

    def is_reached(self, ratio: Estimate) -> bool:
        """Whether the worse end of the interval reaches it."""
        return ratio.high <= self.limit if self.at_most else ratio.low >= self.limit


class Row(NamedTuple):
    """A target and what was measured."""

    target: Target
    ratio: Estimate

    @property
    def is_reached(self) -> bool:
        """Whether it counts as reached."""
        return self.target.is_reached(self.ratio)


def measure_codec(effort: Effort) -> Iterator[Row]:
    """The rows of seal and open of the typical session."""
    ours, starlette, fernet, litestar = (
        codec_peers.OURS,
        codec_peers.STARLETTE,
        codec_peers.FERNET,
        codec_peers.LITESTAR,
    )
    codecs, absent = codec.make_codecs((ours, starlette, fernet, litestar))
    _refuse_absent(absent)
    actions = codec.make_pairs(codecs, TYPICAL)
    actions[codec.BARE] = codec.make_bare_pair(len(codecs[ours].seal(TYPICAL)))
    times = time_actions(actions, effort=effort)
    yield Row(Target("seal + open: ours over the bare pair", 2.2, True), estimate_ratio(times[ours], times[codec.BARE]))
    yield Row(Target("seal + open: Starlette's over ours", 1.7, False), estimate_ratio(times[starlette], times[ours]))
    yield Row(Target("seal + open: Fernet's over ours", 2.1, False), estimate_ratio(times[fernet], times[ours]))
    yield Row(Target("seal + open: ours over Litestar's", 1.6, True), estimate_ratio(times[ours], times[litestar]))


def measure_asgi(effort: Effort) -> Iterator[Row]:
    """The rows of added cost against the ASGI peers."""
    ours, starlette, litestar = asgi_stacks.OURS, asgi_stacks.STARLETTE, asgi_stacks.LITESTAR
    wanted = {name: asgi_stacks.STACKS[name] for name in (ours, starlette, litestar)}
    stacks, absent = middleware.make_stacks(wanted)
    _refuse_absent(absent)
    limits = {
        middleware.UNTOUCHED: 12,
        middleware.NO_COOKIE: 2.5,
        middleware.READ: 1.7,
        middleware.CHANGED: 2.0,
    }
    for case, limit in limits.items():
        competing = stacks if case == middleware.CHANGED else {name: stacks[name] for name in (ours, starlette)}
        times = time_actions(middleware.make_asgi_actions(competing, case), effort=effort)
        bare = times[middleware.BARE]
        ratio = estimate_added_ratio(times[starlette], times[ours], bare)
        yield Row(Target(f"{case}: Starlette's added cost over ours", limit, False), ratio)
        if case == middleware.CHANGED:
            ratio = estimate_added_ratio(times[litestar], times[ours], bare)
            yield Row(Target(f"{case}: Litestar's added cost over ours", 3, False), ratio)


MEASUREMENTS: tuple[Callable[[Effort], Iterator[Row]], ...] = (measure_codec, measure_asgi)


def _refuse_absent(absent: dict[str, str]) -> None:
    for name, reason in absent.items():
        raise RuntimeError(f"a target needs {name}, which cannot be had here: {reason}")
