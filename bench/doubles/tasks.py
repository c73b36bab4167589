"""The task of the plain way. It is a careful one: it retries by itself, with backoff and jitter."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from integrations.alloy import TemporaryError
from integrations.client import alloy
from integrations.models import AlloyUser


@shared_task(autoretry_for=(TemporaryError,), retry_backoff=True, max_retries=10)
def post_event(name: str, tenant_id: int, data: dict[str, Any], uid: str) -> None:
    """Fire a custom event at Alloy: the same call that the outbox makes."""
    user_id = AlloyUser.objects.get(tenant=tenant_id).user_id
    alloy().run_event(event=name, user_id=user_id, data=data, idempotency_key=uid)
