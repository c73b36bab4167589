"""The record of erasures: who asked for what, and when each part was done; and where to ask."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from integrations import conf
from integrations.admin.pages import HistoryAdmin, row_shown
from integrations.admin.rows import column, moment
from integrations.contrib.privacy.models import Erasure
from integrations.contrib.privacy.services import Requester, account_erase, logs_erase
from integrations.models import AlloyUser


@receiver(row_shown, sender=AlloyUser)
def link_to_erase(row: AlloyUser, request: HttpRequest, **_: Any) -> list[str]:
    """Link from an Alloy user to where its data is erased."""
    if not row.tenant_id or row.environment != conf.environment() or not _may_erase(request):
        return []
    url = reverse("admin:alloy_privacy_erasure_of", args=[row.pk])
    return [format_html('<a href="{}">Erase…</a>', url)]


def _may_erase(request: HttpRequest) -> bool:
    """Say whether the user may erase: who may delete a tenant's row may."""
    tenants = conf.tenant_class()._meta
    codename = get_permission_codename("delete", tenants)
    return request.user.has_perm(f"{tenants.app_label}.{codename}")


@admin.register(Erasure)
class ErasureAdmin(HistoryAdmin):
    """One erasure. It names nobody: the number is that of a tenant who may be gone."""

    list_display = (
        *("__str__", "requested_by", "tenant_key"),
        *(column("requested_at", moment, "requested"), column("finished_at", moment, "finished")),
    )
    list_filter = ("scope", "requested_by")
    search_fields = ("=tenant_key",)
    search_help_text = "The number of a tenant."
    fields = (
        *("scope", "requested_by", "tenant_key", "requested_at", "here_at", "logs_at"),
        *("credentials_at", "user_at", "finished_at", "environment"),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks what is to be erased."""
        page = self.admin_site.admin_view(self.erase)
        return [
            path("of/<int:alloy_user_id>/", page, name="alloy_privacy_erasure_of"),
            *super().get_urls(),
        ]

    def erase(self, request: HttpRequest, alloy_user_id: int) -> HttpResponse:
        """Ask what of a tenant is to be erased, and erase it; there is no way back."""
        if not _may_erase(request):
            raise PermissionDenied
        here = AlloyUser.objects.filter(environment=conf.environment(), tenant__isnull=False)
        alloy_user = get_object_or_404(here.select_related("tenant"), pk=alloy_user_id)
        if request.method == "POST" and request.POST.get("scope") == Erasure.Scope.LOGS:
            return self._erase_logs(request, alloy_user)
        is_self = conf.users_are_tenants() and alloy_user.tenant_id == request.user.pk
        wanted = request.POST.get("scope") == Erasure.Scope.ACCOUNT
        if request.method == "POST" and wanted and not is_self:
            return self._erase_account(request, alloy_user)
        return self.page(
            request,
            "admin/alloy_privacy/erase.html",
            title=f"Erase what there is of {alloy_user.tenant}?",
            alloy_user=alloy_user,
            is_self=is_self,
        )

    def _erase_logs(self, request: HttpRequest, alloy_user: AlloyUser) -> HttpResponse:
        logs_erase(tenant=alloy_user.tenant, requested_by=Requester.OPERATOR)
        self.log_change(request, alloy_user, "Logs erased.")
        self.message_user(request, "The logs are being erased at Alloy.", messages.SUCCESS)
        return redirect("admin:alloy_privacy_erasure_changelist")

    def _erase_account(self, request: HttpRequest, alloy_user: AlloyUser) -> HttpResponse:
        account_erase(tenant=alloy_user.tenant, requested_by=Requester.OPERATOR)
        told = "It is erased here; Alloy erases it now. Below you see how far it is."
        self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:alloy_privacy_erasure_changelist")
