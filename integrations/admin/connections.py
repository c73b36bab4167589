"""Connected accounts, to look at: they are connected and disconnected by their tenants."""

from __future__ import annotations

from django.contrib import admin

from integrations.admin.display import moment, reason
from integrations.admin.filters import BoundedChoices, OfTenant
from integrations.admin.history import HistoryAdmin
from integrations.admin.links import link
from integrations.models import ConnectAttempt, Connection


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

    @admin.display(description="tenant")
    def tenant_link(self, connection: Connection) -> str:
        return link(connection.tenant)

    @admin.display(description="at Alloy", boolean=True)
    def works(self, connection: Connection) -> bool:
        return connection.is_alive

    @admin.display(description="last error")
    def why(self, connection: Connection) -> str:
        return reason(connection.last_error)

    @admin.display(description="connected")
    def created(self, connection: Connection) -> str:
        return moment(connection.created_at)


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

    @admin.display(description="tenant")
    def tenant_link(self, attempt: ConnectAttempt) -> str:
        return link(attempt.tenant)

    @admin.display(description="connection")
    def connection_link(self, attempt: ConnectAttempt) -> str:
        return link(attempt.connection)

    @admin.display(description="begun")
    def created(self, attempt: ConnectAttempt) -> str:
        return moment(attempt.created_at)
