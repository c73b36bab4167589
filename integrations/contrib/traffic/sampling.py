"""Takes a sample each minute, from indexes that hold what was settled when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver
from django.utils import timezone

from integrations import conf, signals
from integrations.contrib.traffic.histogram import histogram
from integrations.contrib.traffic.models import Sample
from integrations.models import Delivery, Message
from integrations.outbox.backlog import waiting_messages
from integrations.retention import delete_in_batches

KEPT = timedelta(days=7)
FURTHEST_BACK = timedelta(hours=1)
TIMED = 5_000
"""Durations that a sample looks at; of more, the first ones stand for all."""
_SETTLED = (Message.State.DELIVERED, Message.State.DISCARDED)  # as the index has it


@receiver(signals.maintenance)
def take_sample(**_: Any) -> None:
    """Write down the time since the last sample; of several who do so at once, one does."""
    ends_at = timezone.now().replace(second=0, microsecond=0)
    here = Sample.objects.filter(environment=conf.environment())
    last = here.order_by("-ends_at").values_list("ends_at", flat=True).first()
    if last is not None and last >= ends_at:
        return
    begins_at = max(last or ends_at, ends_at - FURTHEST_BACK)
    Sample.objects.bulk_create([_sample(begins_at, ends_at)], ignore_conflicts=True)
    delete_in_batches(here.filter(ends_at__lt=ends_at - KEPT), by="ends_at")


def _sample(begins_at: datetime, ends_at: datetime) -> Sample:
    environment = conf.environment()
    settled = Message.objects.filter(
        state__in=_SETTLED,
        settled_at__gte=begins_at,
        settled_at__lt=ends_at,
        group__environment=environment,
    ).exclude(state=Message.State.DISCARDED)
    processed = Delivery.objects.filter(
        state=Delivery.State.PROCESSED,
        processed_at__gte=begins_at,
        processed_at__lt=ends_at,
        environment=environment,
        kind=Delivery.Kind.ORDER,
    )
    return Sample(
        environment=environment,
        ends_at=ends_at,
        waiting=waiting_messages(),
        delivered=settled.count(),
        received=processed.count(),
        sent_within=_durations(settled, "created_at", "settled_at"),
        received_within=_durations(processed, "received_at", "processed_at"),
    )


def _durations(rows: QuerySet[Any], begin: str, end: str) -> list[int]:
    pairs = rows.order_by(end).values_list(begin, end)[:TIMED]
    return histogram((ended - begun).total_seconds() for begun, ended in pairs)
