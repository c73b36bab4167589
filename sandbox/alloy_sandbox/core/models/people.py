from __future__ import annotations

from django.db import models

from alloy_sandbox.core import ids


class User(models.Model):
    """An end user of the ISV: one tenant of theirs."""

    user_id = models.CharField(primary_key=True, max_length=24, default=ids.object_id)
    username = models.CharField(max_length=255, unique=True)
    full_name = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "user_id")

    def __str__(self) -> str:
        return self.username
