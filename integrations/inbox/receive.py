"""Keeps a delivery before it is answered, once however often it comes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations import conf, correlation
from integrations.inbox.registry import receiver_of
from integrations.inbox.services import replay
from integrations.models import Delivery
from integrations.wake import Hint, after_commit


@dataclass(frozen=True)
class Incoming:
    """A verified, well-formed delivery that is not stored yet."""

    kind: str
    user_id: str
    body: bytes
    identity: dict[str, str]


def keep(incoming: Incoming, *, tenant_id: int) -> bool:
    """Store the delivery and have it processed after commit; return False if we had it already.

    Storing is one transaction in itself; one around it would cost a savepoint for each webhook.
    """
    delivery, created = Delivery.objects.get_or_create(
        digest=_digest(incoming),
        defaults={
            "kind": incoming.kind,
            "environment": conf.environment(),
            "tenant_id": tenant_id,
            "body": incoming.body.decode(),
            "identity": incoming.identity,
            "due_at": timezone.now(),
            "correlation_id": correlation.current(),
        },
    )
    if created:
        after_commit(Hint.PROCESS_DELIVERY, delivery.pk)
    else:
        _take_again(delivery)
    return created


def _digest(incoming: Incoming) -> str:
    """Alloy sends no delivery id and signs no time, so the content itself is the identity."""
    head = f"{conf.environment()}\n{incoming.kind}\n{incoming.user_id}\n"
    return hashlib.sha256(head.encode() + incoming.body).hexdigest()


@transaction.atomic
def _take_again(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(times_received=F("times_received") + 1)
    if receiver_of(delivery.kind).repeatable:
        replay(delivery=delivery)
