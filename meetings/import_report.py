"""The result of an import as its page shows it: one row for what has the same title and outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from meetings.imports import Imported, Result


@dataclass
class Row:
    """Events with one title that came to the same, each with its date."""

    result: Result
    title: str
    remarks: tuple[str, ...]
    events: list[Imported] = field(default_factory=list)

    @property
    def dates(self) -> list[Imported]:
        """The events whose date is known, the earliest first."""
        dated = [(each.starts_at, each) for each in self.events if each.starts_at is not None]
        return [each for _, each in sorted(dated, key=lambda pair: pair[0])]


def rows_of(imported: Iterable[Imported]) -> list[Row]:
    """Return the rows, first those that somebody may have to do something about."""
    rows: dict[tuple[object, ...], Row] = {}
    for each in imported:
        key = (each.result, each.title, each.remarks)
        rows.setdefault(key, Row(*key)).events.append(each)
    return sorted(rows.values(), key=lambda row: list(Result).index(row.result))


def counts_of(imported: Iterable[Imported]) -> list[tuple[Result, int]]:
    """Return how many events came to what, without what none came to."""
    counts = Counter(each.result for each in imported)
    return [(result, counts[result]) for result in Result if counts[result]]
