"""Forgets in time what is done: messages, deliveries. Other apps do so with `housekeeping`.

Small batches, each a transaction of its own: no table is locked for longer than a moment, and a
killed run has done what it did. What waits, and what an operator still has to look at, is kept.
"""

from __future__ import annotations

import time
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from integrations import conf, database
from integrations.models import Attempt, Delivery, Message, MessageGroup
from integrations.signals import housekeeping

BATCH = 500
# Between batches others get at the database; SQLite has only one writer.
PAUSE_SECONDS = 0.05
SECONDS = 10.0


def prune(*, seconds: float = SECONDS) -> None:
    """Forget what is past the retention time, `seconds` a table; let other apps keep house."""
    before = timezone.now() - conf.retention()
    settled = (Message.State.DELIVERED, Message.State.DISCARDED)
    forget(
        Message.objects.filter(state__in=settled, settled_at__lt=before),
        by="settled_at",
        seconds=seconds,
    )
    processed = Delivery.objects.filter(state=Delivery.State.PROCESSED, processed_at__lt=before)
    forget(processed, by="processed_at", seconds=seconds)
    housekeeping.send_robust(sender=None, before=before)


def forget(rows: QuerySet[Any], *, by: str, seconds: float = SECONDS) -> None:
    """Delete the rows batch by batch, in the order of an index, for so many seconds at most."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and _forget_batch(rows.order_by(by)):
        time.sleep(PAUSE_SECONDS)


@database.atomic()
def _forget_batch(rows: QuerySet[Any]) -> int:
    batch = list(rows.values_list("pk", flat=True)[:BATCH])
    if rows.model is Message:
        _forget_messages(batch)
    else:
        rows.model._default_manager.filter(pk__in=batch).delete()
    return len(batch)


def _forget_messages(batch: list[int]) -> None:
    """Delete messages with their attempts, and the groups that are empty then."""
    groups = set(Message.objects.filter(pk__in=batch).values_list("group", flat=True))
    Attempt.objects.filter(message__in=batch).delete()
    Message.objects.filter(pk__in=batch).delete()
    # Locked first: a transaction that is just publishing to a group must find it, or wait.
    idle = MessageGroup.objects.select_for_update().filter(pk__in=groups, due_at=None)
    locked = set(idle.values_list("pk", flat=True))
    used = Message.objects.filter(group__in=locked).values_list("group", flat=True).distinct()
    MessageGroup.objects.filter(pk__in=locked.difference(used)).delete()
