"""Counts what waits in the outbox, and what waits there and in the inbox for an operator."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from integrations import conf
from integrations.models import Delivery, Message

State = Message.State


def waiting_messages() -> int:
    """Return how many messages Alloy has not taken yet, in the current environment."""
    return _waiting().count()


def age_of_oldest_waiting() -> timedelta:
    """Return how long the oldest waiting message has waited; zero when none does."""
    oldest = _waiting().order_by("created_at").values_list("created_at", flat=True).first()
    return timezone.now() - oldest if oldest else timedelta()


def dead_letters() -> int:
    """Return how many messages were refused for good and wait for an operator."""
    here = conf.environment()
    return Message.objects.filter(state=State.DEAD, group__environment=here).count()


def dead_deliveries() -> int:
    """Return how many received deliveries could not be processed and wait for an operator."""
    return Delivery.objects.filter(state=Delivery.State.DEAD).count()


def _waiting() -> QuerySet[Message]:
    here = conf.environment()
    return Message.objects.filter(state=State.WAITING, group__environment=here)
