"""Order in: what a delivery from the merchant's store becomes here. And orders named elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext

from integrations.inbox import Received, receives
from integrations.models import Delivery
from integrations.signals import subjects_shown
from orders import services
from orders.models import Order
from orders.payloads import BigCommerceOrder


@receiver(subjects_shown)
def pages_of_orders(tenant: Any, subjects: set[str], **_: Any) -> dict[str, tuple[str, str]]:
    """Return the pages of the merchant's orders with these numbers."""
    found = Order.objects.filter(merchant=tenant, external_id__in=subjects)
    return {
        order.external_id: (
            gettext("Order %(number)s") % {"number": order.external_id},
            reverse("orders:detail", args=[order.pk]),
        )
        for order in (found if subjects else ())
    }


@receives(Delivery.Kind.ORDER, BigCommerceOrder)
def orders_streamed(received: Sequence[Received[BigCommerceOrder]]) -> None:
    """Make or refresh the merchants' orders."""
    services.orders_receive(received=received)
