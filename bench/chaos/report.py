"""The verdict: one row a figure, with what it has to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.chaos import audit
from bench.chaos.audit import Records

ZEROES = {
    "events lost": audit.lost_events,
    "events sent of changes never committed": audit.uncommitted_events,
    "changes confirmed to a client, then gone": audit.unconfirmed_changes,
    "events out of order": audit.out_of_order,
    "duplicates that no lost answer explains": audit.unexplained_duplicates,
    "orders lost": audit.lost_orders,
    "orders made twice": audit.orders_made_twice,
    "orders whose status differs in the store": audit.differing_statuses,
}
"""The checks whose figure has to be 0."""


@dataclass(frozen=True)
class Row:
    """A figure; `limit` is the largest value it may have, None where it only informs."""

    name: str
    value: float
    limit: float | None = None
    unit: str = ""

    @property
    def holds(self) -> bool:
        return self.limit is None or self.value <= self.limit

    @property
    def cells(self) -> tuple[str, str, str]:
        if self.limit is None:
            return self.shown, "", ""
        wanted = f"at most {self.limit:,g}" if self.limit else "0"
        return self.shown, wanted, "ok" if self.holds else "FAILED"

    @property
    def shown(self) -> str:
        return f"{self.value:,.10g}{self.unit}"


def verdict(records: Records) -> list[Row]:
    """Return one row for every check of the records."""
    return [
        *(Row(name, check(records), limit=0) for name, check in ZEROES.items()),
        *(Row(name, number, limit=0) for name, number in records.left_over.items()),
        Row("duplicates", audit.duplicates(records), limit=audit.bound_on_duplicates(records)),
    ]


def all_hold(rows: Iterable[Row]) -> bool:
    """Whether no figure is off."""
    return all(row.holds for row in rows)


def table(title: str, rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table, with limits and verdicts where there are any."""
    if all(row.limit is None for row in rows):
        return grid((title, "figure"), [(row.name, row.shown) for row in rows], numbers={1})
    return grid(
        (title, "figure", "must be", ""), [(row.name, *row.cells) for row in rows], numbers={1}
    )


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: set[int]) -> str:
    """Return a Markdown table that reads well in a terminal, too; `numbers` are aligned right."""
    widths = [max(len(cells[i]) for cells in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if i in numbers else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * (width - 1) + ":" if i in numbers else "-" * width for i, width in enumerate(widths)
    ]
    return "\n".join([line(head), line(rule), *map(line, rows)])
