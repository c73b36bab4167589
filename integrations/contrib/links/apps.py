from __future__ import annotations

from django.apps import AppConfig


class LinksConfig(AppConfig):
    name = "integrations.contrib.links"
    label = "alloy_links"
    verbose_name = "Alloy Links"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations.contrib.links import services  # noqa: F401
