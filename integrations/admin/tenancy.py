"""Alloy users: which tenant is which, and whose is still to be made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from integrations import conf
from integrations.admin.actions import OperatorAdmin
from integrations.admin.columns import column
from integrations.admin.display import moment
from integrations.admin.filters import OfTenant
from integrations.admin.links import link, listed
from integrations.admin.search import by_tenant
from integrations.admin.services import provision_now
from integrations.models import AlloyUser, Delivery, IntegrationsSnapshot, Message
from integrations.tenants import provisioning_group


class Readiness(admin.SimpleListFilter):
    """Whether the user exists at Alloy."""

    title = "at Alloy"
    parameter_name = "ready"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the two choices."""
        return [("yes", "Exists"), ("no", "Still to be made")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows to the chosen one."""
        is_missing = Q(user_id="")
        return queryset.filter({"yes": ~is_missing, "no": is_missing}.get(self.value() or "", Q()))


@admin.register(AlloyUser)
class AlloyUserAdmin(OperatorAdmin):
    """One tenant's Alloy user in one environment of one key."""

    list_display = ("username", "tenant_link", "at_alloy", "of_this_key", "user_id", "created")
    list_select_related = ("tenant",)
    list_filter = (OfTenant, Readiness)
    search_fields = ("username", "user_id")
    search_help_text = "User name or userId at Alloy, or what finds the tenant on its own page."
    actions = ("provision",)
    fields = (
        "username",
        "full_name",
        "tenant",
        "at_alloy",
        "user_id",
        "environment",
        "of_this_key",
        "created_at",
        "provisioned_at",
    )

    tenant_link = column("tenant", link, "tenant")
    created = column("wanted since", moment, "created_at")

    @admin.display(description="exists at Alloy", boolean=True)
    def at_alloy(self, alloy_user: AlloyUser) -> bool:
        return alloy_user.is_ready and alloy_user.username != ""  # blanked once erased there

    @admin.display(description="of the current key", boolean=True)
    def of_this_key(self, alloy_user: AlloyUser) -> bool:
        return alloy_user.environment == conf.environment()

    def links(self, alloy_user: AlloyUser) -> Iterable[str]:
        """Link to all that is known of the tenant's traffic."""
        yield listed(Message, "How it was made", q=provisioning_group(alloy_user))
        if IntegrationsSnapshot.objects.filter(pk=alloy_user.pk).exists():
            yield link(IntegrationsSnapshot(pk=alloy_user.pk), "Integrations")
        if alloy_user.tenant_id:
            yield listed(Message, "Messages", tenant=alloy_user.tenant_id)
            yield listed(Delivery, "Deliveries", tenant=alloy_user.tenant_id)

    def buttons(self, alloy_user: AlloyUser) -> dict[str, str]:
        """Offer to create what does not exist yet."""
        return {} if alloy_user.is_ready else {"provision": "Create at Alloy now"}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by the user's own names, and by tenant."""
        found, _ = super().get_search_results(request, queryset, search_term)
        if search_term:
            found = found | queryset.filter(by_tenant(request, search_term))
        return found, False

    @admin.action(description="Create the selected users at Alloy now", permissions=["operate"])
    def provision(self, request: HttpRequest, alloy_users: QuerySet[AlloyUser]) -> None:
        """Have missing Alloy users created without waiting for the next try."""
        done = 0
        for alloy_user in alloy_users.filter(user_id="").select_related("tenant")[: self.at_once]:
            if provision_now(alloy_user=alloy_user):
                done += 1
                self.log_change(request, alloy_user, "Asked for at Alloy again.")
        if done:
            self.message_user(request, f"Asked Alloy for {done:,} of them.", messages.SUCCESS)
        else:
            self.message_user(
                request,
                "Nothing to do: they exist, have no tenant any more, or belong to another key.",
                messages.WARNING,
            )
