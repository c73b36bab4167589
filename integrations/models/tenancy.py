"""Which tenant is which Alloy user, in which environment."""

from __future__ import annotations

from django.db import models

from integrations import conf


class AlloyUser(models.Model):
    """The Alloy user of one tenant in one environment; without `user_id` it is still to be made.

    The row outlives its tenant: it keeps a later tenant with the same name from being given the
    Alloy user, and with it the connected stores, of somebody who left.
    """

    tenant = models.ForeignKey(
        conf.tenant_model(), null=True, on_delete=models.SET_NULL, related_name="alloy_users"
    )
    environment = models.CharField(max_length=64)
    username = models.CharField(max_length=255, help_text="The unique name this user has at Alloy.")
    full_name = models.CharField(max_length=255, blank=True)
    user_id = models.CharField("Alloy userId", max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    provisioned_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(
        null=True, blank=True, help_text="When Alloy was last found to know it no more."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("tenant", "environment"), name="one_alloy_user_per_tenant_and_environment"
            ),
            models.UniqueConstraint(
                fields=("environment", "user_id"),
                condition=~models.Q(user_id=""),
                name="one_tenant_per_alloy_user",
            ),
        )
        indexes = (
            models.Index(
                fields=("environment",), condition=models.Q(user_id=""), name="alloy_users_to_make"
            ),
        )

    def __str__(self) -> str:
        return self.username or f"Erased user {self.pk}"

    @property
    def is_ready(self) -> bool:
        return bool(self.user_id)
