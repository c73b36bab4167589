"""The record that somebody's data was erased, which itself says nothing about the person."""

from __future__ import annotations

from django.db import models


class Erasure(models.Model):
    """One request to erase, and when each part of it was done. Kept for good, as evidence."""

    class Scope(models.TextChoices):
        LOGS = "logs", "Logs at Alloy"
        ACCOUNT = "account", "The whole account"

    class Requester(models.TextChoices):
        MERCHANT = "merchant", "The merchant"
        OPERATOR = "operator", "An operator"

    scope = models.CharField(max_length=12, choices=Scope.choices)
    requested_by = models.CharField(max_length=12, choices=Requester.choices)
    tenant_key = models.CharField("tenant", max_length=64, help_text="The number the tenant had.")
    environment = models.CharField(max_length=64)
    requested_at = models.DateTimeField(auto_now_add=True)
    here_at = models.DateTimeField("our own rows", null=True, blank=True)
    logs_at = models.DateTimeField("logs at Alloy", null=True, blank=True)
    credentials_at = models.DateTimeField("credentials at Alloy", null=True, blank=True)
    user_at = models.DateTimeField("user at Alloy", null=True, blank=True)
    finished_at = models.DateTimeField("all of it", null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("tenant_key", "-id"), name="erasures_of_a_tenant"),
            models.Index(
                fields=("requested_at",),
                condition=models.Q(finished_at__isnull=True),
                name="erasures_under_way",
            ),
        )

    def __str__(self) -> str:
        return f"Erasure {self.pk}: {self.get_scope_display().lower()}"
