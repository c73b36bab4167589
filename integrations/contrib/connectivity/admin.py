"""Connected accounts, to look at: they are connected and disconnected by their tenants."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin import BoundedChoices, HistoryAdmin, OfTenant, column, link, moment, reason
from integrations.contrib.connectivity.models import ConnectAttempt, Connection


@admin.register(Connection)
class ConnectionAdmin(HistoryAdmin):
    """One tenant's account at one service."""

    list_display = ("name", "connector", "tenant_link", "works", "why", "created")
    list_select_related = ("tenant",)
    list_filter = (OfTenant,)
    search_fields = ("=credential_id", "=connector")
    search_help_text = "Credential id at Alloy, or the connector's id."
    fields = (
        "name",
        "connector",
        "tenant",
        "environment",
        "credential_id",
        "created_at",
        "gone_at",
        "last_error",
    )

    tenant_link = column("tenant", link, "tenant")
    why = column("last error", reason, "last_error")
    created = column("connected", moment, "created_at")

    @admin.display(description="at Alloy", boolean=True)
    def works(self, connection: Connection) -> bool:
        return connection.is_alive


@admin.register(ConnectAttempt)
class ConnectAttemptAdmin(HistoryAdmin):
    """One try to connect an account."""

    list_display = ("connector_name", "tenant_link", "outcome", "connection_link", "created")
    list_select_related = ("tenant", "connection")
    list_filter = (OfTenant, ("outcome", BoundedChoices))
    fields = (
        "connector_name",
        "connector",
        "tenant",
        "environment",
        "outcome",
        "connection",
        "known",
        "created_at",
        "returned_at",
        "used_at",
        "expires_at",
    )

    tenant_link = column("tenant", link, "tenant")
    connection_link = column("connection", link, "connection")
    created = column("begun", moment, "created_at")
