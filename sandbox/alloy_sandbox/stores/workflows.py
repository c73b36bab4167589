"""What the workflows really do: the two of the quick start touch the store, the others pretend."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

from django.utils import timezone

from alloy_sandbox.core.models import Execution, StoreOrder, WebhookDelivery, Workflow
from alloy_sandbox.embedded.executions import alloy_headers, blocks_of, fail, succeed
from alloy_sandbox.webhooks import queue

Data = dict[str, Any]

LONGEST_NUMBER = 18


def run_blocks(execution: Execution, data: Data) -> None:
    """Run what follows the trigger block, and close the execution unless it has to wait."""
    match execution.workflow.behaviour:
        case Workflow.Behaviour.STREAM_ORDER:
            _stream_order(execution, data)
        case Workflow.Behaviour.UPDATE_ORDER_STATUS:
            _update_order_status(execution, data)
        case _:
            succeed(execution=execution, output={"success": True})


def _stream_order(execution: Execution, order: Data) -> None:
    """Post the order as the store has it; the execution ends when the ISV has answered."""
    trigger = blocks_of(execution.workflow_id, execution.version)[0]
    execution.save()
    delivery = queue.post(
        WebhookDelivery.Kind.ORDER,
        user_id=execution.user_id,
        payload=order,
        headers=alloy_headers(execution, trigger),
        execution=execution,
    )
    if delivery is None:
        fail(execution=execution, error="Stream Data has no destination URL")


def _update_order_status(execution: Execution, data: Data) -> None:
    """Set the order's status in the store to the given one, as it stands."""
    number, status = str(data.get("orderId", "")), data.get("status")
    order = _find_order(execution.user_id, number)
    if order is None:
        error = f"Request failed with status code 404: no order {number[:50]!r}"
        fail(execution=execution, error=error)
    elif not isinstance(status, str) or not status:
        fail(execution=execution, error="Request failed with status code 400: no status was given")
    else:
        set_status(order, status)
        succeed(execution=execution, output=order.payload)


def _find_order(user_id: str, number: str) -> StoreOrder | None:
    if not number.isdecimal() or len(number) > LONGEST_NUMBER:
        return None
    return StoreOrder.objects.filter(store__user_id=user_id, number=int(number)).first()


def set_status(order: StoreOrder, status: str) -> None:
    """Change an order's status, in its row and in the JSON that the store would answer."""
    order.status = status
    order.payload = {
        **order.payload,
        "status": status,
        "date_modified": format_datetime(timezone.now()),
    }
    order.save(update_fields=["status", "payload", "updated_at"])
