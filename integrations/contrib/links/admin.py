"""Admin pages on which an operator makes an Alloy Link for a merchant."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache

from integrations import conf
from integrations.admin.pages import HistoryAdmin, row_shown
from integrations.admin.rows import ChosenRow, column, link, moment
from integrations.alloy import AlloyError, Integration
from integrations.contrib.links.models import InstallLink
from integrations.contrib.links.services import link_make
from integrations.models import AlloyUser
from integrations.pages.live import in_plain_words
from integrations.pages.snapshots import integrations_in, snapshot_of


@receiver(row_shown, sender=AlloyUser)
def link_to_make_one(row: AlloyUser, request: HttpRequest, **_: Any) -> list[str]:
    """Link from an Alloy user to where a link for it is made: links go to accounts."""
    if not row.tenant_id or not _may_make(request):
        return []
    url = reverse("admin:alloy_links_installlink_for", args=[row.pk])
    return [format_html('<a href="{}">Make an Alloy Link</a>', url)]


def _may_make(request: HttpRequest) -> bool:
    return request.user.has_perm("alloy_links.add_installlink")


class ForWhat(forms.Form):
    """Asks which integration the link installs: one of those that Alloy lists now."""

    integration = forms.ChoiceField()

    def __init__(self, *args: Any, integrations: list[Integration], **options: Any) -> None:
        super().__init__(*args, **options)
        self.integrations = {each.integration_id: each for each in integrations}
        choices = [(key, each.app) for key, each in self.integrations.items()]
        self.fields["integration"].choices = choices  # type: ignore[attr-defined]


@admin.register(InstallLink)
class InstallLinkAdmin(HistoryAdmin):
    """A link that was made. Its URL is shown once, when it is made, and kept nowhere."""

    list_display = (
        *("name", column("tenant", link), column("state.label", str, "state")),
        *(column("created_at", moment, "made"), column("expires_at", moment, "expires")),
        "created_by",
    )
    list_select_related = ("tenant", "created_by")
    list_filter = (("tenant", ChosenRow),)
    fields = (
        *("name", "integration_id", "tenant", column("state.label", str, "state"), "created_by"),
        *("created_at", "expires_at", "used_at", "environment"),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it: a link is the one thing here that is made by hand."""
        return _may_make(request)

    def get_urls(self) -> list[URLPattern]:
        """Add where one is made, and the state of one."""
        for_what = self.admin_site.admin_view(never_cache(self.for_what))
        state_of = self.admin_site.admin_view(self.state_of)
        return [
            path("for/<int:alloy_user_id>/", for_what, name="alloy_links_installlink_for"),
            path("<int:pk>/state/", state_of, name="alloy_links_installlink_state"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Lead to the Alloy users: a link goes to an account that is there, never to an address."""
        self._require_add(request)
        told = "Choose whose link it is to be, then press “Make an Alloy Link” there."
        self.message_user(request, told)
        return redirect("admin:integrations_alloyuser_changelist")

    def for_what(self, request: HttpRequest, alloy_user_id: int) -> HttpResponse:
        """Ask for which integration. The answer to the POST shows the URL, this once."""
        self._require_add(request)
        mine = AlloyUser.objects.filter(environment=conf.environment(), tenant__isnull=False)
        alloy_user = get_object_or_404(mine.select_related("tenant"), pk=alloy_user_id)
        if not alloy_user.is_ready:
            return self._page(request, "link_not_yet", alloy_user=alloy_user)
        snapshot = snapshot_of(alloy_user)
        form = ForWhat(request.POST or None, integrations=integrations_in(snapshot))
        if request.method == "POST" and form.is_valid():
            chosen = form.integrations[form.cleaned_data["integration"]]
            try:
                return self._make(request, alloy_user, chosen)
            except AlloyError as error:
                form.add_error(None, f"No link could be made. {in_plain_words(error)}")
        told = {"form": form, "alloy_user": alloy_user, "snapshot": snapshot}
        return self._page(request, "link_for_what", **told)

    def state_of(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the state of a link, for the page that shows it; only if it has changed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        install_link = get_object_or_404(InstallLink, pk=pk)
        if request.GET.get("state") == install_link.state.value:
            return HttpResponse(status=204)
        return self._page(request, "_link_state", link=install_link)

    def _make(
        self, request: HttpRequest, alloy_user: AlloyUser, integration: Integration
    ) -> HttpResponse:
        install_link, url = link_make(
            alloy_user=alloy_user, integration=integration, created_by=request.user
        )
        self.log_addition(request, install_link, "Made.")
        response = self._page(request, "link_made", link=install_link, url=url)
        response["Referrer-Policy"] = "same-origin"  # "no-referrer" would make its forms fail
        return response

    def _require_add(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        name = f"admin/alloy_links/{template}.html"
        return self.page(request, name, title="Make an Alloy Link", **context)
