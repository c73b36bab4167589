"""Receives the browser back from Alloy: finds the attempt, and shows a page for how it ended.

Alloy adds nothing to the address, so the token in its path is all there is to go by. It counts only
for the tenant, and in the browser's session, that began; anybody else is shown the same page as for
a token that never existed.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from integrations.alloy import AlloyError
from integrations.contrib.connectivity import services
from integrations.contrib.connectivity.models import ConnectAttempt
from integrations.contrib.connectivity.selectors import attempts_of
from integrations.contrib.connectivity.views import session_of
from integrations.pages import rate_limits
from integrations.pages.access import tenant_of, tenant_required
from integrations.pages.catalogue import works_with_service
from integrations.pages.live import is_htmx

log = structlog.get_logger(__name__)

Outcome = ConnectAttempt.Outcome

LONGEST_WAIT = timedelta(minutes=1)
"""How long Alloy may take to list a credential before we say that there is none."""


@tenant_required
@require_GET
@never_cache
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """Finish what was begun; until Alloy lists the credential the page asks again by itself."""
    attempts = attempts_of(tenant_of(request))
    attempt = attempts.filter(digest=services.digest(token)).first()
    if attempt is None:
        return _show(request, "unknown", status=404)
    if attempt.session_digest != services.digest(session_of(request)):
        return _show(request, "elsewhere", attempt, status=403)
    if attempt.outcome == Outcome.OPEN:
        if attempt.has_expired:
            return _show(request, "expired", attempt, status=410)
        if not rate_limits.exceeded(rate_limits.ACTIVITY, attempt.tenant_id):
            _look(attempt, error=request.GET.get("error", ""))
    return _ending(request, attempt)


def _look(attempt: ConnectAttempt, *, error: str) -> None:
    """Bring the attempt up to date: with the refusal in the address, or with what Alloy lists."""
    if error:
        services.connect_denied(attempt=attempt)
        return
    if attempt.returned_at is None:
        attempt.returned_at = timezone.now()
        attempt.save(update_fields=["returned_at"])
    try:
        services.connect_finish(attempt=attempt)
    except AlloyError as failure:
        log.warning("credential_not_looked_for", error=str(failure))


def _ending(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    if attempt.outcome == Outcome.DENIED:
        return _show(request, "denied", attempt)
    if attempt.outcome == Outcome.CONNECTED and attempt.connection is None:
        return _show(request, "removed", attempt, status=410)
    if attempt.outcome == Outcome.CONNECTED:
        return _to_the_page(request, attempt)
    if attempt.returned_at and timezone.now() - attempt.returned_at > LONGEST_WAIT:
        return _show(request, "missing", attempt)
    if is_htmx(request):
        return HttpResponse(status=204)
    return _show(request, "waiting", attempt)


def _to_the_page(request: HttpRequest, attempt: ConnectAttempt) -> HttpResponse:
    works = works_with_service(attempt.tenant, attempt.connector)
    context = {"name": attempt.connection, "works": works}
    messages.success(request, render_to_string("alloy_connectivity/_connected.html", context))
    if is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": reverse("integrations:list")})
    return redirect("integrations:list")


def _show(
    request: HttpRequest, ending: str, attempt: ConnectAttempt | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"ending": ending, "attempt": attempt, "service": attempt and attempt.connector_name}
    if is_htmx(request):
        status = 200  # htmx swaps nothing in that came with an error
    return render(request, "alloy_connectivity/callback.html", context, status=status)
