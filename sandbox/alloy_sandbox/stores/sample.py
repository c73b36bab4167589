"""An order as BigCommerce's V2 API would answer it, made up."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import Any

# The statuses that BigCommerce itself knows, with its ids.
STATUS_IDS = {
    "Incomplete": 0,
    "Pending": 1,
    "Shipped": 2,
    "Partially Shipped": 3,
    "Refunded": 4,
    "Cancelled": 5,
    "Declined": 6,
    "Awaiting Payment": 7,
    "Awaiting Pickup": 8,
    "Awaiting Shipment": 9,
    "Completed": 10,
    "Awaiting Fulfillment": 11,
    "Manual Verification Required": 12,
    "Disputed": 13,
    "Partially Refunded": 14,
}
FIRST_STATUS = "Awaiting Fulfillment"
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


def sample_order(number: int, placed_at: datetime) -> dict[str, Any]:
    """Return order `number`; the same number always names the same buyer and goods."""
    buyer = _address(number)
    product, sku, price = GOODS[number % len(GOODS)]
    quantity = 1 + number % 3
    total = f"{float(price) * quantity:.4f}"
    return {
        "id": number,
        "customer_id": 1 + number % 500,
        "date_created": format_datetime(placed_at),
        "date_modified": format_datetime(placed_at),
        "date_shipped": "",
        "status_id": STATUS_IDS[FIRST_STATUS],
        "status": FIRST_STATUS,
        "subtotal_ex_tax": total,
        "subtotal_inc_tax": total,
        "total_ex_tax": total,
        "total_inc_tax": total,
        "items_total": quantity,
        "items_shipped": 0,
        "payment_method": "Manual",
        "payment_status": "captured",
        "currency_code": "USD",
        "default_currency_code": "USD",
        "customer_message": "",
        "staff_notes": "",
        "is_deleted": False,
        "channel_id": 1,
        "order_source": "www",
        "billing_address": buyer,
        "shipping_addresses": [buyer],
        "products": [
            {
                "id": number * 10 + 1,
                "order_id": number,
                "product_id": 100 + number % len(GOODS),
                "name": product,
                "sku": sku,
                "quantity": quantity,
                "base_price": f"{float(price):.4f}",
                "total_inc_tax": total,
            }
        ],
    }


def _address(number: int) -> dict[str, str]:
    first_name, last_name, street, city, state, postcode = BUYERS[number % len(BUYERS)]
    return {
        "first_name": first_name,
        "last_name": last_name,
        "company": "",
        "street_1": street,
        "street_2": "",
        "city": city,
        "state": state,
        "zip": postcode,
        "country": "United States",
        "country_iso2": "US",
        "phone": "555 0100",
        "email": f"buyer{number}@shopper.example",
    }
