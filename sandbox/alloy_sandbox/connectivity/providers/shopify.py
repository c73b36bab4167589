"""Shopify: a shop's orders, in the form of its GraphQL API. Nothing can be changed.

GraphQL answers 200 to a wrong query as well, with `errors` beside the data; Alloy passes that on.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from pydantic import BaseModel, Field, ValidationError

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.errors import Json, ProviderError
from alloy_sandbox.core.http import moment
from alloy_sandbox.core.models import Account

ORDERS = 12
FIRST_NUMBER = 1001
BUYERS = ("Ada Lovelace", "Grace Hopper", "Zoë Alves", "Chidi Anagonye", "Mia Sato")
STATUSES = (("PAID", "FULFILLED"), ("PAID", "UNFULFILLED"), ("PENDING", "UNFULFILLED"))
NO_COUNT = "you must provide one of first or last"


class OrderQuery(BaseModel):
    """How many orders, in `first` and not in `limit`; `query` keeps those of a name or status."""

    first: int | None = Field(None, ge=1, le=250)
    after: str = ""
    query: str = ""


def list_orders(account: Account, *, query: OrderQuery) -> Json:
    """List the newest orders first; `after` is the cursor of the last one seen."""
    if query.first is None:
        return _errors(NO_COUNT)
    nodes = [node for node in orders_of(account) if _is_meant(node, query.query)]
    start = next((n + 1 for n, node in enumerate(nodes) if node["id"] == query.after), 0)
    page = nodes[start : start + query.first]
    return {
        "data": {
            "orders": {
                "edges": [{"cursor": node["id"], "node": node} for node in page],
                "pageInfo": {
                    "hasNextPage": start + len(page) < len(nodes),
                    "endCursor": page[-1]["id"] if page else None,
                },
            }
        }
    }


def orders_of(account: Account) -> list[Json]:
    """Return the shop's orders, made up but always the same for a shop, the newest first."""
    dice = hashlib.sha256(account.name.encode()).digest()
    return [_order(account.created_at, number, dice[number]) for number in reversed(range(ORDERS))]


def contents(account: Account) -> Json:
    return {"orders": orders_of(account)}


def failure(status: int) -> ProviderError:
    message = "Throttled" if status == 429 else "Internal error. Looks like something went wrong."
    return ProviderError(status, message, _errors(message))


def refuse(error: ValidationError) -> ProviderError:
    first = error.errors()[0]
    message = f"Variable ${first['loc'][0]} was provided invalid value: {first['msg']}"
    return ProviderError(400, message, _errors(message))


def _errors(message: str) -> Json:
    return {"errors": [{"message": message, "path": ["orders"]}], "data": {"orders": None}}


def _order(opened: datetime, number: int, dice: int) -> Json:
    first_name, last_name = BUYERS[dice % len(BUYERS)].split()
    paid, fulfilled = STATUSES[dice % len(STATUSES)]
    amount = f"{10 + dice * 3 / 4:.2f}"
    return {
        "id": f"gid://shopify/Order/{450789469 + number}",
        "name": f"#{FIRST_NUMBER + number}",
        "createdAt": moment(opened - timedelta(days=ORDERS - number)),
        "displayFinancialStatus": paid,
        "displayFulfillmentStatus": fulfilled,
        "totalPriceSet": {"shopMoney": {"amount": amount, "currencyCode": "USD"}},
        "customer": {"firstName": first_name, "lastName": last_name},
    }


def _is_meant(node: Json, query: str) -> bool:
    """Whether the order meets `name:#1001`, `fulfillment_status:unfulfilled` or a plain name."""
    field, _, value = query.rpartition(":")
    fields = {
        "": "name",
        "name": "name",
        "fulfillment_status": "displayFulfillmentStatus",
        "financial_status": "displayFinancialStatus",
    }
    return not query or str(node.get(fields.get(field, ""), "")).lower() == value.lower()


CONNECTOR = Connector(
    id="shopify",
    name="Shopify",
    categories=("commerce",),
    icon="shopify",
    data_fields={"shopName": "The part of the shop's address before .myshopify.com"},
    account_field="shopName",
    permissions=("Read the orders of the shop",),
    refuse=refuse,
    failure=failure,
    contents=contents,
    actions=(
        Action(
            *("listOrders", "List orders", "Orders", "POST", "/admin/api/graphql.json"),
            run=list_orders,
            query=OrderQuery,
        ),
    ),
)
