"""Durations counted in buckets: they can be added, and percentiles read from the sum."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

BOUNDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200, 86_400)
"""Seconds that a duration of each bucket takes at most; the last bucket takes the rest too."""


def histogram(seconds: Iterable[float]) -> list[int]:
    """Return how many durations each bucket has."""
    counts = [0] * len(BOUNDS)
    for each in seconds:
        counts[min(bisect_left(BOUNDS, each), len(BOUNDS) - 1)] += 1
    return counts


def added(histograms: Iterable[Sequence[int]]) -> list[int]:
    """Return the sum of several."""
    return [sum(counts) for counts in zip([0] * len(BOUNDS), *histograms, strict=True)]


def percentile(counts: Sequence[int], share: float) -> float | None:
    """Return how many seconds that share of all took at most, as if even within a bucket."""
    wanted, below = share * sum(counts), 0
    if not wanted:
        return None
    for number, count in enumerate(counts):
        if below + count >= wanted:
            lower = BOUNDS[number - 1] if number else 0.0
            return lower + (BOUNDS[number] - lower) * (wanted - below) / count
        below += count
    return float(BOUNDS[-1])
