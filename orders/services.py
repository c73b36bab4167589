"""Everything that changes an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from integrations.events import publish
from integrations.tenants import keep_tenant
from orders.events import FulfillmentUpdated
from orders.models import Order, Status, StatusChange
from orders.payloads import BigCommerceOrder

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic(savepoint=False)
def order_receive(*, merchant: User, received: BigCommerceOrder) -> Order:
    """Make the order, or refresh one we know when the store changed it since.

    However often and in whatever order the store's news arrive, the newest wins, and the
    fulfillment status, which is AcmeCo's own, is never touched.
    """
    facts = _facts(received)
    order, created = Order.objects.select_for_update().get_or_create(
        merchant=merchant, external_id=received.id, defaults=facts
    )
    if not created and _is_news(order, received):
        for name, value in facts.items():
            setattr(order, name, value)
        order.save(update_fields=list(facts))
    return order


@transaction.atomic
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


def _facts(received: BigCommerceOrder) -> dict[str, Any]:
    return {
        "customer_name": received.billing_address.name[:200],
        "customer_email": received.billing_address.email[:254],
        "total": received.total_inc_tax,
        "currency": received.currency_code,
        "items_count": received.items_total,
        "store_status": received.status[:60],
        "placed_at": received.date_created,
        "modified_at": received.date_modified,
    }


def _is_news(order: Order, received: BigCommerceOrder) -> bool:
    if received.date_modified is None:
        return False
    # The store writes whole seconds: of two changes in one second the one that came last counts.
    return order.modified_at is None or received.date_modified >= order.modified_at
