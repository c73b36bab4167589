"""The integrations page. Every view starts from the request's own tenant."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from integrations.alloy import AlloyError
from integrations.pages import services
from integrations.pages.activity import LogQuery, activity_of
from integrations.pages.answers import (
    alloy_user_for,
    answer,
    card_or_404,
    failed,
    is_htmx,
    page_for,
    query_of,
)
from integrations.pages.cards import Card
from integrations.pages.links import links_to
from integrations.rate_limits import ACTIONS, CHECKS, MODAL_TOKENS, limited


@login_required
@require_GET
def integrations_page(request: HttpRequest) -> HttpResponse:
    """All integrations with this tenant's state; to a poll, only the cards, and only if changed."""
    page = page_for(request, query=query_of(request))
    if not is_htmx(request):
        return answer(request, "list", page=page)
    if request.GET.get("version") == page.version:
        return HttpResponse(status=204)
    return answer(request, "_cards", page=page)


@login_required
@require_POST
@limited(CHECKS)
def check_now(request: HttpRequest) -> HttpResponse:
    """Read the integrations anew: on request, and whenever the modal says something happened."""
    return _read_anew(request)


def _read_anew(request: HttpRequest) -> HttpResponse:
    page = page_for(request, query=query_of(request), anew=True)
    if is_htmx(request):
        return answer(request, "_cards", page=page)
    return redirect("integrations:list")


@login_required
@require_GET
def integration_detail(request: HttpRequest, integration_id: str) -> HttpResponse:
    """One integration; to a poll, only what can be done with it, and only if that has changed.

    The whole page has its activity, too, so that it needs no JavaScript.
    """
    page = page_for(request)
    if not page.cards:
        return redirect("integrations:list")  # which says why nothing is known yet
    card = card_or_404(page, integration_id)
    links = links_to(alloy_user_for(request), card)
    version = page.version_of(card, links)
    context = {"page": page, "card": card, "links": links, "version": version}
    if not is_htmx(request):
        query = LogQuery.of(request, card)
        context["activity"] = query and activity_of(
            alloy_user_for(request), query, leave_alone=bool(page.trouble)
        )
        return answer(request, "detail", **context)
    if request.GET.get("version") == version:
        return HttpResponse(status=204)
    return answer(request, "_integration", **context)


@login_required
@require_POST
@never_cache
@limited(MODAL_TOKENS)
def connect(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Open the modal: answer with the fragment that carries a token made for this click."""
    card = card_or_404(page_for(request), integration_id)
    operation = "edit" if request.POST.get("operation") == "edit" else "install"
    return _open_modal(request, card, operation=operation)


@login_required
@require_POST
@never_cache
@limited(ACTIONS)
@limited(MODAL_TOKENS)  # it may open the modal
def update(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Upgrade in place; where new fields have to be filled in, open the modal instead."""
    card = card_or_404(page_for(request), integration_id)
    try:
        updated = services.integration_update(
            alloy_user=alloy_user_for(request),
            integration=card.integration,
            workflow_id=request.POST.get("workflow", ""),
        )
    except AlloyError as error:
        return failed(request, f"{card.name} could not be updated.", error)
    if updated.needs_reinstall:
        messages.warning(
            request,
            f"The new version of {card.name} asks for settings that the old one did not have."
            " Please fill them in to finish the update.",
        )
        return _open_modal(request, card, operation="update")
    if not updated.workflows:
        messages.info(request, f"{card.name} is up to date already.")
    else:
        messages.success(request, f"{card.name} is up to date now.")
    return _read_anew(request)


def _open_modal(request: HttpRequest, card: Card, *, operation: str) -> HttpResponse:
    if not is_htmx(request):
        messages.warning(
            request, f"{card.name} opens only with JavaScript: please allow it for this site."
        )
        return redirect("integrations:detail", card.integration_id)
    try:
        token = services.modal_token(alloy_user_for(request))
    except AlloyError as error:
        return failed(request, f"{card.name} cannot be opened right now.", error)
    return answer(
        request,
        "_modal",
        token=token,
        integration_id=card.integration_id,
        operation=operation,
        name=card.name,
    )
