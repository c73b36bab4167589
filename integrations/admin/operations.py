"""What an operator looks at first: is anything stuck, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from integrations import conf
from integrations.inbox import dead_deliveries
from integrations.models import Circuit, MessageGroup
from integrations.outbox import (
    age_of_oldest_waiting,
    dead_letters,
    waiting_messages,
)


@dataclass(frozen=True)
class Operations:
    """How things stand, in the current environment; counts are of rows."""

    waiting: int
    oldest: datetime
    failing: int
    dead: int
    dead_deliveries: int
    circuit: Circuit | None

    @property
    def all_is_well(self) -> bool:
        """Whether nobody needs to do anything."""
        return not (self.failing or self.dead or self.dead_deliveries or self.circuit)


def operations() -> Operations:
    """Return how things stand, from indexes that hold only what is stuck. `circuit`: if open."""
    here = {"environment": conf.environment()}
    return Operations(
        waiting=waiting_messages(),
        oldest=timezone.now() - age_of_oldest_waiting(),
        failing=MessageGroup.objects.filter(due_at__isnull=False, failures__gt=0, **here).count(),
        dead=dead_letters(),
        dead_deliveries=dead_deliveries(),
        circuit=Circuit.objects.filter(open_until__isnull=False, **here).first(),
    )
