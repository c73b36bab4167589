from __future__ import annotations

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "integrations.contrib.privacy"
    label = "alloy_privacy"
    verbose_name = "Alloy: privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations.contrib.privacy import handlers, services  # noqa: F401
