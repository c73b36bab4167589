"""The counter-proof: a product broken on purpose has to be found broken."""

from __future__ import annotations

from bench.chaos import plan
from bench.chaos.report import all_hold, grid, verdict
from bench.chaos.scenario import play

EXPECTED = {
    "send_newest_first": "events out of order",
    "drop_events": "events lost",
    "send_events_twice": "duplicates that no lost answer explains",
    "swallow_orders": "orders lost",
    "make_orders_twice": "orders made twice",
}
"""Which check has to find which sabotage of bench/doubles/sabotage.py."""


def prove(seed: int) -> int:
    """Play a calm run for each sabotage; return 1 unless the expected check found each."""
    found = {sabotage: _figure(sabotage, check, seed) for sabotage, check in EXPECTED.items()}
    rows = [
        (sabotage, EXPECTED[sabotage], f"{figure:g}", "found" if figure else "NOT FOUND")
        for sabotage, figure in found.items()
    ]
    print(grid(("broken on purpose", "check", "figure", ""), rows, numbers={2}))
    return 0 if all(found.values()) else 1


def _figure(sabotage: str, check: str, seed: int) -> float:
    """Return the check's figure; 0 where the report as a whole would have passed."""
    print(f"playing with {sabotage} ...", flush=True)
    rows = verdict(play(plan.calm(seed), double=sabotage).ledgers)
    if all_hold(rows):
        return 0
    return next(row.value for row in rows if row.name == check)
