"""Order in: what a delivery from the merchant's store becomes here."""

from __future__ import annotations

from integrations.inbox.registry import receives
from integrations.models import Delivery
from orders import services
from orders.payloads import BigCommerceOrder


@receives(Delivery.Kind.ORDER, BigCommerceOrder)
def order_streamed(delivery: Delivery, order: BigCommerceOrder) -> None:
    """Make or refresh the merchant's order."""
    services.order_receive(merchant=delivery.tenant, received=order)
