"""Proves that nothing is lost, doubled or overtaken: `python -m bench.chaos --help`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from bench.chaos import comparison, plan, proof
from bench.chaos.report import all_hold, table, verdict
from bench.chaos.scenario import play


def main() -> int:
    """Run what the arguments ask for; return 1 when a figure is off."""
    options = _options()
    if options.prove:
        return proof.prove(options.seed)
    chosen = plan.small(options.seed) if options.small else plan.full(options.seed)
    chosen = replace(
        chosen,
        orders=options.orders or chosen.orders,
        changes=options.changes or chosen.changes,
    )
    outcome = play(chosen)
    rows = verdict(outcome.ledgers)
    print(table(f"chaos, seed {chosen.seed}", rows), flush=True)
    print("\n" + table("what happened", outcome.facts), flush=True)
    if options.compare:
        print("\n" + comparison.compare(options.seed), flush=True)
    print("\nNothing was lost." if all_hold(rows) else "\nA figure is off.")
    return 0 if all_hold(rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same plan")
    parser.add_argument("--small", action="store_true", help="the run that is part of the tests")
    parser.add_argument("--orders", type=int, help="how many orders come in")
    parser.add_argument("--changes", type=int, help="how many status changes go out")
    parser.add_argument(
        "--compare", action="store_true", help="then also with plain tasks, at a smaller scale"
    )
    parser.add_argument(
        "--prove", action="store_true", help="break the product in five ways; each must be found"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
