"""Shopify: a shop's orders, in the form of its GraphQL API. Nothing can be changed.

GraphQL answers 200 to a wrong query as well, with `errors` beside the data; Alloy passes that on.
"""

from __future__ import annotations

import hashlib
import operator
import re
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, Field

from alloy_sandbox.connectivity.service import Service, action
from alloy_sandbox.core.api import Json, moment
from alloy_sandbox.core.models import Account

ORDERS = 12
FIRST_NUMBER = 1001
BUYERS = ("Ada Lovelace", "Grace Hopper", "Zoë Alves", "Chidi Anagonye", "Mia Sato")
STATUSES = (("PAID", "FULFILLED"), ("PAID", "UNFULFILLED"), ("PENDING", "UNFULFILLED"))
TIMES = ("created_at", "updated_at", "processed_at")
FIELDS = {
    "name": "name",
    "fulfillment_status": "displayFulfillmentStatus",
    "financial_status": "displayFinancialStatus",
    **dict.fromkeys(TIMES, "createdAt"),
}
TERM = re.compile(
    r"(?:(?P<field>[a-z_]+):)?(?:(?P<how>[<>]=?)\s*)?(?:['\"](?P<quoted>[^'\"]*)['\"]|(?P<plain>[^\s'\"]+))"
)
COMPARISONS = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
# No order here is ever closed or cancelled.
OPEN = ("open", "not_closed", "any")
NO_COUNT = "you must provide one of first or last"


class OrderQuery(BaseModel):
    """How many orders, in `first` and not in `limit`; `query` keeps those that meet its terms."""

    first: int | None = Field(None, ge=1, le=250)
    after: str = ""
    query: str = ""


class Shopify(Service):
    wording = "Variable ${where} was provided invalid value: {problem}"

    @action("listOrders", "List orders", "Orders", "POST /admin/api/graphql.json")
    def list_orders(self, account: Account, *, query: OrderQuery) -> Json:
        """List the newest orders first; `after` is the cursor of the last one seen."""
        if query.first is None:
            return errors_json(NO_COUNT)
        try:
            nodes = [node for node in orders_of(account) if _is_meant(node, query.query)]
        except ValueError as error:
            return errors_json(str(error))
        start = next((n + 1 for n, node in enumerate(nodes) if node["id"] == query.after), 0)
        page = nodes[start : start + query.first]
        more = {
            "hasNextPage": start + len(page) < len(nodes),
            "endCursor": page[-1]["id"] if page else None,
        }
        edges = [{"cursor": node["id"], "node": node} for node in page]
        return {"data": {"orders": {"edges": edges, "pageInfo": more}}}

    def error_body(self, status: int, message: str, reason: str, **more: str) -> Json:
        return errors_json(message)

    def contents(self, account: Account) -> Json:
        return {"orders": orders_of(account)}

    def shown(self, account: Account) -> list[Json]:
        return [
            {
                "title": f"{each['name']} of {' '.join(each['customer'].values())}",
                "details": f"{each['displayFinancialStatus']}, {each['displayFulfillmentStatus']}",
                "text": "{amount} {currencyCode}".format(**each["totalPriceSet"]["shopMoney"]),
            }
            for each in orders_of(account)
        ]


def orders_of(account: Account) -> list[Json]:
    """Return the shop's orders, made up but always the same for a shop, the newest first."""
    dice = hashlib.sha256(account.name.encode()).digest()
    return [_order(account.created_at, number, dice[number]) for number in reversed(range(ORDERS))]


def errors_json(message: str) -> Json:
    return {"errors": [{"message": message, "path": ["orders"]}], "data": {"orders": None}}


def _order(opened: datetime, number: int, dice: int) -> Json:
    first_name, last_name = BUYERS[dice % len(BUYERS)].split()
    paid, fulfilled = STATUSES[dice % len(STATUSES)]
    price = {"amount": f"{10 + dice * 3 / 4:.2f}", "currencyCode": "USD"}
    item = {"name": "Enamel camping mug", "quantity": 1, "price": price["amount"]}
    return {
        "id": f"gid://shopify/Order/{450789469 + number}",
        "name": f"#{FIRST_NUMBER + number}",
        "createdAt": moment(opened - timedelta(days=ORDERS - 1 - number, hours=1)),
        "displayFinancialStatus": paid,
        "displayFulfillmentStatus": fulfilled,
        # A program that was written against the live API reads `totalPrice`; Shopify's own
        # documents have `totalPriceSet`.
        "totalPrice": price,
        "totalPriceSet": {"shopMoney": price},
        "lineItems": {"edges": [{"node": item}]},
        "customer": {"firstName": first_name, "lastName": last_name},
    }


def _is_meant(node: Json, query: str) -> bool:
    """Say whether the order meets all terms, such as `created_at:>=2025-01-01 name:#1001`.

    Raises `ValueError` for what is not searched by here.
    """
    return all(_meets(node, term) for term in TERM.finditer(query) if term[0] != "AND")


def _meets(node: Json, term: re.Match[str]) -> bool:
    value = (term["quoted"] or term["plain"] or "").lower()
    if term["field"] == "status":
        return value in OPEN
    if term["field"] in TIMES:
        return _compares(node["createdAt"], term["how"] or "=", value)
    if term["how"] or term[0].startswith(("-", "(")) or term[0] in ("OR", "NOT"):
        raise ValueError(f"The sandbox does not search by {term[0]!r}: it knows terms, and AND")
    if term["field"] not in (*FIELDS, None):
        known = ", ".join([*FIELDS, "status"])
        raise ValueError(f"The sandbox does not search by {term['field']!r}: it knows {known}")
    return str(node[FIELDS[term["field"] or "name"]]).lower() == value


def _compares(given: str, how: str, value: str) -> bool:
    """Compare two times; a date alone is the day's beginning."""
    try:
        wanted = datetime.fromisoformat(value.upper().replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{value!r} is no time: write 2025-01-31T12:00:00Z") from None
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    placed = datetime.fromisoformat(given.replace("Z", "+00:00"))
    if how == "=":
        return wanted <= placed < wanted + timedelta(days=1)
    return bool(COMPARISONS[how](placed, wanted))
