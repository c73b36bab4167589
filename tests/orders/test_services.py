from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from integrations.inbox import Received
from integrations.models import Delivery, Message
from orders import receivers, services
from orders.models import Order, Status, StatusChange
from orders.payloads import BigCommerceOrder
from tests.integrations.threads import at_once
from tests.orders.steps import parse, receive

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def received(minute: int | None = 0, **fields: Any) -> BigCommerceOrder:
    """Return an order as the store had it so many minutes after noon."""
    modified = None if minute is None else (NOON + timedelta(minutes=minute)).isoformat()
    return parse(date_modified=modified, **fields)


def events() -> list[dict[str, str]]:
    return [message.payload for message in Message.objects.filter(kind="event").order_by("pk")]


def test_an_order_that_arrives_is_made_with_what_the_store_knows(merchant: User) -> None:
    address = {"first_name": "Jane", "last_name": "Doe", "email": "jane@shop.example"}
    order = receive(
        merchant,
        received(
            total_inc_tax="10.125",
            default_currency_code="KWD",
            items_total=2,
            billing_address=address,
        ),
    )
    assert (order.customer_name, order.amount, order.items_count, order.status) == (
        *("Jane Doe", "10.125 KWD", 2),
        Status.RECEIVED,
    )
    assert order.delivery == Delivery.objects.get()


@pytest.mark.parametrize(
    ("total", "currency", "shown"),
    [
        *(("100.0000", "USD", "100.00 USD"), ("0.0050", "KWD", "0.005 KWD")),
        *(("1500.0000", "JPY", "1,500 JPY"), ("12", "XYZ", "12.00 XYZ")),
        ("-5", "EUR", "-5.00 EUR"),
        *(("1.005", "USD", "1.005 USD"), ("999999999999", "IDR", "999,999,999,999 IDR")),
        *(("7.5", "", "7.50"), (None, "USD", "")),
    ],
)
def test_an_amount_has_the_places_of_its_currency_and_loses_none(
    merchant: User, total: str | None, currency: str, shown: str
) -> None:
    order = receive(merchant, received(total_inc_tax=total, default_currency_code=currency))
    assert order.amount == shown


@pytest.mark.parametrize(
    ("language", "shown"), [("de", "1.234,50 EUR"), ("ar", "1,234.50 EUR"), ("tlh", "1,234.50 EUR")]
)
def test_an_amount_is_written_as_its_reader_writes_it(language: str, shown: str) -> None:
    with translation.override(language):
        assert Order(total=Decimal("1234.5000"), currency="EUR").amount == shown


@pytest.mark.postgresql
def test_what_is_too_long_for_its_column_is_cut(merchant: User) -> None:
    address = {"first_name": "J" * 300, "email": "e" * 300}
    order = receive(merchant, received(status="s" * 100, billing_address=address))
    assert (len(order.customer_name), len(order.customer_email), len(order.store_status)) == (
        *(200, 254),
        60,
    )


def test_what_could_not_be_read_is_remembered(merchant: User) -> None:
    order = receive(merchant, received(items_total="many", billing_address={"email": [1]}))
    assert order.unread == "items_total, billing_address.email"


@pytest.mark.parametrize("together", [True, False])
def test_newer_news_replace_older_and_never_touch_our_status(
    merchant: User, together: bool
) -> None:
    news = [received(0, items_total=1), received(5, items_total=2), received(9, items_total=3)]
    order = receive(merchant, news[0])
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    for each in [news[1:]] if together else [[news[1]], [news[2]]]:
        order = receive(merchant, *each)
    assert (order.items_count, order.status, Order.objects.count()) == (3, Status.PACKED, 1)
    assert order.delivery == Delivery.objects.latest("pk")


@pytest.mark.parametrize("minute", [-5, None], ids=["older", "without a date"])
def test_older_or_undated_news_change_nothing(merchant: User, minute: int | None) -> None:
    receive(merchant, received(0, items_total=1))
    assert receive(merchant, received(minute, items_total=9)).items_count == 1


def test_of_two_changes_in_the_same_second_the_one_that_came_last_counts(merchant: User) -> None:
    receive(merchant, received(0, items_total=1))
    assert receive(merchant, received(0, items_total=2)).items_count == 2


def test_an_order_that_is_deleted_in_the_store_stays_and_is_not_to_be_fulfilled(
    merchant: User,
) -> None:
    assert receive(merchant, received(0, status_id=0)).to_fulfil is False
    assert receive(merchant, received(1, status_id=11)).to_fulfil is True
    assert receive(merchant, received(2, status_id=11, is_deleted=True)).to_fulfil is False


def test_the_same_number_at_two_merchants_is_two_orders(
    merchant: User, other_merchant: User
) -> None:
    first = receive(merchant, received(0, items_total=1))
    receive(other_merchant, received(9, items_total=2))
    first.refresh_from_db()
    assert (first.items_count, Order.objects.count()) == (1, 2)


@pytest.mark.postgresql
@given(
    batches=st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), min_size=1, max_size=5)
)
def test_in_whatever_order_news_arrive_the_newest_wins(
    merchant: User, batches: list[list[int]]
) -> None:
    Order.objects.all().delete()
    for minutes in batches:
        order = receive(merchant, *(received(minute, items_total=minute) for minute in minutes))
    newest = max(max(minutes) for minutes in batches)
    assert (order.items_count, order.modified_at) == (newest, NOON + timedelta(minutes=newest))


@pytest.mark.postgresql
def test_many_orders_take_as_many_queries_as_few(
    merchant: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    receive(merchant, *(parse(id=number) for number in range(20)))
    deliveries = Delivery.objects.order_by("pk")
    news = [
        Received(delivery, parse(id=number, date_modified="2026-11-20T12:00:00Z"))
        for number, delivery in enumerate([*deliveries, *deliveries])
    ]
    with django_assert_num_queries(3):
        receivers.orders_streamed(news)


@pytest.fixture
def order(merchant: User) -> Order:
    return receive(merchant, received())


def test_a_change_of_status_is_told_and_remembered(order: Order, merchant: User) -> None:
    assert services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    change = StatusChange.objects.get()
    message = Message.objects.get(kind="event")
    order.refresh_from_db()
    assert order.status == "PACKED"
    assert (change.old_status, change.new_status) == ("RECEIVED", "PACKED")
    assert (message.name, message.uid) == ("Fulfillment Updated", change.message_uid)
    assert message.payload == {"orderId": "118", "status": "PACKED"}
    assert change.changed_by == message.tenant == merchant


def test_the_status_it_has_already_is_no_change(order: Order) -> None:
    assert not services.order_change_status(order=order, status=Status.RECEIVED, changed_by=None)
    assert (events(), StatusChange.objects.count()) == ([], 0)


@pytest.mark.postgresql
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
