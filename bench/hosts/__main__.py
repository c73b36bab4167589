"""Send from one, two and four hosts; then cut one of two off from the network, and heal it.

    sudo .venv/bin/python -m bench.hosts --json var/hosts.json

Each host is a network namespace with one `manage.py relay`. PostgreSQL and Redis are on another,
and Alloy, which takes a fixed time for each call, on one more. So few calls at a time leave the
machine idle, and what is seen is how the hosts share the work. Without root, or with
`--network loopback`, hosts are addresses of the loopback range, and a cut freezes the host's
processes instead.

`--seconds 0` or `--down 0` leaves one of the two out. All takes some four minutes, `--small` one.
Ends with exit code 1 when anything was lost, came out of order, or was sent by both hosts after the
lease had ended.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.hosts.scenarios import Cut, Growth, cut_off, grow
from bench.hosts.site import running_site
from bench.options import options as parse
from bench.report import circumstances, finish, grid
from bench.timing import times

RATES = ("events a second", "times one host", "calls of each", "ms of CPU an event")
HEAD = ("hosts", *RATES, "twice")


def main() -> int:
    """Measure, print, and write down where that is asked for; return the exit code."""
    options = parse(
        small={"hosts": [1, 2], "at_once": 2, "alloy_ms": 300, "seconds": 3, "down": 12},
        hosts=[1, 2, 4],
        at_once=10,
        alloy_ms=100,
        seconds=20,
        down=30,
        network="namespaces",
        json="",
    )
    load = {"at_once": options.at_once, "alloy_seconds": options.alloy_ms / 1000}
    growths, cuts = list[Growth](), list[Cut]()
    with running_site(max(2, *options.hosts), loopback=options.network == "loopback") as site:
        network = site.network.name
        for count in options.hosts if options.seconds else ():
            events = options.seconds * count * 1000 * options.at_once // options.alloy_ms
            growths.append(grow(site, site.hosts[:count], events=events, **load))
            print(f"{count} hosts: {growths[-1]}", flush=True)
        if options.down:
            cuts.append(cut_off(site, site.hosts[:2], down=options.down, **load))
    finish("hosts", options, _report(growths, cuts), f"{network}; {circumstances()}")
    if options.json:
        found = {"network": network, "growth": growths, "cut": cuts}
        Path(options.json).write_text(json.dumps(found, default=asdict, indent=2) + "\n")
    faults = [run.faults.total for run in growths] + [cut.faults.total for cut in cuts]
    return int(any(faults) or any(cut.by_both for cut in cuts))


def _report(growths: list[Growth], cuts: list[Cut]) -> str:
    rows = [
        (
            str(run.hosts),
            f"{run.rate:,.1f}",
            times(run.rate / growths[0].rate * growths[0].hosts),
            ", ".join(f"{calls:,}" for calls in run.shares.values()),
            f"{run.cpu_ms_per_event:.2f}",
            f"{run.twice:,}",
        )
        for run in growths
    ]
    tables = [grid(HEAD, rows, numbers=set(range(len(HEAD))))] if rows else []
    tables += [grid(("a host cut off", ""), _rows(cut), numbers={1}) for cut in cuts]
    faults = {str(run.faults) for run in growths} | {str(cut.faults) for cut in cuts}
    return "\n\n".join([*tables, *sorted(faults)])


def _rows(cut: Cut) -> list[tuple[str, str]]:
    return [
        ("without network for", f"{cut.down:.1f} s"),
        ("the lease of a group lasts", f"{cut.lease:.1f} s"),
        ("orders it had in its hands that others went on with", f"{cut.orders_taken_over:,}"),
        ("... after at most", f"{cut.taken_over:.1f} s"),
        ("sends again, once healed, after", f"{cut.back:.1f} s"),
        ("events that came twice", f"{cut.twice:,}"),
        ("events sent by both after the lease had ended", f"{cut.by_both:,}"),
    ]


if __name__ == "__main__":
    sys.exit(main())
