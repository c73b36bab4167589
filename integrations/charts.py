"""Small charts of what happened over time, drawn on the server.

A chart is figures in columns of equal length. Its template, `integrations/_chart.html`, draws bars
or lines as an SVG that a stylesheet colours, with axes and a legend as text, and the figures as a
table. No script, no inline style: places and sizes are attributes, in an SVG of 100 by 100 units.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.formats import date_format, number_format
from django.utils.translation import pgettext

from integrations.times import local

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SIZE = 100.0
_BAR_SHARE = 0.62  # of a column's width; the rest is the gap
_DATES_SHOWN = 5


class Bar(NamedTuple):
    """One bar, in the SVG's units; `tone` is the class that colours it."""

    tone: str
    x: float
    y: float
    width: float
    height: float


class Path(NamedTuple):
    """A line through the columns that have a figure, as an SVG path."""

    tone: str
    d: str


@dataclass(frozen=True)
class Series:
    """One row of figures, a column each; None where there is none. `tone`: "", second or bad."""

    name: Any
    values: Sequence[float | None]
    tone: str = ""


@dataclass(frozen=True)
class Chart:
    """Series over the same columns, which begin at these moments, oldest first.

    Bars are stacked, lines are not. `unit` is said after each figure of the table, such as "s".
    """

    key: str
    title: Any
    begins: Sequence[datetime]
    length: timedelta
    series: Sequence[Series]
    note: Any = ""
    unit: str = ""
    lines: bool = False

    @cached_property
    def top(self) -> float:
        """The figure that the upper edge stands for: round, and at least as high as the highest."""
        columns = zip(*(each.values for each in self.series), strict=True)
        heights = [_height(column, stacked=not self.lines) for column in columns]
        return _round_up(max(heights, default=0.0), whole=not self.unit)

    @property
    def is_empty(self) -> bool:
        return not any(value for each in self.series for value in each.values)

    @property
    def scale(self) -> list[str]:
        """What the horizontal lines are worth, from the top."""
        return [shown(share * self.top) + self._unit for share in (1, 0.5, 0)]

    @property
    def bars(self) -> list[Bar]:
        """Every bar, the first series lowest."""
        if self.lines:
            return []
        pitch = SIZE / len(self.begins)
        bars = []
        for number in range(len(self.begins)):
            y = SIZE
            for each in self.series:
                height = SIZE * (each.values[number] or 0) / self.top
                y -= height
                x, width = (number + (1 - _BAR_SHARE) / 2) * pitch, _BAR_SHARE * pitch
                if height:
                    bars.append(Bar(each.tone, *(round(at, 2) for at in (x, y, width, height))))
        return bars

    @property
    def paths(self) -> list[Path]:
        """A line for each series, broken where a figure is missing; a lone figure is a dash."""
        return [Path(each.tone, self._path(each.values)) for each in self.series if self.lines]

    def _path(self, values: Sequence[float | None]) -> str:
        pitch, steps, draws = SIZE / len(values), [], False
        for number, (value, after) in enumerate(zip(values, [*values[1:], None], strict=True)):
            if value is not None:
                x, y = round((number + 0.5) * pitch, 2), round(SIZE - SIZE * value / self.top, 2)
                is_alone = not draws and after is None
                steps.append(
                    f"M{x - pitch / 4:g} {y:g}h{pitch / 2:g}"
                    if is_alone
                    else f"{'L' if draws else 'M'}{x:g} {y:g}"
                )
            draws = value is not None
        return "".join(steps)

    @property
    def dates(self) -> list[str]:
        """What stands under each column: a few have their date, the others nothing."""
        every = -(-len(self.begins) // _DATES_SHOWN)
        return [
            "" if number % every else self._date(begin, short=True)
            for number, begin in enumerate(self.begins)
        ]

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The figures as a table: each column's beginning, and what each series says of it."""
        columns = zip(*(each.values for each in self.series), strict=True)
        return [
            (
                self._date(begin),
                ["" if each is None else shown(each) + self._unit for each in column],
            )
            for begin, column in zip(self.begins, columns, strict=True)
        ]

    @property
    def _unit(self) -> str:
        return f"\N{NO-BREAK SPACE}{self.unit}" if self.unit else ""

    def _date(self, moment: datetime, *, short: bool = False) -> str:
        there = local(moment)
        if self.length >= DAY:
            form = pgettext("date format", "j M") if short else pgettext("date format", "D j M Y")
        else:
            form = "H:i" if short else pgettext("date format", "D j M, H:i")
        return date_format(there, form)


def columns(until: datetime, *, length: timedelta, count: int) -> list[datetime]:
    """Return when the last `count` columns begin, the one with `until` last.

    Days begin at midnight and hours at the full hour, in the zone that the page is shown in.
    """
    there = local(until)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
    if length >= DAY:
        naive = [midnight.replace(tzinfo=None) - length * back for back in range(count)]
        return [each.replace(tzinfo=there.tzinfo) for each in reversed(naive)]
    last = midnight + (there - midnight) // length * length
    return [last - length * back for back in reversed(range(count))]


def place(moment: datetime, begins: Sequence[datetime]) -> int | None:
    """Return which of the columns a moment belongs to; None for one before the first."""
    number = bisect_right(begins, moment) - 1
    return number if number >= 0 else None


def tally(moments: Iterable[datetime], begins: Sequence[datetime]) -> list[int]:
    """Return how many of the moments fall into each column."""
    counts = [0] * len(begins)
    for moment in moments:
        if (number := place(moment, begins)) is not None:
            counts[number] += 1
    return counts


def shown(figure: float) -> str:
    """Return a figure as people read it: rounded to what can be told apart, in their language."""
    digits = 0 if figure == int(figure) or figure >= 100 else 1 if figure >= 10 else 2
    return number_format(round(figure, digits), digits, force_grouping=True)


def _height(column: Sequence[float | None], *, stacked: bool) -> float:
    figures = [each or 0.0 for each in column]
    return sum(figures) if stacked else max(figures)


def _round_up(figure: float, *, whole: bool) -> float:
    """Return the next figure that reads well, and whose half does; 2 at least for whole ones."""
    step = 1.0 if whole else 0.001
    while True:
        for factor in (1, 2, 4, 6):
            candidate = factor * step
            if candidate >= figure and (not whole or candidate >= 2):
                return candidate
        step *= 10
