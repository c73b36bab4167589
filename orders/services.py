"""Status out: a merchant sets an order's fulfillment status, and the store is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrations import database
from integrations.events import publish
from integrations.tenants.erasure import keep_tenant
from orders.events import FulfillmentUpdated
from orders.models import Order, Status, StatusChange

if TYPE_CHECKING:
    from accounts.models import User


@database.atomic()
def order_change_status(*, order: Order, status: Status, changed_by: User | None) -> bool:
    """Set the fulfillment status and tell the store; return False if it had that status already.

    The history row and the outbox message are written in one transaction with the change, and the
    locked order makes racing changes queue up: the store hears of them in the same order.
    """
    keep_tenant(order.merchant)
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.status == status:
        return False
    message = publish(
        FulfillmentUpdated(orderId=order.external_id, status=status.value),
        tenant=order.merchant,
        subject=order.subject,
    )
    StatusChange.objects.create(
        order=order,
        old_status=order.status,
        new_status=status,
        changed_by=changed_by,
        message_uid=message.uid,
    )
    order.status = status
    order.save(update_fields=["status"])
    return True
