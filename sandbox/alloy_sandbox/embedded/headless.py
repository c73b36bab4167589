"""Installing without the modal."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from pydantic import Field

from alloy_sandbox.core.access import all_users, find_user
from alloy_sandbox.core.api import Body, Json
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.models import Credential, IntegrationInstallation, User, Workflow
from alloy_sandbox.core.selectors import find, find_integration
from alloy_sandbox.embedded import api
from alloy_sandbox.embedded.installing import install
from alloy_sandbox.embedded.shapes import form_json, installation_json


class StartBody(Body):
    user_id: str
    integration_id: str
    credential_ids: list[str] = Field(default_factory=list)
    workflow_ids: list[str] = Field(default_factory=list)


class EditBody(Body):
    """`installation_id`, where given, must be the one; `credential_ids` change the account used."""

    user_id: str
    integration_id: str
    installation_id: str | None = None
    credential_ids: list[str] = Field(default_factory=list)


class FieldValue(Body):
    name: str
    value: Any = None


class FilledForm(Body):
    workflow_id: str
    block_id: str | None = None
    fields: list[FieldValue] = Field(default_factory=list)


class CompleteBody(Body):
    installation_id: str
    data: list[FilledForm] = Field(default_factory=list)


@api.post("headless/startInstallation")
@transaction.atomic
def start_installation(body: StartBody) -> Json:
    """Begin an installation and answer the fields to fill in; the app must be connected already."""
    user, integration = find_user(body.user_id), find_integration(body.integration_id)
    credential = _credential(user, integration.connector, body.credential_ids)
    known = [workflow.workflow_id for workflow in integration.workflows.all()]
    if unknown := set(body.workflow_ids) - set(known):
        raise BadRequest(f"Not workflows of this integration: {', '.join(sorted(unknown))}")
    set_up, _ = IntegrationInstallation.objects.update_or_create(
        user=user,
        integration=integration,
        defaults={
            "credential": credential,
            "workflow_ids": body.workflow_ids or known,
        },
    )
    return {"installationId": set_up.installation_id, "data": _forms(set_up)}


@api.post("headless/completeInstallation")
@transaction.atomic
def complete_installation(body: CompleteBody) -> Json:
    set_up = find("Installation", IntegrationInstallation.objects.all(), pk=body.installation_id)
    install(
        user=set_up.user,
        integration=set_up.integration,
        workflow_ids=set_up.workflow_ids,
        field_values={
            form.workflow_id: {field.name: field.value for field in form.fields}
            for form in body.data
        },
        credential=set_up.credential,
    )
    return {"message": "Installation completed successfully"}


@api.post("headless/editInstallation")
def edit_installation(body: EditBody) -> Json:
    """Answer what is installed, for a form that changes it; completed like a new installation."""
    set_up = find(
        "Installation",
        IntegrationInstallation.objects.all(),
        user=find_user(body.user_id),
        integration=find_integration(body.integration_id),
        **({"pk": body.installation_id} if body.installation_id else {}),
    )
    if body.credential_ids:
        connector = set_up.integration.connector
        set_up.credential = _credential(set_up.user, connector, body.credential_ids)
        set_up.save(update_fields=["credential"])
    installed = set_up.user.installations.filter(workflow__integration=set_up.integration)
    filled = [
        {"workflowId": each.workflow_id, "fields": _filled(each.field_values)} for each in installed
    ]
    return {"data": {**installation_json(set_up, _forms(set_up)), "installedData": filled}}


@api.get("installations")
def list_installations() -> Json:
    set_ups = IntegrationInstallation.objects.filter(user__in=all_users()).select_related(
        "integration", "credential"
    )
    data = [installation_json(set_up, _forms(set_up)) for set_up in set_ups]
    return {"data": data}


def _forms(set_up: IntegrationInstallation) -> list[Json]:
    workflows = Workflow.objects.filter(pk__in=set_up.workflow_ids).prefetch_related("releases")
    return [form_json(workflow, set_up.integration.connector) for workflow in workflows]


def _filled(values: Json) -> list[Json]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _credential(user: User, connector: str, wanted: list[str]) -> Credential:
    credentials = user.credentials.filter(type=connector)
    if wanted:
        credentials = credentials.filter(pk__in=wanted)
    newest = credentials.last()
    if newest is None:
        raise BadRequest(f"The user has no credential for {connector}; create one first")
    return newest
