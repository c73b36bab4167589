"""What the ISV has built, who has installed it, what they run, and their stores."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import ConfigDict, Field, model_validator

from alloy_sandbox.control import api
from alloy_sandbox.core import seed
from alloy_sandbox.core.access import find_user
from alloy_sandbox.core.api import Body, Json, Strict, moment
from alloy_sandbox.core.catalogue import BlockEntry, Catalogue
from alloy_sandbox.core.fields import sample_values
from alloy_sandbox.core.preferences import destinations
from alloy_sandbox.core.selectors import find_installation, find_integration, find_workflow
from alloy_sandbox.embedded import installing, running

TEN_YEARS = 10 * 365 * 24 * 60 * 60
TOLD = "Your app gets the installation webhook."
NOT_TOLD = "Your app is not told: there is no destination for installations."
NEW_FIELD = " An upgrade by API is refused now: users must go through the modal."


class InstallationBody(Strict):
    """`fieldValues`: {workflow id: {field name: value}}; what is left out is made up."""

    user_id: str
    integration_id: str
    workflow_ids: list[str] | None = None
    field_values: dict[str, Json] = Field(default_factory=dict)


class CopyBody(Strict):
    """Whether a user's copy of a workflow runs, or is paused."""

    active: bool


class ReleaseBody(Strict):
    """Names of fields, or objects with a `name`; without any the fields of the version before.

    `addField` is one more than there were. `name` is the version's, `blocks` its steps: those of
    the version before unless they are given.
    """

    configurable_fields: list[str | Json] | None = None
    add_field: Json | None = None
    name: str = Field("", max_length=255)
    blocks: list[BlockEntry] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _not_both(self) -> ReleaseBody:
        if self.configurable_fields is not None and self.add_field is not None:
            raise ValueError("Name all fields, or one to add")
        return self


class LinkBody(Strict):
    user_id: str
    integration_id: str
    expires_in: float | None = Field(None, ge=-TEN_YEARS, le=TEN_YEARS, description="seconds")


class RunBody(Strict):
    """A run to be made up for a user's copy: a failed one when `error` is given."""

    user_id: str
    data: Json = Field(default_factory=dict)
    error: str = ""


class OrderBody(Body):
    """Fields of an order, instead of those of a made-up one."""

    model_config = ConfigDict(extra="allow")

    def fields(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


@api.post("reset")
def reset() -> Json:
    """Forget everything but the signing key, and seed again: the ids stay the same."""
    seed.reset()
    return {"message": "Everything is as on the first day."}


@api.get("catalogue")
def show_catalogue() -> Json:
    """What is declared: custom events, integrations with their workflows, connectors."""
    return seed.declared().model_dump(by_alias=True, exclude_none=True)


@api.post("catalogue")
def add_to_catalogue(body: Catalogue) -> Json:
    """Declare more; what has the name or the id of something that is there changes it."""
    seed.declare(body)
    return {"message": "Declared"}


@api.put("catalogue")
def replace_catalogue(body: Catalogue) -> Json:
    """Declare this and nothing else."""
    seed.replace(body)
    return {"message": "Declared"}


@api.post("workflows/<workflow_id>/releases")
def create_release(workflow_id: str, body: ReleaseBody) -> Json:
    """Release a workflow's next version: with these fields, with one more, or with those it has."""
    workflow = find_workflow(workflow_id)
    fields = body.configurable_fields
    if body.add_field is not None:
        fields = [*workflow.latest_release.configurable_fields, body.add_field]
    made = installing.release(workflow=workflow, fields=fields, name=body.name, blocks=body.blocks)
    said = f"Version {made.number} of “{workflow.name}” is released."
    return {
        "workflowId": made.workflow_id,
        "version": made.number,
        "configurableFields": made.configurable_fields,
        "message": said + (NEW_FIELD if body.add_field else " Users can upgrade to it."),
    }


@api.post("installations")
def install(body: InstallationBody) -> Json:
    """Do what finishing the modal does, webhook included; fields that are left out are made up."""
    integration = find_integration(body.integration_id)
    typed = body.field_values
    values = {
        each.pk: {**sample_values(each.latest_release), **typed.get(each.pk, {})}
        for each in integration.workflows.prefetch_related("releases")
    }
    told = bool(destinations().installations)
    copies = installing.install(
        user=find_user(body.user_id),
        integration=integration,
        workflow_ids=body.workflow_ids,
        field_values=values,
    )
    return {
        "workflowIds": [each.workflow_id for each in copies],
        "childWorkflowIds": [each.child_workflow_id for each in copies],
        "message": f"{integration.app} is installed. {TOLD if told else NOT_TOLD}",
    }


@api.put("workflows/<workflow_id>/copies/<user_id>")
def set_active(workflow_id: str, user_id: str, body: CopyBody) -> Json:
    """Pause or resume a user's copy of a workflow."""
    workflow = find_workflow(workflow_id)
    copy = find_installation(find_user(user_id), workflow)
    installing.set_active(copy, active=body.active)
    done = "runs again" if body.active else "is paused: it takes no events"
    return {"active": body.active, "message": f"“{workflow.name}” {done}."}


@api.delete("workflows/<workflow_id>/copies/<user_id>")
def uninstall(workflow_id: str, user_id: str) -> Json:
    workflow = find_workflow(workflow_id)
    installing.uninstall(user=find_user(user_id), workflow=workflow)
    return {"message": f"“{workflow.name}” is uninstalled."}


@api.post("workflows/<workflow_id>/executions")
def create_execution(workflow_id: str, body: RunBody) -> Json:
    """Make a run up, failed when an `error` is given: its log, its error and its webhook."""
    user, workflow = find_user(body.user_id), find_workflow(workflow_id)
    made = running.make_up(user=user, workflow=workflow, data=body.data, error=body.error)
    done = "has failed once" if made.failed else "has run once"
    said = f"“{workflow.name}” {done}. Your app finds it in the logs."
    return {"executionId": made.execution_id, "message": said}


@api.post("links")
def create_link(body: LinkBody) -> Json:
    """Make an Alloy Link with a lifetime of one's own, which Alloy's API does not offer."""
    link, url = installing.make_link(
        user=find_user(body.user_id),
        integration=find_integration(body.integration_id),
        lifetime=None if body.expires_in is None else timedelta(seconds=body.expires_in),
    )
    return {"url": url, "expiresAt": moment(link.expires_at)}


@api.get("stores/<user_id>/orders")
def list_orders(user_id: str) -> Json:
    """The orders as the user's store sees them now."""
    return {"data": [order.payload for order in find_user(user_id).orders.all()]}


@api.post("stores/<user_id>/orders")
def create_order(user_id: str, body: OrderBody) -> Json:
    """Place an order in the user's store; answers it."""
    return running.place_order(user=find_user(user_id), fields=body.fields())
