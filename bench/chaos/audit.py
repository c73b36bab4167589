"""The two sides' records, and every way in which they may disagree.

Pure: the records are read in `reading.py`. What AcmeCo committed is compared with what the sandbox
wrote down by itself, so a fault in the outbox's own bookkeeping cannot hide.

That each check can fail is shown by tests/chaos/test_audit.py, which doctors the records, and live
by `python -m bench.chaos --prove`, which breaks the product (see bench/doubles/faults.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from bench.report import grid

Order = TypeVar("Order")
OrderKey = tuple[str, str]
"""The merchant's Alloy userId, and the store's number of the order."""


@dataclass(frozen=True)
class Change:
    """A status change that AcmeCo committed, and the tries to tell Alloy of it.

    `unanswered` counts the tries after which nobody knows whether Alloy had taken it.
    """

    uid: str
    order: OrderKey
    status: str
    unanswered: int = 0


@dataclass(frozen=True)
class Acceptance:
    """An event that Alloy took; `uid` is the idempotency key it came with."""

    uid: str
    order: OrderKey
    status: str


@dataclass(frozen=True, kw_only=True)
class Records:
    """Both sides' records at the end of a run.

    `changes` and `acceptances` are in the order in which each side wrote them. `store` holds the
    final status of every order placed, by the store; `orders` those of AcmeCo, one entry a row.
    `confirmed` are the changes that a client saw confirmed, `taken_in` the orders whose webhook we
    answered with 2xx. `left_over` names what still waits or is a dead letter, with its number.
    """

    changes: list[Change]
    acceptances: list[Acceptance]
    store: Mapping[OrderKey, str]
    orders: list[tuple[OrderKey, str]]
    confirmed: Iterable[tuple[OrderKey, str]] = ()
    taken_in: Iterable[OrderKey] = ()
    left_over: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def times_accepted(self) -> Counter[str]:
        """How often Alloy took each event."""
        return Counter(acceptance.uid for acceptance in self.acceptances)


def lost_events(records: Records) -> int:
    """Count changes that were committed and that Alloy never took."""
    return sum(change.uid not in records.times_accepted for change in records.changes)


def uncommitted_events(records: Records) -> int:
    """Count events that Alloy took although no committed change stands behind them."""
    return len(records.times_accepted.keys() - {change.uid for change in records.changes})


def unconfirmed_changes(records: Records) -> int:
    """Count changes that a client saw confirmed and that are not in AcmeCo's database."""
    return len(
        set(records.confirmed) - {(change.order, change.status) for change in records.changes}
    )


def out_of_order(records: Records) -> int:
    """Count acceptances that came too early or too late, repeated ones included.

    The order of the changes is the order of their rows in AcmeCo's history, which a lock on the
    order makes the order of their commits; the outbox's own numbers are not asked.
    """
    place, count = {}, Counter[OrderKey]()
    for change in records.changes:
        count[change.order] += 1
        place[change.uid] = change.order, count[change.order]
    return strays(place[each.uid] for each in records.acceptances if each.uid in place)


def strays(places: Iterable[tuple[Order, int]]) -> int:
    """Count events, as orders and their numbers in them from 1 on, that came out of order.

    Too early: an earlier one of the order had not come yet. Too late: a later one had.
    """
    newest, wrong = defaultdict[Order, int](int), 0
    for order, number in places:
        wrong += number not in (newest[order], newest[order] + 1)
        newest[order] = max(newest[order], number)
    return wrong


def duplicates(records: Records) -> int:
    """Count acceptances beyond the first of each event."""
    return sum(times - 1 for times in records.times_accepted.values())


def bound_on_duplicates(records: Records) -> int:
    """Count the tries whose answer was lost: only after such a one may an event come twice."""
    return sum(change.unanswered for change in records.changes)


def unexplained_duplicates(records: Records) -> int:
    """Count repeats that no lost answer of the same event explains: the bound, event by event."""
    return sum(
        max(0, records.times_accepted[change.uid] - 1 - change.unanswered)
        for change in records.changes
    )


def lost_orders(records: Records) -> int:
    """Count orders that the store has, or whose webhook we confirmed, and that we lack."""
    ours = {order for order, _ in records.orders}
    return len((records.store.keys() | set(records.taken_in)) - ours)


def orders_made_twice(records: Records) -> int:
    """Count our orders beyond one for each order in a store."""
    return len(records.orders) - len({order for order, _ in records.orders} & records.store.keys())


def differing_statuses(records: Records) -> int:
    """Count orders we changed whose status the store has otherwise than we do."""
    changed = {change.order for change in records.changes}
    return sum(
        records.store.get(order) != status for order, status in records.orders if order in changed
    )


ZEROES = {
    "events lost": lost_events,
    "events sent of changes never committed": uncommitted_events,
    "changes confirmed to a client, then gone": unconfirmed_changes,
    "events out of order": out_of_order,
    "duplicates that no lost answer explains": unexplained_duplicates,
    "orders lost": lost_orders,
    "orders made twice": orders_made_twice,
    "orders whose status differs in the store": differing_statuses,
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
    def cells(self) -> tuple[str, str, str, str]:
        shown = f"{self.value:,.10g}{self.unit}"
        if self.limit is None:
            return self.name, shown, "", ""
        wanted = f"at most {self.limit:,g}" if self.limit else "0"
        return self.name, shown, wanted, "ok" if self.holds else "FAILED"


def verdict(records: Records) -> list[Row]:
    """Return one row for every check of the records."""
    return [
        *(Row(name, check(records), limit=0) for name, check in ZEROES.items()),
        *(Row(name, number, limit=0) for name, number in records.left_over.items()),
        Row("duplicates", duplicates(records), limit=bound_on_duplicates(records)),
    ]


def all_hold(rows: Iterable[Row]) -> bool:
    """Whether no figure is off."""
    return all(row.holds for row in rows)


def table(title: str, rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table, with limits and verdicts where there are any."""
    head, cells = (title, "figure", "must be", ""), [row.cells for row in rows]
    columns = 4 if any(row.limit is not None for row in rows) else 2
    return grid(head[:columns], [row[:columns] for row in cells], numbers={1})
