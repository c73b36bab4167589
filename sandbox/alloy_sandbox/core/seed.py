"""Puts the catalogue into the database; the ids are the same every time."""

from __future__ import annotations

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from alloy_sandbox.core import ids
from alloy_sandbox.core.catalogue import EVENTS, INTEGRATIONS, IntegrationEntry, Json, WorkflowEntry
from alloy_sandbox.core.models import CustomEvent, Integration, Release, SigningKey, Workflow


@transaction.atomic
def seed() -> None:
    """Create what is missing of the catalogue. Safe to run at every start."""
    for event in EVENTS:
        CustomEvent.objects.get_or_create(
            name=event.name, defaults={"description": event.description, "body": event.body}
        )
    for position, entry in enumerate(INTEGRATIONS):
        _seed_integration(entry, position)


@transaction.atomic
def reset() -> None:
    """Forget everything but the signing key, which receivers may have cached, and seed anew."""
    models = set(apps.get_app_config("core").get_models()) - {SigningKey}
    tables = [model._meta.db_table for model in models]
    # One statement per table: deleting through the models would load every row.
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))
    seed()


def _seed_integration(entry: IntegrationEntry, position: int) -> None:
    integration, _ = Integration.objects.update_or_create(
        integration_id=entry.integration_id or ids.fixed_object_id(entry.connector),
        defaults={
            "app": entry.app,
            "connector": entry.connector,
            "description": entry.description,
            "icon": entry.connector,
            "category": entry.category,
            "is_oauth": entry.is_oauth,
            "credential_fields": list(entry.credential_fields),
            "position": position,
        },
    )
    for place, workflow in enumerate(entry.workflows):
        _seed_workflow(integration, workflow, place)


def _seed_workflow(integration: Integration, entry: WorkflowEntry, position: int) -> None:
    workflow, _ = Workflow.objects.update_or_create(
        workflow_id=entry.workflow_id or ids.fixed_object_id(entry.name),
        defaults={
            "integration": integration,
            "name": entry.name,
            "event": CustomEvent.objects.filter(name=entry.event).first(),
            "behaviour": entry.behaviour,
            "position": position,
        },
    )
    Release.objects.get_or_create(
        workflow=workflow,
        number=1,
        defaults={"configurable_fields": list(entry.fields), "blocks": _blocks(entry)},
    )


def _blocks(entry: WorkflowEntry) -> list[Json]:
    return [
        {
            "name": name,
            "id": ids.fixed_block_id(f"{entry.name}/{place}"),
            "type": kind,
            "icon": kind.lower(),
        }
        for place, (name, kind) in enumerate(entry.blocks)
    ]
