"""The merchant's Alloy Links: "send it to a colleague"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from integrations.alloy import AlloyError
from integrations.links.services import link_make
from integrations.models import AlloyUser, InstallLink
from integrations.pages.answers import alloy_user_for, answer, card_or_404, failed, page_for
from integrations.pages.cards import Card
from integrations.rate_limits import INSTALL_LINKS, limited

LINKS_SHOWN = 5


@dataclass(frozen=True)
class ShownLink:
    """A link as a page shows it: all but its URL, which nobody kept."""

    pk: int
    state: str
    label: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def links_to(alloy_user: AlloyUser, card: Card) -> list[ShownLink]:
    """Return the tenant's latest links to the integration, newest first."""
    links = InstallLink.objects.filter(
        tenant=alloy_user.tenant,
        environment=alloy_user.environment,
        integration_id=card.integration_id,
    ).order_by("-pk")
    return [_shown(link) for link in links[:LINKS_SHOWN]]


@login_required
@require_POST
@never_cache
@limited(INSTALL_LINKS)
def make_link(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Make a link and show it, this once: neither cached nor told to the next site as referrer."""
    card = card_or_404(page_for(request), integration_id)
    alloy_user = alloy_user_for(request)
    try:
        link, url = link_make(
            alloy_user=alloy_user, integration=card.integration, created_by=request.user
        )
    except AlloyError as error:
        return failed(request, f"No link to {card.name} could be made.", error)
    response = answer(request, "link", card=card, link=_shown(link), url=url)
    response["Referrer-Policy"] = "no-referrer"
    return response


@login_required
@require_GET
def link_state(request: HttpRequest, integration_id: str, pk: int) -> HttpResponse:
    """The state of a link, for the page that shows it; only if it has changed."""
    page = page_for(request)
    card = card_or_404(page, integration_id)
    alloy_user = alloy_user_for(request)
    mine = InstallLink.objects.filter(tenant=alloy_user.tenant, integration_id=integration_id)
    link = _shown(get_object_or_404(mine, pk=pk))
    if request.GET.get("state") == link.state:
        return HttpResponse(status=204)
    return answer(request, "_link_state", card=card, link=link)


def _shown(link: InstallLink) -> ShownLink:
    return ShownLink(
        pk=link.pk,
        state=link.state.value,
        label=link.state.label,
        created_at=link.created_at,
        expires_at=link.expires_at,
        used_at=link.used_at,
    )
