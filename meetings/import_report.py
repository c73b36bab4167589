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


def rows_of(imported: Iterable[Imported]) -> list[Row]:
    """Return the rows in the order of the file."""
    rows: dict[tuple[object, ...], Row] = {}
    for each in imported:
        key = (each.result, each.title, each.remarks)
        rows.setdefault(key, Row(*key)).events.append(each)
    return list(rows.values())


def counts_of(imported: Iterable[Imported]) -> list[tuple[Result, int]]:
    """Return how many events came to what, without what none came to."""
    counts = Counter(each.result for each in imported)
    return [(result, counts[result]) for result in Result if counts[result]]
