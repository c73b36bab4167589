"""Custom events, and running workflows by name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from pydantic import Field

from alloy_sandbox.core.authentication import acting_user
from alloy_sandbox.core.http import Body
from alloy_sandbox.core.models import CustomEvent
from alloy_sandbox.core.operations import Json, operation
from alloy_sandbox.core.selectors import find_user
from alloy_sandbox.embedded import runs
from alloy_sandbox.embedded.views.workflows import Choice


class EventBody(Body):
    event: str
    user_id: str
    data: dict[str, Any]


class RunBody(Choice):
    data: dict[str, Any] = Field(default_factory=dict)


@operation()
def listing(request: HttpRequest) -> Json:
    data = [
        {"name": event.name, "description": event.description, "body": event.body}
        for event in CustomEvent.objects.all()
    ]
    return {"data": data}


@operation()
def run_event(request: HttpRequest, body: EventBody) -> Json:
    runs.run_event(
        user=find_user(body.user_id),
        name=body.event,
        data=body.data,
        idempotency_key=request.headers.get("Idempotency-Key", ""),
    )
    return {"message": "Event successfully triggered"}


@operation()
def run_workflow(request: HttpRequest, body: RunBody) -> Json:
    user = acting_user(request, body.user_id)
    runs.run_workflow(user=user, workflow=body.workflow(), data=body.data)
    return {"message": "success"}
