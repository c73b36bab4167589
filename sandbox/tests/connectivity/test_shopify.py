"""Shopify: orders in the form of its GraphQL API."""

from __future__ import annotations

import pytest

from tests.conftest import Json, Sandbox
from tests.connectivity.conftest import Connection, connect


@pytest.fixture
def shopify(sandbox: Sandbox, user_id: str) -> Connection:
    return connect(sandbox, user_id, "shopify", "acme-mugs")


def orders(shopify: Connection, **query: object) -> Json:
    found: Json = shopify.do("listOrders", query=query)["data"]["orders"]
    return found


def test_orders_come_in_pages_the_newest_first(shopify: Connection) -> None:
    first = orders(shopify, first=8)
    assert first["edges"][0]["node"]["name"] == "#1012"
    assert first["pageInfo"]["hasNextPage"] is True
    node = first["edges"][0]["node"]
    assert node["totalPrice"] == node["totalPriceSet"]["shopMoney"]
    assert len(node["lineItems"]["edges"]) == 1
    second = orders(shopify, first=8, after=first["pageInfo"]["endCursor"])
    assert len(second["edges"]) == 4
    assert second["pageInfo"]["hasNextPage"] is False


def test_orders_are_found_by_name_and_by_status(shopify: Connection) -> None:
    (edge,) = orders(shopify, first=10, query="name:#1003")["edges"]
    assert edge["node"]["name"] == "#1003"
    wanted = orders(shopify, first=50, query="fulfillment_status:unfulfilled")["edges"]
    assert {edge["node"]["displayFulfillmentStatus"] for edge in wanted} <= {"UNFULFILLED"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status:open", 12),
        ("created_at:>=2000-01-01 status:any", 12),
        ("created_at:>= 2000-01-01", 12),
        ("status:closed", 0),
        ("created_at:<2000-01-01", 0),
        ("created_at:9999-12-31", 0),
    ],
)
def test_orders_are_counted_by_what_is_true_of_them(
    shopify: Connection, query: str, found: int
) -> None:
    assert len(orders(shopify, first=50, query=query)["edges"]) == found


@pytest.mark.parametrize(
    "query",
    [
        *("tag:vip", "name:#1003 OR name:#1004", "-name:#1003", "NOT name:#1003"),
        *("(name:#1003)", "created_at:>=yesterday", "name:>=#1003"),
    ],
)
def test_what_is_not_searched_by_is_said(shopify: Connection, query: str) -> None:
    answer = shopify.do("listOrders", query={"first": 10, "query": query})
    assert answer["errors"][0]["message"]


def test_without_first_the_answer_is_an_error_of_status_200(shopify: Connection) -> None:
    answer = shopify.do("listOrders", query={"limit": 10})
    assert answer["errors"][0]["message"] == "you must provide one of first or last"
    assert answer["data"]["orders"] is None
