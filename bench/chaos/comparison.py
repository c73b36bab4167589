"""What the outbox buys: the same load and kills with it and without."""

from __future__ import annotations

from collections.abc import Callable

from bench.chaos import audit
from bench.chaos.audit import Records
from bench.chaos.plan import Plan
from bench.chaos.report import grid
from bench.chaos.scenario import PLAIN, play

Count = Callable[[Records], int]


def events(records: Records) -> int:
    """Count the changes that had to be told."""
    return len(records.changes)


def orders(records: Records) -> int:
    """Count the orders that were changed."""
    return len({change.order for change in records.changes})


ROWS: tuple[tuple[str, Count, Count], ...] = (
    ("events lost", audit.lost_events, events),
    ("events out of order", audit.out_of_order, events),
    ("events accepted twice", audit.duplicates, events),
    ("orders whose status differs in the store", audit.differing_statuses, orders),
)
"""Name, figure, and what it is a share of."""


def compare(chosen: Plan) -> str:
    """Play the plan with and without the outbox; return the figures as a table."""
    both = play(chosen).records, play(chosen, double=PLAIN).records
    head = (f"{chosen.changes:,} changes, seed {chosen.seed}", "outbox", "task.delay()")
    rows = [(name, *(_share(of, whole, records) for records in both)) for name, of, whole in ROWS]
    return grid(head, rows, numbers={1, 2})


def _share(part: Count, whole: Count, records: Records) -> str:
    return f"{part(records):,} ({100 * part(records) / max(whole(records), 1):.1f} %)"
