"""Order in: what a delivery from the merchant's store becomes here."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.inbox import Received, receives
from integrations.models import Delivery
from orders import services
from orders.payloads import BigCommerceOrder


@receives(Delivery.Kind.ORDER, BigCommerceOrder)
def orders_streamed(received: Sequence[Received[BigCommerceOrder]]) -> None:
    """Make or refresh the merchants' orders."""
    services.orders_receive(received=received)
