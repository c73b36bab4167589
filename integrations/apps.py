from __future__ import annotations

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations import (  # noqa: F401
            checks,
            client,
            erasure,
            event_handler,
            provisioning,
            receivers,
            tenants,
            webhooks,
        )

        client.check_settings()  # what makes no sense stops the start
