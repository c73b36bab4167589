from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from integrations.models import AlloyUser, IntegrationsSnapshot, Message
from orders import selectors, services
from orders.models import Order, Status
from orders.selectors import PAGE_SIZE
from tests.pages import html_of, poll


def make_orders(merchant: User, count: int, **fields: str) -> list[Order]:
    return [
        Order.objects.create(merchant=merchant, external_id=str(100 + number), **fields)
        for number in range(count)
    ]


def numbers_in(html: str) -> list[str]:
    return re.findall(r'id="order-\d+"[^>]*>(\d+)<', html)


def page(client: Client, query: str = "") -> str:
    return html_of(client, f"/orders/{query}")


def connected(merchant: User, *, active: bool = True, block: str = "streamData") -> None:
    """Give the merchant an integration, as a fresh copy of Alloy's answer has it."""
    alloy_user = AlloyUser.objects.get(tenant=merchant)
    AlloyUser.objects.filter(pk=alloy_user.pk).update(user_id="user-1")
    workflow = {
        **{"workflow_id": "w1", "name": "Orders in", "installed": True, "active": active},
        "blocks": [{"kind": block}],
    }
    integration = {"integration_id": "i1", "app": "BigCommerce", "installed": True}
    IntegrationsSnapshot.objects.create(
        alloy_user=alloy_user,
        data=[{**integration, "workflows": [workflow]}] if block else [],
        fetched_at=timezone.now(),
    )


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        (None, "is still being set up"),
        ({"block": ""}, "Connect your store"),
        ({"block": "customEvent"}, "sends no orders"),
        ({}, "BigCommerce is connected. The next order"),
        ({"active": False}, "BigCommerce is paused"),
    ],
)
def test_an_empty_list_says_what_comes_next_from_what_is_connected(
    merchant: User, merchant_client: Client, setup: dict[str, Any] | None, said: str
) -> None:
    if setup is not None:
        connected(merchant, **setup)
    assert said in page(merchant_client)


def test_above_the_orders_it_says_why_they_stay_away_and_what_helps(
    merchant: User, merchant_client: Client
) -> None:
    connected(merchant, active=False)
    make_orders(merchant, 1)
    html = page(merchant_client)
    assert "new orders may stay in your store" in html
    assert 'action="/integrations/i1/resume/"' in html


def test_older_orders_are_a_page_further_and_newest_leads_back(
    merchant: User, merchant_client: Client
) -> None:
    orders = make_orders(merchant, PAGE_SIZE + 2)
    first = page(merchant_client)
    assert len(numbers_in(first)) == PAGE_SIZE
    assert f"?before={orders[2].pk}" in first
    second = page(merchant_client, f"?before={orders[2].pk}")
    assert numbers_in(second) == ["101", "100"]
    assert ">Newest</a>" in second
    assert ">Older</a>" not in second


def test_orders_are_filtered_by_status(merchant: User, merchant_client: Client) -> None:
    packed = make_orders(merchant, 2)[0]
    Order.objects.filter(pk=packed.pk).update(status=Status.PACKED)
    assert numbers_in(page(merchant_client, "?status=PACKED")) == ["100"]


def test_a_search_that_did_not_reach_all_orders_says_so_and_goes_on(
    merchant: User, merchant_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "SEARCHED_AT_ONCE", 2)
    make_orders(merchant, 3, customer_name="Mia M")
    Order.objects.exclude(external_id="100").update(customer_name="Max M")
    html = page(merchant_client, "?q=mia")
    assert "No order fits so far" in html
    found = re.search(r'href="/orders/(\?[^"]*before=[^"]*)"', html)
    assert found
    assert numbers_in(page(merchant_client, found[1].replace("&amp;", "&"))) == ["100"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?status=xyz", "There is no such status"),
        ("?before=abc", "There is no such page"),
        (f"?before={'9' * 40}", ""),
        ("?newest=abc", ""),
        (f"?q={'x' * 101}", "at most 100 characters"),
    ],
)
def test_nonsense_in_the_address_is_left_out_and_said(
    merchant: User, merchant_client: Client, query: str, said: str
) -> None:
    make_orders(merchant, 1)
    html = page(merchant_client, query)
    assert numbers_in(html) == ["100"]
    assert said in html


def test_a_poll_brings_a_new_order_and_announces_it_once(
    merchant: User, merchant_client: Client
) -> None:
    before = page(merchant_client)
    make_orders(merchant, 1)
    html = poll(merchant_client, before).content.decode()
    assert numbers_in(html) == ["100"]
    assert "New order <a" in html
    assert "<html" not in html
    Order.objects.update(status=Status.PACKED)
    assert "New order" not in poll(merchant_client, html).content.decode()


def test_many_new_orders_are_announced_as_one(merchant: User, merchant_client: Client) -> None:
    before = page(merchant_client)
    make_orders(merchant, 4)
    html = poll(merchant_client, before).content.decode()
    assert html.count('class="toast"') == 1


def test_a_poll_notices_that_alloy_took_a_status(merchant: User, merchant_client: Client) -> None:
    (order,) = make_orders(merchant, 1)
    services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    html = page(merchant_client)
    assert "Waiting to be sent" in html
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("integrations.pages.live.render_to_string", None)  # nor is anything rendered
        answer = poll(merchant_client, html)
    assert (answer.status_code, answer.content) == (204, b""), "as long as nothing changed"
    Message.objects.update(state=Message.State.DELIVERED, settled_at=timezone.now())
    html = poll(merchant_client, html).content.decode()
    assert "Handed to Alloy at" in html


def test_more_orders_take_no_more_queries(
    merchant: User, merchant_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, *others = make_orders(merchant, 10)
    services.order_change_status(order=first, status=Status.PACKED, changed_by=merchant)
    with django_assert_num_queries(8) as few:
        page(merchant_client)
    for order in others:
        services.order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    with django_assert_num_queries(len(few)):
        page(merchant_client)
