"""Estimates: a median with its 95 % interval. Knows nothing of what was measured.

The interval is made of order statistics: the k-th smallest and the k-th greatest value enclose the true median with a
probability that the binomial distribution gives, whatever the distribution of the values and of the machine's noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

CONFIDENCE = 0.95
# Below six values not even the least and the greatest enclose the median with 95 %: 1 - 2 / 2^5 is 0.9375.
MIN_VALUES = 6


class Estimate(NamedTuple):
    """A median and the ends of its 95 % interval."""

    median: float
    low: float
    high: float

    def scaled(self, factor: float) -> Estimate:
        """The same in another unit."""
        return Estimate(*(end * factor for end in self))


def estimate_median(values: Iterable[float]) -> Estimate:
    """The median of ``values``, at least six, with the narrowest symmetric interval of at least 95 %."""
    ordered = sorted(values)
    if len(ordered) < MIN_VALUES:
        raise ValueError(f"{len(ordered)} values give no 95 % interval; measure {MIN_VALUES} rounds or more")
    outside = _count_outside(len(ordered))
    return Estimate(median(ordered), ordered[outside], ordered[-1 - outside])


def estimate_ratio(dividends: Sequence[float], divisors: Sequence[float]) -> Estimate:
    """The ratio of two competitors, of what each took in the same rounds."""
    return estimate_median(above / below for above, below in zip(dividends, divisors, strict=True))


def estimate_difference(minuends: Sequence[float], subtrahends: Sequence[float]) -> Estimate:
    """The difference of two competitors, of what each took in the same rounds."""
    return estimate_median(more - less for more, less in zip(minuends, subtrahends, strict=True))


def estimate_added_ratio(
    peer: Sequence[float], peer_bare: Sequence[float], ours: Sequence[float], ours_bare: Sequence[float]
) -> Estimate:
    """What a peer adds to its bare application over what ours adds to its, of what each took in the same rounds.

    A round in which ours took no longer than bare says that the ratio is greater than any.
    """
    rounds = zip(peer, peer_bare, ours, ours_bare, strict=True)
    return estimate_median(
        (above - above_bare) / (below - below_bare) if below > below_bare else math.inf
        for above, above_bare, below, below_bare in rounds
    )


def _count_outside(count: int) -> int:
    """How many values may be left out at each end so that what is between still encloses the median with 95 %."""
    outside, tail = 0, 1 / 2**count
    while True:
        # The median is below the next value in with the probability of at most `outside` heads in `count` tosses.
        following = tail + math.comb(count, outside + 1) / 2**count
        if 2 * following > 1 - CONFIDENCE:
            return outside
        outside, tail = outside + 1, following
