"""The inbox: every delivery Alloy made, kept before it is answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from integrations import conf
from integrations.models.claims import Claimable, ClaimableQuerySet


class Delivery(Claimable):
    """One delivery from Alloy, its body as it came; a repeated one has the same digest."""

    class Kind(models.TextChoices):
        INSTALLATION = "installations", "Installation"
        ORDER = "orders", "Order"
        ERROR = "errors", "Error"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        PROCESSED = "processed", "Processed"
        SET_ASIDE = "set_aside", "Set aside"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    environment = models.CharField(max_length=64)
    tenant = models.ForeignKey(conf.tenant_model(), on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    body = models.TextField()
    identity = models.JSONField(
        default=dict, blank=True, help_text="The X-Alloy headers that came with it; not signed."
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    attempts_made = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, help_text="The traceback of the last failure.")
    correlation_id = models.CharField(max_length=64, blank=True)
    times_received = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ClaimableQuerySet[Delivery]] = ClaimableQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = (
            models.Index(
                fields=("due_at",),
                condition=models.Q(due_at__isnull=False),
                name="deliveries_that_wait",
            ),
            # Asked with every page view: a tenant may have a million deliveries that do not matter.
            models.Index(
                fields=("tenant",),
                condition=models.Q(kind="installations", due_at__isnull=False),
                name="installations_that_wait",
            ),
            models.Index(
                fields=("processed_at",),
                condition=models.Q(state="processed"),
                name="deliveries_to_prune",
            ),
            models.Index(
                fields=("received_at",),
                condition=models.Q(state="set_aside"),
                name="deliveries_set_aside",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} delivery {self.pk}"
