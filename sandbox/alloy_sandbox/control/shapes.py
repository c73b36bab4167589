"""The JSON of the control calls."""

from __future__ import annotations

from typing import Any

from alloy_sandbox.control.selectors import readable
from alloy_sandbox.core.http import moment
from alloy_sandbox.core.models import (
    AcceptedEvent,
    ApiRequest,
    Fault,
    StoreOrder,
    WebhookAttempt,
    WebhookDelivery,
)

Json = dict[str, Any]


def request_json(request: ApiRequest) -> Json:
    return {
        "id": request.pk,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "status": request.status,
        "milliseconds": round(request.milliseconds, 1),
        "body": readable(request.body),
        "idempotencyKey": request.idempotency_key,
        "fault": request.fault,
        "receivedAt": moment(request.received_at),
    }


def event_json(event: AcceptedEvent) -> Json:
    return {
        "id": event.pk,
        "userId": event.user_id,
        "event": event.event,
        "data": event.data,
        "idempotencyKey": event.idempotency_key,
        "acceptedAt": moment(event.accepted_at),
    }


def delivery_json(delivery: WebhookDelivery) -> Json:
    return {
        "id": delivery.pk,
        "kind": delivery.kind,
        "userId": delivery.user_id,
        "url": delivery.url,
        "headers": delivery.headers,
        "body": readable(delivery.body),
        "status": delivery.status,
        "createdAt": moment(delivery.created_at),
        "attempts": [_attempt_json(attempt) for attempt in delivery.attempts.all()],
    }


def _attempt_json(attempt: WebhookAttempt) -> Json:
    return {
        "startedAt": moment(attempt.started_at),
        "milliseconds": round(attempt.milliseconds, 1),
        "responseStatus": attempt.response_status,
        "responseBody": attempt.response_body,
        "error": attempt.error,
    }


def order_json(order: StoreOrder) -> Json:
    """The order as the store sees it now."""
    payload: Json = order.payload
    return payload


def fault_json(fault: Fault) -> Json:
    return {
        "id": fault.pk,
        "path": fault.path,
        "method": fault.method,
        "does": fault.describe(),
        "acts": fault.acts,
        "times": fault.times,
        "rate": fault.rate,
        "hits": fault.hits,
    }
