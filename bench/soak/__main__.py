"""A burst of signed webhooks, then a long steady load, with Alloy down and slow in between.

Merchants work on the pages meanwhile. Ends with exit code 1 when something was lost, made twice,
refused or answered with 5xx, when memory grew, or when there were more database connections than
configured. Times are printed beside what is wished for, and fail nothing.
"""

from __future__ import annotations

import argparse
import os
import sys

from bench.soak.figures import table
from bench.soak.plan import Plan
from bench.soak.scenario import play
from bench.soak.verdict import figures


def main() -> int:
    """Run what the arguments ask for; return the exit code."""
    plan = _plan()
    rows = figures(play(plan))
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    print(f"\nLoad averages at the end: {load}, on {os.cpu_count()} cores.\n")
    print(table(plan.title, rows), flush=True)
    off = [row.name for row in rows if row.fails]
    print(f"\nOff: {'; '.join(off)}." if off else "\nWhat must hold, held.")
    return int(bool(off))


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--seconds", type=int, default=1800, help="of steady load")
    parser.add_argument("--rate", type=int, default=200, help="webhooks a second meanwhile")
    parser.add_argument("--burst-rate", type=int, default=800, help="webhooks a second before")
    parser.add_argument("--burst-seconds", type=int, default=60, help="of that")
    parser.add_argument("--merchants", type=int, default=10, help="who work on the pages")
    parser.add_argument("--workers", type=int, default=2, help="Celery workers, of two processes")
    return Plan(**vars(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
