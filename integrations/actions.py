"""Connects, updates, pauses, resumes and removes an integration.

An action is one call to Alloy for each workflow, answered at once, safe to click twice; it answers
htmx with messages, and a plain browser with the page anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from integrations.access import tenant_required
from integrations.alloy import (
    AlloyClient,
    AlloyError,
    NotFound,
    UpgradeRefused,
    Workflow,
)
from integrations.cards import Card
from integrations.client import alloy_for_click
from integrations.health import State
from integrations.live import acted, failed, is_htmx
from integrations.models import AlloyUser
from integrations.rate_limits import ACTIONS, MODAL_TOKENS, limited
from integrations.snapshots import something_changed
from integrations.views import (
    CONNECTING,
    alloy_user_for,
    answer,
    card_or_404,
    page_for,
    read_anew,
    workflow_or_404,
)

Answer = TypeVar("Answer")


@tenant_required
@require_POST
@never_cache
@limited(MODAL_TOKENS)
def connect(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Open the modal: answer with the fragment that carries a token made for this click."""
    card = card_or_404(page_for(request), integration_id)
    operation = "edit" if request.POST.get("operation") == "edit" else "install"
    return _open_modal(request, card, operation=operation)


@tenant_required
@require_POST
@never_cache
@limited(ACTIONS)
@limited(MODAL_TOKENS)  # it may open the modal
def update(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Upgrade in place; where new fields have to be filled in, open the modal instead."""
    card = card_or_404(page_for(request), integration_id)
    wanted = request.POST.get("workflow", "")
    outdated = [each for each in card.integration.installed_workflows if each.update_available]
    chosen = [each for each in outdated if wanted in ("", each.workflow_id)]
    try:
        moved = _act(alloy_user_for(request), _upgrade, chosen)
    except AlloyError as error:
        what = _("%(name)s could not be updated.") % {"name": card.name}
        return failed(request, what, error)
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
    return read_anew(request)


@tenant_required
@require_POST
@limited(ACTIONS)
def pause(request: HttpRequest, integration_id: str) -> HttpResponse:
    """Pause one workflow."""
    card = card_or_404(page_for(request), integration_id)
    workflow = workflow_or_404(request, card)
    try:
        _act(alloy_user_for(request), AlloyClient.deactivate, [workflow])
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
    named = [workflow_or_404(request, card)] if _names_a_workflow(request) else None
    return _resume_all(request, card, [card.name], named or card.paused_workflows)


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
        cards = [each for each in page.cards if each.integration.installed_workflows]
        return answer(request, "integrations/pause_everything.html", card=card, cards=cards)
    alloy_user = alloy_user_for(request)
    try:
        alloy_for_click().deactivate_all(user_id=alloy_user.user_id)
    except AlloyError as error:
        return failed(request, _("Your workflows could not be paused."), error)
    finally:
        something_changed(alloy_user)
    if page.connected > 1:
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
    named = _names_a_workflow(request)
    workflows = (workflow_or_404(request, card),) if named else card.integration.installed_workflows
    if request.method == "GET":
        context = {"card": card, "workflows": workflows, "named": named}
        return answer(request, "integrations/uninstall.html", **context)
    try:
        _act(alloy_user_for(request), _remove, workflows)
    except AlloyError as error:
        what = _("%(name)s could not be removed completely.") % {"name": card.name}
        return failed(request, what, error)
    what = f"“{workflows[0].name}”" if named else card.name
    removed = _("%(what)s is removed. Nothing of it runs any more.") % {"what": what}
    messages.success(request, removed)
    return acted(request, integration_id)


def _open_modal(request: HttpRequest, card: Card, *, operation: str) -> HttpResponse:
    """Answer with a token fetched at this click: for an hour it opens the tenant's integrations."""
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
    context = {"token": made.token.get_secret_value(), "card": card, "operation": operation}
    return answer(request, "integrations/_modal.html", **context)


def _resume_all(
    request: HttpRequest, card: Card, names: list[str], workflows: Sequence[Workflow]
) -> HttpResponse:
    try:
        _act(alloy_user_for(request), AlloyClient.activate, workflows)
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


def _names_a_workflow(request: HttpRequest) -> bool:
    return bool(request.GET.get("workflow") or request.POST.get("workflow"))


def _act(
    alloy_user: AlloyUser, call: Callable[..., Answer], workflows: Iterable[Workflow]
) -> list[Answer]:
    """Make one call for each workflow; whatever came of it, the next page reads Alloy anew."""
    try:
        return [
            call(alloy_for_click(), user_id=alloy_user.user_id, workflow_id=each.workflow_id)
            for each in workflows
        ]
    finally:
        something_changed(alloy_user)


def _remove(client: AlloyClient, **names: str) -> None:
    with suppress(NotFound):  # what is gone already counts as removed
        client.delete_workflow(**names)


def _upgrade(client: AlloyClient, **names: str) -> bool | None:
    """Move a workflow to its newest version; return whether it moved, None where Alloy refused.

    Alloy refuses where the new version asks the merchant for more fields: then the workflow has to
    be installed anew in the modal.
    """
    with suppress(UpgradeRefused):
        return client.upgrade(**names).done
    return None
