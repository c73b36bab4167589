"""Errors as Alloy streams them, and logs as it keeps them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from integrations.contrib.activity.models import WorkflowFailure
from integrations.contrib.activity.record import StreamedError, record
from integrations.models import Delivery
from tests.integrations.deliveries import keep

WORKFLOW = "63ea75a2fcf2e2c72e805ddc"


def streamed(
    merchant: User,
    error: str = "Request failed with status code 404: no order '118'",
    *,
    at: datetime | None = None,
    execution: str = "uGmauA50FBlibba3JkPfB",
    workflow: str = WORKFLOW,
) -> WorkflowFailure:
    """Take a streamed error in, as the inbox does."""
    body = {
        "workflowId": workflow,
        "executionId": execution,
        "blockId": "b1",
        "blockType": "alloy.bigcommerce",
        "error": error,
        "createdAt": (at or timezone.now()).isoformat(),
    }
    delivery = keep(Delivery.Kind.ERROR, merchant, body)
    with transaction.atomic():
        failure = record(delivery, StreamedError.model_validate(body))
    failure.refresh_from_db()
    return failure


def execution(
    number: int,
    *,
    ago: timedelta = timedelta(),
    error: str = "",
    data: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One line of a workflow's logs."""
    began = timezone.now() - ago
    line: dict[str, Any] = {
        "executionId": f"execution-{number}",
        "startedAt": began.isoformat(),
        "stoppedAt": (began + timedelta(seconds=1)).isoformat(),
        "finished": True,
        "status": "error" if error else "success",
        "inputs": [{"blockId": "b1", "data": data if data is not None else {"orderId": "118"}}],
        "results": [{"blockId": "b1", "data": [[{"json": {"ok": not error}}]]}],
    }
    return {**line, "error": error} if error else line


def logs(*executions: dict[str, Any]) -> dict[str, Any]:
    """What `GET /workflows/{id}/logs` answers."""
    return {"data": list(executions)}
