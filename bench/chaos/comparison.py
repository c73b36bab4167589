"""What the outbox buys: the same load and kills, with and without it."""

from __future__ import annotations

from bench.chaos import ledgers, plan
from bench.chaos.ledgers import Ledgers
from bench.chaos.report import grid
from bench.chaos.scenario import PLAIN, play

CHECKS = {
    "events lost": ledgers.lost_events,
    "events out of order": ledgers.out_of_order,
    "events accepted twice": ledgers.duplicates,
    "orders whose status differs in the store": ledgers.differing_statuses,
}


def compare(seed: int) -> str:
    """Play the same plan twice; return the figures as a table."""
    chosen = plan.compared(seed)
    with_outbox, plain = play(chosen).ledgers, play(chosen, double=PLAIN).ledgers
    head = (f"of {chosen.changes:,} status changes, seed {seed}", "outbox", "task.delay()")
    rows = [(name, _share(name, with_outbox), _share(name, plain)) for name in CHECKS]
    return grid(head, rows, numbers={1, 2})


def _share(name: str, books: Ledgers) -> str:
    whole = (
        len({change.order for change in books.changes}) if "orders" in name else len(books.changes)
    )
    figure = CHECKS[name](books)
    return f"{figure:,} ({100 * figure / max(whole, 1):.1f} %)"
