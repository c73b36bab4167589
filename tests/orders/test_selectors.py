from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orders import selectors, services
from orders.models import Order, Status

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(merchant: User, other_merchant: User) -> list[Order]:
    """Sixty orders of `merchant`, newest first, every second one packed, and one of another."""
    Order.objects.create(merchant=other_merchant, external_id="1000", customer_name="Not yours")
    for number in range(60):
        Order.objects.create(
            merchant=merchant,
            external_id=str(1000 + number),
            status=Status.PACKED if number % 2 else Status.RECEIVED,
            customer_name=f"Customer {number}",
            customer_email=f"c{number}@shop.example",
        )
    return list(Order.objects.filter(merchant=merchant).order_by("-pk"))


def test_pages_follow_one_another_without_gap_or_repetition(
    merchant: User, orders: list[Order]
) -> None:
    seen, before = [], None
    for _ in range(10):
        page = selectors.order_page(merchant, before=before)
        seen += page.orders
        before = page.next_before
        if before is None:
            break
    assert seen == orders


def test_a_last_page_that_is_full_has_no_next(merchant: User, orders: list[Order]) -> None:
    Order.objects.filter(pk__in=[order.pk for order in orders[selectors.PAGE_SIZE :]]).delete()
    assert selectors.order_page(merchant).next_before is None


def test_a_status_filters_and_a_status_that_does_not_exist_does_not(
    merchant: User, orders: list[Order]
) -> None:
    assert all(
        it.status == "PACKED" for it in selectors.order_page(merchant, status="PACKED").orders
    )
    assert selectors.order_page(merchant, status="NONSENSE").orders == orders[: selectors.PAGE_SIZE]


@pytest.mark.parametrize(
    ("search", "found"),
    [("1007", ["1007"]), ("customer 12", ["1012"]), ("C13@", ["1013"]), ("nobody", []), ("%", [])],
)
def test_search_finds_by_number_name_and_address(
    merchant: User, orders: list[Order], search: str, found: list[str]
) -> None:
    page = selectors.order_page(merchant, search=search)
    assert [order.external_id for order in page.orders] == found


def test_nobody_sees_the_orders_of_another(other_merchant: User, orders: list[Order]) -> None:
    (order,) = selectors.order_page(other_merchant).orders
    assert order.customer_name == "Not yours"
    assert selectors.order_page(other_merchant, search="Customer").orders == []


def test_a_timeline_tells_each_change_with_its_message_in_four_queries(
    merchant: User, orders: list[Order], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for status in (Status.PICKING, Status.SHIPPED, Status.FULFILLED):
        services.order_change_status(order=orders[0], status=status, changed_by=merchant)
    with django_assert_max_num_queries(4):
        steps = selectors.timeline_of(orders[0])
        told = [
            (
                step.change.new_status,
                step.message.payload["status"],
                list(step.message.attempts.all()),
            )
            for step in steps
            if step.message is not None
        ]
    assert told == [
        ("PICKING", "PICKING", []),
        ("SHIPPED", "SHIPPED", []),
        ("FULFILLED",) * 2 + ([],),
    ]


def test_a_change_whose_message_was_pruned_is_still_told(
    merchant: User, orders: list[Order]
) -> None:
    from integrations.public import Message

    services.order_change_status(order=orders[0], status=Status.SHIPPED, changed_by=merchant)
    Message.objects.all().delete()
    (step,) = selectors.timeline_of(orders[0])
    assert (step.change.new_status, step.message) == ("SHIPPED", None)
