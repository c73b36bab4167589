"""No table: a model only so that the admin has a page for it, and a permission to see that page."""

from __future__ import annotations

from django.db import models


class SetupCheck(models.Model):
    """The checks of the set-up, which are run and not stored."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name = "set-up check"

    def __str__(self) -> str:
        return "The set-up"
