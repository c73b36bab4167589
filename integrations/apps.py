from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete


class IntegrationsConfig(AppConfig):
    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations import checks, conf, handlers, receivers, tenants  # noqa: F401
        from integrations.erasure import handlers as erasing  # noqa: F401
        from integrations.erasure import services

        post_save.connect(
            tenants.provision_new_tenant,
            sender=conf.tenant_model(),
            dispatch_uid="give every new tenant an Alloy user",
        )
        # Before, not after: then it is still known which Alloy users were the tenant's.
        pre_delete.connect(
            services.tenant_is_deleted,
            sender=conf.tenant_model(),
            dispatch_uid="erase a deleted tenant at Alloy, too",
        )
