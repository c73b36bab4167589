"""Samples of what went through inbox and outbox, one row a minute."""

from __future__ import annotations

from django.db import models


class Sample(models.Model):
    """A count of what was settled since the sample before, and what waited at its end.

    `sent_within` and `received_within` are histograms: how many took at most each of
    `histogram.BOUNDS` seconds. Counts of many samples add up, percentiles would not.
    """

    environment = models.CharField(max_length=64)
    ends_at = models.DateTimeField()
    waiting = models.PositiveIntegerField(help_text="Messages not yet delivered, at the end.")
    delivered = models.PositiveIntegerField(help_text="Messages that Alloy took.")
    received = models.PositiveIntegerField(help_text="Orders that reached their merchant.")
    sent_within = models.JSONField(help_text="From the commit until Alloy took it.")
    received_within = models.JSONField(help_text="From Alloy's delivery until the order is there.")

    class Meta:
        verbose_name = "traffic"
        verbose_name_plural = "traffic"
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=("environment", "ends_at"), name="one_sample_a_minute"),
        )

    def __str__(self) -> str:
        return f"{self.ends_at:%H:%M}"
