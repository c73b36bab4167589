"""Deletes messages and deliveries that were done long ago; other apps do so on `maintenance`.

In small batches, each a transaction of its own: no table is locked for long, and a killed run loses
one batch only. What waits, and what an operator still has to decide on, is kept.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from integrations import conf, database
from integrations.models import Attempt, Delivery, Message, MessageGroup
from integrations.signals import maintenance

BATCH = 500
# Between batches others can write; SQLite has one writer only.
PAUSE_SECONDS = 0.05
SECONDS = 10.0


def prune(*, seconds: float = SECONDS) -> None:
    """Delete what is past the retention time, `seconds` a table; let other apps do the same."""
    before = timezone.now() - conf.retention()
    settled = (Message.State.DELIVERED, Message.State.DISCARDED)
    delete_in_batches(
        Message.objects.filter(state__in=settled, settled_at__lt=before),
        by="settled_at",
        seconds=seconds,
    )
    processed = Delivery.objects.filter(state=Delivery.State.PROCESSED, processed_at__lt=before)
    delete_in_batches(processed, by="processed_at", seconds=seconds)
    maintenance.send_robust(sender=None, before=before)


def delete_in_batches(rows: QuerySet[Any], *, by: str, seconds: float = SECONDS) -> None:
    """Delete the rows batch by batch, in the order of an index, for so many seconds at most.

    Each batch begins where the one before ended: what was deleted stays in the index until it is
    vacuumed, and would be passed over again and again.
    """
    ends, rest = time.monotonic() + seconds, rows
    while time.monotonic() < ends:
        last = _delete_batch(rest.order_by(by), by)
        if last is None:
            break
        rest = rows.filter(**{f"{by}__gte": last})
        time.sleep(PAUSE_SECONDS)


@database.atomic()
def _delete_batch(rows: QuerySet[Any], by: str) -> Any:
    """Delete the first rows that nobody else is deleting; return where the last of them stood."""
    if database.connection().features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    batch = dict(rows.values_list("pk", by)[:BATCH])
    if rows.model is Message:
        _delete_messages(batch)
    else:
        rows.model._default_manager.filter(pk__in=batch).delete()
    return max(batch.values(), default=None)


def _delete_messages(batch: Collection[int]) -> None:
    """Delete messages with their attempts, and the groups that are empty then.

    A group that is locked at this moment is being published to, and stays.
    """
    messages = Message.objects.filter(pk__in=batch)
    groups = set(messages.values_list("group", flat=True))
    # In a statement each: `delete` would read all of them first, and their attempts.
    Attempt.objects.filter(message__in=batch)._raw_delete(database.alias())
    messages._raw_delete(database.alias())
    idle = MessageGroup.objects.filter(pk__in=groups, due_at=None).skip_locked()
    locked = list(idle.values_list("pk", flat=True))
    used = Message.objects.filter(group=OuterRef("pk"))
    MessageGroup.objects.filter(~Exists(used), pk__in=locked).delete()
