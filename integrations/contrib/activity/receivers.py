"""Connects this part to the core: to its webhooks, its messages and its signals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db.models import QuerySet
from django.dispatch import receiver

from integrations import signals
from integrations.alloy import Integration
from integrations.contrib.activity import recovery
from integrations.contrib.activity.following import have_latest_runs_read, installed_workflows_of
from integrations.contrib.activity.models import EventRun, FailureSubject, Rerun, WorkflowFailure
from integrations.contrib.activity.record import StreamedError, have_confirmed, record
from integrations.contrib.activity.words import is_refusal
from integrations.inbox import Received, receives
from integrations.models import AlloyUser, Delivery
from integrations.retention import delete_in_batches

log = structlog.get_logger(__name__)


@receives(Delivery.Kind.ERROR, StreamedError, hinted=True)
def errors_streamed(received: Sequence[Received[StreamedError]]) -> None:
    """Count each error in its group, which merchant and operator are shown until it is resolved.

    Where nothing that is signed says whose it is, Alloy is asked first.
    """
    for each in received:
        if each.delivery.tenant_id is None:
            have_confirmed(each.delivery)
        else:
            record(each.delivery, each.body)
        log.warning(
            "workflow_error_streamed",
            workflow=each.body.workflow_id,
            execution=each.body.execution_id,
            block=each.body.block_type,
            tenant=each.delivery.tenant_id,
        )


@receiver(signals.integrations_read)
def resolve_what_is_removed(
    alloy_user: AlloyUser, integrations: Sequence[Integration], at: datetime, **_: Any
) -> None:
    """Close the failures of workflows that are not installed any more: nothing of them will run."""
    removed = [
        workflow.workflow_id
        for integration in integrations
        for workflow in integration.workflows
        if not workflow.installed
    ]
    recovery.open_at(alloy_user.tenant, at=at).filter(workflow_id__in=removed).update(
        resolved_at=at
    )


@receiver(signals.installation_changed)
def resolve_refusals(
    alloy_user: AlloyUser, integration_id: str, last_at: datetime, **_: Any
) -> None:
    """Close what failed since the account was refused: it has just been connected again."""
    workflows = [
        workflow.workflow_id
        for integration, workflow in installed_workflows_of(alloy_user.tenant)
        if integration.integration_id == integration_id
    ]
    refused = recovery.open_at(alloy_user.tenant, at=last_at).filter(workflow_id__in=workflows)
    closed = [each.pk for each in refused if is_refusal(each.message)]
    WorkflowFailure.objects.filter(pk__in=closed).update(resolved_at=last_at)


@receiver(signals.logs_erased)
def erase_failures(tenant: Any, **_: Any) -> None:
    """Forget what went wrong: it is made of the logs."""
    WorkflowFailure.objects.filter(tenant=tenant).delete()
    EventRun.objects.filter(tenant=tenant).delete()


@receiver(signals.tenant_exported)
def export(tenant: Any, **_: Any) -> dict[str, QuerySet[Any]]:
    """Return what ran and failed in the tenant's workflows, and what was run again."""
    return {
        "event_runs": EventRun.objects.filter(tenant=tenant).values(
            *("message_uid", "execution_id", "app", "workflow", "state", "error"),
            *("started_at", "stopped_at"),
        ),
        "failures": WorkflowFailure.objects.filter(tenant=tenant).values(
            "workflow_id", "block", "message", "count", "first_seen_at", "last_seen_at"
        ),
        "failure_subjects": FailureSubject.objects.filter(failure__tenant=tenant).values(
            "failure__message", "subject"
        ),
        "reruns": Rerun.objects.filter(tenant=tenant).values(
            "execution_id", "new_execution_id", "asked_at"
        ),
    }


@receiver(signals.maintenance)
def maintain(before: datetime, **_: Any) -> None:
    """Close what runs well again, and forget what is over."""
    recovery.look_for_recoveries()
    have_latest_runs_read()
    delete_in_batches(WorkflowFailure.objects.filter(resolved_at__lt=before), by="resolved_at")
    delete_in_batches(EventRun.objects.filter(started_at__lt=before), by="started_at")
    delete_in_batches(Rerun.objects.filter(asked_at__lt=before), by="asked_at")
