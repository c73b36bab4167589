"""Rows an operator looks at, made the short way."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from integrations import conf
from integrations.models import Attempt, Delivery, Message, MessageGroup
from integrations.outbox import enqueue


def message(tenant: User, *, about: str = "order:1", **fields: Any) -> Message:
    """A waiting message, or whatever the fields say it is."""
    with transaction.atomic():
        made = enqueue(
            group_key=f"{tenant.pk}:{about}",
            tenant=tenant,
            kind="event",
            name="Fulfillment Updated",
            payload={"orderId": "7", "status": "SHIPPED"},
        )
    Message.objects.filter(pk=made.pk).update(**fields)
    made.refresh_from_db()
    return made


def dead_letter(tenant: User, *, about: str = "order:1", error: str = "422: no") -> Message:
    """A message that Alloy refused for good; its group has nothing to do any more."""
    made = message(
        tenant,
        about=about,
        state=Message.State.DEAD,
        last_error=error,
        attempts_made=1,
        settled_at=timezone.now(),
    )
    Attempt.objects.create(message=made, number=1, outcome=Attempt.Outcome.REFUSED, status=422)
    MessageGroup.objects.filter(pk=made.group_id).update(due_at=None)
    return made


def delivered(tenant: User, *, about: str = "order:1") -> Message:
    """A message that Alloy has taken."""
    made = message(tenant, about=about, state=Message.State.DELIVERED, settled_at=timezone.now())
    Attempt.objects.create(message=made, number=1, outcome=Attempt.Outcome.ACCEPTED, status=200)
    return made


def delivery(tenant: User | None, **fields: Any) -> Delivery:
    """A dead letter of the inbox, or whatever the fields say it is."""
    return Delivery.objects.create(
        **{
            "kind": Delivery.Kind.ORDER,
            "environment": conf.environment(),
            "tenant": tenant,
            "digest": uuid.uuid4().hex,
            "body": b'{"id": 7, "note": "<b>bold</b>"}',
            "state": Delivery.State.DEAD,
            "attempts_made": 8,
            "error": "Traceback (most recent call last):\nValueError: no <i>such</i> currency",
            **fields,
        }
    )
