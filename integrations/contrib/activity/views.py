"""Shows what a workflow did lately, and runs again what failed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from integrations.alloy import AlloyError, NotFound
from integrations.contrib.activity.payloads import payload_of
from integrations.contrib.activity.reruns import execution_rerun, unsigned
from integrations.contrib.activity.runs import LogQuery, activity_of
from integrations.contrib.activity.sparkline import sparkline_of
from integrations.pages import live
from integrations.pages.access import tenant_required
from integrations.pages.live import acted, failed, is_htmx
from integrations.pages.rate_limits import ACTIONS, limited
from integrations.pages.views import alloy_user_for, card_or_404, page_for, workflow_or_404


@tenant_required
@require_GET
def activity(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Show the runs of one workflow; to a poll, only if they changed."""
    page = page_for(request)
    query = LogQuery.of(request, card_or_404(page, integration_id))
    if query is None:
        raise Http404("Nothing is installed.")
    if not is_htmx(request):
        return redirect("integrations:detail", integration_id)
    found = activity_of(alloy_user_for(request), query, is_down=bool(page.problem))
    context = {"activity": found, "card": query.card}
    response = live.answer(request, "alloy_activity/_activity.html", context)
    if found.is_too_often and response.status_code == 200:
        response.status_code = 429
    return response


@tenant_required
@require_GET
def payload(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Show what the steps of one run were given and gave back; to a plain link, as a page."""
    card = card_or_404(page_for(request), integration_id)
    query = LogQuery.of(request, card)
    if query is None:
        raise Http404("Nothing is installed.")
    found = payload_of(alloy_user_for(request), query, request.GET.get("run", ""))
    name = "_payload" if is_htmx(request) else "payload"
    return render(request, f"alloy_activity/{name}.html", {"payload": found, "card": card})


@tenant_required
@require_GET
def sparkline(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Show the latest runs of an integration as a sparkline, or say that there are none to show."""
    page = page_for(request)
    card = card_or_404(page, integration_id)
    if not is_htmx(request):
        return redirect("integrations:detail", integration_id)
    chart = None if page.problem else sparkline_of(alloy_user_for(request), card)
    return render(request, "integrations/_sparkline.html", {"chart": chart})


@tenant_required
@require_POST
@limited(ACTIONS)
def rerun(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Run a failed execution again."""
    card = card_or_404(page_for(request), integration_id)
    workflow = workflow_or_404(request, card)
    alloy_user = alloy_user_for(request)
    execution_id = unsigned(request.POST.get("execution", ""), alloy_user=alloy_user)
    try:
        is_first = execution_rerun(
            alloy_user=alloy_user, workflow=workflow, execution_id=execution_id
        )
    except NotFound:
        messages.error(request, _("Our integration partner no longer keeps this run."))
    except AlloyError as error:
        return failed(request, _("It could not be run again."), error)
    else:
        told = _("It runs again.") if is_first else _("It was run again already.")
        messages.success(request, f"{told} {_('The result shows up under Activity.')}")
    return acted(request, integration_id)
