"""Kill everything at random under load; then compare AcmeCo's records with Alloy's.

    make chaos SEED=7

The same seed (by default the variable SEED, or 1) makes the same plan of kills and faults.
`--small` is the run that is part of the tests; `--orders` come in, `--changes` of their status go
out, and `--rate-factor` is how many times as many clients as usual are at it. `--compare` then
plays a smaller plan with and without outbox. `--prove` breaks the product in five ways instead,
each of which has to be found. Ends with exit code 1 when a figure is off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace

from bench.chaos import audit, plan
from bench.chaos.audit import Records, all_hold, table, verdict
from bench.chaos.plan import Plan
from bench.chaos.scenario import PLAIN, play
from bench.options import options as parse
from bench.report import grid

EXPECTED = {
    "send_newest_first": "events out of order",
    "drop_events": "events lost",
    "send_events_twice": "duplicates that no lost answer explains",
    "swallow_orders": "orders lost",
    "make_orders_twice": "orders made twice",
}
"""Which check has to find which fault of bench/doubles/faults.py."""

Count = Callable[[Records], int]
COMPARED: tuple[tuple[str, Count], ...] = (
    ("events lost", audit.lost_events),
    ("events out of order", audit.out_of_order),
    ("events accepted twice", audit.duplicates),
    ("orders whose status differs in the store", audit.differing_statuses),
)


def main() -> int:
    """Run what the arguments ask for; return the exit code."""
    seed = int(os.environ.get("SEED", "1"))
    options = parse(
        {}, writes="", seed=seed, orders=0, changes=0, rate_factor=1, compare=False, prove=False
    )
    if options.prove:
        return prove(options.seed)
    chosen = plan.small(options.seed) if options.small else plan.full(options.seed)
    orders, changes = options.orders or chosen.orders, options.changes or chosen.changes
    failed = _run(replace(chosen, orders=orders, changes=changes, rate_factor=options.rate_factor))
    if options.compare:
        print(f"\n{compare(plan.compared(options.seed))}", flush=True)
    right = "Nothing lost, nothing out of order, no order made twice."
    print("\nA figure is off." if failed else f"\n{right}")
    return int(failed)


def _run(chosen: Plan) -> bool:
    """Play the plan and print what came of it; return whether a figure is off."""
    outcome = play(chosen)
    rows = verdict(outcome.records)
    print(f"\n{table('what happened', outcome.facts)}")
    print(f"\n{table(f'chaos, seed {chosen.seed}', rows)}", flush=True)
    return not all_hold(rows)


def prove(seed: int) -> int:
    """Play a calm run for each fault; return 1 unless the expected check found each."""
    found = {fault: _figure(fault, check, seed) for fault, check in EXPECTED.items()}
    rows = [
        (fault, EXPECTED[fault], f"{figure:g}", "found" if figure else "NOT FOUND")
        for fault, figure in found.items()
    ]
    print(grid(("broken on purpose", "check", "figure", ""), rows, numbers={2}))
    return 0 if all(found.values()) else 1


def _figure(fault: str, check: str, seed: int) -> float:
    """Return the check's figure; 0 where the report as a whole would have passed."""
    print(f"playing with {fault} ...", flush=True)
    rows = verdict(play(plan.calm(seed), double=fault).records)
    return 0 if all_hold(rows) else next(row.value for row in rows if row.name == check)


def compare(chosen: Plan) -> str:
    """Play the plan with and without the outbox; return the figures, and shares, as a table."""
    both = play(chosen).records, play(chosen, double=PLAIN).records
    head = (f"{chosen.changes:,} changes, seed {chosen.seed}", "outbox", "task.delay()")
    rows = [(name, *(_share(name, count, records) for records in both)) for name, count in COMPARED]
    return grid(head, rows, numbers={1, 2})


def _share(name: str, count: Count, records: Records) -> str:
    orders = {change.order for change in records.changes}
    whole = len(orders) if name.startswith("orders") else len(records.changes)
    return f"{count(records):,} ({100 * count(records) / max(whole, 1):.1f} %)"


if __name__ == "__main__":
    sys.exit(main())
