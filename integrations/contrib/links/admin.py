"""Alloy Links that an operator makes for a merchant."""

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
from integrations.admin import HistoryAdmin, OfTenant, column, link, moment, row_shown
from integrations.alloy import AlloyError, Integration
from integrations.contrib.links.models import InstallLink
from integrations.contrib.links.services import link_make
from integrations.models import AlloyUser
from integrations.snapshots import integrations_in, snapshot_of
from integrations.views import in_plain_words


@receiver(row_shown, sender=AlloyUser)
def link_to_make_one(row: AlloyUser, **_: Any) -> list[str]:
    """Lead from an Alloy user to where a link for it is made: links go to accounts."""
    if not row.tenant_id:
        return []
    url = reverse("admin:alloy_links_installlink_for", args=[row.pk])
    return [format_html('<a href="{}">Make an Alloy Link</a>', url)]


class ForWhat(forms.Form):
    """What the link installs: one of the integrations that Alloy lists now."""

    integration = forms.ChoiceField()

    def __init__(self, *args: Any, integrations: list[Integration], **options: Any) -> None:
        super().__init__(*args, **options)
        self.integrations = {each.integration_id: each for each in integrations}
        choices = [(key, each.app) for key, each in self.integrations.items()]
        self.fields["integration"].choices = choices  # type: ignore[attr-defined]


@admin.register(InstallLink)
class InstallLinkAdmin(HistoryAdmin):
    """A link that was made. Its URL is shown once, when it is made, and kept nowhere."""

    list_display = ("name", "tenant_link", "state", "made", "expires", "created_by")
    list_select_related = ("tenant", "created_by")
    list_filter = (OfTenant,)
    fields = (
        "name",
        "integration_id",
        "tenant",
        "state",
        "created_by",
        "created_at",
        "expires_at",
        "used_at",
        "environment",
    )

    state = column("state", str, "state.label")
    tenant_link = column("tenant", link, "tenant")
    made = column("made", moment, "created_at")
    expires = column("expires", moment, "expires_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A link is the one thing here that is made by hand."""
        return request.user.has_perm("alloy_links.add_installlink")

    def get_urls(self) -> list[URLPattern]:
        """Add where one is made, and the state of one."""
        view = self.admin_site.admin_view
        return [
            path(
                "for/<int:alloy_user_id>/",
                view(never_cache(self.for_what)),
                name="alloy_links_installlink_for",
            ),
            path("<int:pk>/state/", view(self.state_of), name="alloy_links_installlink_state"),
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
        return self._page(
            request, "link_for_what", form=form, alloy_user=alloy_user, snapshot=snapshot
        )

    def state_of(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The state of a link, for the page that shows it; only if it has changed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        install_link = get_object_or_404(InstallLink, pk=pk)
        if request.GET.get("state") == install_link.state.value:
            return HttpResponse(status=204)
        context = {"link": install_link}
        return TemplateResponse(request, "admin/alloy_links/_link_state.html", context)

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

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        common = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": "Make an Alloy Link",
        }
        name = f"admin/alloy_links/{template}.html"
        return TemplateResponse(request, name, {**common, **context})
