"""The order pages of a merchant with few and with many orders. `python -m bench.orders --help`.

Each size has a database and a process of its own; the same page is asked for in turn from both, by
Django's test client, which leaves out the web server and nothing else. Numbers of queries are
those of the larger one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from statistics import median
from typing import IO

from acmeco.launcher.processes import PROJECT
from bench.options import options as parse
from bench.report import circumstances, finish, grid
from bench.timing import interleaved, ms, times
from tests.services.stack import Stack

ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "bench.doubles.settings"}
DATABASES = {"SQLite": False, "PostgreSQL": True}
MERCHANT = "merchant@shop.example"
PAGES = {
    "first page": "/orders/",
    "a page deep in": "/orders/?before={middle}",
    "a frequent status": "/orders/?status=SHIPPED",
    "a status of ten old orders": "/orders/?status=CANCELLED",
    "search: an old order's number": "/orders/?q={number}",
    "search: an old order's e-mail": "/orders/?q=unique@buyer.example",
    "search: part of a frequent name": "/orders/?q=lovelace",
    "search: part of an old order's name": "/orders/?q=zebedee",
    "search: a name that is nowhere": "/orders/?q=nobody",
    "an order's page": "/orders/{oldest}/",
}


@dataclass(frozen=True)
class Site:
    """A merchant's pages, in a process that answers one line with another."""

    ask: IO[str]
    answer: IO[str]

    def get(self, page: str) -> int:
        """Have a page made; return the number of queries it took."""
        print(page, file=self.ask, flush=True)
        return int(self.answer.readline())


def main() -> int:
    """Measure what the arguments ask for and print the table."""
    options = parse(
        small={"orders": [10, 50], "rounds": 2},
        orders=[1_000, 1_000_000],
        rounds=25,
        inside=0,
    )
    if options.inside:
        _serve(options.inside)
        return 0
    rows: list[list[str]] = []
    for database, is_postgres in islice(DATABASES.items(), 1 if options.small else None):
        rows += measure(database, options.orders, postgres=is_postgres, rounds=options.rounds)
    sizes = [f"{size:,} orders" for size in options.orders]
    table = grid(("", "", "queries", *sizes, "ratio"), rows, numbers={2, 3, 4, 5})
    finish("orders", options, table, f"{options.rounds} rounds of each. {circumstances()}.")
    return 0


def measure(database: str, sizes: list[int], *, postgres: bool, rounds: int) -> Iterator[list[str]]:
    """Yield a row for each page: queries, the median of each size, and how they compare."""
    with ExitStack() as sites:
        small, large = (sites.enter_context(_open(database, n, postgres)) for n in sizes)
        for page in PAGES:
            print(f"{database}, {page}: {rounds} rounds ...", flush=True)
            queries = [site.get(page) for site in (small, large)][-1]
            ways = {"few": partial(small.get, page), "many": partial(large.get, page)}
            few, many = map(median, interleaved(ways, rounds=rounds).values())
            yield [page, database, str(queries), ms(few), ms(many), times(many / few)]


@contextmanager
def _open(database: str, orders: int, postgres: bool) -> Iterator[Site]:
    print(f"{database}: filling in {orders:,} orders ...", flush=True)
    with Stack(postgres=postgres, environment=ENVIRONMENT) as stack:
        if postgres:
            stack.start("postgres")
        stack.manage("migrate")
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.orders", "--inside", str(orders)],
            cwd=PROJECT,
            env={**os.environ, **stack.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with process:
            assert process.stdin is not None  # noqa: S101 -- narrows the type
            assert process.stdout is not None  # noqa: S101
            yield Site(process.stdin, process.stdout)
            process.stdin.close()  # which ends it


def _serve(orders: int) -> None:
    """Fill in the orders, then answer each page's name with the number of its queries."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client

    from bench import order_fixture

    merchant = order_fixture.fill(MERCHANT, orders)
    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    client.force_login(merchant)
    urls = {page: url.format(**order_fixture.places(merchant)) for page, url in PAGES.items()}
    for line in sys.stdin:
        counter = order_fixture.Counter()
        with connection.execute_wrapper(counter):
            response = client.get(urls[line.strip()])
        if response.status_code != 200:
            raise RuntimeError(f"{line.strip()}: {response.status_code}")
        print(counter.queries, flush=True)


if __name__ == "__main__":
    sys.exit(main())
