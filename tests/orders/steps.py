"""The step that the tests of orders are told in: the store's news arrive."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from accounts.models import User
from integrations.inbox import Received
from integrations.models import Delivery
from integrations.models.inbox import read_json
from orders.models import Order
from orders.payloads import BigCommerceOrder
from orders.receivers import orders_streamed
from tests.integrations.deliveries import keep


def parse(body: str | bytes | None = None, **fields: Any) -> BigCommerceOrder:
    """Return an order as the inbox reads it from a body, or from these fields."""
    body = json.dumps({"id": 118, **fields}) if body is None else body
    content = body if isinstance(body, bytes) else body.encode()
    return BigCommerceOrder.model_validate(read_json(content))


def receive(merchant: User, *orders: BigCommerceOrder) -> Order:
    """Take the orders in together, each by a delivery of its own; return the last of them."""
    received = [Received(keep(Delivery.Kind.ORDER, merchant, {}), order) for order in orders]
    with transaction.atomic():
        orders_streamed(received)
    return Order.objects.get(merchant=merchant, external_id=orders[-1].id)
