"""Estimates: a median with its 95 % interval. Knows nothing of what was measured.

The ends of the interval are the k-th smallest and the k-th greatest value. The binomial distribution gives the
probability that the true median lies between them. This holds for every distribution of the values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

CONFIDENCE = 0.95
# The smallest and the greatest of five values enclose the median with a probability of 1 - 2 / 2^5 = 0.9375 only.
MIN_VALUES = 6


class Estimate(NamedTuple):
    """A median and the ends of its 95 % interval."""

    median: float
    low: float
    high: float

    def scaled(self, factor: float) -> Estimate:
        """Return the estimate in another unit."""
        return Estimate(*(end * factor for end in self))


def estimate_median(values: Iterable[float]) -> Estimate:
    """Return the median of ``values`` with the narrowest symmetric interval of at least 95 %.

    Raises ValueError for fewer than six values.
    """
    ordered = sorted(values)
    if len(ordered) < MIN_VALUES:
        raise ValueError(f"{len(ordered)} values give no 95 % interval; measure {MIN_VALUES} rounds or more")
    outside = _count_outside(len(ordered))
    return Estimate(median(ordered), ordered[outside], ordered[-1 - outside])


def estimate_ratio(dividends: Sequence[float], divisors: Sequence[float]) -> Estimate:
    """Return the median of the ratios of two competitors, each ratio from one round."""
    return estimate_median(above / below for above, below in zip(dividends, divisors, strict=True))


def estimate_difference(minuends: Sequence[float], subtrahends: Sequence[float]) -> Estimate:
    """Return the median of the differences of two competitors, each difference from one round."""
    return estimate_median(more - less for more, less in zip(minuends, subtrahends, strict=True))


def estimate_added_ratio(
    peer: Sequence[float], peer_bare: Sequence[float], ours: Sequence[float], ours_bare: Sequence[float]
) -> Estimate:
    """Return what ``peer`` adds to its bare application over what ``ours`` adds, each ratio from one round.

    The ratio of a round in which ``ours`` took no longer than ``ours_bare`` is infinite.
    """
    rounds = zip(peer, peer_bare, ours, ours_bare, strict=True)
    return estimate_median(
        (above - above_bare) / (below - below_bare) if below > below_bare else math.inf
        for above, above_bare, below, below_bare in rounds
    )


def _count_outside(count: int) -> int:
    """Return how many values may be left out at each end while the rest encloses the median with 95 %."""
    outside, tail = 0, 1 / 2**count
    while True:
        # The median is below ordered[k] if at most k values are below the median: at most k heads in `count` tosses.
        following = tail + math.comb(count, outside + 1) / 2**count
        if 2 * following > 1 - CONFIDENCE:
            return outside
        outside, tail = outside + 1, following
