from __future__ import annotations

from tests.conftest import Sandbox


def test_a_store_numbers_its_own_orders_from_a_hundred(sandbox: Sandbox, user_id: str) -> None:
    path = f"stores/{user_id}/orders"
    assert [sandbox.control("POST", path, {})["id"] for _ in range(2)] == [100, 101]
    other = sandbox.new_user("other")
    assert sandbox.control("POST", f"stores/{other}/orders")["id"] == 100


def test_an_order_looks_like_bigcommerces(sandbox: Sandbox, user_id: str) -> None:
    order = sandbox.control("POST", f"stores/{user_id}/orders", {})
    assert order["status"] == "Awaiting Fulfillment"
    assert order["status_id"] == 11
    assert order["date_created"].endswith("+0000")
    assert float(order["total_inc_tax"]) > 0
    assert "@" in order["billing_address"]["email"]
    assert sandbox.control("GET", f"stores/{user_id}/orders") == {"data": [order]}


def test_fields_may_be_given_and_the_store_counts_on_from_there(
    sandbox: Sandbox, user_id: str
) -> None:
    path = f"stores/{user_id}/orders"
    fields = {"id": 500, "customer_message": "Ring twice ☎", "unheard_of": 1}
    order = sandbox.control("POST", path, fields)
    assert {**order, **fields} == order
    assert sandbox.control("POST", path, {})["id"] == 501
