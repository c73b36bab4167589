"""The judgement: pure functions from what was seen to a table.

What must hold on any machine decides about the exit code. Times are wishes: they are marked, and
never fail a run, for they depend on the machine and on what else it does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.chaos.report import grid


@dataclass(frozen=True)
class Figure:
    """A figure with the most or the least it should be; neither where it only informs."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    wished: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is as it should be; what could not be measured is not."""
        if self.most is None and self.least is None:
            return True
        floor = -math.inf if self.least is None else self.least
        return floor <= self.value <= (math.inf if self.most is None else self.most)

    @property
    def fails(self) -> bool:
        """Whether the run has failed because of it."""
        return not (self.wished or self.holds)

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Return the table's row."""
        return self.name, self._shown(self.value), self._wanted, self._verdict

    @property
    def _wanted(self) -> str:
        if self.most is None and self.least is None:
            return ""
        bound = (
            f"at most {self._shown(self.most)}"
            if self.most
            else f"at least {self._shown(self.least)}"
            if self.least is not None
            else "0"
        )
        return f"{bound} (wished)" if self.wished else bound

    @property
    def _verdict(self) -> str:
        if not self._wanted:
            return ""
        return "ok" if self.holds else "missed" if self.wished else "OFF"

    def _shown(self, value: float | None) -> str:
        if value is None or math.isnan(value):
            return "not measured"
        return f"{value:,.10g}{self.unit}"


def table(title: str, figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    return grid((title, "figure", "must be", ""), [each.cells for each in figures], numbers={1})


def percentile(values: Iterable[float], share: float) -> float:
    """Return the smallest value that so many per cent do not exceed; NaN of no values."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[max(math.ceil(len(ordered) * share / 100) - 1, 0)]


def times(
    name: str, milliseconds: Sequence[float], *, wished: Mapping[int, float], also: Sequence[int]
) -> list[Figure]:
    """Return the percentiles of answer times: those that are wished for, and others."""
    return [
        Figure(
            f"{name}, p{share}",
            round(percentile(milliseconds, share), 1),
            " ms",
            most=wished.get(share),
            wished=share in wished,
        )
        for share in sorted({*wished, *also})
    ]


def growth(
    series: Sequence[tuple[float, Mapping[str, int]]], *, seconds: float
) -> dict[str, float]:
    """Return by how many per cent each process grew: from the second tenth of the load to the last.

    `series` are (second, bytes by process). What is missing at one end counts as NaN: it died, or
    came later.
    """
    first = [rss for second, rss in series if seconds * 0.1 <= second < seconds * 0.2]
    last = [rss for second, rss in series if seconds * 0.9 <= second < seconds]
    names = {name for rss in (*first, *last) for name in rss}
    return {name: _growth(first, last, name) for name in sorted(names)}


def _growth(
    first: Sequence[Mapping[str, int]], last: Sequence[Mapping[str, int]], name: str
) -> float:
    if not (first and last and all(name in rss for rss in (*first, *last))):
        return math.nan
    before, after = (median(rss[name] for rss in window) for window in (first, last))
    return 100 * (after - before) / before
