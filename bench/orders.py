"""The order pages of a merchant with few and with many orders. `python -m bench.orders --help`.

Each database has a process of its own, which measures the pages with few orders in it, then adds
another merchant with many and measures theirs. They are asked for by Django's test client, which
leaves out the web server and nothing else. Numbers of queries are those of the larger one. The
database makes the orders itself: a million take seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.inside import inside, settings_of_bench
from bench.options import options as parse
from bench.report import circumstances, finish, grid
from bench.timing import ms, timed, times
from tests.services.stack import Stack

if TYPE_CHECKING:
    from accounts.models import User

DATABASES = {"SQLite": False, "PostgreSQL": True}
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
FIRST = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances", "Tim")
LAST = ("Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Perlman", "Allen", "Lee")
ORDERS = """
    INSERT INTO orders_order (
        merchant_id, external_id, status, customer_name, customer_email, total, currency,
        items_count, store_status, to_fulfil, unread, placed_at, modified_at, received_at
    )
    WITH RECURSIVE
        numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %(orders)s),
        first(i, name) AS (VALUES {first}),
        last(i, name) AS (VALUES {last})
    SELECT
        %(merchant)s, CAST(100000 + n AS varchar(64)),
        CASE n %% 4 WHEN 0 THEN 'RECEIVED' WHEN 1 THEN 'PACKED' ELSE 'SHIPPED' END,
        first.name || ' ' || last.name,
        'buyer' || CAST(n %% 50000 AS varchar(9)) || '@mail.example',
        49.99, 'USD', 2, 'Awaiting Fulfillment', TRUE, '',
        CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP
    FROM numbers JOIN first ON first.i = n %% {firsts} JOIN last ON last.i = n %% {lasts}
    ORDER BY n
"""
CHANGES = """
    INSERT INTO orders_statuschange (order_id, old_status, new_status, changed_by_id, changed_at)
    SELECT id, 'RECEIVED', status, merchant_id, CURRENT_TIMESTAMP
    FROM orders_order WHERE status <> 'RECEIVED' AND merchant_id = %(merchant)s
"""

Measured = dict[str, tuple[int, float]]
"""Of each page: how many queries it takes, and the median of its seconds."""


def main() -> int:
    """Measure what the arguments ask for and print the table."""
    options = parse(small={"orders": [10, 50], "rounds": 2}, orders=[1_000, 1_000_000], rounds=25)
    rows: list[list[str]] = []
    for database, is_postgres in islice(DATABASES.items(), 1 if options.small else None):
        with Stack(postgres=is_postgres, environment=settings_of_bench()) as stack:
            if is_postgres:
                stack.start("postgres")
            stack.manage("migrate")
            few, many = inside(stack, "bench.orders:measure", options.rounds, *options.orders)
        rows += [
            [page, database, str(many[page][0]), ms(few[page][1]), ms(many[page][1]), ratio]
            for page in PAGES
            if (ratio := times(many[page][1] / few[page][1]))
        ]
    sizes = [f"{size:,} orders" for size in options.orders]
    table = grid(("", "", "queries", *sizes, "ratio"), rows, numbers={2, 3, 4, 5})
    finish("orders", options, table, f"{options.rounds} rounds of each. {circumstances()}.")
    return 0


def measure(rounds: str, *sizes: str) -> list[Measured]:
    """Fill in one size after the other; measure every page at each, in turns."""
    return [_pages(int(size), int(rounds)) for size in sizes]


def _pages(orders: int, rounds: int) -> Measured:
    from django.db import connection
    from django.test import Client

    queries: list[object] = []

    def count(execute: Callable[..., Any], *call: Any) -> Any:
        queries.append(call)
        return execute(*call)

    merchant = _fill(orders)
    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    client.force_login(merchant)
    found: Measured = {}
    for page, pattern in PAGES.items():
        url = pattern.format(**_places(merchant))
        queries.clear()
        with connection.execute_wrapper(count):
            status = client.get(url).status_code
        if status != 200:
            raise RuntimeError(f"{page}: {status}")
        seconds = [timed(lambda url=url: client.get(url)) for _ in range(rounds)]  # type: ignore[misc]
        found[page] = len(queries), median(seconds)
    return found


def _fill(orders: int) -> User:
    """Make a merchant with this many orders; most have a history, the newest 25 told the store."""
    from django.db import connection

    from accounts.models import User
    from orders import services
    from orders.models import Order, Status

    merchant = User.objects.create_user(f"merchant-{orders}@shop.example")
    names = {"first": _values(FIRST), "last": _values(LAST)}
    sql = ORDERS.format(**names, firsts=len(FIRST), lasts=len(LAST))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"orders": orders, "merchant": merchant.pk})
        cursor.execute(CHANGES, {"merchant": merchant.pk})
    theirs = Order.objects.filter(merchant=merchant)
    oldest = list(theirs.order_by("pk").values_list("pk", flat=True)[:10])
    theirs.filter(pk__in=oldest).update(status=Status.CANCELLED)
    standing_out = {"customer_name": "Zebedee Quill", "customer_email": "unique@buyer.example"}
    theirs.filter(pk=oldest[0]).update(**standing_out)
    for order in theirs.order_by("-pk")[:25]:
        services.order_change_status(order=order, status=Status.FULFILLED, changed_by=merchant)
    if connection.vendor == "postgresql":  # as it does by itself after a minute
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return merchant


def _places(merchant: User) -> dict[str, object]:
    """Return what the pages' addresses name: an order in the middle, and one of the oldest."""
    from orders.models import Order

    theirs = Order.objects.filter(merchant=merchant).order_by("pk")
    oldest, newest = theirs[0], theirs.reverse()[0]
    middle = (oldest.pk + newest.pk) // 2
    return {"oldest": oldest.pk, "middle": middle, "number": oldest.external_id}


def _values(names: tuple[str, ...]) -> str:
    return ", ".join(f"({number}, '{name}')" for number, name in enumerate(names))


if __name__ == "__main__":
    sys.exit(main())
