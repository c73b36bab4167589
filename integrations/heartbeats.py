"""Notes that a part did its round, and tells how long ago that was."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from integrations.models import Heartbeat

SWEEP = "sweep"


def beat(name: str) -> None:
    """Note that the part is alive."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beat_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )


def since(name: str) -> timedelta | None:
    """Return how long ago the part was last alive; None for never."""
    last = Heartbeat.objects.filter(name=name).first()
    return timezone.now() - last.beat_at if last else None
