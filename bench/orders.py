"""The order pages of a merchant with few and with many orders. `python -m bench.orders --help`.

Each database has a process of its own, which measures the pages with few orders in it, then adds
another merchant with many and measures theirs. They are asked for by Django's test client, which
leaves out the web server and nothing else. Numbers of queries are those of the larger one.
"""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path
from statistics import median

from bench.inside import inside
from bench.options import options as parse
from bench.report import circumstances, finish, grid
from bench.timing import ms, timed, times
from tests.services.stack import Stack

ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "bench.doubles.settings"}
DATABASES = {"SQLite": False, "PostgreSQL": True}
MERCHANT = "merchant-{}@shop.example"
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

Measured = dict[str, tuple[int, float]]
"""Of each page: how many queries it takes, and the median of its seconds."""


def main() -> int:
    """Measure what the arguments ask for and print the table."""
    options = parse(small={"orders": [10, 50], "rounds": 2}, orders=[1_000, 1_000_000], rounds=25)
    rows: list[list[str]] = []
    for database, is_postgres in islice(DATABASES.items(), 1 if options.small else None):
        few, many = _measure(options.orders, options.rounds, postgres=is_postgres)
        rows += [
            [page, database, str(many[page][0]), ms(few[page][1]), ms(many[page][1]), ratio]
            for page in PAGES
            if (ratio := times(many[page][1] / few[page][1]))
        ]
    sizes = [f"{size:,} orders" for size in options.orders]
    table = grid(("", "", "queries", *sizes, "ratio"), rows, numbers={2, 3, 4, 5})
    finish("orders", options, table, f"{options.rounds} rounds of each. {circumstances()}.")
    return 0


def _measure(sizes: list[int], rounds: int, *, postgres: bool) -> list[Measured]:
    with Stack(postgres=postgres, environment=ENVIRONMENT) as stack:
        if postgres:
            stack.start("postgres")
        stack.manage("migrate")
        file = stack.directory / "measured"
        inside(stack, "bench.orders:measure", str(file), str(rounds), *map(str, sizes))
        found: list[Measured] = json.loads(file.read_text())
        return found


def measure(file: str, rounds: str, *sizes: str) -> None:
    """Fill in one size after the other; measure every page at each, in turns."""
    found = [_pages(int(size), int(rounds)) for size in sizes]
    Path(file).write_text(json.dumps(found))


def _pages(orders: int, rounds: int) -> Measured:
    from django.db import connection
    from django.test import Client

    from bench import order_fixture

    merchant = order_fixture.fill(MERCHANT.format(orders), orders)
    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    client.force_login(merchant)
    found: Measured = {}
    for page, pattern in PAGES.items():
        url = pattern.format(**order_fixture.places(merchant))
        counter = order_fixture.Counter()
        with connection.execute_wrapper(counter):
            status = client.get(url).status_code
        if status != 200:
            raise RuntimeError(f"{page}: {status}")
        seconds = [timed(lambda url=url: client.get(url)) for _ in range(rounds)]  # type: ignore[misc]
        found[page] = counter.queries, median(seconds)
    return found


if __name__ == "__main__":
    sys.exit(main())
