"""Times things side by side, so that whatever else the machine does hits all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter


def interleaved(ways: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, list[float]]:
    """Do each of the ways once a round, each round beginning with another; return the seconds."""
    names = list(ways)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(timed(ways[name]))
    return seconds


def timed(way: Callable[[], object]) -> float:
    """Return how many seconds it takes."""
    began = perf_counter()
    way()
    return perf_counter() - began


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


def ms(seconds: float) -> str:
    """Return a time to read: three digits of it, in milliseconds."""
    milliseconds = seconds * 1000
    digits = 2 if milliseconds < 10 else 1 if milliseconds < 100 else 0
    return f"{milliseconds:,.{digits}f} ms"


def times(ratio: float) -> str:
    """Return a ratio to read."""
    return f"{ratio:,.{2 if ratio < 10 else 0}f}"
