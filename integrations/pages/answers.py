"""What the views share: the tenant's page, and answers to htmx as well as to a plain browser."""

from __future__ import annotations

import structlog
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from integrations import conf
from integrations.alloy import AlloyError, Unauthorized
from integrations.failures.selectors import open_failures
from integrations.models import AlloyUser, MessageGroup
from integrations.pages.cards import Card, Page, page_of
from integrations.pages.snapshots import snapshot_of
from integrations.tenants import alloy_user_of, provisioning_group, tenant_of

log = structlog.get_logger(__name__)

FAILURES_SHOWN = 100
_KEPT = "_alloy_user"


def page_for(request: HttpRequest, *, query: str = "", anew: bool = False) -> Page:
    """Return the integrations of the request's tenant; `anew`: even a fresh copy is read again."""
    alloy_user = alloy_user_for(request)
    if not alloy_user.is_ready:
        return Page(ready=False, query=query, trouble=_why_not_ready(alloy_user))
    snapshot = snapshot_of(alloy_user, anew=anew)
    failures = open_failures(alloy_user.tenant)[:FAILURES_SHOWN]
    return page_of(snapshot, query=query, failures=list(failures))


def _why_not_ready(alloy_user: AlloyUser) -> str:
    """Return what keeps the Alloy user from being made, if a try has failed."""
    groups = MessageGroup.objects.filter(
        environment=alloy_user.environment, key=provisioning_group(alloy_user), failures__gt=0
    )
    if not groups.exists():
        return ""
    return "We can't reach our integration partner right now. We keep trying."


def query_of(request: HttpRequest) -> str:
    """Return what the merchant searches for."""
    return request.GET.get("q", "").strip()[:100]


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


def is_htmx(request: HttpRequest) -> bool:
    """Say whether htmx asks, which wants fragments."""
    return request.headers.get("HX-Request") == "true"


def answer(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    """Render one of the app's templates."""
    context["script_url"] = conf.account().hosts.script_url
    return render(request, f"integrations/{template}.html", context)


def acted(request: HttpRequest, card: Card) -> HttpResponse:
    """Answer a click with the messages about it; what the page shows then reads itself anew."""
    if not is_htmx(request):
        return redirect("integrations:detail", card.integration_id)
    response = answer(request, "_messages")
    response["HX-Trigger"] = "integration-changed"
    return response


def failed(request: HttpRequest, what: str, error: AlloyError) -> HttpResponse:
    """Say that something could not be done, why, and what helps."""
    log.warning("alloy_call_failed", error=str(error), status=error.status)
    notice = f"{what} {in_plain_words(error)}"
    if is_htmx(request):
        return answer(request, "_notice", notice=notice)
    messages.error(request, notice)
    match = request.resolver_match
    if match is not None and "integration_id" in match.kwargs:
        return redirect("integrations:detail", match.kwargs["integration_id"])
    return redirect("integrations:list")


def in_plain_words(error: AlloyError) -> str:
    """Return what an error means to a merchant, and Alloy's own words where it refused."""
    if error.can_retry:
        return "Our integration partner did not answer. Please try again in a minute."
    if isinstance(error, Unauthorized):
        return (
            "Our integration partner does not accept our access right now. Nothing is wrong"
            " with your account. Please tell our support team."
        )
    if error.detail:
        return f"Our integration partner answered: “{error.detail}”. Please tell our support team."
    return "Please tell our support team."
