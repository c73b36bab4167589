"""Maps tenants to Alloy users, in each environment, and names them at Alloy."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models

from integrations import conf

LONGEST_NAME = 255
"""Characters of a name that are kept."""


def new_username(tenant: Any) -> str:
    """Return a name for a tenant at Alloy that nobody else has, nor can guess.

    It carries this installation, since others may share the key; and something random, since a
    database that was restored, or copied, counts its rows again. So the user of this name at Alloy
    was created for this row, and nobody else's is ever taken over.
    """
    random = secrets.token_hex(6)
    return f"{conf.installation()}.{tenant._meta.label_lower}-{tenant.pk}-{random}"[-LONGEST_NAME:]


def full_name_of(tenant: Any) -> str:
    """Return what people read in Alloy's dashboard: name, and e-mail address if there is one."""
    name, email = str(getattr(tenant, "name", "") or tenant), str(getattr(tenant, "email", ""))
    return (name if email in name else f"{name} <{email}>")[:LONGEST_NAME]


class AlloyUser(models.Model):
    """The Alloy user of one tenant in one environment; without `user_id` it does not exist yet.

    The row outlives its tenant: it keeps a later tenant with the same name from being given the
    Alloy user, and with it the connected stores, of somebody who left.
    """

    tenant = models.ForeignKey(
        conf.tenant_model(), null=True, on_delete=models.SET_NULL, related_name="alloy_users"
    )
    environment = models.CharField(max_length=64)
    username = models.CharField(
        max_length=LONGEST_NAME, help_text="The unique name this user has at Alloy."
    )
    full_name = models.CharField(max_length=LONGEST_NAME, blank=True)
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
                fields=("environment", "username"),
                condition=models.Q(user_id=""),
                name="alloy_users_to_make",
            ),
        )

    def __str__(self) -> str:
        return self.username or f"Erased user {self.pk}"

    @classmethod
    def of(cls, tenant: Any) -> AlloyUser | None:
        """Return the tenant's row in the current environment, if there is one."""
        row = cls.objects.filter(tenant=tenant, environment=conf.environment()).first()
        if row is not None:
            row.tenant = tenant  # saves a query
        return row

    @property
    def is_ready(self) -> bool:
        return bool(self.user_id)
