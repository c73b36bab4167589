from __future__ import annotations

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse

from alloy_sandbox.core.authentication import acting_user, require_key
from alloy_sandbox.core.errors import BadRequest, NotFound
from alloy_sandbox.core.http import Body, moment, parse_body
from alloy_sandbox.core.middleware import api_version
from alloy_sandbox.core.models import Installation, Workflow
from alloy_sandbox.core.selectors import find_installation, find_workflow, find_workflow_by_name
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


def listing(request: HttpRequest) -> HttpResponse:
    copies = copies_of(acting_user(request, request.GET.get("userId")))
    workflows = Workflow.objects.prefetch_related("releases")
    version = api_version(request)
    data = [workflow_json(each, copies.get(each.workflow_id), version) for each in workflows]
    return JsonResponse({"data": data})


def detail(request: HttpRequest, workflow_id: str) -> HttpResponse:
    copies = copies_of(acting_user(request, request.GET.get("userId")))
    workflow = find_workflow(workflow_id)
    installation = copies.get(workflow.workflow_id)
    return JsonResponse({"data": workflow_json(workflow, installation, api_version(request))})


def versions(request: HttpRequest, workflow_id: str) -> HttpResponse:
    acting_user(request, request.GET.get("userId"))
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
    return JsonResponse({"data": data})


def activate(request: HttpRequest) -> HttpResponse:
    return _set_active(request, active=True)


def deactivate(request: HttpRequest) -> HttpResponse:
    return _set_active(request, active=False)


def _set_active(request: HttpRequest, *, active: bool) -> HttpResponse:
    choice = parse_body(request, Choice)
    user = acting_user(request, choice.user_id)
    installation = find_installation(user, choice.workflow())
    services.set_active(installations=[installation], active=active)
    return JsonResponse({"activated": active})


@require_key
def upgrade(request: HttpRequest, workflow_id: str) -> HttpResponse:
    """Answer under both names that Alloy's own programs read: `upgraded` and `activated`."""
    user = acting_user(request, request.GET.get("userId"))
    upgraded = services.upgrade(user=user, workflow=find_workflow(workflow_id))
    return JsonResponse({"upgraded": upgraded, "activated": upgraded})


@require_key
def delete(request: HttpRequest, workflow_id: str) -> HttpResponse:
    user = acting_user(request, request.GET.get("userId"))
    services.uninstall(user=user, workflow=find_workflow(workflow_id))
    return JsonResponse({"deleted": True})


@require_key
def users(request: HttpRequest, workflow_id: str) -> HttpResponse:
    """Who has installed the workflow; 404 when nobody has."""
    workflow = find_workflow(workflow_id)
    installations = Installation.objects.filter(workflow=workflow).select_related("user")
    if not installations:
        raise NotFound("Installed workflow")
    return JsonResponse({"data": [workflow_user_json(each) for each in installations]})


@require_key
def analytics(request: HttpRequest, workflow_id: str) -> HttpResponse:
    """Counts of a workflow; not wrapped in `data`. Of one user when a userId is given."""
    executions = find_workflow(workflow_id).executions.all()
    if identifier := request.GET.get("userId"):
        executions = executions.filter(user=acting_user(request, identifier))
    counts = executions.aggregate(
        totalAppActions=Sum("actions", default=0),
        totalWorkflowRuns=Count("pk"),
        totalErrors=Count("pk", filter=Q(failed=True)),
    )
    return JsonResponse(counts)
