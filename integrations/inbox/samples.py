"""Made-up bodies of the three webhooks, as Alloy's documentation shows them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from integrations.models import Delivery

Json = dict[str, Any]


def sample_of(kind: str, *, user_id: str, now: datetime) -> Json:
    """Return a body for one of the three webhooks; another one each second, so each is news."""
    return _samples[kind](user_id, now)


def headers_of(kind: str, *, user_id: str, body: Json) -> Mapping[str, str]:
    """Return the X-Alloy headers that come with what a workflow sends; not signed."""
    if kind == Delivery.Kind.INSTALLATION:
        return {}
    return {
        "X-Alloy-UserId": user_id,
        "X-Alloy-WorkflowId": str(body.get("workflowId", _WORKFLOW)),
        "X-Alloy-ExecutionUuid": str(body.get("executionId", uuid.uuid4())),
    }


def _installation(user_id: str, now: datetime) -> Json:
    return {
        "userId": user_id,
        "workflowIds": [_WORKFLOW],
        "integrationId": "665d974f8466237167bbc4ba",
        "credentials": {"bigcommerce": "6749ddddf9c3eb2808b50d6a"},
        "success": True,
    }


def _order(user_id: str, now: datetime) -> Json:
    """A BigCommerce order (V2 API), which is what the Stream Data block passes on."""
    return {
        "id": int(now.timestamp()),
        "date_created": format_datetime(now),
        "date_modified": format_datetime(now),
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "total_inc_tax": "49.9900",
        "currency_code": "USD",
        "items_total": 2,
        "billing_address": {
            "first_name": "Test",
            "last_name": "Webhook",
            "email": "test-webhook@shopper.example",
        },
    }


def _error(user_id: str, now: datetime) -> Json:
    return {
        "_id": f"{int(now.timestamp()):024x}",
        "workflowId": _WORKFLOW,
        "executionId": f"{int(now.timestamp()):024x}",
        "blockId": "edb4e8e8-0d1c-4c5f-9a58-1f0e4ab6a7b1",
        "blockType": "alloy.bigcommerce",
        "error": "Error: Request failed with status code 403",
        "createdAt": now.isoformat(),
        "updatedAt": now.isoformat(),
    }


_WORKFLOW = "665d97562d8169fd95cc8ca2"
_samples: dict[str, Callable[[str, datetime], Json]] = {
    Delivery.Kind.INSTALLATION: _installation,
    Delivery.Kind.ORDER: _order,
    Delivery.Kind.ERROR: _error,
}
