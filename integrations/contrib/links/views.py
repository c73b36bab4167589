"""The merchant's Alloy Links: "send it to a colleague"."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from integrations.alloy import AlloyError
from integrations.contrib.links.models import InstallLink
from integrations.contrib.links.services import link_make
from integrations.pages import live
from integrations.pages.access import tenant_required
from integrations.pages.live import failed, is_htmx
from integrations.pages.rate_limits import INSTALL_LINKS, limited
from integrations.pages.views import alloy_user_for, card_or_404, page_for


@tenant_required
@require_POST
@never_cache
@limited(INSTALL_LINKS)
def make_link(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Make a link and show it once; the page is not cached, its address not sent as referrer."""
    card = card_or_404(page_for(request), integration_id)
    alloy_user = alloy_user_for(request)
    try:
        link, url = link_make(
            alloy_user=alloy_user, integration=card.integration, created_by=request.user
        )
    except AlloyError as error:
        return failed(request, _("No link to %(name)s could be made.") % {"name": card.name}, error)
    context = {"card": card, "link": link, "url": url}
    response = render(request, "alloy_links/link.html", context)
    response["Referrer-Policy"] = "same-origin"  # "no-referrer" would make its forms fail
    return response


@tenant_required
@require_GET
def link_state(request: HttpRequest, integration_id: str, pk: int) -> HttpResponse:
    """Show the state of a link to the page that polls for it; only if it has changed."""
    card = card_or_404(page_for(request), integration_id)
    tenant = alloy_user_for(request).tenant
    mine = InstallLink.objects.filter(tenant=tenant, integration_id=integration_id)
    context = {"card": card, "link": get_object_or_404(mine, pk=pk)}
    if not is_htmx(request):
        return redirect("integrations:detail", integration_id)
    return live.answer(request, "alloy_links/_link_state.html", context)
