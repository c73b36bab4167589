"""Puts a catalogue into the database; ids that it does not name are made from the names."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max, Model

from alloy_sandbox.core import faults, ids
from alloy_sandbox.core.api import Json
from alloy_sandbox.core.catalogue import (
    Catalogue,
    ConnectorEntry,
    EventEntry,
    IntegrationEntry,
    WorkflowEntry,
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

CATALOGUE: tuple[type[Model], ...] = (
    CustomEvent,
    Integration,
    Workflow,
    Release,
    DeclaredConnector,
)

_rows: dict[Path, list[tuple[type[Model], list[Model]]]] = {}
_seeds = cache(read)


@transaction.atomic
def seed() -> None:
    """Create what is missing of the catalogue: into empty tables, from the second time on, at once.

    Safe to run at every start.
    """
    file = settings.SANDBOX_SEED
    empty = not any(model._default_manager.exists() for model in CATALOGUE)
    if empty and file in _rows:
        for model, rows in _rows[file]:
            model._default_manager.bulk_create(rows)
        return
    declare(_seeds(file))
    if empty:
        _rows[file] = [(model, list(model._default_manager.all())) for model in CATALOGUE]


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
    for event in catalogue.events:
        CustomEvent.objects.update_or_create(name=event.name, defaults=event.model_dump())
    for entry in catalogue.integrations:
        _declare_integration(entry)
    for connector in catalogue.connectors:
        DeclaredConnector.objects.update_or_create(
            connector_id=connector.id, defaults={"declaration": connector.model_dump(by_alias=True)}
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


def _declare_integration(entry: IntegrationEntry) -> None:
    last = Integration.objects.aggregate(last=Max("position", default=-1))["last"]
    values = {
        "app": entry.app,
        "connector": entry.connector,
        "description": entry.description,
        "category": entry.category,
        "is_oauth": entry.oauth,
        "credential_fields": [each.as_json() for each in entry.credential_fields],
    }
    there = Integration.objects.filter(app=entry.app).first()
    key = entry.id or (there.pk if there else ids.fixed_object_id(entry.app))
    if there and there.pk != key:
        raise BadRequest(f"{entry.app} has the id {there.pk} already")
    integration, _ = Integration.objects.update_or_create(
        integration_id=key, defaults=values, create_defaults={**values, "position": last + 1}
    )
    for position, workflow in enumerate(entry.workflows):
        _declare_workflow(integration, workflow, position)


def _declare_workflow(integration: Integration, entry: WorkflowEntry, position: int) -> None:
    event = CustomEvent.objects.filter(name=entry.event).first()
    if entry.event and event is None:
        raise BadRequest(f"{entry.name} is started by {entry.event}, which is no declared event")
    name = f"{integration.app}: {entry.name}"
    workflow, _ = Workflow.objects.update_or_create(
        workflow_id=entry.id or ids.fixed_object_id(name),
        defaults={
            "integration": integration,
            "name": entry.name,
            "event": event,
            "does": entry.does,
            "position": position,
        },
    )
    blocks = [
        {
            "name": block.name,
            "id": ids.fixed_block_id(f"{name}/{place}"),
            "type": block.type,
            "icon": block.type.lower(),
        }
        for place, block in enumerate(entry.steps(integration.app, integration.connector))
    ]
    first = {"configurable_fields": entry.fields, "blocks": blocks}
    Release.objects.get_or_create(workflow=workflow, number=1, defaults=first)


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
