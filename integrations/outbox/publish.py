"""Writes to the outbox, in the transaction of whatever is being told."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations import conf, correlation
from integrations.models import Message, MessageGroup
from integrations.wake import Hint, after_commit


def enqueue(
    *,
    group_key: str,
    tenant: Any,
    kind: str,
    payload: dict[str, Any],
    name: str = "",
    environment: str = "",
) -> Message:
    """Add a message to the end of a group; it is sent if, and only if, the transaction commits.

    Locking the group until the commit serialises two transactions that publish on one subject, so
    the numbers are handed out in commit order and no later message can be seen before an earlier.

    A message for another `environment` than the current one waits until that one's key is back.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "Publish inside transaction.atomic(), together with the change you are telling about."
        )
    group = _next_place(group_key, environment or conf.environment())
    message = Message.objects.create(
        group=group,
        sequence=group.last_sequence,
        tenant=tenant,
        kind=kind,
        name=name,
        payload=payload,
        correlation_id=correlation.current(),
    )
    after_commit(Hint.DRAIN_GROUP, group.pk)
    return message


def _next_place(group_key: str, environment: str) -> MessageGroup:
    group, _ = MessageGroup.objects.select_for_update().get_or_create(
        environment=environment, key=group_key
    )
    group.last_sequence += 1
    # A group that waits (leased, or backing off) keeps its time; only an idle one becomes due.
    group.due_at = group.due_at or timezone.now()
    group.save(update_fields=["last_sequence", "due_at"])
    return group
