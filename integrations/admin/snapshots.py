"""The last known copy of each tenant's integrations."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.admin.actions import OperatorAdmin
from integrations.admin.columns import column
from integrations.admin.display import block, moment, pretty, reason
from integrations.admin.links import link
from integrations.models import IntegrationsSnapshot
from integrations.snapshots import snapshot_of

# Each is a call to Alloy, made while the operator waits.
MOST_CALLS = 10


@admin.register(IntegrationsSnapshot)
class IntegrationsSnapshotAdmin(OperatorAdmin):
    """What Alloy last said of one tenant's integrations."""

    list_display = ("alloy_user", "tenant_link", "fetched", "changed", "why", "next_read")
    list_select_related = ("alloy_user__tenant",)
    search_fields = ("alloy_user__username", "alloy_user__user_id")
    search_help_text = "User name or userId at Alloy."
    actions = ("refresh",)
    fields = ("alloy_user", "fetched_at", "changed_at", "failure_block", "retry_at", "data_block")

    tenant_link = column("tenant", link, "alloy_user.tenant")
    fetched = column("read", moment, "fetched_at")
    changed = column("changed at Alloy", moment, "changed_at")
    why = column("last failure", reason, "last_failure")
    next_read = column("left alone until", moment, "retry_at")
    failure_block = column("last failure", block, "last_failure")
    data_block = column("the copy", pretty, "data")

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntegrationsSnapshot]:
        """Leave the copies themselves until one is looked at."""
        return super().get_queryset(request).defer("data")

    def links(self, snapshot: IntegrationsSnapshot) -> Iterable[str]:
        """Link to whose integrations these are."""
        yield link(snapshot.alloy_user, "Alloy user")
        if snapshot.alloy_user.tenant:
            yield link(snapshot.alloy_user.tenant, "Tenant")

    def buttons(self, snapshot: IntegrationsSnapshot) -> dict[str, str]:
        """Offer to read it anew."""
        return {"refresh": "Read anew from Alloy"}

    @admin.action(description="Read the selected copies anew from Alloy", permissions=["operate"])
    def refresh(self, request: HttpRequest, snapshots: QuerySet[IntegrationsSnapshot]) -> None:
        """Read integrations anew, right now; a tenant's own page does the same when it is old."""
        chosen = list(snapshots.select_related("alloy_user")[: MOST_CALLS + 1])
        if len(chosen) > MOST_CALLS:
            told = f"Each takes a call to Alloy while you wait: choose at most {MOST_CALLS}."
            self.message_user(request, told, messages.ERROR)
            return
        for snapshot in chosen:
            self._refresh(request, snapshot)

    def _refresh(self, request: HttpRequest, snapshot: IntegrationsSnapshot) -> None:
        if not snapshot.alloy_user.is_ready:
            told = f"{snapshot.alloy_user} does not exist at Alloy yet."
            self.message_user(request, told, messages.WARNING)
            return
        read = snapshot_of(snapshot.alloy_user, anew=True)
        if read.last_failure:
            told = f"{snapshot.alloy_user} could not be read: {reason(read.last_failure)}"
            self.message_user(request, told, messages.ERROR)
        else:
            told = f"{snapshot.alloy_user} was read anew: {len(read.data)} integrations."
            self.message_user(request, told, messages.SUCCESS)
