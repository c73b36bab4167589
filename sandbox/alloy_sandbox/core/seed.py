"""Puts a catalogue into the database; ids that it does not name are made from the names."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from alloy_sandbox.core import faults, ids
from alloy_sandbox.core.api import Json
from alloy_sandbox.core.catalogue import (
    Catalogue,
    ConnectorEntry,
    EventEntry,
    IntegrationEntry,
    WorkflowEntry,
    blocks_json,
    read,
)
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.models import (
    CustomEvent,
    DeclaredConnector,
    Integration,
    Release,
    SigningKey,
    Workflow,
)

Row = TypeVar("Row", bound=Model)

_seeds = cache(read)


def seed() -> None:
    """Create what is missing of the catalogue. Safe to run at every start."""
    declare(_seeds(settings.SANDBOX_SEED))


@transaction.atomic
def reset() -> None:
    """Forget everything but the signing key, which receivers may have cached, and seed anew."""
    models = set(apps.get_app_config("core").get_models()) - {SigningKey}
    tables = [model._meta.db_table for model in models]
    # One statement per table: deleting through the models would load every row.
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))
    seed()
    faults.forget_dice()


@transaction.atomic
def declare(catalogue: Catalogue) -> None:
    """Add to what is declared, or change it; a workflow that is there keeps its versions.

    Raises `BadRequest` for a workflow that names an event which nobody has declared.
    """
    _write(CustomEvent, [CustomEvent(**each.model_dump()) for each in catalogue.events], by="name")
    known = {each.app: each for each in Integration.objects.all()}
    events = {each.name: each for each in CustomEvent.objects.all()}
    integrations, workflows, releases = [], [], []
    for entry in catalogue.integrations:
        integration = _integration(entry, known)
        known[entry.app] = integration
        integrations.append(integration)
        for position, each in enumerate(entry.workflows):
            workflow, release = _workflow(integration, each, events, position)
            workflows.append(workflow)
            releases.append(release)
    _write(Integration, integrations, by="integration_id")
    _write(Workflow, workflows, by="workflow_id")
    Release.objects.bulk_create(releases, ignore_conflicts=True)
    declared = [
        DeclaredConnector(connector_id=each.id, declaration=each.model_dump(by_alias=True))
        for each in catalogue.connectors
    ]
    _write(DeclaredConnector, declared, by="connector_id")


def _write(model: type[Row], rows: list[Row], *, by: str) -> None:
    """Add the rows, or change those that are there; all of them at once."""
    kept = {by, "id", "created_at"}
    changed = [each.name for each in model._meta.concrete_fields if each.name not in kept]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=[by], update_fields=changed
    )


@transaction.atomic
def replace(catalogue: Catalogue) -> None:
    """Declare this, and nothing else; copies of workflows that are not in it are gone with them."""
    for model in (Integration, CustomEvent, DeclaredConnector):
        model.objects.all().delete()
    declare(catalogue)


def declared() -> Catalogue:
    """Return all that is declared, in the form in which it is declared."""
    integrations = Integration.objects.prefetch_related("workflows__releases", "workflows__event")
    return Catalogue(
        events=[
            EventEntry(name=each.name, description=each.description, body=each.body)
            for each in CustomEvent.objects.all()
        ],
        integrations=[_integration_entry(each) for each in integrations],
        connectors=[
            ConnectorEntry.model_validate(each.declaration)
            for each in DeclaredConnector.objects.all()
        ],
    )


def _integration(entry: IntegrationEntry, known: dict[str, Integration]) -> Integration:
    there = known.get(entry.app)
    key = entry.id or (there.pk if there else ids.fixed_object_id(entry.app))
    if there and there.pk != key:
        raise BadRequest(f"{entry.app} has the id {there.pk} already")
    last = max((each.position for each in known.values()), default=-1)
    return Integration(
        integration_id=key,
        app=entry.app,
        connector=entry.connector,
        description=entry.description,
        category=entry.category,
        is_oauth=entry.oauth,
        credential_fields=[each.as_json() for each in entry.credential_fields],
        position=there.position if there else last + 1,
    )


def _workflow(
    integration: Integration, entry: WorkflowEntry, events: dict[str, CustomEvent], position: int
) -> tuple[Workflow, Release]:
    """Return a workflow, and its first version for when there is none."""
    if entry.event and entry.event not in events:
        raise BadRequest(f"{entry.name} is started by {entry.event}, which is no declared event")
    name = f"{integration.app}: {entry.name}"
    workflow = Workflow(
        workflow_id=entry.id or ids.fixed_object_id(name),
        integration=integration,
        name=entry.name,
        event=events[entry.event] if entry.event else None,
        does=entry.does,
        position=position,
    )
    blocks = blocks_json(name, entry.steps(integration.app, integration.connector))
    release = Release(workflow=workflow, number=1, configurable_fields=entry.fields, blocks=blocks)
    return workflow, release


def _integration_entry(integration: Integration) -> IntegrationEntry:
    return IntegrationEntry.model_validate(
        {
            "app": integration.app,
            "id": integration.pk,
            "connector": integration.connector,
            "category": integration.category,
            "description": integration.description,
            "oauth": integration.is_oauth,
            "credentialFields": integration.credential_fields,
            "workflows": [_workflow_entry(each) for each in integration.workflows.all()],
        }
    )


def _workflow_entry(workflow: Workflow) -> Json:
    release = workflow.latest_release
    return {
        "name": workflow.name,
        "id": workflow.pk,
        "event": workflow.event.name if workflow.event else None,
        "does": workflow.does,
        "blocks": [{"name": each["name"], "type": each["type"]} for each in release.blocks],
        "fields": release.configurable_fields,
    }
