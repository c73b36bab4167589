"""What there is, and new versions of workflows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.core.models import Workflow
from alloy_sandbox.core.selectors import find_workflow
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.forms import NewFieldForm, require_valid
from alloy_sandbox.dashboard.framing import action, page, show
from alloy_sandbox.embedded.services import release


@page
def overview(request: HttpRequest) -> HttpResponse:
    return show(
        request,
        "overview",
        totals=selectors.totals(),
        integrations=[
            (integration, [(each, new_field(each)) for each in integration.workflows.all()])
            for integration in selectors.catalogue()
        ],
    )


def new_field(workflow: Workflow) -> NewFieldForm:
    """Return the form for one workflow, with ids of its own: the page has one per workflow."""
    return NewFieldForm(auto_id=f"{workflow.workflow_id}-%s")


@action(back="overview")
def release_version(request: HttpRequest) -> str:
    """Release the same workflow again: users can be upgraded to it without being asked."""
    workflow = find_workflow(request.POST.get("workflow", ""))
    made = release(workflow=workflow)
    return f"Version {made.number} of “{workflow.name}” is released. Users can upgrade to it."


@action(back="overview")
def release_with_field(request: HttpRequest) -> str:
    """Release with one more configurable field: users have to go through the modal again."""
    workflow = find_workflow(request.POST.get("workflow", ""))
    form = NewFieldForm(request.POST)
    require_valid(form)
    fields = workflow.latest_release.configurable_fields
    made = release(workflow=workflow, configurable_fields=[*fields, form.field()])
    return (
        f"Version {made.number} of “{workflow.name}” is released with a new field. "
        "An upgrade by API is refused now: users must go through the modal."
    )
