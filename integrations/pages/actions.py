"""Pauses, resumes and removes an integration's workflows.

An action makes one call to Alloy for each workflow, is answered at once, and is safe to click
twice. It answers htmx with messages, and a plain browser with the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from integrations.alloy import AlloyClient, AlloyError, NotFound, Workflow
from integrations.client import alloy_for_click
from integrations.pages.access import tenant_required
from integrations.pages.cards import Card
from integrations.pages.live import acted, failed
from integrations.pages.rate_limits import ACTIONS, limited
from integrations.pages.snapshots import mark_outdated
from integrations.pages.views import (
    alloy_user_for,
    call_for_each,
    card_or_404,
    page_for,
    workflow_named,
    workflow_or_404,
)


@tenant_required
@require_POST
@limited(ACTIONS)
def pause(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Pause one workflow."""
    card = card_or_404(page_for(request), integration_id)
    workflow = workflow_or_404(request, card)
    try:
        call_for_each([workflow], AlloyClient.deactivate, alloy_user=alloy_user_for(request))
    except AlloyError as error:
        what = _("“%(workflow)s” could not be paused.") % {"workflow": workflow.name}
        return failed(request, what, error)
    paused = _("“%(workflow)s” is paused. It does nothing until you resume it.")
    messages.success(request, paused % {"workflow": workflow.name})
    return acted(request, integration_id)


@tenant_required
@require_POST
@limited(ACTIONS)
def resume(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Let one workflow run again, or all of the integration that are paused."""
    card = card_or_404(page_for(request), integration_id)
    named = workflow_named(request, card)
    return _resume_all(request, card, [card.name], [named] if named else card.paused_workflows)


@tenant_required
@require_POST
@limited(ACTIONS)
def resume_everything(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Let all that is paused run again, of all integrations."""
    page = page_for(request)
    paused = [each for each in page.cards if each.paused_workflows]
    workflows = [workflow for each in paused for workflow in each.paused_workflows]
    names = [each.name for each in paused]
    return _resume_all(request, card_or_404(page, integration_id), names, workflows)


@tenant_required
@require_http_methods(["GET", "POST"])
@limited(ACTIONS)
def pause_everything(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Ask, and then pause all workflows of all integrations."""
    page = page_for(request)
    card = card_or_404(page, integration_id)
    if request.method == "GET":
        context = {"card": card, "cards": page.connected}
        return render(request, "integrations/pause_everything.html", context)
    alloy_user = alloy_user_for(request)
    try:
        alloy_for_click().deactivate_all(user_id=alloy_user.user_id)
    except AlloyError as error:
        return failed(request, _("Your workflows could not be paused."), error)
    finally:
        mark_outdated(alloy_user)
    if len(page.connected) > 1:
        paused = _("Everything is paused. Nothing comes in or goes out until you resume it.")
    else:
        paused = _("%(name)s is paused. Nothing comes in or goes out until you resume it.")
    messages.success(request, paused % {"name": card.name})
    return acted(request, integration_id)


@tenant_required
@require_http_methods(["GET", "POST"])
@limited(ACTIONS)
def uninstall(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Ask, and then remove one workflow, or all that are installed."""
    card = card_or_404(page_for(request), integration_id)
    named = workflow_named(request, card)
    workflows = (named,) if named else card.integration.installed_workflows
    if request.method == "GET":
        context = {"card": card, "workflows": workflows, "named": named}
        return render(request, "integrations/uninstall.html", context)
    try:
        call_for_each(workflows, _remove, alloy_user=alloy_user_for(request))
    except AlloyError as error:
        what = _("%(name)s could not be removed completely.") % {"name": card.name}
        return failed(request, what, error)
    what = f"“{named.name}”" if named else card.name
    removed = _("%(what)s is removed. Nothing of it runs any more.") % {"what": what}
    messages.success(request, removed)
    return acted(request, integration_id)


def _resume_all(
    request: HttpRequest, card: Card, names: list[str], workflows: Sequence[Workflow]
) -> HttpResponse:
    try:
        call_for_each(workflows, AlloyClient.activate, alloy_user=alloy_user_for(request))
    except AlloyError as error:
        what = ngettext(
            "The workflow could not be resumed.", "Not all could be resumed.", len(workflows)
        )
        return failed(request, what, error)
    if len(workflows) == 1:
        again = _("“%(name)s” runs again.") % {"name": workflows[0].name}
    elif workflows:
        again = _("%(names)s: everything runs again.") % {"names": ", ".join(names)}
    else:
        again = _("Everything runs already.")
    messages.success(request, again)
    return acted(request, card.integration_id)


def _remove(client: AlloyClient, **names: str) -> None:
    with suppress(NotFound):  # what is gone already counts as removed
        client.delete_workflow(**names)
