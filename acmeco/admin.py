"""Links in the admin between apps that do not know each other."""

from __future__ import annotations

from integrations.admin import links
from integrations.models import Delivery
from meetings.models import Copy
from orders.models import Order


def order_of_delivery(delivery: Delivery) -> Order | None:
    """Return the order that a delivery made or refreshed last."""
    return Order.objects.filter(delivery=delivery).first()


links.subjects["order"] = Order
links.subjects["meeting-copy"] = Copy
links.results[Delivery.Kind.ORDER] = order_of_delivery
