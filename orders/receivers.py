"""Order in: a delivery from the merchant's store makes an order, or refreshes it.

However often and in whatever order the store's news arrive, the newest wins, and the fulfillment
status, which is AcmeCo's own, is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.inbox import Received, receives
from integrations.models import Delivery
from orders.models import Order
from orders.payloads import BigCommerceOrder

Key = tuple[Any, str]  # the merchant's id and the order's number
FACTS = (
    *("customer_name", "customer_email", "total", "currency", "items_count", "store_status"),
    *("to_fulfil", "unread", "placed_at", "modified_at", "delivery"),
)


@receives(Delivery.Kind.ORDER, BigCommerceOrder)
def orders_streamed(received: Sequence[Received[BigCommerceOrder]]) -> None:
    """Make the orders, and refresh those we know that the store changed since. Few queries for all.

    Needs a transaction, and raises `IntegrityError` when another worker has just made one of them.
    """
    known = _known(received)
    made: dict[Key, Order] = {}
    refreshed: dict[Key, Order] = {}
    for each in received:
        key: Key = (each.delivery.tenant_id, each.body.id)
        order = known.get(key)
        if order is None:
            known[key] = made[key] = Order(merchant_id=key[0], external_id=key[1], **_facts(each))
        elif _is_newer(order, each.body):
            for name, value in _facts(each).items():
                setattr(order, name, value)
            refreshed[key] = order
    Order.objects.bulk_create(made.values())
    changed = [order for key, order in refreshed.items() if key not in made]
    Order.objects.bulk_update(changed, FACTS)


def _known(received: Sequence[Received[BigCommerceOrder]]) -> dict[Key, Order]:
    """Return the orders that we have already, locked, the oldest first so that nobody deadlocks."""
    found = Order.objects.select_for_update().filter(
        merchant__in={each.delivery.tenant_id for each in received},
        external_id__in={each.body.id for each in received},
    )
    return {(order.merchant_id, order.external_id): order for order in found.order_by("pk")}


def _facts(received: Received[BigCommerceOrder]) -> dict[str, Any]:
    order = received.body
    return {
        "customer_name": order.billing_address.name[:200],
        "customer_email": order.billing_address.email[:254],
        "total": order.total_inc_tax,
        "currency": order.currency,
        "items_count": order.items_total,
        "store_status": order.status[:60],
        "to_fulfil": order.is_to_fulfil,
        "unread": ", ".join(order.unread)[:300],
        "placed_at": order.date_created,
        "modified_at": order.date_modified,
        "delivery": received.delivery,
    }


def _is_newer(order: Order, received: BigCommerceOrder) -> bool:
    if received.date_modified is None:
        return False
    # The store writes whole seconds: of two changes in one second the one that came last counts.
    return order.modified_at is None or received.date_modified >= order.modified_at
