"""The outbox beside what a reader would choose instead: how fast, how soon, and what a kill costs.

Every way does the same job: an event for each change of an order, posted to the same fake Alloy,
with as many calls at a time. The peers need an environment of their own, of a Python 3.12 or later:

    python3.12 -m venv var/peers && var/peers/bin/pip install -r bench/baselines/requirements.txt
    python -m bench.outbox --peers var/peers/bin/python --write

`--write` puts each part's tables into docs/benchmarks.md as soon as it is measured, and its plot
beside it. Without `--peers` they are left out. All parts take half an hour and more, but for
the backlog, which takes six gigabytes and has to be named. `--quick` takes six minutes, and has the
peers in the rates and at idle only.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from bench.options import options as parse
from bench.outbox import backlog, kills, latency, outage, rates, steady
from bench.outbox.system import running_system
from bench.outbox.ways import ours, ours_by_celery, peers, tasks

PARTS = {
    "rates": rates.measure,
    "curve": rates.curve,
    "idle": latency.idle,
    "latency": latency.over_rate,
    "kills": kills.measure,
    "limit": steady.limit,
    "outage": outage.measure,
    "memory": steady.memory,
    "backlog": backlog.measure,
}
WITH_CELERY_ALONE = ("idle", "kills")
QUICK_WITH_PEERS = ("rates", "idle")
OPTIONS: dict[str, tuple[Any, Any, Any]] = {
    # what: (in full, with --quick, with --small)
    "rows": ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [5]),  # rates: which loads
    "rounds": (3, 1, 1),  # rates, curve, backlog: of each load
    "ceiling": (5_000, 5_000, 200),  # rates: calls that tell how many Alloy takes
    "bound": (12.0, 6.0, 5.0),  # rates, curve: seconds that one way gets for one load
    "scale": (1.0, 0.3, 0.02),  # rates, curve: of the number of events
    "curve": ([10, 50, 100, 200], [10, 100, 200], [5]),  # curve: calls at a time
    "singles": (50, 30, 2),  # idle: events
    "publish": ([10, 50, 100], [10, 100], [5]),  # latency: events published a second
    "seconds": (4, 3, 1),  # latency: at each rate
    "kills": (10, 1, 1),  # kills: of each sender
    "limited": (60, 10, 1),  # limit: seconds
    "outage": (120, 20, 2),  # outage: seconds without Alloy
    "waited": (10_000, 2_000, 20),  # outage: events that wait
    "retry_after": ([0, 30], [10], [1]),  # outage: one for each, in seconds
    "minutes": (3.0, 0.3, 0.1),  # memory
    "steady": (200, 100, 10),  # memory: events a second
    "events": (1_000, 1_000, 50),  # backlog: sent at each size
    "waiting": (1_000_000, 20_000, 50),  # backlog
    "delivered": (10_000_000, 100_000, 100),  # backlog
}


def main() -> int:
    """Measure the parts that are asked for."""
    full, quick, small = (
        {name: sizes[number] for name, sizes in OPTIONS.items()} for number in range(3)
    )
    options = parse(small, quick, parts=tuple(PARTS), peers="", **full)
    options.parts = options.parts or [part for part in PARTS if part != "backlog"]
    with running_system() as system:
        ways = [ours(), tasks()]
        if options.peers:
            ways += peers(system, Path(options.peers))
        for part in options.parts:
            print(f"-- {part}", flush=True)
            more = [ours_by_celery()] if part in WITH_CELERY_ALONE else []
            some = ways if part in QUICK_WITH_PEERS or not options.quick else ways[:2]
            PARTS[part](system, [*some[:1], *more, *some[1:]], options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
