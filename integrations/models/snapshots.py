"""The last copy of a tenant's integrations that Alloy gave us."""

from __future__ import annotations

from django.db import models

from integrations.models.tenancy import AlloyUser


class IntegrationsSnapshot(models.Model):
    """The last answer of `GET /integrations` for one Alloy user, and what we learned since."""

    alloy_user = models.OneToOneField(
        AlloyUser, on_delete=models.CASCADE, related_name="snapshot", primary_key=True
    )
    data = models.JSONField(default=list)
    fetched_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="When we last heard that something changed at Alloy."
    )
    paused_since = models.JSONField(
        default=dict, blank=True, help_text="By workflow: when it was first seen to be paused."
    )
    former_blocks = models.JSONField(
        default=dict, blank=True, help_text="By workflow with an update: its steps before."
    )
    last_failure = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Integrations of {self.alloy_user_id}"
