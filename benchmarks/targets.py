"""The targets: a ratio and its limit. The worse end of the ratio's interval decides whether a target is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from . import asgi_stacks, beside, django_stacks, growth, wsgi_stacks
from .estimates import Estimate, estimate_added_ratio, estimate_ratio
from .framework_stacks import FRAMEWORKS
from .middleware import CASES, CHANGED, NO_COOKIE, UNTOUCHED, measure_case, name_bare
from .stacks import Stack, make_all
from .timing import Effort

# Pyramid makes its session at the first use. It has no middleware, so it adds nothing to an untouched request.
EXEMPT = {(wsgi_stacks.PYRAMID, case) for case in (NO_COOKIE, UNTOUCHED)}
# How much more a changed session must cost with the framework's own sessions.
INTEGRATION_LIMITS = {"Flask": 3, "Django": 2}


class Target(NamedTuple):
    """A limit of a ratio: the ratio must be at most the limit, or else above it."""

    case: str
    limit: float
    at_most: bool

    @property
    def text(self) -> str:
        """The limit as the table shows it."""
        return f"{'≤' if self.at_most else '>'} {self.limit:g}"

    def is_reached(self, ratio: Estimate) -> bool:
        """Whether the worse end of the interval is within the limit."""
        return ratio.high <= self.limit if self.at_most else ratio.low > self.limit


class Row(NamedTuple):
    """A target and the ratio that was measured."""

    target: Target
    ratio: Estimate

    @property
    def is_reached(self) -> bool:
        """Whether the target is reached."""
        return self.target.is_reached(self.ratio)


def measure_asgi(effort: Effort) -> Iterator[Row]:
    """Ahead of every ASGI peer in every request case."""
    return _measure_peers("ASGI", asgi_stacks.OURS, _make_stacks(asgi_stacks.ASGI_STACKS), effort)


def measure_wsgi(effort: Effort) -> Iterator[Row]:
    """Ahead of every WSGI peer in every request case, except EXEMPT."""
    return _measure_peers("WSGI", wsgi_stacks.OURS, _make_stacks(wsgi_stacks.WSGI_STACKS), effort)


def measure_integrations(effort: Effort) -> Iterator[Row]:
    """The integrations for Flask and Django beside the framework's own sessions: a changed session."""
    for framework, limit in INTEGRATION_LIMITS.items():
        # The cache in memory is a dict of one process. It is only in the table.
        makers = {name: make for name, make in FRAMEWORKS[framework].items() if name != django_stacks.IN_MEMORY}
        stacks = _make_stacks(makers)
        times = measure_case(stacks, CHANGED, effort=effort)
        ours, *peers = stacks
        for peer in peers:
            ratio = estimate_added_ratio(times[peer], times[name_bare(peer)], times[ours], times[name_bare(ours)])
            yield Row(Target(f"{CHANGED}: {peer}'s added cost over the integration's", limit, False), ratio)


def measure_stacks(effort: Effort) -> Iterator[Row]:
    """WSGI beside ASGI."""
    for case in CASES:
        target = Target(f"{case}: WSGI's added cost over ASGI's", beside.MOST_OVER_ASGI, True)
        yield Row(target, beside.measure_over_asgi(case, effort))


def measure_growth(effort: Effort) -> Iterator[Row]:
    """Keys, other cookies and refusals beside the package's own time for one key, no other cookie and a full open."""
    rings = growth.measure_rings(effort, sizes=(1, 16))
    ratio = estimate_ratio(rings[growth.LAST_OF_SIXTEEN], rings[growth.RING_OF_ONE])
    yield Row(Target("open: keyring of 16, last key, over keyring of 1", 1.05, True), ratio)
    others = growth.measure_other_cookies(effort, counts=(0, 50))
    yield Row(Target("read: 50 other cookies over none", 1.3, True), estimate_ratio(others[50], others[0]))
    refusals = growth.measure_refusals(effort)
    for name in (growth.UNKNOWN_KEY, growth.JUNK):
        ratio = estimate_ratio(refusals[name], refusals[growth.FULL_OPEN])
        yield Row(Target(f"refusal: {name} over a full open", 0.4, True), ratio)


MEASUREMENTS: tuple[Callable[[Effort], Iterator[Row]], ...] = (
    measure_asgi,
    measure_wsgi,
    measure_integrations,
    measure_stacks,
    measure_growth,
)


def _measure_peers(kind: str, ours: str, stacks: Mapping[str, Stack], effort: Effort) -> Iterator[Row]:
    for case in CASES:
        measured = {name: stack for name, stack in stacks.items() if (name, case) not in EXEMPT}
        times = measure_case(measured, case, effort=effort)
        for peer in measured:
            if peer != ours:
                ratio = estimate_added_ratio(times[peer], times[name_bare(peer)], times[ours], times[name_bare(ours)])
                yield Row(Target(f"{case}: {peer}'s added cost over ours, {kind}", 1, False), ratio)


def _make_stacks(makers: Mapping[str, Callable[[], Stack]]) -> dict[str, Stack]:
    made, absent = make_all(makers)
    for name, reason in absent.items():
        raise RuntimeError(f"a target needs {name}, which is missing here: {reason}")
    return made
