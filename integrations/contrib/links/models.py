"""Alloy Links: pages at Alloy where somebody without a login here installs an integration."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from integrations import conf


class InstallLink(models.Model):
    """A link that was made, for whom and for what. Never its URL: that carries a token."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        USED = "used", "Used"
        EXPIRED = "expired", "Expired"

    tenant = models.ForeignKey(conf.tenant_model(), on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=64)
    integration_id = models.CharField(max_length=128)
    name = models.CharField("integration", max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    was_installed = models.BooleanField(
        default=False, help_text="The integration was installed already when the link was made."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "Alloy Link"
        indexes = (
            models.Index(
                fields=("tenant", "integration_id"),
                condition=models.Q(used_at__isnull=True),
                name="links_not_used_yet",
            ),
        )

    def __str__(self) -> str:
        return f"Link for {self.name}"

    @property
    def state(self) -> State:
        """Whether it is pending, was used, or has expired."""
        if self.used_at is not None:
            return self.State.USED
        return self.State.EXPIRED if self.expires_at <= timezone.now() else self.State.PENDING
