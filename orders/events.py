"""The custom events AcmeCo fires. Another one is another such class and one call to `publish`."""

from __future__ import annotations

from integrations.events import CustomEvent

FULFILLMENT_UPDATED = "Fulfillment Updated"


class FulfillmentUpdated(CustomEvent, name=FULFILLMENT_UPDATED):
    """An order's fulfillment status changed; the store's workflow takes it over."""

    orderId: str
    status: str
