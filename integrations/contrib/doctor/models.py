"""No table: a model only so that the admin has a page for it, and a permission to see that page."""

from __future__ import annotations

from integrations.models import AlloyUser


class SetupCheck(AlloyUser):
    """The checks of the set-up, which are run and not stored: hence a proxy, of any model."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "set-up check"

    def __str__(self) -> str:
        return "The set-up"
