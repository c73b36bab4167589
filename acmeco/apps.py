from __future__ import annotations

import gc

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class AcmeCoConfig(AppConfig):
    name = "acmeco"

    def ready(self) -> None:
        """Let no process start in production that would be unsafe."""
        from acmeco.checks import refuse_what_is_unsafe
        from acmeco.tracing import start_watching

        if settings.IN_PRODUCTION:
            refuse_what_is_unsafe()
        start_watching()
        gc.freeze()  # what is there by now is no garbage, and after a fork it stays shared


class OperationsConfig(AdminConfig):
    default_site = "acmeco.admin_site.OperationsSite"
