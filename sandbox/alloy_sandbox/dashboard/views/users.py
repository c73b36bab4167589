"""The users, and what each has installed."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from alloy_sandbox.core.fields import sample_values
from alloy_sandbox.core.models import Installation
from alloy_sandbox.core.selectors import (
    find_installation,
    find_integration,
    find_user,
    find_workflow,
)
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.embedded import executions, services

MADE_UP = "Request failed with status code 500, as somebody asked for at the dashboard"


@page
def users(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    return show(request, "users", words=words, users=selectors.users(words))


@page
def user(request: HttpRequest, user_id: str) -> HttpResponse:
    found = find_user(user_id)
    return show(request, "user", user=found, integrations=selectors.integrations_of(found))


@action(back="user")
def install(request: HttpRequest, user_id: str) -> str:
    """Do what the user would do in the modal, with made-up answers."""
    integration = find_integration(request.POST.get("integration", ""))
    answers = {
        workflow.workflow_id: sample_values(workflow.latest_release)
        for workflow in integration.workflows.all()
    }
    services.install(user=find_user(user_id), integration=integration, field_values=answers)
    return f"{integration.app} is installed. Your app gets the installation webhook."


@action(back="user")
def uninstall(request: HttpRequest, user_id: str) -> str:
    workflow = find_workflow(request.POST.get("workflow", ""))
    services.uninstall(user=find_user(user_id), workflow=workflow)
    return f"“{workflow.name}” is uninstalled."


@action(back="user")
def pause(request: HttpRequest, user_id: str) -> str:
    copy = _copy(request, user_id)
    services.set_active(installations=[copy], active=False)
    return f"“{copy.workflow.name}” is paused: it takes no events."


@action(back="user")
def resume(request: HttpRequest, user_id: str) -> str:
    copy = _copy(request, user_id)
    services.set_active(installations=[copy], active=True)
    return f"“{copy.workflow.name}” runs again."


@action(back="user")
@transaction.atomic
def fail(request: HttpRequest, user_id: str) -> str:
    """Make a failed run up: its log, its error and its webhook."""
    copy = _copy(request, user_id)
    execution = executions.begin(copy, {}, mode="trigger")
    executions.fail(execution=execution, error=MADE_UP)
    return f"“{copy.workflow.name}” has failed once. Your app finds it in the logs."


def _copy(request: HttpRequest, user_id: str) -> Installation:
    return find_installation(find_user(user_id), find_workflow(request.POST.get("workflow", "")))
