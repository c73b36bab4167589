"""Orders in the admin: their timeline, and the way to all that happened because of them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from integrations import conf
from integrations.models import Delivery, Message
from orders.models import Order, Status, StatusChange
from orders.services import order_change_status
from tests.integrations.admin.steps import list_of, look_at, page_of

BODY = b'{"id": 1001, "status": "Awaiting Fulfillment"}'


@pytest.fixture
def order(merchant: User) -> Order:
    return Order.objects.create(merchant=merchant, external_id="1001", customer_name="Ada")


@pytest.fixture
def told(order: Order, merchant: User) -> Message:
    """The message that tells the store of the order's first change."""
    order_change_status(order=order, status=Status.SHIPPED, changed_by=merchant)
    return Message.objects.get(name="Fulfillment Updated")


@pytest.fixture
def delivery(order: Order, merchant: User) -> Delivery:
    made = Delivery.objects.create(
        kind="orders", environment=conf.environment(), tenant=merchant, digest="d", body=BODY
    )
    Order.objects.filter(pk=order.pk).update(delivery=made)
    return made


def linked(page: str, text: str) -> str:
    found = re.search(rf'<a href="([^"]+)"[^>]*>{text}</a>', page)
    assert found, text
    return unescape(found[1])


def test_an_order_shows_its_timeline_with_the_state_of_each_message(
    order: Order, told: Message, operator_client: Client
) -> None:
    page = look_at(operator_client, page_of(order))
    assert "Received to Shipped" in page
    assert linked(page, "Waiting") == page_of(told)


def test_an_order_leads_to_its_messages_and_its_delivery(
    order: Order, told: Message, delivery: Delivery, operator_client: Client
) -> None:
    page = look_at(operator_client, page_of(order))
    messages = look_at(operator_client, linked(page, "Messages about this order"))
    assert page_of(told) in messages
    assert linked(page, f"Order delivery {delivery.pk}") == page_of(delivery)


def test_a_message_and_a_delivery_lead_back_to_the_order(
    order: Order, told: Message, delivery: Delivery, operator_client: Client
) -> None:
    assert page_of(order) in look_at(operator_client, page_of(told))
    assert linked(look_at(operator_client, page_of(delivery)), "Order 1001") == page_of(order)


def test_a_delivery_that_made_no_order_leads_nowhere(
    delivery: Delivery, operator_client: Client
) -> None:
    Order.objects.update(delivery=None)
    assert "/admin/orders/order/" not in look_at(operator_client, page_of(delivery))


def test_a_status_change_leads_to_its_message(
    order: Order, told: Message, operator_client: Client
) -> None:
    changes = look_at(operator_client, list_of(StatusChange))
    assert page_of(order) in changes
    assert page_of(told) in look_at(operator_client, linked(changes, "the message"))


@pytest.mark.parametrize("term", ["1001", "Ada", "merchant@acme.example"])
def test_an_order_is_found(
    term: str, order: Order, other_merchant: User, operator_client: Client
) -> None:
    other = Order.objects.create(merchant=other_merchant, external_id="2002")
    found = look_at(operator_client, list_of(Order), q=term)
    assert page_of(order) in found
    assert page_of(other) not in found


@pytest.mark.parametrize("name", ["order", "statuschange"])
def test_a_longer_list_takes_no_more_queries(
    name: str, merchant: User, operator_client: Client
) -> None:
    def add(number: int) -> None:
        order = Order.objects.create(merchant=merchant, external_id=str(number))
        order_change_status(order=order, status=Status.SHIPPED, changed_by=merchant)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            look_at(operator_client, reverse(f"admin:orders_{name}_changelist"))
        return len(asked)

    add(1)
    queries()  # the first page fills caches
    few = queries()
    for number in range(2, 12):
        add(number)
    assert queries() == few <= 10
