"""What can be done with what is installed. One call each, answered at once, safe to click twice."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations.alloy import AlloyError, NotFound, Workflow
from integrations.pages import services
from integrations.pages.activity import LogQuery, activity_of
from integrations.pages.answers import (
    acted,
    alloy_user_for,
    answer,
    card_or_404,
    failed,
    page_for,
)
from integrations.pages.cards import Card
from integrations.pages.vouchers import vouched_for
from integrations.rate_limits import ACTIONS, limited


@login_required
@require_GET
def activity(request: HttpRequest, integration_id: str) -> HttpResponse:
    """The runs of one workflow; to a poll, only if there is news."""
    page = page_for(request)
    query = LogQuery.of(request, card_or_404(page, integration_id))
    if query is None:
        raise Http404("Nothing is installed.")
    found = activity_of(alloy_user_for(request), query, leave_alone=bool(page.trouble))
    if request.GET.get("version") == found.version:
        return HttpResponse(status=204)
    response = answer(request, "_activity", activity=found, card=query.card)
    response.status_code = 429 if found.is_too_often else 200
    return response


@login_required
@require_POST
@limited(ACTIONS)
def pause(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Pause one workflow."""
    card = card_or_404(page_for(request), integration_id)
    workflow = _workflow_or_404(request, card)
    try:
        services.workflow_pause(alloy_user=alloy_user_for(request), workflow=workflow)
    except AlloyError as error:
        return failed(request, f"“{workflow.name}” could not be paused.", error)
    messages.success(request, f"“{workflow.name}” is paused.")
    return acted(request, card)


@login_required
@require_POST
@limited(ACTIONS)
def resume(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Let one workflow run again."""
    card = card_or_404(page_for(request), integration_id)
    workflow = _workflow_or_404(request, card)
    try:
        services.workflow_resume(alloy_user=alloy_user_for(request), workflow=workflow)
    except AlloyError as error:
        return failed(request, f"“{workflow.name}” could not be resumed.", error)
    messages.success(request, f"“{workflow.name}” runs again.")
    return acted(request, card)


@login_required
@require_http_methods(["GET", "POST"])
@limited(ACTIONS)
def pause_everything(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Ask, and then pause all workflows of all integrations."""
    page = page_for(request)
    card = card_or_404(page, integration_id)
    if request.method == "GET":
        cards = [each for each in page.cards if each.installed_workflows]
        return answer(request, "pause_everything", card=card, cards=cards)
    try:
        services.everything_pause(alloy_user=alloy_user_for(request))
    except AlloyError as error:
        return failed(request, "Your workflows could not be paused.", error)
    messages.success(request, "All workflows of all your integrations are paused.")
    return acted(request, card)


@login_required
@require_http_methods(["GET", "POST"])
@limited(ACTIONS)
def uninstall(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Ask, and then remove one workflow, or all that are installed."""
    card = card_or_404(page_for(request), integration_id)
    named = request.GET.get("workflow") or request.POST.get("workflow")
    workflows = (_workflow_or_404(request, card),) if named else card.installed_workflows
    if request.method == "GET":
        return answer(request, "uninstall", card=card, workflows=workflows, named=bool(named))
    try:
        services.workflows_uninstall(alloy_user=alloy_user_for(request), workflows=workflows)
    except AlloyError as error:
        return failed(request, f"{card.name} could not be removed completely.", error)
    what = f"“{workflows[0].name}”" if named else card.name
    messages.success(request, f"{what} is removed. Nothing of it runs any more.")
    return acted(request, card)


@login_required
@require_POST
@limited(ACTIONS)
def rerun(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Run a failed execution again."""
    card = card_or_404(page_for(request), integration_id)
    workflow = _workflow_or_404(request, card)
    alloy_user = alloy_user_for(request)
    execution_id = vouched_for(request.POST.get("execution", ""), alloy_user=alloy_user)
    try:
        is_first = services.execution_rerun(
            alloy_user=alloy_user, workflow=workflow, execution_id=execution_id
        )
    except NotFound:
        messages.error(request, "Our integration partner no longer keeps this run.")
    except AlloyError as error:
        return failed(request, "It could not be run again.", error)
    else:
        told = "It runs again." if is_first else "It was run again already."
        messages.success(request, f"{told} The result shows up under Activity.")
    return acted(request, card)


def _workflow_or_404(request: HttpRequest, card: Card) -> Workflow:
    wanted = request.POST.get("workflow") or request.GET.get("workflow")
    for workflow in card.workflows:
        if workflow.workflow_id == wanted:
            return workflow
    raise Http404("No such workflow.")
