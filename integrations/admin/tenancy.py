"""Alloy users: which tenant is which, and whose is still to be made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html

from integrations import conf
from integrations.admin.actions import OperatorAdmin
from integrations.admin.columns import column
from integrations.admin.display import moment
from integrations.admin.filters import OfTenant
from integrations.admin.install_links import page_to_make_one
from integrations.admin.links import link, listed
from integrations.admin.search import by_tenant
from integrations.admin.services import provision_now
from integrations.erasure.services import Requester, account_erase, logs_erase
from integrations.models import (
    AlloyUser,
    Delivery,
    IntegrationsSnapshot,
    Message,
    WorkflowFailure,
)
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
    actions = ("provision", "erase_logs", "erase_account")
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
            yield format_html('<a href="{}">Make an Alloy Link</a>', page_to_make_one(alloy_user))
            yield listed(WorkflowFailure, "Failures", tenant=alloy_user.tenant_id)
            yield listed(Message, "Messages", tenant=alloy_user.tenant_id)
            yield listed(Delivery, "Deliveries", tenant=alloy_user.tenant_id)

    def buttons(self, alloy_user: AlloyUser) -> dict[str, str]:
        """Offer to create what does not exist yet, and to erase what does."""
        create = {} if alloy_user.is_ready else {"provision": "Create at Alloy now"}
        if alloy_user.tenant_id is None:
            return create
        return {**create, "erase_logs": "Erase logs", "erase_account": "Erase account"}

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

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Say whether the user may erase: who may delete a tenant's row may."""
        tenants = apps.get_model(conf.tenant_model())._meta
        codename = get_permission_codename("delete", tenants)
        return request.user.has_perm(f"{tenants.app_label}.{codename}")

    @admin.action(description="Erase the logs of the selected at Alloy", permissions=["erase"])
    def erase_logs(
        self, request: HttpRequest, alloy_users: QuerySet[AlloyUser]
    ) -> HttpResponse | None:
        """Have logs deleted at Alloy, for good."""
        rows = _erasable(alloy_users)
        question = "Erase these merchants' logs at Alloy, for good?"
        if page := self.confirm(
            request, rows, action="erase_logs", question=question, label="Erase logs"
        ):
            return page
        for alloy_user in rows[: self.at_once]:
            logs_erase(tenant=alloy_user.tenant, requested_by=Requester.OPERATOR)
            self.log_change(request, alloy_user, "Logs erased.")
        self.message_user(request, "Their logs are being erased at Alloy.", messages.SUCCESS)
        return None

    @admin.action(
        description="Erase the selected accounts, here and at Alloy", permissions=["erase"]
    )
    def erase_account(
        self, request: HttpRequest, alloy_users: QuerySet[AlloyUser]
    ) -> HttpResponse | None:
        """Delete tenants with all they have, here at once and at Alloy as soon as it answers."""
        rows = _erasable(alloy_users)
        if conf.users_are_tenants():
            rows = rows.exclude(tenant=request.user.pk)  # nobody erases themselves
        question = "Erase these merchants with everything they have, here and at Alloy, for good?"
        if page := self.confirm(
            request, rows, action="erase_account", question=question, label="Erase accounts"
        ):
            return page
        for alloy_user in rows[: self.at_once]:
            account_erase(tenant=alloy_user.tenant, requested_by=Requester.OPERATOR)
        told = "They are erased here; Alloy erases them now. See the erasures for how far it is."
        self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:integrations_erasure_changelist")


def _erasable(alloy_users: QuerySet[AlloyUser]) -> QuerySet[AlloyUser]:
    here = alloy_users.filter(tenant__isnull=False, environment=conf.environment())
    return here.select_related("tenant")
