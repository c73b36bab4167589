from __future__ import annotations

from django.db import models

from alloy_sandbox.core import ids
from alloy_sandbox.core.environments import DEVELOPMENT


class User(models.Model):
    """An end user of the ISV: one tenant of theirs."""

    user_id = models.CharField(primary_key=True, max_length=24, default=ids.object_id)
    environment = models.CharField(max_length=20, default=DEVELOPMENT)
    username = models.CharField(max_length=255)
    full_name = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "user_id")
        constraints = (
            models.UniqueConstraint(fields=("environment", "username"), name="one_user_per_name"),
        )

    def __str__(self) -> str:
        return self.username
