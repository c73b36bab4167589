"""The integrations page, and Alloy's modal: every view starts from the request's own tenant.

Pausing, resuming and removing are in `actions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from integrations.alloy import AlloyClient, AlloyError, UpgradeRefused, Workflow
from integrations.client import alloy_for_click
from integrations.models import AlloyUser, MessageGroup
from integrations.pages import live
from integrations.pages.access import tenant_of, tenant_required
from integrations.pages.cards import UNREACHABLE, Card, Page, page_of
from integrations.pages.catalogue import Catalogue, catalogue_of, works_with
from integrations.pages.health import State
from integrations.pages.listing import Listing, Wanted, listing_of
from integrations.pages.live import failed, is_htmx
from integrations.pages.news import news_in
from integrations.pages.rate_limits import ACTIONS, ACTIVITY, CHECKS, MODAL_TOKENS, limited
from integrations.pages.snapshots import mark_outdated, snapshot_of
from integrations.tenants.sign_up import alloy_user_of, provisioning_group

Result = TypeVar("Result")

CONNECTING = "alloy_connecting"
"""The key in the session of the integration that the merchant began to connect."""

_KEPT = "_alloy_user"


@gzip_page
@tenant_required
@require_GET
def integrations_page(request: HttpRequest) -> HttpResponse:
    """Show all integrations of a tenant. A poll gets only the cards, and only if they changed."""
    page = page_for(request)
    context = {"page": page, "listing": _listing_for(request, page)}
    if is_htmx(request):
        return _cards(request, context)
    return render(request, "integrations/list.html", context)


@tenant_required
@require_POST
@limited(CHECKS)
def check_now(request: HttpRequest) -> HttpResponse:
    """Ask Alloy again: on request, and whenever the modal says that something happened."""
    return _refreshed(request)


@gzip_page
@tenant_required
@require_GET
def integration_detail(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Show one integration. A poll gets only what can be done with it, and only if that changed."""
    page = page_for(request)
    if not page.cards:
        return redirect("integrations:list")  # which says why nothing is known yet
    context = {"page": page, "card": card_or_404(page, integration_id)}
    if is_htmx(request):
        return live.answer(request, "integrations/_integration.html", context)
    tenant = alloy_user_for(request).tenant
    entry = catalogue_of(tenant, page.cards, latest=True).find(integration_id)
    return render(request, "integrations/detail.html", {**context, "entry": entry})


@tenant_required
@require_GET
@limited(ACTIVITY, "GET")
def whats_new(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Show what the newest versions bring. Alloy is asked only when somebody wants to know."""
    card = card_or_404(page_for(request), integration_id)
    news = news_in(card.integration.workflows, snapshot_of(alloy_user_for(request)))
    template = "integrations/_news.html" if is_htmx(request) else "integrations/news.html"
    return render(request, template, {"card": card, "news": news})


@tenant_required
@require_POST
@never_cache
@limited(MODAL_TOKENS)
def connect(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Open the modal, to install an integration or to change its settings."""
    card = card_or_404(page_for(request), integration_id)
    operation = "edit" if request.POST.get("operation") == "edit" else "install"
    return _open_modal(request, card, operation=operation)


@tenant_required
@require_POST
@never_cache
@limited(ACTIONS)
@limited(MODAL_TOKENS)  # it may open the modal
def update(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Upgrade in place; if the new version asks for more fields, open the modal instead."""
    card = card_or_404(page_for(request), integration_id)
    wanted = request.POST.get("workflow", "")
    outdated = [each for each in card.integration.installed_workflows if each.update_available]
    chosen = [each for each in outdated if wanted in ("", each.workflow_id)]
    try:
        moved = call_for_each(chosen, _upgrade, alloy_user=alloy_user_for(request))
    except AlloyError as error:
        return failed(request, _("%(name)s could not be updated.") % {"name": card.name}, error)
    if None in moved:
        asks = _(
            "The new version of %(name)s asks for settings that the old one did not have. Please"
            " fill them in to finish the update."
        )
        messages.warning(request, asks % {"name": card.name})
        return _open_modal(request, card, operation="update")
    if any(moved):
        messages.success(request, _("%(name)s is up to date now.") % {"name": card.name})
    else:
        messages.info(request, _("%(name)s is up to date already.") % {"name": card.name})
    return _refreshed(request)


def _open_modal(request: HttpRequest, card: Card, *, operation: str) -> HttpResponse:
    """Answer with a token fetched for this click: for an hour it opens the tenant's integrations.

    The fragment hands it to `Alloy.setToken` and `Alloy.install` [quick-start].
    """
    if not is_htmx(request):
        needs = _("%(name)s opens only with JavaScript: please allow it for this site.")
        messages.warning(request, needs % {"name": card.name})
        return redirect("integrations:detail", card.integration_id)
    try:
        made = alloy_for_click().user_token(user_id=alloy_user_for(request).user_id)
    except AlloyError as error:
        what = _("%(name)s cannot be opened right now.") % {"name": card.name}
        return failed(request, what, error)
    if card.health.state is State.AVAILABLE:
        request.session[CONNECTING] = card.integration_id
    token = made.token.get_secret_value()
    context = {"token": token, "card": card, "operation": operation}
    return render(request, "integrations/_modal.html", context)


def _upgrade(client: AlloyClient, **names: str) -> bool | None:
    """Upgrade a workflow; return whether it changed its version, None if Alloy refused.

    Alloy refuses if the new version asks the merchant for more fields. Then the workflow has to be
    installed again in the modal.
    """
    with suppress(UpgradeRefused):
        return client.upgrade(**names).done
    return None


# What views here, in `actions` and in contrib are made of


def page_for(request: HttpRequest, *, refresh: bool = False) -> Page:
    """Return the page of the request's tenant; with `refresh` Alloy is asked again in any case."""
    alloy_user = alloy_user_for(request)
    snapshot = snapshot_of(alloy_user, refresh=refresh) if alloy_user.is_ready else None
    if snapshot is None or not alloy_user.is_ready:  # Alloy may have just said that it is gone
        return Page(ready=False, problem=_why_not_ready(alloy_user))
    page = page_of(snapshot, was_lost=alloy_user.lost_at is not None)
    _announce_connection(request, page)
    return page


def alloy_user_for(request: HttpRequest) -> AlloyUser:
    """Return the Alloy user of the request's tenant, which may not exist at Alloy yet.

    One query for each request, however many parts of a page ask.
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


def workflow_named(request: HttpRequest, card: Card) -> Workflow | None:
    """Return the workflow of an integration that the request names; None where it names none."""
    wanted = request.POST.get("workflow") or request.GET.get("workflow")
    for workflow in card.integration.workflows:
        if workflow.workflow_id == wanted:
            return workflow
    if wanted:
        raise Http404("No such workflow.")
    return None


def workflow_or_404(request: HttpRequest, card: Card) -> Workflow:
    """Return the workflow of an integration that the request has to name."""
    if workflow := workflow_named(request, card):
        return workflow
    raise Http404("No workflow is named.")


def call_for_each(
    workflows: Iterable[Workflow], call: Callable[..., Result], *, alloy_user: AlloyUser
) -> list[Result]:
    """Call Alloy once for each workflow. Whatever comes of it, the next page asks Alloy again."""
    try:
        return [
            call(alloy_for_click(), user_id=alloy_user.user_id, workflow_id=each.workflow_id)
            for each in workflows
        ]
    finally:
        mark_outdated(alloy_user)


def _announce_connection(request: HttpRequest, page: Page) -> None:
    """Say, once, that what the merchant began to connect is connected, and what comes next."""
    begun = request.session.get(CONNECTING)
    for card in page.cards if begun else ():
        if card.integration_id == begun and card.health.state is not State.AVAILABLE:
            del request.session[CONNECTING]
            works = works_with(alloy_user_for(request).tenant, [card.integration])
            context = {"card": card, "works": [work for work in works if work.of == begun]}
            messages.success(request, render_to_string("integrations/_connected.html", context))


def _refreshed(request: HttpRequest) -> HttpResponse:
    """Ask Alloy again; answer htmx with the part of the page it shows, others with the page."""
    page = page_for(request, refresh=True)
    listing = _listing_for(request, page, refresh=True)
    if not is_htmx(request):
        return redirect("integrations:list")
    if request.headers.get("HX-Target") == "integration":  # an integration's own page has no cards
        return render(request, "integrations/_messages.html")
    return _cards(request, {"page": page, "listing": listing})


def _listing_for(request: HttpRequest, page: Page, *, refresh: bool = False) -> Listing:
    """Return what the page lists for the request's search; `refresh`: read services again."""
    wanted = Wanted.of(request)
    if not page.ready:
        return listing_of(Catalogue([]), wanted)
    tenant = alloy_user_for(request).tenant
    return listing_of(catalogue_of(tenant, page.cards, refresh=refresh), wanted)


def _cards(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer htmx with the cards. A search changes the browser's address, a poll does not."""
    response = live.answer(request, "integrations/_cards.html", context)
    if request.method == "GET" and "version" not in request.GET:
        address = context["listing"].wanted.address
        response["HX-Replace-Url"] = f"{request.path}?{address}" if address else request.path
    return response


def _why_not_ready(alloy_user: AlloyUser) -> str:
    """Return why the Alloy user does not exist yet, or is created again; "" if nothing failed."""
    if alloy_user.lost_at is not None:
        return _(
            "Our integration partner no longer knew your account, so it is being set up again."
            " Connect your integrations once more when that is done."
        )
    groups = MessageGroup.objects.filter(
        environment=alloy_user.environment, key=provisioning_group(alloy_user), failures__gt=0
    )
    return str(UNREACHABLE) if groups.exists() else ""
