"""What the outbox buys: the same load and kills with it and without."""

from __future__ import annotations

from collections.abc import Callable

from bench.chaos import ledgers
from bench.chaos.ledgers import Ledgers
from bench.chaos.plan import Plan
from bench.chaos.report import grid
from bench.chaos.scenario import PLAIN, play

Count = Callable[[Ledgers], int]


def events(books: Ledgers) -> int:
    """Count the changes that had to be told."""
    return len(books.changes)


def orders(books: Ledgers) -> int:
    """Count the orders that were changed."""
    return len({change.order for change in books.changes})


ROWS: tuple[tuple[str, Count, Count], ...] = (
    ("events lost", ledgers.lost_events, events),
    ("events out of order", ledgers.out_of_order, events),
    ("events accepted twice", ledgers.duplicates, events),
    ("orders whose status differs in the store", ledgers.differing_statuses, orders),
)
"""Name, figure, and what it is a share of."""


def compare(chosen: Plan) -> str:
    """Play the plan with and without the outbox; return the figures as a table."""
    both = play(chosen).ledgers, play(chosen, double=PLAIN).ledgers
    head = (f"{chosen.changes:,} changes, seed {chosen.seed}", "outbox", "task.delay()")
    rows = [(name, *(_share(of, whole, books) for books in both)) for name, of, whole in ROWS]
    return grid(head, rows, numbers={1, 2})


def _share(part: Count, whole: Count, books: Ledgers) -> str:
    return f"{part(books):,} ({100 * part(books) / max(whole(books), 1):.1f} %)"
