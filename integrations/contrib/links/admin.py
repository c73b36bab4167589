"""Alloy Links for merchants who have no login, or never use it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename, get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache

from integrations import conf
from integrations.admin.columns import column
from integrations.admin.display import moment
from integrations.admin.filters import OfTenant
from integrations.admin.history import HistoryAdmin
from integrations.admin.links import link
from integrations.alloy import AlloyError, Integration
from integrations.links import people
from integrations.links.services import link_make
from integrations.models import AlloyUser, InstallLink
from integrations.pages.answers import in_plain_words
from integrations.pages.snapshots import integrations_in, snapshot_of
from integrations.tenants import provision


class ForWhom(forms.Form):
    """Whom the link is for."""

    email = forms.EmailField(label="E-mail address of the merchant", max_length=254)


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
        return request.user.has_perm("integrations.add_installlink")

    def get_urls(self) -> list[URLPattern]:
        """Add the second step of making one, and the state of one."""
        view = self.admin_site.admin_view
        return [
            path(
                "for/<int:alloy_user_id>/",
                view(never_cache(self.for_what)),
                name="integrations_installlink_for",
            ),
            path("<int:pk>/state/", view(self.state_of), name="integrations_installlink_state"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """First step: for whom. An address that nobody has gets an account once that is asked."""
        self._require_add(request)
        form = ForWhom(request.POST or None)
        may_make = False
        if request.method == "POST" and form.is_valid():
            tenant = people.find(form.cleaned_data["email"])
            may_make = tenant is None and _may_make_people(request)
            if may_make and "make" in request.POST:
                tenant = people.make(form.cleaned_data["email"])
                messages.success(request, f"An account for {tenant} was made, without a password.")
            if tenant is not None:
                alloy_user = provision(tenant=tenant)
                return redirect("admin:integrations_installlink_for", alloy_user.pk)
            if not may_make:
                form.add_error("email", "Nobody has this address.")
        return self._page(request, "link_for_whom", form=form, may_make=may_make)

    def for_what(self, request: HttpRequest, alloy_user_id: int) -> HttpResponse:
        """Second step: for which integration. The answer to the POST shows the URL, this once."""
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
        return TemplateResponse(request, "admin/integrations/_link_state.html", context)

    def _make(
        self, request: HttpRequest, alloy_user: AlloyUser, integration: Integration
    ) -> HttpResponse:
        install_link, url = link_make(
            alloy_user=alloy_user, integration=integration, created_by=request.user
        )
        self.log_addition(request, install_link, "Made.")
        response = self._page(request, "link_made", link=install_link, url=url)
        response["Referrer-Policy"] = "no-referrer"
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
        name = f"admin/integrations/{template}.html"
        return TemplateResponse(request, name, {**common, **context})


def page_to_make_one(alloy_user: AlloyUser) -> str:
    """Return the address of the page where a link for this user is made."""
    return reverse("admin:integrations_installlink_for", args=[alloy_user.pk])


def _may_make_people(request: HttpRequest) -> bool:
    """An address is enough to make a user, and a user is a tenant in some projects only."""
    users = get_user_model()._meta
    codename = get_permission_codename("add", users)
    return conf.users_are_tenants() and request.user.has_perm(f"{users.app_label}.{codename}")
