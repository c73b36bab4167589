"""The integrations page. Every view starts from the request's own tenant."""

from __future__ import annotations

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from integrations import conf, rate_limits
from integrations.alloy import AlloyError
from integrations.models import AlloyUser
from integrations.pages import services
from integrations.pages.cards import Card, Page, page_of
from integrations.pages.snapshots import snapshot_of
from integrations.tenants import alloy_user_of, tenant_of

log = structlog.get_logger(__name__)


@login_required
@require_GET
def integrations_page(request: HttpRequest) -> HttpResponse:
    """All integrations with this tenant's state; to a poll, only the cards, and only if changed."""
    page = _page(request, query=_query(request))
    if not _is_htmx(request):
        return _render(request, "list", page=page)
    if request.GET.get("version") == page.version:
        return HttpResponse(status=204)
    return _render(request, "_cards", page=page)


@login_required
@require_POST
def check_now(request: HttpRequest) -> HttpResponse:
    """Read the integrations anew: on request, and whenever the modal says something happened."""
    page = _page(request, query=_query(request), anew=True)
    if _is_htmx(request):
        return _render(request, "_cards", page=page)
    return redirect("integrations:list")


@login_required
@require_GET
def integration_detail(request: HttpRequest, integration_id: str) -> HttpResponse:
    """One integration with its workflows."""
    page = _page(request)
    return _render(request, "detail", card=_card_or_404(page, integration_id), page=page)


@login_required
@require_POST
@never_cache
def connect(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Open the modal: answer with the fragment that carries a token made for this click."""
    card = _card_or_404(_page(request), integration_id)
    operation = "edit" if request.POST.get("operation") == "edit" else "install"
    return _open_modal(request, card, operation=operation)


@login_required
@require_POST
@never_cache
def update(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Upgrade in place; where new fields have to be filled in, open the modal instead."""
    card = _card_or_404(_page(request), integration_id)
    try:
        updated = services.integration_update(
            alloy_user=_alloy_user(request), integration=card.integration
        )
    except AlloyError as error:
        return _notice(request, f"{card.name} could not be updated.", error)
    if updated.needs_reinstall:
        return _open_modal(request, card, operation="update")
    if not updated.workflows:
        messages.info(request, f"{card.name} is up to date already.")
    else:
        messages.success(request, f"{card.name} is up to date now.")
    return check_now(request)


def _open_modal(request: HttpRequest, card: Card, *, operation: str) -> HttpResponse:
    if rate_limits.exceeded(rate_limits.MODAL_TOKENS, str(_alloy_user(request).pk)):
        return _render(request, "_notice", notice="That was too often. Please wait a minute.")
    try:
        token = services.modal_token(_alloy_user(request))
    except AlloyError as error:
        return _notice(request, f"{card.name} cannot be opened right now.", error)
    return _render(
        request,
        "_modal",
        token=token,
        integration_id=card.integration_id,
        operation=operation,
        name=card.name,
    )


def _notice(request: HttpRequest, notice: str, error: AlloyError) -> HttpResponse:
    log.warning("alloy_call_failed", error=str(error), status=error.status)
    cure = (
        "Our integration partner did not answer. Please try again in a minute."
        if error.can_retry
        else "Please tell our support team."
    )
    if not _is_htmx(request):
        messages.error(request, f"{notice} {cure}")
        return redirect("integrations:list")
    return _render(request, "_notice", notice=f"{notice} {cure}")


def _page(request: HttpRequest, *, query: str = "", anew: bool = False) -> Page:
    alloy_user = _alloy_user(request)
    if not alloy_user.is_ready:
        return Page(ready=False, query=query)
    return page_of(snapshot_of(alloy_user, anew=anew), query=query)


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:100]


def _alloy_user(request: HttpRequest) -> AlloyUser:
    return alloy_user_of(tenant_of(request))


def _card_or_404(page: Page, integration_id: str) -> Card:
    for card in page.cards:
        if card.integration_id == integration_id:
            return card
    raise Http404("No such integration.")


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _render(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    context["script_url"] = conf.account().hosts.script_url
    return render(request, f"integrations/{template}.html", context)
