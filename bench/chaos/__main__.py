"""Kill everything at random under load; then compare AcmeCo's records with Alloy's.

Ends with exit code 1 when a figure is off. The same seed makes the same plan of kills and faults.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace

from bench.chaos import comparison, plan, proof
from bench.chaos.plan import Plan
from bench.chaos.report import all_hold, table, verdict
from bench.chaos.scenario import play


def main() -> int:
    """Run what the arguments ask for; return the exit code."""
    options = _options()
    if options.prove:
        return proof.prove(options.seed)
    failed = _run(_plan(options))
    if options.compare:
        print(f"\n{comparison.compare(plan.compared(options.seed))}", flush=True)
    print(
        "\nA figure is off."
        if failed
        else "\nNothing lost, nothing out of order, no order made twice."
    )
    return int(failed)


def _run(chosen: Plan) -> bool:
    """Play the plan and print what came of it; return whether a figure is off."""
    outcome = play(chosen)
    rows = verdict(outcome.records)
    print(f"\n{table('what happened', outcome.facts)}")
    print(f"\n{table(f'chaos, seed {chosen.seed}', rows)}", flush=True)
    return not all_hold(rows)


def _plan(options: argparse.Namespace) -> Plan:
    chosen = plan.small(options.seed) if options.small else plan.full(options.seed)
    return replace(
        chosen,
        orders=options.orders or chosen.orders,
        changes=options.changes or chosen.changes,
        rate_factor=options.rate_factor,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    seed = int(os.environ.get("SEED", "1"))
    parser.add_argument("--seed", type=int, default=seed, help="default: the variable SEED, or 1")
    parser.add_argument("--small", action="store_true", help="the run that is part of the tests")
    parser.add_argument("--orders", type=int, help="how many orders come in")
    parser.add_argument("--changes", type=int, help="how many status changes go out")
    parser.add_argument(
        "--rate-factor", type=int, default=1, help="how many times as many clients as usual"
    )
    parser.add_argument(
        "--compare", action="store_true", help="then play a smaller plan with and without outbox"
    )
    parser.add_argument(
        "--prove", action="store_true", help="break the product in five ways; each must be found"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
