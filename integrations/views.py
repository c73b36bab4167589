"""The pages of integrations, and what every view of them starts from: the request's own tenant.

What is done with an integration is in `actions`.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from integrations import conf, live
from integrations.access import tenant_of, tenant_required
from integrations.alloy import Workflow
from integrations.cards import UNREACHABLE, Card, Page, page_of
from integrations.catalogue import Catalogue, catalogue_of, works_with
from integrations.health import State
from integrations.listing import Listing, Wanted, listing_of
from integrations.live import is_htmx
from integrations.models import AlloyUser, MessageGroup
from integrations.news import news_in
from integrations.rate_limits import ACTIVITY, CHECKS, limited
from integrations.snapshots import snapshot_of
from integrations.tenants import alloy_user_of, provisioning_group

CONNECTING = "alloy_connecting"
"""Where the session keeps which integration the merchant began to connect."""

_KEPT = "_alloy_user"


@gzip_page
@tenant_required
@require_GET
def integrations_page(request: HttpRequest) -> HttpResponse:
    """Show all integrations of a tenant; to a poll, only the cards, and only if they changed."""
    page = page_for(request)
    context = {"page": page, "listing": listing_for(request, page)}
    if is_htmx(request):
        return _cards(request, context)
    return answer(request, "integrations/list.html", **context)


@tenant_required
@require_POST
@limited(CHECKS)
def check_now(request: HttpRequest) -> HttpResponse:
    """Read the integrations anew: on request, and whenever the modal says something happened."""
    return read_anew(request)


@gzip_page
@tenant_required
@require_GET
def integration_detail(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Show one integration; to a poll, only what can be done with it, and only if that changed."""
    page = page_for(request)
    if not page.cards:
        return redirect("integrations:list")  # which says why nothing is known yet
    context = {"page": page, "card": card_or_404(page, integration_id)}
    if is_htmx(request):
        return live.answer(request, "integrations/_integration.html", context)
    tenant = alloy_user_for(request).tenant
    entry = catalogue_of(tenant, page.cards, latest=True).find(integration_id)
    return answer(request, "integrations/detail.html", **context, entry=entry)


@tenant_required
@require_GET
@limited(ACTIVITY, "GET")
def whats_new(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Show what the newest versions bring: Alloy is asked only once somebody wants to know."""
    card = card_or_404(page_for(request), integration_id)
    news = news_in(card.integration.workflows, snapshot_of(alloy_user_for(request)))
    template = "integrations/_news.html" if is_htmx(request) else "integrations/news.html"
    return answer(request, template, card=card, news=news)


def page_for(request: HttpRequest, *, anew: bool = False) -> Page:
    """Return the integrations of the request's tenant; `anew`: even a fresh copy is read again."""
    alloy_user = alloy_user_for(request)
    if not alloy_user.is_ready:
        return Page(ready=False, trouble=_why_not_ready(alloy_user))
    snapshot = snapshot_of(alloy_user, anew=anew)
    if not alloy_user.is_ready:  # Alloy has just said that it knows it no more
        return Page(ready=False, trouble=_why_not_ready(alloy_user))
    page = page_of(snapshot, was_lost=alloy_user.lost_at is not None)
    _say_what_is_connected(request, page)
    return page


def alloy_user_for(request: HttpRequest) -> AlloyUser:
    """Return the Alloy user of the request's tenant, which may still be on its way.

    Read once a request, however many parts of a page ask.
    """
    kept: AlloyUser | None = getattr(request, _KEPT, None)
    if kept is None:
        kept = alloy_user_of(tenant_of(request))
        setattr(request, _KEPT, kept)
    return kept


def card_or_404(page: Page, integration_id: str) -> Card:
    """Return one integration of the page."""
    for card in page.cards:
        if card.integration_id == integration_id:
            return card
    raise Http404("No such integration.")


def workflow_or_404(request: HttpRequest, card: Card) -> Workflow:
    """Return the workflow of an integration that the request names."""
    wanted = request.POST.get("workflow") or request.GET.get("workflow")
    for workflow in card.integration.workflows:
        if workflow.workflow_id == wanted:
            return workflow
    raise Http404("No such workflow.")


def answer(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    """Render a page or fragment, with the address of Alloy's browser SDK at hand."""
    return render(request, template, {"script_url": conf.account().hosts.script_url, **context})


def _say_what_is_connected(request: HttpRequest, page: Page) -> None:
    """Say, once, that what the merchant began to connect here is connected, and what comes next."""
    begun = request.session.get(CONNECTING)
    for card in page.cards if begun else ():
        if card.integration_id == begun and card.health.state is not State.AVAILABLE:
            del request.session[CONNECTING]
            works = works_with(alloy_user_for(request).tenant, [card.integration])
            context = {"card": card, "works": [work for work in works if work.of == begun]}
            messages.success(request, render_to_string("integrations/_connected.html", context))


def read_anew(request: HttpRequest) -> HttpResponse:
    """Ask Alloy anew; answer htmx with the part of the page that it shows, others with the page."""
    page = page_for(request, anew=True)
    listing = listing_for(request, page, anew=True)
    if not is_htmx(request):
        return redirect("integrations:list")
    if request.headers.get("HX-Target") == "integration":  # an integration's own page has no cards
        return answer(request, "integrations/_messages.html")
    return _cards(request, {"page": page, "listing": listing})


def listing_for(request: HttpRequest, page: Page, *, anew: bool = False) -> Listing:
    """Return what the page lists for the request's search; `anew`: its services read anew."""
    wanted = Wanted.of(request)
    if not page.ready:
        return listing_of(Catalogue([]), wanted)
    tenant = alloy_user_for(request).tenant
    return listing_of(catalogue_of(tenant, page.cards, anew=anew), wanted)


def _cards(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer htmx with the cards; a search stays in the browser's address, a poll changes none."""
    response = live.answer(request, "integrations/_cards.html", context)
    if request.method == "GET" and "version" not in request.GET:
        address = context["listing"].wanted.address
        response["HX-Replace-Url"] = f"{request.path}?{address}" if address else request.path
    return response


def _why_not_ready(alloy_user: AlloyUser) -> str:
    """Return what keeps the Alloy user from being made, or why it is made again."""
    if alloy_user.lost_at is not None:
        return _(
            "Our integration partner no longer knew your account, so it is being set up again."
            " Connect your integrations once more when that is done."
        )
    groups = MessageGroup.objects.filter(
        environment=alloy_user.environment, key=provisioning_group(alloy_user), failures__gt=0
    )
    return str(UNREACHABLE) if groups.exists() else ""
