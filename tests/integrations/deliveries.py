"""Deliveries as the inbox keeps them, for the tests of whatever is done with them."""

from __future__ import annotations

import json
import uuid
from typing import Any

from accounts.models import User
from integrations import conf
from integrations.inbox import Received
from integrations.models import AlloyUser, Delivery
from integrations.pages.receivers import Installation


def keep(kind: Delivery.Kind, tenant: User | None, body: dict[str, Any], **fields: Any) -> Delivery:
    """Keep a delivery that is unlike all others."""
    return Delivery.objects.create(
        kind=kind,
        environment=conf.environment(),
        tenant=tenant,
        digest=uuid.uuid4().hex,
        body=json.dumps(body).encode(),
        **fields,
    )


def installation(alloy_user: AlloyUser, **changes: Any) -> Received[Installation]:
    """Keep what Alloy says once a modal is finished and a workflow installed."""
    said = {"integrationId": "i1", "workflowIds": ["w1"], "success": True, **changes}
    body = {"userId": alloy_user.user_id, **said}
    tenant: Any = alloy_user.tenant
    delivery = keep(Delivery.Kind.INSTALLATION, tenant, body)
    return Received(delivery, Installation.model_validate(body))
