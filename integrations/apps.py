from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete


class IntegrationsConfig(AppConfig):
    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations import (  # noqa: F401
            checks,
            client,
            conf,
            erasure,
            event_handler,
            provisioning,
            receivers,
            tenants,
            webhooks,
        )

        client.check_settings()  # what makes no sense stops the start

        post_save.connect(
            tenants.provision_new_tenant,
            sender=conf.tenant_model(),
            dispatch_uid="give every new tenant an Alloy user",
        )
        pre_delete.connect(
            webhooks.forget_tenants,
            sender=conf.tenant_model(),
            dispatch_uid="take no more webhooks for a tenant that is deleted",
        )
        # Before, not after: then it is still known which Alloy users were the tenant's.
        pre_delete.connect(
            erasure.tenant_is_deleted,
            sender=conf.tenant_model(),
            dispatch_uid="forget a tenant that is deleted",
        )
