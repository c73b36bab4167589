from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from integrations.models import Message
from orders import services
from orders.models import Order, Status, StatusChange
from orders.payloads import BigCommerceOrder
from tests.integrations.threads import at_once

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def received(minute: int | None = 0, **fields: Any) -> BigCommerceOrder:
    """Return an order as the store had it so many minutes after noon."""
    modified = None if minute is None else NOON + timedelta(minutes=minute)
    return BigCommerceOrder(id="118", date_modified=modified, **fields)


def events() -> list[dict[str, str]]:
    return [message.payload for message in Message.objects.filter(kind="event").order_by("pk")]


def test_an_order_that_arrives_is_made_with_what_the_store_knows(merchant: User) -> None:
    address = {"first_name": "Jane", "last_name": "Doe", "email": "jane@shop.example"}
    order = services.order_receive(
        merchant=merchant,
        received=received(total_inc_tax="49.99", items_total=2, billing_address=address),
    )
    order.refresh_from_db()
    assert (order.customer_name, str(order.total), order.items_count, order.status) == (
        "Jane Doe",
        "49.99",
        2,
        Status.RECEIVED,
    )


def test_what_is_too_long_for_its_column_is_cut(merchant: User) -> None:
    address = {"first_name": "J" * 300, "email": "e" * 300}
    order = services.order_receive(
        merchant=merchant, received=received(status="s" * 100, billing_address=address)
    )
    order.refresh_from_db()
    assert (len(order.customer_name), len(order.customer_email), len(order.store_status)) == (
        200,
        254,
        60,
    )


def test_newer_news_replace_older_and_never_touch_our_status(merchant: User) -> None:
    order = services.order_receive(merchant=merchant, received=received(0, items_total=1))
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    services.order_receive(merchant=merchant, received=received(5, items_total=2))
    order.refresh_from_db()
    assert (order.items_count, order.status, Order.objects.count()) == (2, Status.PACKED, 1)


@pytest.mark.parametrize("minute", [-5, None], ids=["older", "without a date"])
def test_older_or_undated_news_change_nothing(merchant: User, minute: int | None) -> None:
    services.order_receive(merchant=merchant, received=received(0, items_total=1))
    services.order_receive(merchant=merchant, received=received(minute, items_total=9))
    assert Order.objects.get().items_count == 1


def test_of_two_changes_in_the_same_second_the_one_that_came_last_counts(merchant: User) -> None:
    services.order_receive(merchant=merchant, received=received(0, items_total=1))
    services.order_receive(merchant=merchant, received=received(0, items_total=2))
    assert Order.objects.get().items_count == 2


def test_the_same_number_at_two_merchants_is_two_orders(
    merchant: User, other_merchant: User
) -> None:
    first = services.order_receive(merchant=merchant, received=received(0, items_total=1))
    services.order_receive(merchant=other_merchant, received=received(9, items_total=2))
    first.refresh_from_db()
    assert (first.items_count, Order.objects.count()) == (1, 2)


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(minutes=st.lists(st.integers(0, 30), min_size=1, max_size=12).flatmap(st.permutations))
def test_in_whatever_order_news_arrive_the_newest_wins(merchant: User, minutes: list[int]) -> None:
    Order.objects.all().delete()
    for minute in minutes:
        services.order_receive(merchant=merchant, received=received(minute, items_total=minute))
    order = Order.objects.get()
    assert (order.items_count, order.modified_at) == (
        max(minutes),
        NOON + timedelta(minutes=max(minutes)),
    )


@pytest.mark.django_db(transaction=True)
def test_the_same_order_at_once_is_made_once(merchant: User) -> None:
    made = at_once(
        6, lambda number: services.order_receive(merchant=merchant, received=received(number)).pk
    )
    assert len(set(made)) == 1
    assert Order.objects.get().modified_at == NOON + timedelta(minutes=5)


@pytest.fixture
def order(merchant: User) -> Order:
    return services.order_receive(merchant=merchant, received=received())


def test_a_change_of_status_is_told_and_remembered(order: Order, merchant: User) -> None:
    assert services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    change = StatusChange.objects.get()
    message = Message.objects.get(kind="event")
    order.refresh_from_db()
    assert (order.status, change.old_status, change.new_status, change.changed_by) == (
        "PACKED",
        "RECEIVED",
        "PACKED",
        merchant,
    )
    assert (message.name, message.payload, message.uid, message.tenant) == (
        "Fulfillment Updated",
        {"orderId": "118", "status": "PACKED"},
        change.message_uid,
        merchant,
    )


def test_the_status_it_has_already_is_no_change(order: Order) -> None:
    assert not services.order_change_status(order=order, status=Status.RECEIVED, changed_by=None)
    assert (events(), StatusChange.objects.count()) == ([], 0)


def test_a_change_that_is_rolled_back_is_neither_told_nor_remembered(order: Order) -> None:
    with transaction.atomic():
        services.order_change_status(order=order, status=Status.PACKED, changed_by=None)
        transaction.set_rollback(True)
    order.refresh_from_db()
    assert (order.status, events(), StatusChange.objects.count()) == ("RECEIVED", [], 0)


def test_changes_of_one_order_queue_in_one_group_and_other_orders_in_others(
    order: Order, merchant: User
) -> None:
    other = Order.objects.create(merchant=merchant, external_id="119")
    for status in (Status.PICKING, Status.PACKED):
        services.order_change_status(order=order, status=status, changed_by=None)
    services.order_change_status(order=other, status=Status.PACKED, changed_by=None)
    places = Message.objects.filter(kind="event").order_by("pk")
    assert list(places.values_list("sequence", flat=True)) == [1, 2, 1]
    assert len(set(places.values_list("group", flat=True))) == 2


@pytest.mark.django_db(transaction=True)
def test_racing_changes_are_told_in_the_order_of_the_history(order: Order) -> None:
    statuses = [Status.PICKING, Status.PACKED, Status.SHIPPED, Status.FULFILLED, Status.CANCELLED]

    def change(number: int) -> None:
        for status in statuses[number % 5 :] + statuses[: number % 5]:
            services.order_change_status(order=order, status=status, changed_by=None)

    at_once(5, change)
    history = list(StatusChange.objects.order_by("pk"))
    told = Message.objects.filter(kind="event").order_by("sequence")
    assert [each.message_uid for each in history] == list(told.values_list("uid", flat=True))
    assert [each.old_status for each in history[1:]] == [each.new_status for each in history[:-1]]
    order.refresh_from_db()
    assert order.status == history[-1].new_status == told.last().payload["status"]  # type: ignore[union-attr]
