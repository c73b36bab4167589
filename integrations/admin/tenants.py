"""Alloy users, and the copies of their integrations."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from integrations.admin.pages import OperatorAdmin, operation
from integrations.admin.rows import (
    ChosenRow,
    block,
    by_tenant,
    column,
    conditions,
    link,
    listed,
    moment,
    pretty,
)
from integrations.models import AlloyUser, Delivery, IntegrationsSnapshot, Message
from integrations.pages.snapshots import snapshot_of
from integrations.redaction import reason
from integrations.tenants.sign_up import provisioning_group
from integrations.tenants.unprovisioned import provision_now

MISSING = Q(user_id="")


@admin.register(AlloyUser)
class AlloyUserAdmin(OperatorAdmin):
    """One tenant's Alloy user in one environment of one key."""

    list_display = (
        *("username", column("tenant", link), "at_alloy", "of_this_key", "user_id"),
        column("created_at", moment, "wanted since"),
    )
    list_select_related = ("tenant",)
    list_filter = (
        ("tenant", ChosenRow),
        conditions("ready", yes=("Exists at Alloy", ~MISSING), no=("Still to be made", MISSING)),
    )
    search_fields = ("username", "user_id")
    search_help_text = "User name or userId at Alloy, or what finds the tenant on its own page."
    actions = ("provision",)
    fields = (
        *("username", "full_name", "tenant", "at_alloy", "user_id"),
        *("environment", "of_this_key", "created_at", "provisioned_at"),
    )
    provision = operation(
        "provision",
        "Create at Alloy now",
        lambda alloy_user: provision_now(alloy_user=alloy_user),
        when=MISSING,
        done="will be created at Alloy.",
        undone="not changed: they have no tenant any more, or belong to another key.",
    )

    @admin.display(description="exists at Alloy", boolean=True)
    def at_alloy(self, alloy_user: AlloyUser) -> bool:
        return alloy_user.is_ready and alloy_user.username != ""  # blanked once erased there

    def find(self, request: HttpRequest, term: str) -> Q:
        names = Q(username__icontains=term) | Q(user_id=term)
        return names | by_tenant(request, term)

    def links(self, alloy_user: AlloyUser) -> Iterable[str]:
        yield listed(Message, "How it was made", q=provisioning_group(alloy_user))
        yield listed(IntegrationsSnapshot, "Integrations", alloy_user=alloy_user.pk)
        if tenant := alloy_user.tenant_id:
            yield listed(Message, "Messages", tenant=tenant)
            yield listed(Delivery, "Deliveries", tenant=tenant)


def read_again(snapshot: IntegrationsSnapshot) -> bool:
    """Read a tenant's integrations from Alloy now; return whether that worked."""
    user = snapshot.alloy_user
    return user.is_ready and not snapshot_of(user, refresh=True).last_failure


@admin.register(IntegrationsSnapshot)
class IntegrationsSnapshotAdmin(OperatorAdmin):
    """The stored copy of one tenant's integrations at Alloy."""

    list_display = (
        *("alloy_user", column("alloy_user.tenant", link, "tenant")),
        column("fetched_at", moment, "read"),
        column("changed_at", moment, "changed at Alloy"),
        column("last_failure", reason),
        column("retry_at", moment, "not asked before"),
    )
    list_select_related = ("alloy_user__tenant",)
    list_filter = (("alloy_user", ChosenRow),)
    search_fields = ("alloy_user__username", "alloy_user__user_id")
    search_help_text = "User name or userId at Alloy."
    actions = ("refresh",)
    at_once = 10  # each is a call to Alloy, made while the operator waits
    fields = (
        *("alloy_user", column("alloy_user.tenant", link, "tenant"), "fetched_at", "changed_at"),
        *(column("last_failure", block), "retry_at", column("data", pretty, "the copy")),
    )
    refresh = operation(
        "refresh",
        "Read again from Alloy",
        read_again,
        done="read again.",
        undone="not read: see the last failure, and whether the user exists at Alloy.",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[IntegrationsSnapshot]:
        """Do not read the copies themselves for a list."""
        return super().get_queryset(request).defer("data")

    def links(self, snapshot: IntegrationsSnapshot) -> Iterable[str]:
        return ()
