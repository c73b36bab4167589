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
"""Which check has to find which fault of bench/doubles/faults.py."""


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
    if all_hold(rows):
        return 0
    return next(row.value for row in rows if row.name == check)
