"""The circuit breaker's memory, shared by all workers."""

from __future__ import annotations

from django.db import models


class Circuit(models.Model):
    """Whether Alloy is worth calling: open (do not call) until `open_until`, otherwise closed."""

    environment = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row, over all workers.")
    openings = models.PositiveIntegerField(default=0, help_text="In a row; each waits longer.")
    open_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{'open' if self.open_until else 'closed'} ({self.environment})"
