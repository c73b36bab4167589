"""What waits or is stuck, read from indexes that hold such rows only."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from integrations import conf
from integrations.models import Delivery, Message


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


def deliveries_set_aside() -> int:
    """Return how many received deliveries could not be processed and wait for an operator."""
    return Delivery.objects.filter(state=Delivery.State.SET_ASIDE).count()


def _waiting() -> QuerySet[Message]:
    return Message.objects.filter(
        state=Message.State.WAITING, group__environment=conf.environment()
    )
