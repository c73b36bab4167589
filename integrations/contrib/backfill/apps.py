from __future__ import annotations

from django.apps import AppConfig


class BackfillConfig(AppConfig):
    name = "integrations.contrib.backfill"
    label = "alloy_backfill"
    verbose_name = "Alloy: backfill"
    default_auto_field = "django.db.models.BigAutoField"
