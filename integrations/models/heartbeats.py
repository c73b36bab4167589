"""Signs of life, so that somebody can tell whether the clockwork runs."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a part last did its round; one row a part."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
