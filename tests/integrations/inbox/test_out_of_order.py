"""Stores tell late, twice, in parts, and not in order: what remains is as if they had told well."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from django.test import Client

from integrations import inbox
from integrations.models import Delivery
from orders.models import Order
from tests.full_size import size
from tests.integrations.inbox.steps import BILLING_ADDRESS, ORDER, Sender

pytestmark = pytest.mark.django_db

SHUFFLES = size(1_000, usual=8)

NEWS: list[dict[str, Any]] = [
    {**ORDER, "status": "Pending"},
    {"status": "Awaiting Payment", "items_total": 3, "total_inc_tax": "74.50"},
    {"status": "Awaiting Fulfillment", "billing_address": {"first_name": "Janet"}},
    {"status": "Shipped", "total_inc_tax": "70.00", "a_field_of_tomorrow": {"a": [1]}},
    {"status": "Completed", "billing_address": BILLING_ADDRESS, "items_total": 2},
]
"""What a store tells of one order, oldest first: the first is whole, the others leave out much."""
NO_ORDERS = [b'{"status": "Shipped"}', b'{"id": null, "items_total": 1}', b'["created"]']


def news_of(number: int) -> list[bytes]:
    """Return the news of the order with this number, oldest first."""
    return [
        json.dumps(
            {**each, "id": number, "date_modified": f"Fri, 20 Nov 2026 10:0{minute}:00 +0000"}
        ).encode()
        for minute, each in enumerate(NEWS)
    ]


def state_of(number: int) -> dict[str, Any]:
    """Return what an order says, but for its identity and the time of its making."""
    (row,) = Order.objects.filter(external_id=str(number)).values()
    return {
        name: value
        for name, value in row.items()
        if name not in {"id", "external_id", "received_at", "delivery_id"}
    }


@pytest.mark.postgresql
@pytest.mark.scenario(15)
def test_news_in_any_order_with_repeats_and_nonsense_between_end_as_if_told_in_order(
    sender: Sender, url: str
) -> None:
    for body in news_of(1):
        assert sender.post(url, body).status_code == 202
        inbox.sweep(seconds=600)
    expected, dice = state_of(1), random.Random(15)  # noqa: S311
    for number in range(2, SHUFFLES + 2):
        bodies = [*news_of(number), dice.choice(news_of(number)), dice.choice(NO_ORDERS)]
        dice.shuffle(bodies)
        for body in bodies:
            assert sender.post(url, body).status_code in {200, 202}
            if dice.random() < 0.5:
                inbox.sweep(seconds=600)
        inbox.sweep(seconds=600)
        assert state_of(number) == expected
    unprocessed = Delivery.objects.exclude(state=Delivery.State.PROCESSED)
    assert {bytes(each.body) for each in unprocessed} <= set(NO_ORDERS)
    assert {each.state for each in unprocessed} == {Delivery.State.DEAD}


@pytest.mark.scenario(15)
def test_an_order_of_ten_thousand_lines_is_an_order(
    sender: Sender, url: str, merchant_client: Client
) -> None:
    line = {"sku": "MUG-0001", "name": "A mug with a name on it", "price": "12.50", "quantity": 1}
    order = {**ORDER, "items_total": 10_000, "products": [{"id": n, **line} for n in range(10_000)]}
    assert sender.post(url, order).status_code == 202
    inbox.sweep(seconds=600)
    assert Order.objects.get().items_count == 10_000
    page = merchant_client.get(f"/orders/{Order.objects.get().pk}/")
    assert page.status_code == 200
