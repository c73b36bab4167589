from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from integrations.models import Message
from orders import selectors, services
from orders.models import Order, Status

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def orders(merchant: User, other_merchant: User) -> list[Order]:
    """Sixty orders of `merchant`, newest first, every second one packed, and one of another."""
    Order.objects.create(merchant=other_merchant, external_id="1000", customer_name="Not yours")
    made = Order.objects.bulk_create(
        Order(
            merchant=merchant,
            external_id=str(1000 + number),
            status=Status.PACKED if number % 2 else Status.RECEIVED,
            customer_name=f"Customer {number}",
            customer_email=f"c{number}@shop.example",
        )
        for number in range(60)
    )
    return made[::-1]


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


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is in it")
def test_a_rare_status_is_found_by_an_index(merchant: User) -> None:
    rare = selectors.orders_to_fulfil(merchant).filter(status=Status.CANCELLED)
    assert "orders_by_status" in rare.explain()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("1007", ["1007"]),
        ("105", [str(1059 - number) for number in range(10)]),
        ("customer 12", ["1012"]),
        ("C13@", ["1013"]),
        ("C13@Shop.Example", ["1013"]),
        ("nobody", []),
        ("nobody@", []),
        ("%", []),
    ],
)
def test_search_finds_by_number_name_and_address(
    merchant: User, orders: list[Order], search: str, found: list[str]
) -> None:
    page = selectors.order_page(merchant, search=search)
    assert [order.external_id for order in page.orders] == found


def test_a_search_for_a_part_reads_so_many_orders_and_then_asks_whether_to_go_on(
    merchant: User, orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "SEARCHED_AT_ONCE", 25)
    pages: list[selectors.Page] = []
    before = None
    while not pages or before is not None:
        pages.append(selectors.order_page(merchant, search="omer 5", before=before))
        before = pages[-1].next_before
    found = [[order.external_id for order in page.orders] for page in pages]
    assert found == [[str(1059 - number) for number in range(10)], [], ["1005"]]
    assert [page.is_searched_so_far for page in pages] == [True, True, False]


def test_a_search_that_just_reaches_the_last_order_is_over(
    merchant: User, orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "SEARCHED_AT_ONCE", 60)
    page = selectors.order_page(merchant, search="nobody")
    assert (page.next_before, page.is_searched_so_far) == (None, False)


@pytest.mark.parametrize("search", ["1000", "C0@shop.example"])
def test_a_whole_number_or_address_is_found_however_old_the_order_is(
    merchant: User, orders: list[Order], monkeypatch: pytest.MonkeyPatch, search: str
) -> None:
    monkeypatch.setattr(selectors, "SEARCHED_AT_ONCE", 5)
    assert selectors.order_page(merchant, search=search).orders == [orders[-1]]


def test_a_customers_orders_are_found_by_address_page_by_page(
    merchant: User, orders: list[Order]
) -> None:
    Order.objects.filter(merchant=merchant).update(customer_email="Jane@shop.example")
    first = selectors.order_page(merchant, search="jane@shop.example")
    second = selectors.order_page(merchant, search="jane@shop.example", before=first.next_before)
    assert first.orders + second.orders == orders[: 2 * selectors.PAGE_SIZE]


def test_orders_are_read_from_another_database_than_their_merchant(
    merchant: User, orders: list[Order]
) -> None:
    merchant._state.db = "elsewhere"
    assert len(selectors.orders_of(merchant, "default")) == len(orders)


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
            (step.change.new_status, step.message.payload, list(step.message.attempts.all()))
            for step in steps
            if step.message is not None
        ]
    assert told == [
        (status, {"orderId": orders[0].external_id, "status": status}, [])
        for status in ("PICKING", "SHIPPED", "FULFILLED")
    ]


def test_a_change_whose_message_was_pruned_is_still_told(
    merchant: User, orders: list[Order]
) -> None:
    services.order_change_status(order=orders[0], status=Status.SHIPPED, changed_by=merchant)
    Message.objects.all().delete()
    (step,) = selectors.timeline_of(orders[0])
    assert (step.change.new_status, step.message) == ("SHIPPED", None)
