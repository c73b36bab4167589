"""Puts webhooks into the table from which the sender takes them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alloy_sandbox.core.models import Execution, WebhookDelivery
from alloy_sandbox.core.preferences import destination

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))

# Set whenever there may be something to send, so that the sender need not poll fast.
something_to_send = threading.Event()


def post(
    kind: WebhookDelivery.Kind,
    *,
    user_id: str,
    payload: Any,
    headers: Mapping[str, str] | None = None,
    execution: Execution | None = None,
) -> WebhookDelivery | None:
    """Have the payload posted to the kind's destination after commit; None if it has none."""
    url = destination(f"{kind.value}s", user_id)
    if not url:
        return None
    delivery = WebhookDelivery.objects.create(
        kind=kind,
        user_id=user_id,
        execution=execution,
        url=url,
        # A header has no room for other letters, and for a line break none at all.
        headers={name: quote(value, PRINTABLE) for name, value in (headers or {}).items()},
        body=javascript_json(payload),
        attempts_left=1 + len(settings.SANDBOX_WEBHOOK_BACKOFF),
        next_attempt_at=timezone.now(),
    )
    transaction.on_commit(something_to_send.set)
    return delivery


def redeliver(delivery: WebhookDelivery) -> WebhookDelivery:
    """Send the same bytes to the same URL once more, whatever came of the earlier attempts."""
    delivery.status = WebhookDelivery.Status.PENDING
    delivery.attempts_left = max(delivery.attempts_left, 1)
    delivery.next_attempt_at = timezone.now()
    delivery.save(update_fields=["status", "attempts_left", "next_attempt_at"])
    transaction.on_commit(something_to_send.set)
    return delivery


def javascript_json(payload: Any) -> str:
    """Serialise as JavaScript's JSON.stringify does: no spaces, non-ASCII as it is."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
