"""Forgets in time what is done: messages, deliveries, failures, reruns, tries to connect.

Small batches, each a transaction of its own: no table is locked for longer than a moment, and a
killed run has done what it did. What waits, and what an operator still has to look at, is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from integrations import conf
from integrations.models import (
    Attempt,
    ConnectAttempt,
    Delivery,
    Message,
    MessageGroup,
    Rerun,
    WorkflowFailure,
)

BATCH = 500
# Between batches others get at the database; SQLite has only one writer.
PAUSE_SECONDS = 0.05


def prune(*, seconds: float) -> int:
    """Delete what is past the retention time, for so many seconds at most; return how many."""
    ends, total = time.monotonic() + seconds, 0
    before = timezone.now() - conf.retention()
    for prune_batch in (
        _prune_messages,
        _prune_deliveries,
        _prune_failures,
        _prune_reruns,
        _prune_connect_attempts,
    ):
        total += _until_done(prune_batch, before=before, ends=ends)
    return total


def _until_done(prune_batch: Callable[[datetime], int], *, before: datetime, ends: float) -> int:
    total = 0
    while time.monotonic() < ends and (count := prune_batch(before)):
        total += count
        time.sleep(PAUSE_SECONDS)
    return total


@transaction.atomic
def _prune_messages(before: datetime) -> int:
    done = Message.objects.filter(
        state__in=(Message.State.DELIVERED, Message.State.DISCARDED), settled_at__lt=before
    )
    batch = list(done.order_by("settled_at").values_list("pk", "group_id")[:BATCH])
    messages = [message for message, _ in batch]
    Attempt.objects.filter(message__in=messages).delete()
    Message.objects.filter(pk__in=messages).delete()
    _prune_empty_groups({group for _, group in batch})
    return len(batch)


def _prune_empty_groups(groups: set[int]) -> None:
    # Locked first: a transaction that is just publishing to a group must find it, or wait.
    idle = MessageGroup.objects.select_for_update().filter(pk__in=groups, due_at=None)
    locked = set(idle.values_list("pk", flat=True))
    used = Message.objects.filter(group__in=locked).values_list("group", flat=True).distinct()
    MessageGroup.objects.filter(pk__in=locked.difference(used)).delete()


@transaction.atomic
def _prune_deliveries(before: datetime) -> int:
    done = Delivery.objects.filter(state=Delivery.State.PROCESSED, processed_at__lt=before)
    batch = list(done.order_by("processed_at").values_list("pk", flat=True)[:BATCH])
    Delivery.objects.filter(pk__in=batch).delete()
    return len(batch)


@transaction.atomic
def _prune_failures(before: datetime) -> int:
    resolved = WorkflowFailure.objects.filter(resolved_at__lt=before)
    batch = list(resolved.order_by("resolved_at").values_list("pk", flat=True)[:BATCH])
    WorkflowFailure.objects.filter(pk__in=batch).delete()
    return len(batch)


@transaction.atomic
def _prune_reruns(before: datetime) -> int:
    done = Rerun.objects.filter(asked_at__lt=before)
    batch = list(done.order_by("asked_at").values_list("pk", flat=True)[:BATCH])
    Rerun.objects.filter(pk__in=batch).delete()
    return len(batch)


@transaction.atomic
def _prune_connect_attempts(before: datetime) -> int:
    done = ConnectAttempt.objects.filter(expires_at__lt=before).order_by("expires_at")
    batch = list(done.values_list("pk", flat=True)[:BATCH])
    ConnectAttempt.objects.filter(pk__in=batch).delete()
    return len(batch)
