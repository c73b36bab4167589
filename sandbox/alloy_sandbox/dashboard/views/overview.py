"""What there is, and new versions of workflows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from alloy_sandbox.control import services
from alloy_sandbox.core.models import Workflow
from alloy_sandbox.dashboard import selectors
from alloy_sandbox.dashboard.forms import NewFieldForm, require_valid
from alloy_sandbox.dashboard.framing import action, page, show


@page
def overview(request: HttpRequest) -> HttpResponse:
    rows = selectors.one_page(request, selectors.integrations(request), selectors.CARDS)
    integrations = [
        (integration, [(each, new_field(each)) for each in integration.workflows.all()])
        for integration in rows
    ]
    totals = selectors.totals()
    return show(request, "overview", totals=totals, rows=rows, integrations=integrations)


def new_field(workflow: Workflow) -> NewFieldForm:
    """Return the form for one workflow, with ids of its own: the page has one per workflow."""
    return NewFieldForm(auto_id=f"{workflow.workflow_id}-%s")


@action(back="overview")
def release_version(request: HttpRequest) -> str:
    """Release the same workflow again: users can be upgraded to it without being asked."""
    made = services.release(workflow_id=request.POST.get("workflow", ""))
    return f"Version {made.number} of “{made.workflow.name}” is released. Users can upgrade to it."


@action(back="overview")
def release_with_field(request: HttpRequest) -> str:
    """Release with one more configurable field: users have to go through the modal again."""
    form = NewFieldForm(request.POST)
    require_valid(form)
    made = services.release_with(workflow_id=request.POST.get("workflow", ""), field=form.field())
    return (
        f"Version {made.number} of “{made.workflow.name}” is released with a new field. "
        "An upgrade by API is refused now: users must go through the modal."
    )
