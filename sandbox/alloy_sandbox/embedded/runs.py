"""Running workflows: by a custom event, by name, by an order in the store, and again."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from alloy_sandbox.core.errors import NotFound, Refused, UnknownEvent
from alloy_sandbox.core.models import (
    AcceptedEvent,
    CustomEvent,
    Execution,
    Installation,
    User,
    Workflow,
)
from alloy_sandbox.core.selectors import find_installation
from alloy_sandbox.embedded import executions
from alloy_sandbox.stores.workflows import run_blocks


@transaction.atomic
def run_event(
    *, user: User, name: str, data: dict[str, Any], idempotency_key: str = ""
) -> list[Execution]:
    """Take a custom event and run every active workflow of the user that it starts.

    Alloy documents no deduplication: the same event twice runs twice. An event that starts nothing
    is taken as well. Raises `NotFound` for an event that nobody defined.
    """
    started = user.installations.filter(active=True, workflow__event__name=name)
    installations = list(started.select_related("workflow", "user"))
    if not installations and not CustomEvent.objects.filter(name=name).exists():
        raise UnknownEvent(name)
    AcceptedEvent.objects.create(
        user=user, event=name, data=data, idempotency_key=idempotency_key[:255]
    )
    return [run(installation=installation, data=data) for installation in installations]


@transaction.atomic
def run_workflow(*, user: User, workflow: Workflow, data: dict[str, Any]) -> Execution:
    """Run one workflow; raises `NotFound` when not installed, `Refused` when deactivated."""
    installation = find_installation(user, workflow)
    if not installation.active:
        raise Refused("The workflow is deactivated")
    return run(installation=installation, data=data, mode="webhook")


@transaction.atomic
def rerun(*, execution: Execution) -> Execution:
    """Run again with the same data; raises `NotFound` once the copy or the logs are gone."""
    installation = Installation.objects.filter(pk=execution.installation_id).first()
    if installation is None or execution.purged_at:
        raise NotFound("Execution")
    return run(installation=installation, data=execution.inputs[0]["data"], mode="retry")


def run(*, installation: Installation, data: dict[str, Any], mode: str = "trigger") -> Execution:
    """Run a user's copy of a workflow inside the caller's transaction.

    What goes wrong in a block is logged and streamed, never raised.
    """
    execution = executions.begin(installation, data, mode=mode)
    run_blocks(execution, data)
    return execution
