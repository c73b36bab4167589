"""What an operator can do with deliveries."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from integrations.models import Delivery
from integrations.wake import Hint, after_commit


@transaction.atomic
def replay(*, delivery: Delivery) -> None:
    """Process a delivery again, whether it was set aside or is done."""
    Delivery.objects.filter(pk=delivery.pk).exclude(state=Delivery.State.WAITING).update(
        state=Delivery.State.WAITING, attempts_made=0, due_at=timezone.now(), lease=None
    )
    after_commit(Hint.PROCESS_DELIVERY, delivery.pk)
