"""What most projects do instead of an outbox: `task.delay()` after commit.

The task is a careful one: it retries by itself, with backoff and jitter.
"""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

from celery import shared_task
from django.db import models, transaction

from integrations.alloy import TemporaryError
from integrations.client import alloy
from integrations.events import CustomEvent
from integrations.models import AlloyUser
from orders import services


@shared_task(autoretry_for=(TemporaryError,), retry_backoff=True, max_retries=10)
def post_event(name: str, tenant_id: int, data: dict[str, Any], uid: str) -> None:
    """Fire a custom event at Alloy: the same call that the outbox makes."""
    user_id = AlloyUser.objects.get(tenant=tenant_id).user_id
    alloy().run_event(event=name, user_id=user_id, data=data, idempotency_key=uid)


def install() -> None:
    """Let status changes go out by a task each. Orders come in through the inbox as ever."""
    setattr(services, "publish", publish)  # noqa: B010 -- no module means to offer this


def publish(event: CustomEvent, *, tenant: models.Model, subject: str) -> SimpleNamespace:
    """Have a worker post the event once the transaction has committed."""
    uid = str(uuid.uuid4())
    name, data = event._event_name, event.model_dump()
    transaction.on_commit(lambda: post_event.delay(name, tenant.pk, data, uid))
    return SimpleNamespace(uid=uid)
