from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import User
from integrations import conf
from integrations.alloy import ExecutionState, Integration
from integrations.contrib.activity.models import EventRun
from integrations.models import Message
from orders import services
from orders.models import Order, Status
from orders.work import work_with_stores

pytestmark = pytest.mark.django_db

STORE = {
    "integrationId": "i1",
    "app": "BigCommerce",
    "installed": True,
    "workflows": [
        {
            "workflowId": "w1",
            "name": "Order status",
            "installed": True,
            "active": True,
            "blocks": [{"id": "1", "name": "Custom Event", "type": "customEvent"}],
        }
    ],
}


@pytest.mark.parametrize("state", [None, *ExecutionState])
def test_a_store_was_written_to_when_a_run_succeeded_not_when_alloy_took_the_event(
    merchant: User, state: ExecutionState | None
) -> None:
    order = Order.objects.create(merchant=merchant, external_id="118")
    services.order_change_status(order=order, status=Status.PACKED, changed_by=None)
    now = timezone.now()
    event = Message.objects.get(name="Fulfillment Updated")
    Message.objects.filter(pk=event.pk).update(state=Message.State.DELIVERED, settled_at=now)
    if state is not None:
        EventRun.objects.create(
            tenant=merchant,
            environment=conf.environment(),
            message_uid=event.uid,
            integration_id="i1",
            state=state,
            started_at=now,
        )
    (work,) = work_with_stores(
        tenant=merchant, integrations=[Integration.model_validate(STORE)], latest=True
    )
    assert work.last_written_at == (now if state is ExecutionState.SUCCEEDED else None)
