"""Processes kept deliveries: each in one transaction with the mark that it is done."""

from __future__ import annotations

import time
import traceback

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations import conf, correlation
from integrations.inbox.registry import receiver_of
from integrations.models import Delivery
from integrations.models.claims import ClaimableQuerySet
from integrations.outbox.backoff import full_jitter
from integrations.redaction import redact

log = structlog.get_logger(__name__)

DELIVERIES_PER_CLAIM = 20


def process_delivery(delivery_id: int) -> None:
    """Process one delivery, unless it is done or in another worker's hands."""
    _process_due(Delivery.objects.filter(pk=delivery_id), limit=1)


def sweep(*, seconds: float) -> int:
    """Process due deliveries until none is left or the time is used up; return how many."""
    ends, total = time.monotonic() + seconds, 0
    while count := _process_due(Delivery.objects.all(), limit=DELIVERIES_PER_CLAIM):
        total += count
        if time.monotonic() >= ends:
            break
    return total


def _process_due(deliveries: ClaimableQuerySet[Delivery], *, limit: int) -> int:
    if not deliveries.any_due():
        return 0
    claimed = deliveries.claim(limit=limit, lease=conf.lease())
    for delivery in claimed:
        _process(delivery)
    return len(claimed)


def _process(delivery: Delivery) -> None:
    with correlation.continued(delivery.correlation_id):
        if delivery.attempts_made >= conf.max_processing_attempts():
            # Nobody lived to set it aside: it kills its workers.
            _set_aside(delivery, error=delivery.error or "Every worker that tried this one died.")
        elif _begin(delivery):
            _try(delivery)


def _begin(delivery: Delivery) -> bool:
    """Renew the lease and count the try before it is made; return False if it is not ours."""
    delivery.attempts_made += 1
    return bool(
        _mine(delivery).update(
            attempts_made=delivery.attempts_made, due_at=timezone.now() + conf.lease()
        )
    )


def _try(delivery: Delivery) -> None:
    try:
        _apply(delivery)
    except Exception:
        log.exception("delivery_failed", delivery=delivery.pk, kind=delivery.kind)
        _postpone(delivery, error=redact(traceback.format_exc()))
    else:
        log.info("delivery_processed", delivery=delivery.pk, kind=delivery.kind)


@transaction.atomic
def _apply(delivery: Delivery) -> None:
    if not delivery.still_mine():
        return
    receiver = receiver_of(delivery.kind)
    receiver.process(delivery, receiver.model.model_validate_json(delivery.body))
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.PROCESSED,
        processed_at=timezone.now(),
        due_at=None,
        lease=None,
        error="",
    )


def _postpone(delivery: Delivery, *, error: str) -> None:
    if delivery.attempts_made >= conf.max_processing_attempts():
        _set_aside(delivery, error=error)
        return
    wait = full_jitter(delivery.attempts_made, cap=conf.backoff_cap())
    _mine(delivery).update(due_at=timezone.now() + wait, lease=None, error=error)


def _set_aside(delivery: Delivery, *, error: str) -> None:
    _mine(delivery).update(state=Delivery.State.SET_ASIDE, due_at=None, lease=None, error=error)
    log.error("delivery_set_aside", delivery=delivery.pk, kind=delivery.kind)


def _mine(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease)
