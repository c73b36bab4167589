from __future__ import annotations

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations import checks, client, event_handler, webhooks  # noqa: F401
        from integrations.pages import receivers  # noqa: F401
        from integrations.tenants import erasure, provisioning, sign_up  # noqa: F401

        client.check_settings()  # what makes no sense stops the start
