"""Orders of a merchant by the million, made by the database itself: a million take seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from accounts.models import User
from orders import services
from orders.models import Order, Status

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


class Counter:
    """Counts queries, as a wrapper around their execution."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)


def fill(email: str, orders: int) -> User:
    """Make a merchant with this many orders; most have a history, the newest 25 told the store."""
    merchant = User.objects.create_user(email)
    names = {"first": _values(FIRST), "last": _values(LAST)}
    sql = ORDERS.format(**names, firsts=len(FIRST), lasts=len(LAST))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"orders": orders, "merchant": merchant.pk})
        cursor.execute(CHANGES, {"merchant": merchant.pk})
    _let_some_stand_out(merchant)
    for order in Order.objects.filter(merchant=merchant).order_by("-pk")[:25]:
        services.order_change_status(order=order, status=Status.FULFILLED, changed_by=merchant)
    if connection.vendor == "postgresql":  # as it does by itself after a minute
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return merchant


def places(merchant: User) -> dict[str, object]:
    """Return what the pages' addresses name: an order in the middle, and one of the oldest."""
    oldest = Order.objects.filter(merchant=merchant).order_by("pk")[0]
    newest = Order.objects.filter(merchant=merchant).order_by("-pk")[0]
    middle = (oldest.pk + newest.pk) // 2
    return {"oldest": oldest.pk, "middle": middle, "number": oldest.external_id}


def _let_some_stand_out(merchant: User) -> None:
    oldest = list(Order.objects.filter(merchant=merchant).order_by("pk")[:10])
    Order.objects.filter(pk__in=[order.pk for order in oldest]).update(status=Status.CANCELLED)
    Order.objects.filter(pk=oldest[0].pk).update(
        customer_name="Zebedee Quill", customer_email="unique@buyer.example"
    )


def _values(names: tuple[str, ...]) -> str:
    return ", ".join(f"({number}, '{name}')" for number, name in enumerate(names))
