"""Workflows as a user has them: listed, paused, upgraded, removed, run."""

from __future__ import annotations

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from pydantic import Field

from alloy_sandbox.core.access import acting_user, all_users, find_user
from alloy_sandbox.core.api import Body, Json, UserQuery, moment
from alloy_sandbox.core.errors import BadRequest, NotFound
from alloy_sandbox.core.middleware import api_version
from alloy_sandbox.core.models import Installation, Workflow
from alloy_sandbox.core.selectors import find, find_installation, find_workflow
from alloy_sandbox.embedded import api, installing, running
from alloy_sandbox.embedded.shapes import copies_of, user_json, workflow_json


class Choice(Body):
    """Which workflow of which user; the user of a JWT need not be named."""

    user_id: str | None = None
    workflow_id: str | None = None
    workflow_name: str | None = None

    def workflow(self) -> Workflow:
        if self.workflow_id:
            return find_workflow(self.workflow_id)
        if self.workflow_name:
            return find("Workflow", Workflow.objects.all(), name=self.workflow_name)
        raise BadRequest("workflowId or workflowName is required")


class RunBody(Choice):
    data: Json = Field(default_factory=dict)


class EventBody(Body):
    event: str
    user_id: str
    data: Json


@api.get("workflows", who="user")
def list_workflows(request: HttpRequest, query: UserQuery) -> Json:
    copies = copies_of(acting_user(request, query.user_id))
    workflows = Workflow.objects.prefetch_related("releases")
    version = api_version(request)
    return {"data": [workflow_json(each, copies.get(each.pk), version) for each in workflows]}


@api.get("workflows/<workflow_id>", who="user")
def get_workflow(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    copies = copies_of(acting_user(request, query.user_id))
    workflow = find_workflow(workflow_id)
    shown = workflow_json(workflow, copies.get(workflow.pk), api_version(request))
    # Alloy's own test of this call wants the key also for a user who has no copy.
    return {"data": {"installedVersion": None, **shown}}


@api.get("workflows/<workflow_id>/versions", who="user")
def list_versions(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    acting_user(request, query.user_id)
    data = [
        {
            "versionId": release.release_id,
            "versionName": release.name or f"Version {release.number}",
            "lastModified": moment(release.released_at),
            "status": "released",
        }
        for release in find_workflow(workflow_id).releases.order_by("-number")
    ]
    return {"data": data}


@api.put("workflows/activate", who="user")
def activate(request: HttpRequest, body: Choice) -> Json:
    return _set_active(request, body, active=True)


@api.put("workflows/deactivate", who="user")
def deactivate(request: HttpRequest, body: Choice) -> Json:
    return _set_active(request, body, active=False)


def _set_active(request: HttpRequest, choice: Choice, *, active: bool) -> Json:
    copy = find_installation(acting_user(request, choice.user_id), choice.workflow())
    installing.set_active(copy, active=active)
    return {"activated": active}


@api.put("workflows/<workflow_id>/upgrade")
def upgrade(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    """Answer under both names that Alloy's own programs read: `upgraded` and `activated`."""
    user = acting_user(request, query.user_id)
    upgraded = installing.upgrade(user=user, workflow=find_workflow(workflow_id))
    return {"upgraded": upgraded, "activated": upgraded}


@api.delete("workflows/<workflow_id>")
def delete_workflow(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    user = acting_user(request, query.user_id)
    installing.uninstall(user=user, workflow=find_workflow(workflow_id))
    return {"deleted": True}


@api.get("workflows/<workflow_id>/users")
def list_users_of_workflow(workflow_id: str) -> Json:
    """Who has installed the workflow; 404 when nobody has."""
    copies = Installation.objects.filter(workflow=find_workflow(workflow_id), user__in=all_users())
    data = [
        {
            **user_json(copy.user),
            "workflowActive": copy.active,
            "installedVersion": copy.installed_version,
            "installedAt": moment(copy.installed_at),
        }
        for copy in copies.select_related("user")
    ]
    if not data:
        raise NotFound("Installed workflow")
    return {"data": data}


@api.get("workflows/<workflow_id>/analytics")
def get_analytics(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    """Counts of a workflow; not wrapped in `data`. Of one user when a userId is given."""
    executions = find_workflow(workflow_id).executions.all()
    if query.user_id:
        executions = executions.filter(user=acting_user(request, query.user_id))
    return executions.aggregate(
        totalAppActions=Sum("actions", default=0),
        totalWorkflowRuns=Count("pk"),
        totalErrors=Count("pk", filter=Q(failed=True)),
    )


@api.post("run/event")
def run_event(request: HttpRequest, body: EventBody) -> Json:
    running.run_event(
        user=find_user(body.user_id),
        name=body.event,
        data=body.data,
        idempotency_key=request.headers.get("Idempotency-Key", ""),
    )
    return {"message": "Event successfully triggered"}


@api.post("run/workflow")
def run_workflow(request: HttpRequest, body: RunBody) -> Json:
    user = acting_user(request, body.user_id)
    running.run_workflow(user=user, workflow=body.workflow(), data=body.data)
    return {"message": "success"}
