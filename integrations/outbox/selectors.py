"""What waits or is stuck, read from indexes that hold such rows only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone

from integrations import conf
from integrations.models import Attempt, Delivery, Message

LATEST_ATTEMPTS = 50
"""How many tries of a message are worth showing."""


def messages_by_uid(uids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return the outbox messages with these ids, each with its group and latest attempts loaded.

    A message that is probed through a long outage collects thousands: `attempts_made` counts all.
    """
    latest = Attempt.objects.filter(number__gt=F("message__attempts_made") - LATEST_ATTEMPTS)
    found = Message.objects.filter(uid__in=list(uids)).select_related("group")
    messages = found.prefetch_related(Prefetch("attempts", latest))
    return {message.uid: message for message in messages}


def waiting_messages() -> int:
    """Return how many messages Alloy has not taken yet, in the current environment."""
    return _waiting().count()


def age_of_oldest_waiting() -> timedelta:
    """Return how long the oldest waiting message has waited; zero when none does."""
    oldest = _waiting().order_by("created_at").values_list("created_at", flat=True).first()
    return timezone.now() - oldest if oldest else timedelta()


def dead_letters() -> int:
    """Return how many messages were refused for good and wait for an operator."""
    return Message.objects.filter(
        state=Message.State.DEAD, group__environment=conf.environment()
    ).count()


def dead_deliveries() -> int:
    """Return how many received deliveries could not be processed and wait for an operator."""
    return Delivery.objects.filter(state=Delivery.State.DEAD).count()


def _waiting() -> QuerySet[Message]:
    return Message.objects.filter(
        state=Message.State.WAITING, group__environment=conf.environment()
    )
