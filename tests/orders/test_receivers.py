from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from integrations.models import Delivery
from orders.models import Order
from orders.payloads import BigCommerceOrder
from orders.receivers import order_streamed

if TYPE_CHECKING:
    from accounts.models import User


@pytest.mark.django_db
def test_a_streamed_order_becomes_an_order_of_the_deliverys_tenant(merchant: User) -> None:
    delivery = Delivery(kind=Delivery.Kind.ORDER, tenant=merchant, body='{"id": 118}')
    received = BigCommerceOrder.model_validate_json(delivery.body)
    order_streamed(delivery, received)
    order_streamed(delivery, received)
    order = Order.objects.get()
    assert (order.merchant, order.external_id) == (merchant, "118")
