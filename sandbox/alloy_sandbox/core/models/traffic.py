"""The API calls received, the faults that meet them, and where webhooks go."""

from __future__ import annotations

from django.db import models


class ApiRequest(models.Model):
    """One API call as it came in, keys and tokens masked. `status` 0: no answer was sent."""

    method = models.CharField(max_length=10)
    path = models.TextField()
    query = models.TextField(blank=True, default="")
    status = models.PositiveSmallIntegerField()
    milliseconds = models.FloatField()
    body = models.TextField(blank=True, default="")
    idempotency_key = models.CharField(max_length=255, blank=True, default="")
    fault = models.CharField(max_length=200, blank=True, default="")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class Fault(models.Model):
    """A misbehaviour that meets the API calls whose path it matches.

    `path`: a prefix or a glob, without the version. `times`: how often it is still to happen (null:
    for ever). `rate`: the share of matching calls it meets, drawn from `seed` when one is given.
    `acts`: whether the call is carried out although its answer is spoilt.
    """

    class Drop(models.TextChoices):
        NONE = "", "Not dropped"
        BEFORE = "before", "Dropped before anything was done"
        AFTER = "after", "Dropped after the call was carried out"

    path = models.CharField(max_length=255, default="/")
    method = models.CharField(max_length=10, blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(null=True)  # noqa: DJ001 - an empty body differs from none given
    content_type = models.CharField(max_length=100, default="application/json")
    retry_after = models.CharField(max_length=50, blank=True, default="")
    delay_ms = models.PositiveIntegerField(default=0)
    drop = models.CharField(max_length=10, choices=Drop.choices, blank=True, default="")
    trickle_ms = models.PositiveIntegerField(null=True)
    acts = models.BooleanField(default=True)
    times = models.PositiveIntegerField(null=True)
    rate = models.FloatField(default=1.0)
    seed = models.IntegerField(null=True)
    hits = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"fault {self.pk} on {self.path}"

    def describe(self) -> str:
        """Say in a few words what this fault does to a call."""
        parts = {
            f"dropped {self.drop} acting": self.drop,
            f"status {self.status}": self.status,
            "another body": self.body is not None,
            f"delayed {self.delay_ms} ms": self.delay_ms,
            "byte by byte": self.trickle_ms is not None,
        }
        return ", ".join(words for words, given in parts.items() if given)


class Destination(models.Model):
    """A webhook address that was edited while running; without a row the environment's holds."""

    kind = models.CharField(max_length=20, unique=True)
    url = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.kind
