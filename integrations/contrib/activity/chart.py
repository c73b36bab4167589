"""A small bar chart of runs, actions and errors, in the units of an SVG.

It counts the tenant's own latest runs: Alloy's totals are over all of its customers' users, so
they are nothing to show to one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.alloy import Execution, ExecutionState

WIDTH, HEIGHT = 600, 120
MOST_COLUMNS = 12
_LENGTHS = {
    timedelta(minutes=1): "a minute",
    timedelta(minutes=5): "5 minutes",
    timedelta(minutes=15): "15 minutes",
    timedelta(hours=1): "an hour",
    timedelta(hours=4): "4 hours",
    timedelta(days=1): "a day",
    timedelta(days=7): "a week",
    timedelta(days=30): "30 days",
}


@dataclass(frozen=True)
class Bar:
    """One bar in SVG units; `kind` is runs, actions or errors."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """What happened in one stretch of time."""

    begins_at: datetime
    runs: int
    actions: int
    errors: int


@dataclass(frozen=True)
class Chart:
    """Columns of equal length, oldest first. Actions are the steps that ran: what Alloy counts."""

    columns: list[Column]
    length: str

    @property
    def runs(self) -> int:
        return sum(column.runs for column in self.columns)

    @property
    def actions(self) -> int:
        return sum(column.actions for column in self.columns)

    @property
    def errors(self) -> int:
        return sum(column.errors for column in self.columns)

    @property
    def bars(self) -> list[Bar]:
        """All bars, three a column, as tall as their share of the tallest."""
        highest = max(max(each.runs, each.actions, each.errors) for each in self.columns)
        pitch = WIDTH / len(self.columns)
        width = min(pitch / 4, 24.0)
        return [
            Bar(
                kind=kind,
                x=round(number * pitch + (pitch - 3 * width) / 2 + place * width, 2),
                y=round(HEIGHT - HEIGHT * getattr(column, kind) / highest, 2),
                width=round(width * 0.85, 2),
                height=round(HEIGHT * getattr(column, kind) / highest, 2),
            )
            for number, column in enumerate(self.columns)
            for place, kind in enumerate(("runs", "actions", "errors"))
        ]


def chart_of(executions: Sequence[Execution]) -> Chart | None:
    """Return the chart of these runs; None when there are none."""
    if not executions:
        return None
    begins = [each.started_at for each in executions]
    oldest, newest = min(begins), max(begins)
    length = _length_for(newest - oldest)
    columns = min(int((newest - oldest) / length) + 1, MOST_COLUMNS)
    groups: list[list[Execution]] = [[] for _ in range(columns)]
    for each in executions:
        groups[min(int((each.started_at - oldest) / length), columns - 1)].append(each)
    return Chart(
        columns=[_column(oldest + number * length, group) for number, group in enumerate(groups)],
        length=_LENGTHS[length],
    )


def _length_for(span: timedelta) -> timedelta:
    """Return the shortest length that needs no more columns than there may be."""
    return next((each for each in _LENGTHS if span / each < MOST_COLUMNS), timedelta(days=30))


def _column(begins_at: datetime, executions: Iterable[Execution]) -> Column:
    group = list(executions)
    return Column(
        begins_at=begins_at,
        runs=len(group),
        actions=sum(len(each.results) for each in group),
        errors=sum(each.state is ExecutionState.FAILED for each in group),
    )
