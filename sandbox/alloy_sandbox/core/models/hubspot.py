from __future__ import annotations

from django.db import models

from alloy_sandbox.core.models.accounts import Account


class HubspotContact(models.Model):
    """A contact in a HubSpot portal; no two have the same e-mail address."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="hubspot_contacts")
    email = models.CharField(max_length=320)
    properties = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("account", "email"), name="one_contact_per_email"),
        )

    def __str__(self) -> str:
        return self.email
