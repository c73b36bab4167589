"""The users, and what each has installed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.control import services
from alloy_sandbox.core.selectors import find_user, find_workflow
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.embedded.services import uninstall as remove_copy

MADE_UP = "Request failed with status code 500, as somebody asked for at the dashboard"


@page
def users(request: HttpRequest) -> HttpResponse:
    return show(request, "users", rows=selectors.users(request))


@page
def user(request: HttpRequest, user_id: str) -> HttpResponse:
    found = find_user(user_id)
    return show(request, "user", user=found, rows=selectors.integrations_of(found, request))


@action(back="user")
def install(request: HttpRequest, user_id: str) -> str:
    """Do what the user would do in the modal, with made-up answers."""
    copies = services.install(user_id=user_id, integration_id=request.POST.get("integration", ""))
    app = copies[0].workflow.integration.app
    return f"{app} is installed. Your app gets the installation webhook."


@action(back="user")
def uninstall(request: HttpRequest, user_id: str) -> str:
    workflow = find_workflow(_workflow_id(request))
    remove_copy(user=find_user(user_id), workflow=workflow)
    return f"“{workflow.name}” is uninstalled."


@action(back="user")
def pause(request: HttpRequest, user_id: str) -> str:
    copy = services.set_active(user_id=user_id, workflow_id=_workflow_id(request), active=False)
    return f"“{copy.workflow.name}” is paused: it takes no events."


@action(back="user")
def resume(request: HttpRequest, user_id: str) -> str:
    copy = services.set_active(user_id=user_id, workflow_id=_workflow_id(request), active=True)
    return f"“{copy.workflow.name}” runs again."


@action(back="user")
def fail(request: HttpRequest, user_id: str) -> str:
    run = services.make_run(
        user_id=user_id, workflow_id=_workflow_id(request), data={}, error=MADE_UP
    )
    return f"“{run.workflow.name}” has failed once. Your app finds it in the logs."


def _workflow_id(request: HttpRequest) -> str:
    return request.POST.get("workflow", "")
