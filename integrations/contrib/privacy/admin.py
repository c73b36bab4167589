"""The record of erasures: who asked for what, and when each part was done."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.columns import column
from integrations.admin.display import moment
from integrations.admin.history import HistoryAdmin
from integrations.models import Erasure


@admin.register(Erasure)
class ErasureAdmin(HistoryAdmin):
    """One erasure. It names nobody: the number is that of a tenant who may be gone."""

    list_display = ("__str__", "requested_by", "tenant_key", "requested", "finished")
    list_filter = ("scope", "requested_by")
    search_fields = ("=tenant_key",)
    search_help_text = "The number of a tenant."
    fields = (
        "scope",
        "requested_by",
        "tenant_key",
        "requested_at",
        "here_at",
        "logs_at",
        "credentials_at",
        "user_at",
        "finished_at",
        "environment",
    )

    requested = column("requested", moment, "requested_at")
    finished = column("finished", moment, "finished_at")
