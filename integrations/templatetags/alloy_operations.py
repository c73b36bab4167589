"""Shows an operator first of all whether anything is stuck, and why."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from integrations import conf
from integrations.models import Circuit, MessageGroup
from integrations.outbox.backlog import (
    age_of_oldest_waiting,
    dead_deliveries,
    dead_letters,
    waiting_messages,
)
from integrations.redaction import reason

register = template.Library()
register.filter("reason", reason)


@register.simple_tag
def alloy_operations() -> dict[str, Any]:
    """Return how things stand in the current environment, from indexes that hold what is stuck.

    Counts are of rows; `oldest` is when the longest waiting message was written, `circuit` the
    circuit breaker if it is not closed.
    """
    here = {"environment": conf.environment()}
    stuck = {
        "failing": MessageGroup.objects.filter(
            due_at__isnull=False, failures__gt=0, **here
        ).count(),
        "dead": dead_letters(),
        "dead_deliveries": dead_deliveries(),
        "circuit": Circuit.objects.filter(open_until__isnull=False, **here).first(),
    }
    return {
        **stuck,
        "waiting": waiting_messages(),
        "oldest": timezone.now() - age_of_oldest_waiting(),
        "all_is_well": not any(stuck.values()),
    }
