"""Links in the admin between apps that do not know each other."""

from __future__ import annotations

from integrations.admin import links
from integrations.models import Delivery
from meetings.models import Copy
from orders.models import Order
from orders.payloads import BigCommerceOrder


def order_of_delivery(delivery: Delivery) -> Order | None:
    """Return the order that a delivery made or refreshed; None when it could not."""
    try:
        received = BigCommerceOrder.model_validate_json(delivery.body)
    except ValueError:
        return None
    return Order.objects.filter(merchant=delivery.tenant, external_id=received.id).first()


links.subjects["order"] = Order
links.subjects["meeting-copy"] = Copy
links.results[Delivery.Kind.ORDER] = order_of_delivery
