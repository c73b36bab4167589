"""Webhooks in, against a view that does one INSERT. `python -m bench.webhooks --help`.

Both are views of the same real web server, and write to the same table. Ours checks the signature,
finds out whose it is, keeps it once, and wakes a worker by Redis. At the end one worker, alone,
processes all that were accepted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import islice
from statistics import median

from bench.options import options as parse
from bench.posting import PATH, PLAIN_PATH, Answers, Receiver, receiver, send
from bench.report import Goal, circumstances, finish, goals, grid
from bench.timing import ms, percentile, times

DATABASES = {"SQLite": False, "PostgreSQL": True}
WAYS = ("ours", "one INSERT")
HEAD = ("", "", "a second", "p50", "p99", "one INSERT : ours")


def main() -> int:
    """Measure both ways on both databases and print the table."""
    options = parse(small={"webhooks": 20, "rounds": 1}, webhooks=250, rounds=12, connections=8)
    rows: list[list[str]] = []
    wanted: list[Goal] = []
    for database, is_postgres in islice(DATABASES.items(), 1 if options.small else None):
        with receiver(postgres=is_postgres) as acmeco:
            size = f"{options.rounds} rounds of {options.webhooks} webhooks"
            print(f"{database}: {size}, in each way ...", flush=True)
            rounds = [measure(acmeco, options) for _ in range(options.rounds + 1)]
            rows += rows_of(database, rounds[1:])  # the first one wakes everything up
            done = acmeco.process()
            processed = done.deliveries / done.seconds
            rows.append(["ours, processed by one worker", database, f"{processed:,.0f}", *[""] * 3])
            ours, insert = (_rate(rounds[1:], way) for way in WAYS)
            wanted += [
                Goal(f"one INSERT : ours, {database}", insert / ours, most=1.4),
                Goal(f"processed : accepted, {database}", processed / ours, least=1),
            ]
    about = f"{size}, {options.connections} connections. {circumstances()}."
    finish("webhooks", options, grid(HEAD, rows, numbers={2, 3, 4, 5}), goals(wanted), about)
    return 0


def measure(acmeco: Receiver, options: argparse.Namespace) -> dict[str, Answers]:
    """Send one round of webhooks to either view."""
    signed = [acmeco.order() for _ in range(options.webhooks)]
    plain = [request.replace(PATH.encode(), PLAIN_PATH) for request in signed]
    found = {}
    for way, requests in zip(WAYS, (signed, plain), strict=True):
        found[way] = send(acmeco.port, requests, connections=options.connections)
        if set(found[way].statuses) != {202}:
            raise RuntimeError(f"{way}: {found[way].statuses}")
    return found


def rows_of(database: str, rounds: list[dict[str, Answers]]) -> Iterator[list[str]]:
    """Yield a row for each way; the ratio is that of the median rates."""
    rates = {way: _rate(rounds, way) for way in WAYS}
    for way in WAYS:
        seconds = [second for each in rounds for second in each[way].seconds]
        ratio = times(rates["one INSERT"] / rates["ours"]) if way == "ours" else ""
        spread = (ms(percentile(seconds, 50)), ms(percentile(seconds, 99)))
        yield [way, database, f"{rates[way]:,.0f}", *spread, ratio]


def _rate(rounds: list[dict[str, Answers]], way: str) -> float:
    return median(each[way].rate for each in rounds)


if __name__ == "__main__":
    sys.exit(main())
