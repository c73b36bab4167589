from __future__ import annotations

from django.apps import AppConfig


class TrafficConfig(AppConfig):
    name = "integrations.contrib.traffic"
    label = "alloy_traffic"
    verbose_name = "Alloy: traffic"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations.contrib.traffic import sampling  # noqa: F401
