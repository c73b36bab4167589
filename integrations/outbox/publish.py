"""Writes to the outbox, in the transaction of whatever is being told."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations import conf, correlation
from integrations.models import Lane, Message
from integrations.wake import Hint, after_commit


def enqueue(
    *,
    lane_key: str,
    tenant: Any,
    kind: str,
    payload: dict[str, Any],
    name: str = "",
    environment: str = "",
) -> Message:
    """Add a message to the end of a lane; it is sent if, and only if, the transaction commits.

    Locking the lane until the commit serialises two transactions that publish on one subject, so
    the numbers are handed out in commit order and no later message can be seen before an earlier.

    A message for another `environment` than the current one waits until that one's key is back.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "Publish inside transaction.atomic(), together with the change you are telling about."
        )
    lane = _next_place(lane_key, environment or conf.environment())
    message = Message.objects.create(
        lane=lane,
        sequence=lane.last_sequence,
        tenant=tenant,
        kind=kind,
        name=name,
        payload=payload,
        correlation_id=correlation.current(),
    )
    after_commit(Hint.DRAIN_LANE, lane.pk)
    return message


def _next_place(lane_key: str, environment: str) -> Lane:
    lane, _ = Lane.objects.select_for_update().get_or_create(environment=environment, key=lane_key)
    lane.last_sequence += 1
    # A lane that waits (leased, or backing off) keeps its time; only an idle one becomes due.
    if not lane.held:
        lane.due_at = lane.due_at or timezone.now()
    lane.save(update_fields=["last_sequence", "due_at"])
    return lane
