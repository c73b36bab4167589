from __future__ import annotations

from django.apps import AppConfig


class ConnectivityConfig(AppConfig):
    name = "integrations.contrib.connectivity"
    label = "alloy_connectivity"
    verbose_name = "Alloy: connected accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations.contrib.connectivity import receivers  # noqa: F401
