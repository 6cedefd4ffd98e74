"""The targets: rows of a ratio and what it is to reach, judged by the worse end of its interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from . import codec, codec_peers, growth, instructions
from .asgi_stacks import ASGI_STACKS, LITESTAR, OURS, STARLETTE
from .contents import TYPICAL
from .estimates import Estimate, estimate_added_ratio, estimate_ratio
from .instruction_work import FLOORS
from .middleware import CHANGED, NO_COOKIE, READ, UNTOUCHED, measure_case, name_bare
from .stacks import Stack, make_all
from .timing import Effort
from .wsgi_stacks import BEAKER, DJANGO, FLASK, WSGI_STACKS

T = TypeVar("T")


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

    def is_surely_missed(self, ratio: Estimate) -> bool:
        """Whether not even the better end of the interval reaches it."""
        return ratio.low > self.limit if self.at_most else ratio.high < self.limit


class Row(NamedTuple):
    """A target, what was measured, and what each of FLOORS comes to in the same rounds."""

    target: Target
    ratio: Estimate
    floors: tuple[Estimate, ...] = ()

    @property
    def is_reached(self) -> bool:
        """Whether it counts as reached."""
        return self.target.is_reached(self.ratio)

    @property
    def is_beyond_reach(self) -> bool:
        """Whether not even a floor reaches it."""
        return any(map(self.target.is_surely_missed, self.floors))


def measure_codec(effort: Effort) -> Iterator[Row]:
    """The rows of seal and open of the typical session."""
    ours, starlette, fernet, litestar = (
        codec_peers.OURS,
        codec_peers.STARLETTE,
        codec_peers.FERNET,
        codec_peers.LITESTAR,
    )
    floors = {name: floor.make_codec() for name, floor in FLOORS.items()}
    codecs = {**_make_needed(codec_peers.CODECS, ours, starlette, fernet, litestar), **floors}
    times = codec.add_rounds(*codec.measure_codecs(codecs, TYPICAL, effort=effort))

    def compare(target: Target, over: str, under: str | None = None) -> Row:
        """The ratio of ``over`` to ``under``, one of which, left out or OURS, is ours."""
        ratio, *floors = (
            estimate_ratio(times[name if over == ours else over], times[name if under is None else under])
            for name in (ours, *FLOORS)
        )
        return Row(target, ratio, tuple(floors))

    yield compare(Target("seal + open: ours over the bare pair", 2.2, True), ours, codec.BARE)
    yield compare(Target("seal + open: Starlette's over ours", 1.7, False), starlette)
    yield compare(Target("seal + open: Fernet's over ours", 2.1, False), fernet)
    yield compare(Target("seal + open: ours over Litestar's", 1.6, True), ours, litestar)


def measure_asgi(effort: Effort) -> Iterator[Row]:
    """The rows of added cost against the ASGI peers."""
    floors = {name: floor.make_asgi_stack() for name, floor in FLOORS.items()}
    stacks = {**_make_needed(ASGI_STACKS, OURS, STARLETTE, LITESTAR), **floors}
    for case, limit in ((UNTOUCHED, 12), (NO_COOKIE, 2.5), (READ, 1.7)):
        pair = {name: stacks[name] for name in (OURS, STARLETTE, *FLOORS)}
        yield from _compare(case, pair, {STARLETTE: limit}, effort)
    yield from _compare(CHANGED, stacks, {STARLETTE: 2.0, LITESTAR: 3}, effort)


def measure_wsgi(effort: Effort) -> Iterator[Row]:
    """The rows of added cost against the WSGI peers."""
    floors = {name: floor.make_wsgi_stack() for name, floor in FLOORS.items()}
    stacks = {**_make_needed(WSGI_STACKS, OURS, FLASK, DJANGO, BEAKER), **floors}
    yield from _compare(CHANGED, stacks, {FLASK: 9, DJANGO: 6, BEAKER: 18}, effort)


def measure_growth(effort: Effort) -> Iterator[Row]:
    """The rows of ours compared with itself."""
    rings = growth.measure_rings(effort, sizes=(1, 16))
    ratio = estimate_ratio(rings[growth.LAST_OF_SIXTEEN], rings[growth.RING_OF_ONE])
    yield Row(Target("open: ring of 16, last key, over ring of 1", 1.05, True), ratio)
    others = growth.measure_other_cookies(effort, counts=(0, 50))
    yield Row(Target("read: 50 other cookies over none", 1.3, True), estimate_ratio(others[50], others[0]))
    refusals = growth.measure_refusals(effort)
    for name in (growth.UNKNOWN_KEY, growth.JUNK):
        ratio = estimate_ratio(refusals[name], refusals[growth.FULL_OPEN])
        yield Row(Target(f"refusal: {name} over a full open", 0.4, True), ratio)


def measure_instructions(_effort: Effort) -> Iterator[Row]:
    """The rows of instruction counts, which have no interval."""
    counts = instructions.count_all(instructions.TARGETED)
    (codec_ratio, *codec_floors), (changed_ratio, *changed_floors) = (
        [Estimate(ratio, ratio, ratio) for ratio in ratios] for ratios in instructions.compute_ratios(counts)
    )
    target = Target("instructions: seal + open over the bare pair", 2.5, True)
    yield Row(target, codec_ratio, tuple(codec_floors))
    target = Target(f"instructions: {CHANGED}, Starlette's added over ours", 2.3, False)
    yield Row(target, changed_ratio, tuple(changed_floors))


MEASUREMENTS: tuple[Callable[[Effort], Iterator[Row]], ...] = (
    measure_codec,
    measure_asgi,
    measure_wsgi,
    measure_growth,
    measure_instructions,
)


def _compare(case: str, stacks: Mapping[str, Stack], limits: Mapping[str, float], effort: Effort) -> Iterator[Row]:
    times = measure_case(stacks, case, effort=effort)
    for peer, limit in limits.items():
        ratio, *floors = (
            estimate_added_ratio(times[peer], times[name_bare(peer)], times[name], times[name_bare(name)])
            for name in (OURS, *FLOORS)
        )
        yield Row(Target(f"{case}: {peer}'s added cost over ours", limit, False), ratio, tuple(floors))


def _make_needed(makers: Mapping[str, Callable[[], T]], *names: str) -> dict[str, T]:
    made, absent = make_all({name: makers[name] for name in names})
    for name, reason in absent.items():
        raise RuntimeError(f"a target needs {name}, which cannot be had here: {reason}")
    return made
