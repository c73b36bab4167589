"""The small BigCommerce behind the workflows: every user has a store, which numbers its orders."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from alloy_sandbox.core.api import Json
from alloy_sandbox.core.errors import BadRequest, Refused
from alloy_sandbox.core.models import Installation, StoreOrder, User

FIRST_NUMBER = 100
LONGEST_NUMBER = 18
FIRST_STATUS = "Awaiting Fulfillment"  # 11 of those that BigCommerce itself knows
ADDRESS = ("first_name", "last_name", "street_1", "city", "state", "zip")
BUYERS = (
    ("Ada", "Marsh", "12 Harbour Lane", "Portland", "Oregon", "97201"),
    ("Björn", "Sandvik", "4 Mill Street", "Duluth", "Minnesota", "55802"),
    ("Chipo", "Dube", "980 Cedar Avenue", "Austin", "Texas", "78701"),
    ("Dana", "O'Neill", "31 Quarry Road", "Albany", "New York", "12207"),
    ("Elif", "Aydin", "77 Orchard Way", "Fresno", "California", "93701"),
)
GOODS = (
    ("Enamel camping mug", "MUG-01", "14.50"),
    ("Wool blanket", "BLK-07", "89.00"),
    ("Brass desk lamp", "LMP-12", "129.90"),
    ("Oak serving board", "BRD-03", "42.00"),
)


def listeners(user: User) -> QuerySet[Installation]:
    """Return the user's copies that stream each new order of the store."""
    return user.installations.filter(active=True, workflow__does="stream_order")


def place_order(*, user: User, fields: Json) -> StoreOrder:
    """Keep an order; `fields` replace those of a made-up one, within an address as well.

    Raises `BadRequest` for an `id` or `status` of the wrong form, `Refused` for an `id` that the
    store has given away.
    """
    given = dict(fields)
    number = _number(user, given.pop("id", None))
    payload = sample_order(number, timezone.now())
    for name, value in given.items():
        inner = isinstance(value, dict) and isinstance(payload.get(name), dict)
        payload[name] = payload[name] | value if inner else value
    if not isinstance(payload["status"], str) or not payload["status"]:
        raise BadRequest("status must be a text")
    return StoreOrder.objects.create(user=user, number=number, payload=payload)


def _number(user: User, wanted: Any) -> int:
    """Return the order's number: the one that is wanted, or the next one."""
    last = user.orders.aggregate(last=Max("number", default=FIRST_NUMBER - 1))["last"]
    number = last + 1 if wanted is None else wanted
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
        raise BadRequest("id must be a positive integer below 2^31")
    if user.orders.filter(number=number).exists():
        raise Refused(f"The store already has an order {number}")
    return number


def find_order(user_id: str, number: str) -> StoreOrder | None:
    if not number.isdecimal() or len(number) > LONGEST_NUMBER:
        return None
    return StoreOrder.objects.filter(user_id=user_id, number=int(number)).first()


def set_status(order: StoreOrder, status: str) -> Json:
    """Change an order's status; return the JSON that the store would answer."""
    changed: Json = {"status": status, "date_modified": format_datetime(timezone.now())}
    order.payload = changed = {**order.payload, **changed}
    order.save(update_fields=["payload", "updated_at"])
    return changed


def sample_order(number: int, placed_at: datetime) -> Json:
    """Return order `number` as BigCommerce's V2 API would answer it.

    The same number always names the same buyer and goods.
    """
    buyer = {
        **dict(zip(ADDRESS, BUYERS[number % len(BUYERS)], strict=True)),
        **{"company": "", "street_2": "", "country": "United States", "country_iso2": "US"},
        **{"phone": "555 0100", "email": f"buyer{number}@shopper.example"},
    }
    product, sku, price = GOODS[number % len(GOODS)]
    quantity = 1 + number % 3
    total = f"{float(price) * quantity:.4f}"
    totals = ("subtotal_ex_tax", "subtotal_inc_tax", "total_ex_tax", "total_inc_tax")
    return {
        **{"id": number, "customer_id": 1 + number % 500},
        **dict.fromkeys(("date_created", "date_modified"), format_datetime(placed_at)),
        **{"date_shipped": "", "status_id": 11, "status": FIRST_STATUS},
        **dict.fromkeys(totals, total),
        **{"items_total": quantity, "items_shipped": 0},
        **{"payment_method": "Manual", "payment_status": "captured"},
        **{"currency_code": "USD", "default_currency_code": "USD"},
        **{"customer_message": "", "staff_notes": "", "is_deleted": False},
        **{"channel_id": 1, "order_source": "www"},
        "billing_address": buyer,
        "shipping_addresses": [buyer],
        "products": [
            {
                **{"id": number * 10 + 1, "order_id": number},
                **{"product_id": 100 + number % len(GOODS), "name": product, "sku": sku},
                **{"quantity": quantity, "base_price": f"{float(price):.4f}"},
                "total_inc_tax": total,
            }
        ],
    }
