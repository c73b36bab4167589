"""Connected accounts, to look at: they are connected and disconnected by their tenants."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.pages import HistoryAdmin
from integrations.admin.rows import BoundedChoices, ChosenRow, block, column, link, moment
from integrations.contrib.connectivity.models import ConnectAttempt, Connection
from integrations.redaction import reason


@admin.register(Connection)
class ConnectionAdmin(HistoryAdmin):
    """One tenant's account at one service."""

    list_display = (
        *("name", "connector", column("tenant", link), "is_alive", column("last_error", reason)),
        column("created_at", moment, "connected"),
    )
    list_select_related = ("tenant",)
    list_filter = (("tenant", ChosenRow),)
    search_fields = ("=credential_id", "=connector")
    search_help_text = "Credential id at Alloy, or the connector's id."
    fields = (
        *("name", "connector", "tenant", "environment", "credential_id", "created_at", "gone_at"),
        column("last_error", block),
    )

    @admin.display(description="at Alloy", boolean=True)
    def is_alive(self, connection: Connection) -> bool:
        return connection.is_alive


@admin.register(ConnectAttempt)
class ConnectAttemptAdmin(HistoryAdmin):
    """One attempt to connect an account. Its secrets are not shown."""

    list_display = (
        *("connector_name", column("tenant", link), "outcome", column("connection", link)),
        column("created_at", moment, "begun"),
    )
    list_select_related = ("tenant", "connection")
    list_filter = (("tenant", ChosenRow), ("outcome", BoundedChoices))
    fields = (
        *("connector_name", "connector", "tenant", "environment", "outcome", "connection"),
        *("known", "created_at", "returned_at", "used_at", "expires_at"),
    )
