from __future__ import annotations

from django.db.models import Count, Q, Sum
from django.http import HttpRequest

from alloy_sandbox.core.authentication import acting_user
from alloy_sandbox.core.errors import BadRequest, NotFound
from alloy_sandbox.core.http import Body, UserQuery, moment
from alloy_sandbox.core.middleware import api_version
from alloy_sandbox.core.models import Installation, Workflow
from alloy_sandbox.core.operations import Json, operation
from alloy_sandbox.core.selectors import (
    all_users,
    find_installation,
    find_workflow,
    find_workflow_by_name,
)
from alloy_sandbox.embedded import services
from alloy_sandbox.embedded.shapes import workflow_json, workflow_user_json
from alloy_sandbox.embedded.views.integrations import copies_of


class Choice(Body):
    """Which workflow of which user; the user of a JWT need not be named."""

    user_id: str | None = None
    workflow_id: str | None = None
    workflow_name: str | None = None

    def workflow(self) -> Workflow:
        if self.workflow_id:
            return find_workflow(self.workflow_id)
        if self.workflow_name:
            return find_workflow_by_name(self.workflow_name)
        raise BadRequest("workflowId or workflowName is required")


@operation("user")
def listing(request: HttpRequest, query: UserQuery) -> Json:
    copies = copies_of(acting_user(request, query.user_id))
    workflows = Workflow.objects.prefetch_related("releases")
    version = api_version(request)
    data = [workflow_json(each, copies.get(each.workflow_id), version) for each in workflows]
    return {"data": data}


@operation("user")
def detail(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    copies = copies_of(acting_user(request, query.user_id))
    workflow = find_workflow(workflow_id)
    installation = copies.get(workflow.workflow_id)
    shown = workflow_json(workflow, installation, api_version(request))
    # Alloy's own test of this call wants the key also for a user who has no copy.
    return {"data": {"installedVersion": None, **shown}}


@operation("user")
def versions(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    acting_user(request, query.user_id)
    releases = find_workflow(workflow_id).releases.order_by("-number")
    data = [
        {
            "versionId": release.release_id,
            "versionName": f"Version {release.number}",
            "lastModified": moment(release.released_at),
            "status": "released",
        }
        for release in releases
    ]
    return {"data": data}


@operation("user")
def activate(request: HttpRequest, body: Choice) -> Json:
    return _set_active(request, body, active=True)


@operation("user")
def deactivate(request: HttpRequest, body: Choice) -> Json:
    return _set_active(request, body, active=False)


def _set_active(request: HttpRequest, choice: Choice, *, active: bool) -> Json:
    user = acting_user(request, choice.user_id)
    installation = find_installation(user, choice.workflow())
    services.set_active(installations=[installation], active=active)
    return {"activated": active}


@operation()
def upgrade(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    """Answer under both names that Alloy's own programs read: `upgraded` and `activated`."""
    user = acting_user(request, query.user_id)
    upgraded = services.upgrade(user=user, workflow=find_workflow(workflow_id))
    return {"upgraded": upgraded, "activated": upgraded}


@operation()
def delete(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    user = acting_user(request, query.user_id)
    services.uninstall(user=user, workflow=find_workflow(workflow_id))
    return {"deleted": True}


@operation()
def users(request: HttpRequest, workflow_id: str) -> Json:
    """Who has installed the workflow; 404 when nobody has."""
    workflow = find_workflow(workflow_id)
    here = Installation.objects.filter(workflow=workflow, user__in=all_users())
    installations = here.select_related("user")
    if not installations:
        raise NotFound("Installed workflow")
    return {"data": [workflow_user_json(each) for each in installations]}


@operation()
def analytics(request: HttpRequest, workflow_id: str, query: UserQuery) -> Json:
    """Counts of a workflow; not wrapped in `data`. Of one user when a userId is given."""
    executions = find_workflow(workflow_id).executions.all()
    if identifier := query.user_id:
        executions = executions.filter(user=acting_user(request, identifier))
    counts = executions.aggregate(
        totalAppActions=Sum("actions", default=0),
        totalWorkflowRuns=Count("pk"),
        totalErrors=Count("pk", filter=Q(failed=True)),
    )
    return counts
