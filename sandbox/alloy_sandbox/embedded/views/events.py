"""Custom events, and running workflows by name."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from pydantic import Field

from alloy_sandbox.core.authentication import acting_user, require_key
from alloy_sandbox.core.http import Body, parse_body
from alloy_sandbox.core.models import CustomEvent
from alloy_sandbox.core.selectors import find_user
from alloy_sandbox.embedded import runs
from alloy_sandbox.embedded.views.workflows import Choice


class EventBody(Body):
    event: str
    user_id: str
    data: dict[str, Any]


class RunBody(Choice):
    data: dict[str, Any] = Field(default_factory=dict)


@require_key
def listing(request: HttpRequest) -> HttpResponse:
    data = [
        {"name": event.name, "description": event.description, "body": event.body}
        for event in CustomEvent.objects.all()
    ]
    return JsonResponse({"data": data})


@require_key
def run_event(request: HttpRequest) -> HttpResponse:
    body = parse_body(request, EventBody)
    runs.run_event(
        user=find_user(body.user_id),
        name=body.event,
        data=body.data,
        idempotency_key=request.headers.get("Idempotency-Key", ""),
    )
    return JsonResponse({"message": "Event successfully triggered"})


@require_key
def run_workflow(request: HttpRequest) -> HttpResponse:
    body = parse_body(request, RunBody)
    user = acting_user(request, body.user_id)
    runs.run_workflow(user=user, workflow=body.workflow(), data=body.data)
    return JsonResponse({"message": "success"})
