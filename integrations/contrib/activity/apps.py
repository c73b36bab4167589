from __future__ import annotations

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "integrations.contrib.activity"
    label = "alloy_activity"
    verbose_name = "Alloy: activity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations.contrib.activity import (  # noqa: F401
            explain,
            following,
            receivers,
            selectors,
        )
